//! What tasks may do in the cluster: what a task declares or what its script needs, and the Roles that grant it.
//!
//! A declared permission counts as it is. Without one, a script's commands are read, and what cannot be read for sure is an error.
//! Either way no rule gets by that leads to other rights.

mod grant;
mod line;
mod names;
mod rule;
mod script;
mod tools;

#[cfg(test)]
mod tests;

pub use grant::{Namespaces, apply, prune};
pub use line::line;
pub use names::Names;
pub use rule::{Place, Rule, forbidden};
pub use tools::need::SOME;

use std::collections::BTreeSet;

use crate::diagnostics::{Diagnostics, Span, SpecError};
use crate::spec::View;

/// The rules that the commands of a script need.
pub fn of_script(
    text: &str,
    names: &Names<'_>,
    span: Span,
    problems: &mut Diagnostics,
) -> Vec<Rule> {
    script::permissions(text, names).unwrap_or_else(|unread| {
        let error =
            SpecError::UnreadableCommand { command: unread.command, problem: unread.problem };
        problems.error(span, error);
        Vec::new()
    })
}

/// What a script that somebody else wrote asks the API server for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// What it needs, as far as it can be read.
    pub rules: Vec<Rule>,
    /// Commands that cannot be read, each with the reason.
    pub unread: Vec<(String, String)>,
}

/// What a script asks for. Unlike [`of_script`] it refuses nothing, and goes on behind a command that it cannot read.
#[must_use]
pub fn asked(text: &str, names: &Names<'_>) -> Asked {
    let (rules, unread) = script::asked(text, names);
    let unread = unread.into_iter().map(|one| (one.command, one.problem));
    Asked { rules, unread: unread.collect() }
}

/// The programs that a script for `sh` or `bash` is sure to look for: not its functions, nor what it asks for first (`command -v`). None of
/// a script that cannot be read or that installs something.
#[must_use]
pub fn programs(text: &str) -> BTreeSet<String> {
    script::programs(text)
}

/// The script of a task. Its `#!` counts only at the very beginning, so what is blank before it is left out.
#[must_use]
pub fn script_of<'a>(view: &View<'a>) -> Option<&'a str> {
    let text = view.text("script")?;
    let trimmed = text.trim_start();
    Some(if trimmed.starts_with("#!") { trimmed } else { text })
}

/// The rules that the spec declares under `permissions`.
pub fn declared(view: &View<'_>, problems: &mut Diagnostics) -> Vec<Rule> {
    let rules = view.views("permissions");
    rules.iter().map(|rule| Rule::read(rule, problems)).collect()
}
