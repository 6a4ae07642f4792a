//! The pipeline: which tasks run, and what they share.

use serde::Serialize;

use super::{Level, RunParam, Task};
use crate::diagnostics::Span;
use crate::yaml::Value;

/// The volume that the tasks of a run share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Workspace {
    /// Its size.
    pub size: String,
    /// The StorageClass.
    pub class: Option<String>,
    /// One claim for all runs.
    pub shared: bool,
}

/// The tasks that run for an app in an environment.
#[derive(Debug, Clone, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// In the order of the spec.
    pub tasks: Vec<Task>,
    /// At the end, whatever happened.
    #[serde(rename = "finally")]
    pub at_end: Vec<Task>,
    /// The shared volume.
    pub workspace: Workspace,
    /// Some task works on the source.
    pub needs_source: bool,
    /// Some task makes the image.
    pub builds: bool,
    /// What a run is given.
    pub params: Vec<RunParam>,
    /// What the task that fetches the source is asked about changed paths.
    pub changes: Vec<Change>,
    /// Some task keeps downloads on the shared volume.
    pub caches: bool,
    /// The podTemplate of all tasks; null where the spec asks for none.
    pub placement: Value,
    /// How long a run may take, where the spec says so.
    pub timeout: Option<String>,
    /// The account of the spec for all tasks, instead of derived ones.
    pub service_account: Option<String>,
    /// The Pod Security level that the pods need, Tekton's own containers not counted.
    pub level: Level,
    /// Where the account is named.
    #[serde(skip)]
    pub service_account_span: Span,
}

impl Pipeline {
    /// All tasks, those at the end last.
    pub fn all(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().chain(&self.at_end)
    }
}

/// A question about the commit that a run builds: whether one of some paths has changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Change {
    /// The result that answers it: `true` or `false`.
    pub result: String,
    /// The variable by which the result's path comes into the script.
    pub variable: String,
    /// Pathspecs, a line each.
    pub paths: String,
}
