//! Judges the tree that would be rendered, or any YAML.

mod ahead;
mod authority;
mod field;
mod foreign;
mod live;
mod own;
mod policy;
mod rbac;
mod report;
mod shellcheck;
mod since;
mod stages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Context, Selection};
use crate::check::{Finding, Level, Rule, rule, rules};
use crate::diagnostics::{Diagnostic, Diagnostics, UsageError};
use crate::fleet::Fleet;
use crate::spec::hint;

pub(super) use ahead::{errors, proofs};
pub use authority::{AuthorityReport, EnvironmentAuthority, Git, who, who_paths};
pub(super) use foreign::{Texts, gather, is_manifest};
pub use live::{LiveOptions, LiveReport};
pub(super) use policy::gate;
pub use rbac::{ALL, AccountReport, RbacReport, rbac, rbac_of, rbac_paths};
pub use report::{CheckReport, Unread};
pub use since::Since;

/// What to judge, and by what.
#[derive(Debug, Clone, Copy)]
pub struct CheckOptions<'a> {
    /// Which part of the tree.
    pub selection: Selection<'a>,
    /// Only these rules, by id or name; all if empty.
    pub rules: &'a [String],
    /// Findings below this are left out.
    pub level: Level,
    /// Ask the clusters, too.
    pub live: Option<LiveOptions<'a>>,
    /// Leave out what this revision was told already.
    pub since: Option<&'a str>,
}

impl CheckOptions<'_> {
    /// The same without asking anybody.
    fn offline(self) -> Self {
        Self { live: None, ..self }
    }
}

/// Judges everything that `gen render` would write, without writing it.
///
/// # Errors
/// Errors in the spec, templates and files; an unknown rule.
pub fn check(
    context: &mut Context<'_>,
    options: &CheckOptions<'_>,
) -> Result<CheckReport, Diagnostics> {
    let wanted = wanted(options.rules)?;
    let mut report = match options.since {
        Some(revision) => since::check(context, options, revision)?,
        None => own::check(context, options, &BTreeMap::new())?,
    };
    finish(&mut report, &wanted, options.level);
    Ok(report)
}

/// Judges a fleet that was read from these files.
///
/// # Errors
/// Errors in templates and files; an unknown rule.
pub(super) fn check_of(
    context: &Context<'_>,
    fleet: &Fleet,
    options: &CheckOptions<'_>,
) -> Result<CheckReport, Diagnostics> {
    let wanted = wanted(options.rules)?;
    let mut report = own::judged(context, fleet, context.workspace, options, &BTreeMap::new())?;
    finish(&mut report, &wanted, options.level);
    Ok(report)
}

/// Judges the YAML and JSON at these paths; `start` is the folder that they are relative to.
///
/// # Errors
/// A path that is not there; an unknown rule.
pub fn check_paths(
    start: &Path,
    paths: &[PathBuf],
    options: &CheckOptions<'_>,
) -> Result<CheckReport, Diagnostics> {
    let wanted = wanted(options.rules)?;
    let mut report = foreign::check(start, paths, options.live)?;
    finish(&mut report, &wanted, options.level);
    Ok(report)
}

/// The rules of these ids and names.
fn wanted(names: &[String]) -> Result<Vec<&'static Rule>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut wanted = Vec::new();
    for name in names {
        if let Some(rule) = rule(name) {
            wanted.push(rule);
            continue;
        }
        let all = rules();
        let names = all.iter().map(|rule| rule.name);
        let hint = hint(name, names, || "`gen explain checks` lists all".to_owned());
        problems.push(Diagnostic::error(UsageError::UnknownRule { name: name.clone(), hint }));
    }
    if problems.has_errors() { Err(problems) } else { Ok(wanted) }
}

/// Leaves out what is not wanted, and sorts the rest by place.
fn finish(report: &mut CheckReport, wanted: &[&'static Rule], level: Level) {
    let is_wanted = |finding: &Finding| {
        finding.level >= level && (wanted.is_empty() || wanted.contains(&finding.rule))
    };
    report.findings.retain(is_wanted);
    report.findings.sort_by(|a, b| {
        let key =
            |finding: &Finding| (finding.place.clone(), finding.rule.id, finding.field.clone());
        key(a).cmp(&key(b))
    });
    report.findings.dedup();
}
