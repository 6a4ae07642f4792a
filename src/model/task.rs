//! One task of a pipeline.

use serde::Serialize;

use super::{Input, Level};
use crate::diagnostics::Span;
use crate::permissions::Rule;
use crate::yaml::Value;

/// Where a task's Task comes from.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// A template renders it.
    Template(String),
    /// It is in the cluster, or a resolver fetches it: its `taskRef`.
    Reference(Value),
}

/// A workspace of a referenced Task: its name there, and what it is.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Bound {
    /// The name in the Task.
    pub name: String,
    /// Nothing for the volume that all tasks share; else its name in the Pipeline, and its binding in a run.
    pub own: Option<(String, Value)>,
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
    /// Where its Task comes from.
    pub kind: TaskKind,
    /// Its template's settings, with defaults.
    pub settings: Value,
    /// The image of an own task.
    pub image: Option<String>,
    /// The script of an own task.
    pub script: Option<String>,
    /// Tasks that it waits for.
    pub after: Vec<String>,
    /// How often it is tried again.
    pub retries: i64,
    /// How long it may take.
    pub timeout: String,
    /// `env`, as in a Container.
    pub env: Value,
    /// `resources`, as in a Container.
    pub resources: Value,
    /// The user number.
    pub user: u32,
    /// The root file system is read-only.
    pub read_only_root: bool,
    /// Folders that must be writable.
    pub cache: Vec<String>,
    /// Sidecars, as in a Task.
    pub services: Vec<Value>,
    /// Parameters: name and value, as in a Pipeline.
    pub params: Vec<(String, Value)>,
    /// Parameters with each combination of whose values it is run, as in a Pipeline.
    pub matrix: Vec<(String, Value)>,
    /// Combinations that the lists do not make, or values more for those that they do.
    pub include: Vec<Vec<(String, Value)>>,
    /// The names of these, known before their values are.
    #[serde(skip)]
    pub matrix_names: Vec<String>,
    /// Parameters that carry a variable into a Task that gen renders.
    #[serde(skip)]
    pub carried: Vec<String>,
    /// Conditions, as in a Pipeline.
    pub when: Vec<Value>,
    /// Paths of which one must have changed.
    pub changed: Vec<String>,
    /// The run goes on where it fails.
    pub continues: bool,
    /// Its podTemplate; null where it has none of its own.
    pub placement: Value,
    /// The account of the spec for it, instead of the derived one.
    pub service_account: Option<String>,
    /// Where that is named.
    #[serde(skip)]
    pub service_account_span: Span,
    /// Tools whose downloads are kept.
    pub caches: Vec<String>,
    /// Workspaces of a referenced Task.
    pub bound: Vec<Bound>,
    /// It works on the source.
    pub needs_source: bool,
    /// It makes the image.
    pub builds: bool,
    /// It rolls the image out.
    pub deploys: bool,
    /// It puts back what served before a run that failed.
    pub rolls_back: bool,
    /// Results that it gives.
    pub results: Vec<String>,
    /// Those of them that are lists.
    pub lists: Vec<String>,
    /// Results that the spec declares for an own task, each with the variable that holds the path to write it to.
    pub own_results: Vec<(String, String)>,
    /// What it takes.
    pub inputs: Vec<Input>,
    /// What the app must have.
    pub requires: Vec<String>,
    /// The Pod Security level that its pod needs.
    pub level: Level,
    /// What the spec declares, or what was read out of the script; a template's own declaration comes on top.
    pub permissions: Vec<Rule>,
    /// Where it is named.
    #[serde(skip)]
    pub span: Span,
}

impl Task {
    /// Whether gen does not render its Task.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, TaskKind::Reference(_))
    }

    /// Whether it uses the volume that the tasks of a run share.
    #[must_use]
    pub fn uses_volume(&self) -> bool {
        self.needs_source
            || !self.caches.is_empty()
            || self.bound.iter().any(|bound| bound.own.is_none())
    }
}
