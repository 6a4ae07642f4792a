//! The catalogue of tasks: the declarations of all task templates.

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

/// The declaration of a task template.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact that a template declares by name")]
pub struct Declaration {
    /// Its name, from the name of its file.
    pub name: String,
    /// A description, in a sentence or two.
    pub about: String,
    /// Its own settings, followed by those of every task.
    pub settings: Arc<Object>,
    /// Defaults of its own settings.
    pub defaults: Vec<(String, Value)>,
    /// Values from the run or from earlier tasks.
    pub inputs: Vec<Input>,
    /// Its Tekton results.
    pub results: Vec<String>,
    /// It builds the app's image.
    pub builds: bool,
    /// It rolls the image out.
    pub deploys: bool,
    /// It restores the previous release if the run fails: only in `finally`, and skipped otherwise.
    pub rolls_back: bool,
    /// Whether it works on the source.
    pub source: UsesSource,
    /// Keys of inline tasks that it also accepts: `script`, `services`, `cache`.
    pub takes: Vec<String>,
    /// The `notify` channel that it serves: it runs at the end if the app uses that channel.
    pub notifies: Option<String>,
    /// It detects changed paths: takes `before` and returns a result for each of `app.pipeline.changes`.
    pub tells_changes: bool,
    /// Requirements on the app: `port`, `workload`.
    pub requires: Vec<String>,
    /// The Pod Security level that its pod needs.
    pub security: TaskLevel,
    /// The API permissions that it needs, as prose.
    pub permissions: Vec<String>,
}

/// An input of a task: a Tekton parameter and the source of its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Input {
    /// The Task's parameter.
    pub param: String,
    /// Its value, with `$(params.X)` for a parameter of the pipeline and `$(results.X)` for a result of an earlier task.
    /// In `finally`, `$(states)` is `NAME=STATE` for every task.
    pub value: String,
    /// The value if no earlier task has that result: `reference`, the image of the spec or the pin; `digest`; or a literal.
    pub otherwise: Option<String>,
}

/// Whether a task works on the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsesSource {
    /// It does not.
    No,
    /// If an earlier task does, so that one template serves pipelines with and without a source.
    Optional,
    /// Always.
    Needed,
}

/// The Pod Security level of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskLevel {
    /// Always the same.
    Fixed(Level),
    /// Depends on a setting: its name, and the level for each of its words.
    BySetting(String, BTreeMap<String, Level>),
}

/// The template of inline tasks.
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

    /// The names of all tasks that a pipeline can use; `own`, the template of inline tasks, is not one of them.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tasks.keys().map(String::as_str).filter(|name| *name != OWN)
    }

    /// All declarations, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Declaration> {
        self.tasks.values().map(AsRef::as_ref)
    }
}

impl Declaration {
    /// Whether it accepts a key of inline tasks.
    #[must_use]
    pub fn takes_key(&self, key: &str) -> bool {
        self.takes.iter().any(|taken| taken == key)
    }

    /// Its settings, without those of every task.
    pub fn own_settings(&self) -> impl Iterator<Item = &Field> {
        let fields = self.settings.fields.iter();
        fields.filter(|field| task_common().field(&field.key).is_none())
    }
}
