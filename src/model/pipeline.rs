//! The pipeline: which tasks run, and what they share.

use serde::Serialize;

use super::{Level, RunParam, Task};
use crate::diagnostics::Span;
use crate::yaml::Value;

/// The volume shared by the tasks of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Workspace {
    /// Its size.
    pub size: String,
    /// The StorageClass.
    pub class: Option<String>,
    /// One claim for all runs.
    pub shared: bool,
    /// The claim of a run stays as long as the run.
    pub keep: bool,
}

/// The tasks that run for an app in an environment.
#[derive(Debug, Clone, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact that templates ask for by name")]
pub struct Pipeline {
    /// In the order of the spec.
    pub tasks: Vec<Task>,
    /// At the end of every run.
    #[serde(rename = "finally")]
    pub at_end: Vec<Task>,
    /// The shared volume.
    pub workspace: Workspace,
    /// Some task works on the source.
    pub needs_source: bool,
    /// Some task in `finally` works on the source.
    pub source_at_end: bool,
    /// What a run does beside an older one: `allow`, `queue` or `cancel`.
    pub concurrent: String,
    /// With `cancel`: only runs of the same branch are stopped.
    pub stops_by_branch: bool,
    /// The time limit of a run in minutes, rounded up; 0 if it has none.
    pub minutes: u64,
    /// Some task builds the image.
    pub builds: bool,
    /// Parameters of a run.
    pub params: Vec<RunParam>,
    /// Questions about changed paths, for the task that fetches the source.
    pub changes: Vec<Change>,
    /// Some task keeps downloads on the shared volume.
    pub caches: bool,
    /// The podTemplate of all tasks; null if the spec sets none.
    pub placement: Value,
    /// Secrets for pulling the images of the tasks.
    pub pull_secrets: Vec<String>,
    /// The time limit of a run, if the spec sets one.
    pub timeout: Option<String>,
    /// The account set in the spec for all tasks, instead of derived ones.
    pub service_account: Option<String>,
    /// The Pod Security level that the pods need, without Tekton's own containers.
    pub level: Level,
    /// The location of `serviceAccount`.
    #[serde(skip)]
    pub service_account_span: Span,
}

impl Pipeline {
    /// The time limit of a run without waiting for others: that of the spec, or its tasks one after the other with all retries, at
    /// least Tekton's default of an hour, at most a day.
    #[must_use]
    pub fn limit(&self) -> String {
        self.timeout.clone().unwrap_or_else(|| {
            let tasks = self.all().filter(|task| !task.queues);
            let total = tasks.map(Task::time).fold(0, u64::saturating_add) / 1000;
            format!("{}m", total.clamp(3600, 24 * 3600).div_ceil(60))
        })
    }

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
    /// The variable with the result's path, for the script.
    pub variable: String,
    /// Pathspecs, one per line.
    pub paths: String,
}
