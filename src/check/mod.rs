//! Judges objects before anything runs: gen's own tree, or any YAML.
//!
//! Pure: objects in, findings out. A family of rules is a folder or file here with a table of its rules (`RULES`), which makes `gen
//! explain` and docs/checks, and a function that is given all objects that belong together. `ops/check` reads them and says what it did
//! not understand; `report/check` writes them.
//!
//! A new rule is an entry in its family's table, the code that finds it, and a case in tests/check/rules: a test fails without the case,
//! and the case fails without the code.

mod cluster;
mod finding;
mod found;
mod kubernetes;
mod locate;
mod objects;
mod parse;
mod pods;
pub mod tekton;

pub use cluster::{Cluster, Fields};
pub use finding::{Family, Finding, Level, Place, Rule, Within};
pub use found::Found;
pub use locate::{LIMITS, locate};
pub use objects::{Item, Objects};
pub use parse::{Parsed, parse};

use crate::kubernetes::definitions::Definitions;

/// What the objects are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The kinds that are known, with those that the repository defines.
    pub definitions: &'a Definitions,
    /// What the cluster is and has switched on.
    pub cluster: &'a Cluster,
}

/// The tables of all families.
const TABLES: [&[&Rule]; 3] = [tekton::RULES, kubernetes::RULES, pods::RULES];

/// Every rule, by id.
#[must_use]
pub fn rules() -> Vec<&'static Rule> {
    let mut all: Vec<&Rule> = TABLES.into_iter().flatten().copied().collect();
    all.sort_by_key(|rule| rule.id);
    all
}

/// The rule of an id or name.
#[must_use]
pub fn rule(id_or_name: &str) -> Option<&'static Rule> {
    let is_it = |rule: &&&Rule| rule.id.eq_ignore_ascii_case(id_or_name) || rule.name == id_or_name;
    TABLES.into_iter().flatten().find(is_it).copied()
}

/// Everything that is wrong with objects that belong together.
#[must_use]
pub fn check(judge: Judge<'_>, objects: &Objects) -> Vec<Finding> {
    let mut found = Found::default();
    kubernetes::check(judge, objects, &mut found);
    tekton::check(judge, objects, &mut found);
    pods::check(objects, &mut found);
    found.into_findings()
}
