//! The tasks that there are: what each task template says about itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Level;
use crate::spec::table::{Field, Object};
use crate::spec::task_common;
use crate::yaml::Value;

/// All task templates, by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    tasks: BTreeMap<String, Arc<Declaration>>,
}

/// What a task template says about itself.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact that a template declares by name")]
pub struct Declaration {
    /// Its name: the name of its file.
    pub name: String,
    /// A description, in a sentence or two.
    pub about: String,
    /// Its settings beside those of every task, and those too.
    pub settings: Arc<Object>,
    /// Defaults of its own settings.
    pub defaults: Vec<(String, Value)>,
    /// What it takes from the run or from tasks before it.
    pub inputs: Vec<Input>,
    /// Tekton results that it gives.
    pub results: Vec<String>,
    /// It makes the app's image.
    pub builds: bool,
    /// It rolls the image out.
    pub deploys: bool,
    /// It puts back what served before a run that failed: it runs at the end, and only then.
    pub rolls_back: bool,
    /// Whether it works on the source.
    pub source: UsesSource,
    /// The keys of own tasks that it takes beside its settings: `script`, `services`, `cache`.
    pub takes: Vec<String>,
    /// The way of `notify` that it serves: it runs at the end where the app names that one.
    pub notifies: Option<String>,
    /// It answers which paths changed: takes `before`, gives a result for each of `app.pipeline.changes`.
    pub tells_changes: bool,
    /// What the app must have: `port`, `workload`.
    pub requires: Vec<String>,
    /// The Pod Security level that its pod needs.
    pub security: TaskLevel,
    /// The API actions that it needs, in words.
    pub permissions: Vec<String>,
}

/// What a task takes: a Tekton parameter and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Input {
    /// The Task's parameter.
    pub param: String,
    /// Its value: text in which `$(params.X)` is a parameter of the pipeline and `$(results.X)` the result of that name of a task before.
    /// At the end of a run, `$(states)` is `NAME=STATE` for every task.
    pub value: String,
    /// What is taken where no task before gives that result: `reference`, the image that the spec or the pin names.
    pub otherwise: Option<String>,
}

/// Whether a task works on the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsesSource {
    /// It does not.
    No,
    /// Where a task before it does, so that one template serves pipelines with a source and without.
    Optional,
    /// Always.
    Needed,
}

/// The Pod Security level of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskLevel {
    /// Always the same.
    Fixed(Level),
    /// Decided by a setting: its name, and the level for each of its words.
    BySetting(String, BTreeMap<String, Level>),
}

/// The template of tasks that a spec writes itself.
pub const OWN: &str = "own";

impl Catalogue {
    /// The declarations by the names of their tasks.
    #[must_use]
    pub fn new(tasks: BTreeMap<String, Arc<Declaration>>) -> Self {
        Self { tasks }
    }

    /// The task of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Declaration>> {
        self.tasks.get(name)
    }

    /// The names of all tasks that a pipeline can name; `own` is the form of those that a spec writes itself.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tasks.keys().map(String::as_str).filter(|name| *name != OWN)
    }

    /// All declarations, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Declaration> {
        self.tasks.values().map(AsRef::as_ref)
    }
}

impl Declaration {
    /// Whether it takes a key of own tasks.
    #[must_use]
    pub fn takes_key(&self, key: &str) -> bool {
        self.takes.iter().any(|taken| taken == key)
    }

    /// Its settings beside those of every task.
    pub fn own_settings(&self) -> impl Iterator<Item = &Field> {
        let fields = self.settings.fields.iter();
        fields.filter(|field| task_common().field(&field.key).is_none())
    }
}
