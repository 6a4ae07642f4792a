//! What tasks may do in the cluster: what a task declares or what its script needs, and the Roles that grant it.
//!
//! A declared permission counts as it is. Without one, a script's commands are read, and what cannot be read for sure is an error.
//! Either way no rule gets by that leads to other rights.

mod grant;
mod names;
mod rule;
mod script;
mod tools;

#[cfg(test)]
mod tests;

pub use grant::{Namespaces, apply, prune};
pub use names::Names;
pub use rule::{Place, Rule, forbidden};

use crate::diagnostics::{Diagnostics, SpecError};
use crate::spec::View;

/// The rules of a task: what the spec declares under `permissions`, or else what the commands of its `script` need.
pub fn of_task(view: &View<'_>, names: &Names<'_>, problems: &mut Diagnostics) -> Vec<Rule> {
    if view.get("permissions").is_some() {
        return declared(view, problems);
    }
    let Some(text) = script_of(view) else {
        return Vec::new();
    };
    script::permissions(text, names).unwrap_or_else(|unread| {
        let error =
            SpecError::UnreadableCommand { command: unread.command, problem: unread.problem };
        problems.error(view.span_of("script"), error);
        Vec::new()
    })
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
