//! One task of a pipeline.

use serde::Serialize;

use super::{Input, Level};
use crate::diagnostics::Span;
use crate::name::milliseconds;
use crate::permissions::Rule;
use crate::yaml::Value;

/// The source of a task's Task.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// Rendered from a template.
    Template(String),
    /// In the cluster, or fetched by a resolver: its `taskRef`.
    Reference(Value),
    /// From a file of the repository: the Task.
    Carried(Value),
}

/// A workspace of a task, beside those of its template.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Bound {
    /// The name in the Task.
    pub name: String,
    /// Nothing for the volume shared by all tasks; otherwise its name in the Pipeline, and its binding in a run.
    pub own: Option<(String, Value)>,
    /// The folder of the shared volume, if not all of it.
    pub sub_path: Option<String>,
    /// The folder in the containers of an inline task, if the spec sets one.
    pub mount: Option<String>,
}

impl Bound {
    /// The variable with its path, in an inline task.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("WORKSPACE_{}", self.name.to_uppercase().replace('-', "_"))
    }
}

/// Variables that every step of an inline task has.
pub const GIVEN: [&str; 8] = [
    "APP_NAME",
    "APP_URL",
    "HOME",
    "JUNIT",
    "NAMESPACE",
    "PIPELINE_NAMESPACE",
    "REPORTS",
    "TMPDIR",
];

/// A step of an inline task, as templates see it.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its name.
    pub name: String,
    /// The image, unless a StepAction has it.
    pub image: Option<String>,
    /// The script.
    pub script: Option<String>,
    /// The program, instead of a script.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// `env`, as in a Container, beside that of the task.
    pub env: Value,
    /// The folder that it runs in, relative to the app's folder.
    pub workdir: Option<String>,
    /// The user ID, if it is not that of the task.
    pub user: Option<u32>,
    /// `resources`, as in a Container, if they are not those of the task.
    pub resources: Value,
    /// The time limit.
    pub timeout: Option<String>,
    /// The next step runs even if this one fails.
    pub continues: bool,
    /// The StepAction: its `ref`.
    pub reference: Option<Value>,
    /// Parameters of the StepAction, as in a Task.
    pub params: Vec<Value>,
    /// The StepAction, if it is from a file of the repository.
    pub action: Option<Value>,
    /// The location of what it runs.
    #[serde(skip)]
    pub span: Span,
}

/// One task, as templates see it.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact that templates ask for by name")]
pub struct Task {
    /// Its name in the pipeline.
    pub name: String,
    /// The name of its Task object: `<app>-<task>`.
    pub object: String,
    /// The source of its Task.
    pub kind: TaskKind,
    /// Its template's settings, with defaults.
    pub settings: Value,
    /// The image of an inline task.
    pub image: Option<String>,
    /// The script of an inline task.
    pub script: Option<String>,
    /// The steps of an inline task, instead of a script.
    pub steps: Vec<Step>,
    /// Tasks to wait for.
    pub after: Vec<String>,
    /// Maximum number of retries.
    pub retries: i64,
    /// The time limit.
    pub timeout: String,
    /// `env`, as in a Container.
    pub env: Value,
    /// `resources`, as in a Container.
    pub resources: Value,
    /// The user ID.
    pub user: u32,
    /// The root file system is read-only.
    pub read_only_root: bool,
    /// Writable folders of the image.
    pub cache: Vec<String>,
    /// Sidecars, as in a Task.
    pub services: Vec<Value>,
    /// Parameters: name and value, as in a Pipeline.
    pub params: Vec<(String, Value)>,
    /// Lists to combine, with one run per combination, as in a Pipeline.
    pub matrix: Vec<(String, Value)>,
    /// Combinations beyond those of the lists, or further values for matching ones.
    pub include: Vec<Vec<(String, Value)>>,
    /// Names of the matrix's parameters, known before their values.
    #[serde(skip)]
    pub matrix_names: Vec<String>,
    /// Parameters that carry a variable into a Task rendered by gen.
    #[serde(skip)]
    pub carried: Vec<String>,
    /// Conditions, as in a Pipeline.
    pub when: Vec<Value>,
    /// Paths, one of which must have changed.
    pub changed: Vec<String>,
    /// The run continues if it fails.
    pub continues: bool,
    /// Its podTemplate; null if it has none of its own.
    pub placement: Value,
    /// The account set in the spec, instead of the derived one.
    pub service_account: Option<String>,
    /// The location of `serviceAccount`.
    #[serde(skip)]
    pub service_account_span: Span,
    /// Tools whose downloads are kept.
    pub caches: Vec<String>,
    /// Workspaces of a referenced Task.
    pub bound: Vec<Bound>,
    /// It works on the source.
    pub needs_source: bool,
    /// It cleans the volume that all runs share.
    pub cleans: bool,
    /// It waits for older runs, and takes that much time from no other.
    pub queues: bool,
    /// It builds an image.
    pub builds: bool,
    /// That image is not the app's.
    pub other_image: bool,
    /// The task that builds the image that it works on, if that is not the app's.
    pub of: Option<String>,
    /// The location of `of`.
    #[serde(skip)]
    pub of_span: Span,
    /// It waits for people.
    pub approves: bool,
    /// It rolls the image out.
    pub deploys: bool,
    /// It restores the previous release after a failed run.
    pub rolls_back: bool,
    /// Its results.
    pub results: Vec<String>,
    /// Those of them that are lists.
    pub lists: Vec<String>,
    /// Results declared for an inline task, each with the variable that holds the path to write it to.
    pub own_results: Vec<(String, String)>,
    /// Results that are those of a step, each with its value.
    pub step_results: Vec<(String, String)>,
    /// Values from the run or from earlier tasks.
    pub inputs: Vec<Input>,
    /// Requirements on the app.
    pub requires: Vec<String>,
    /// The Pod Security level that its pod needs.
    pub level: Level,
    /// Permissions declared in the spec or read from the script, without those that its template declares.
    pub permissions: Vec<Rule>,
    /// The location of its name.
    #[serde(skip)]
    pub span: Span,
}

impl Task {
    /// Whether its Task is not rendered by gen.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, TaskKind::Reference(_))
    }

    /// The milliseconds that it may take with all its retries; an hour each if it has no limit.
    #[must_use]
    pub fn time(&self) -> u64 {
        let once = milliseconds(&self.timeout).filter(|time| *time > 0).unwrap_or(3_600_000);
        once.saturating_mul(1 + u64::try_from(self.retries).unwrap_or(0))
    }

    /// Whether it uses the volume shared by the tasks of a run.
    #[must_use]
    pub fn uses_volume(&self) -> bool {
        self.needs_source
            || self.cleans
            || !self.caches.is_empty()
            || self.bound.iter().any(|bound| bound.own.is_none())
    }
}
