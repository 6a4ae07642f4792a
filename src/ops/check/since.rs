//! What a revision of the repository was told already, so that only what is new is said.

use std::collections::{BTreeMap, BTreeSet};

use super::report::CheckReport;
use super::{CheckOptions, own};
use crate::check::Finding;
use crate::diagnostics::Diagnostics;
use crate::fleet::prepare;
use crate::git::{Repository, Snapshot};
use crate::ops::Context;

/// What was left out because it is not new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The revision, as it was typed.
    pub revision: String,
    /// Its commit.
    pub commit: String,
    /// Number of findings that were there already.
    pub known: usize,
    /// Why the spec of that commit cannot be rendered, if it cannot: then everything is new.
    pub unreadable: Option<String>,
}

/// A finding, wherever its line has moved to.
type Key = (&'static str, String, String, String);

fn key(finding: &Finding) -> Key {
    let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    (finding.rule.id, object, finding.field.clone(), finding.what.clone())
}

/// Judges the tree, and leaves out what the spec of a revision is told, too.
///
/// # Errors
/// As for a check; a folder without Git, an unknown revision, and errors of git. That the spec of the revision is wrong is none.
pub(super) fn check(
    context: &mut Context<'_>,
    options: &CheckOptions<'_>,
    revision: &str,
) -> Result<CheckReport, Diagnostics> {
    let repository = Repository::discover(context.workspace.root())?;
    let commit = repository.resolve(revision)?;
    let there = Snapshot::open(&repository, Some(&commit))?;
    let told = prepare(&there, context.sources).and_then(|(fleet, _)| {
        own::judged(context, &fleet, &there, &options.offline(), &BTreeMap::new())
    });
    let (before, unreadable) = match told {
        Ok(before) => (before, None),
        Err(problems) => {
            let first = problems.iter().next().map(|problem| problem.kind.to_string());
            (CheckReport::default(), Some(first.unwrap_or_default()))
        }
    };
    let mut report = own::check(context, options, &before.owned)?;
    let before: BTreeSet<Key> = before.findings.iter().map(key).collect();
    let all = report.findings.len();
    report.findings.retain(|finding| !before.contains(&key(finding)));
    let known = all - report.findings.len();
    report.since = Some(Since { revision: revision.to_owned(), commit, known, unreadable });
    Ok(report)
}
