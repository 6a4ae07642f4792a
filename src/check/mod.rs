//! Judges objects before anything runs: gen's own tree, or any YAML.
//!
//! Pure: objects in, findings out. A family of rules is a folder or file here with a table of its rules (`RULES`), which makes `gen
//! explain` and docs/checks, and a function that is given all objects that belong together. `ops/check` reads them and says what it did
//! not understand; `report/check` writes them.
//!
//! A new rule is an entry in its family's table, the code that finds it, and a case in tests/check/rules: a test fails without the case,
//! and the case fails without the code.

mod applied;
mod budget;
mod catalogue;
mod cluster;
mod delivery;
mod finding;
mod flux;
mod found;
mod gate;
mod hardening;
mod kubernetes;
pub mod live;
mod locate;
mod objects;
mod parse;
mod pods;
pub mod policy;
pub mod rbac;
pub mod reference;
mod scope;
pub mod scripts;
mod slip;
pub mod stages;
pub mod tekton;
mod texts;
mod versions;

pub use catalogue::{rule, rules};
pub use cluster::{Cluster, Fields};
pub use finding::{Family, Finding, Level, Place, Rule, Within};
pub use flux::{BETWEEN, Owned, moved};
pub use found::Found;
pub use gate::Gate;
pub use locate::{LIMITS, locate};
pub use objects::{Item, Objects};
pub use parse::{Parsed, parse};
pub use scope::{Declared, Judge};

use scope::Scope;

/// Everything that is wrong with objects that belong together.
#[must_use]
pub fn check(judge: Judge<'_>, objects: &Objects) -> Vec<Finding> {
    let mut found = Found::default();
    kubernetes::check(judge, objects, &mut found);
    tekton::check(judge, objects, &mut found);
    let scope = Scope::new(judge, objects);
    rbac::check(&scope, &mut found);
    pods::check(objects, &mut found);
    flux::check(&scope, &mut found);
    versions::check(objects, &mut found);
    delivery::check(objects, &mut found);
    hardening::check(objects, &mut found);
    scripts::check(objects, &mut found);
    found.into_findings()
}
