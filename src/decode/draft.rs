//! A task while its pipeline is put together.

use super::link::{Link, Origin};
use crate::model::Task;

/// A task, and what nobody asks for once the pipeline is known.
pub(super) struct Draft {
    pub(super) task: Task,
    /// What it takes from the run, until that is written down as Tekton writes it.
    pub(super) links: Vec<Link>,
    /// It is for other environments than this.
    pub(super) elsewhere: bool,
    /// It works on the source where a task before it does.
    pub(super) takes_source: bool,
    /// It tells which paths changed.
    pub(super) tells_changes: bool,
}

impl Draft {
    /// The results that it takes: task and result.
    pub(super) fn takes_from(&self) -> impl Iterator<Item = (&str, &str)> {
        self.links.iter().filter_map(|link| match &link.origin {
            Origin::Result { task, result } => Some((task.as_str(), result.as_str())),
            _ => None,
        })
    }

    /// It works on the source where one of those before it does.
    pub(super) fn share_source(&mut self, before: &[Self]) {
        let is_there = || before.iter().any(|draft| draft.task.needs_source);
        self.task.needs_source |= self.takes_source && is_there();
    }
}

/// The names of tasks.
pub(super) fn names(drafts: &[Draft]) -> impl Iterator<Item = &str> + Clone {
    drafts.iter().map(|draft| draft.task.name.as_str())
}
