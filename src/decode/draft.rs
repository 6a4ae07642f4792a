//! A task while its pipeline is assembled.

use super::link::{Link, Origin};
use crate::diagnostics::Span;
use crate::model::Task;

/// A task, with facts that are no longer needed once the pipeline is known.
pub(super) struct Draft {
    pub(super) task: Task,
    /// Values from the run, until they are resolved to Tekton's expressions.
    pub(super) links: Vec<Link>,
    /// It is only for other environments.
    pub(super) elsewhere: bool,
    /// It uses the source if an earlier task does.
    pub(super) takes_source: bool,
    /// The file of its Task, and the location of its path in the spec.
    pub(super) file: Option<(String, Span)>,
    /// It detects changed paths.
    pub(super) tells_changes: bool,
}

impl Draft {
    /// The results that it uses: task and result.
    pub(super) fn takes_from(&self) -> impl Iterator<Item = (&str, &str)> {
        self.links.iter().filter_map(|link| match &link.origin {
            Origin::Result { task, result } => Some((task.as_str(), result.as_str())),
            _ => None,
        })
    }

    /// Uses the source if an earlier task does.
    pub(super) fn share_source(&mut self, before: &[Self]) {
        let is_there = || before.iter().any(|draft| draft.task.needs_source);
        self.task.needs_source |= self.takes_source && is_there();
    }
}

/// The names of tasks.
pub(super) fn names(drafts: &[Draft]) -> impl Iterator<Item = &str> + Clone {
    drafts.iter().map(|draft| draft.task.name.as_str())
}
