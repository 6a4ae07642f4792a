//! The tasks that there are: what each task template says about itself.
//!
//! A template under templates/tasks/ begins with a document that declares the task: what it does, its settings, what it takes and
//! gives, which API actions it needs. Adding a task means adding such a file; nothing here knows any task by name.

mod reference;
mod setting;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use reference::reference;

use super::Level;
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, TemplateError};
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};
use crate::spec::task_common;
use crate::yaml::{Entry, Limits, Node, Value, read_documents};

/// All task templates, by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    tasks: BTreeMap<String, Arc<Declaration>>,
}

/// What a task template says about itself.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact that a template declares by name"
)]
pub struct Declaration {
    /// Its name: the name of its file.
    pub name: String,
    /// What it does, in a sentence or two.
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
    pub source: Source,
    /// The keys of own tasks that it takes beside its settings: `script`, `services`, `cache`.
    pub takes: Vec<String>,
    /// The way of `notify` that it serves: it runs at the end where the app names that one.
    pub notifies: Option<String>,
    /// It answers which paths changed: takes `before`, gives a result for each of `app.pipeline.changes`.
    pub tells_changes: bool,
    /// What the app must have: `port`, `workload`.
    pub requires: Vec<String>,
    /// The Pod Security level that its pod needs.
    pub security: Security,
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
pub enum Source {
    /// It does not.
    No,
    /// Where a task before it does, so that one template serves pipelines with a source and without.
    Optional,
    /// Always.
    Needed,
}

/// The Pod Security level of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// Always the same.
    Fixed(Level),
    /// Decided by a setting: its name, and the level for each of its words.
    BySetting(String, BTreeMap<String, Level>),
}

impl Catalogue {
    /// Reads the declarations of task templates: pairs of the name (`build-image`), the file and the text.
    ///
    /// # Errors
    /// Every template whose declaration cannot be read.
    pub fn read<'a>(
        templates: impl IntoIterator<Item = (&'a str, FileId, &'a str)>,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut tasks = BTreeMap::new();
        for (name, file, text) in templates {
            match declaration(name, file, text) {
                Ok(declaration) => {
                    tasks.insert(name.to_owned(), Arc::new(declaration));
                }
                Err(errors) => problems.extend(errors),
            }
        }
        if problems.has_errors() {
            Err(problems)
        } else {
            Ok(Self { tasks })
        }
    }

    /// The task of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Declaration>> {
        self.tasks.get(name)
    }

    /// The names of all tasks that a pipeline can name; `own` is the form of those that a spec writes itself.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tasks
            .keys()
            .map(String::as_str)
            .filter(|name| *name != OWN)
    }

    /// All declarations, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Declaration> {
        self.tasks.values().map(AsRef::as_ref)
    }
}

/// The template of tasks that a spec writes itself.
pub(super) const OWN: &str = "own";

/// The first document of a template, without the `---` behind it. A line that is only a tag (`{% if … %}`, as around permissions
/// that depend on the environment) is left empty, so that the rest keeps its places.
fn head(text: &str) -> String {
    let head = text.find("\n---").map_or(text, |end| &text[..=end]);
    let is_tag = |line: &str| line.trim().starts_with("{%") && line.trim().ends_with("%}");
    let kept = |line| if is_tag(line) { "\n" } else { line };
    head.split_inclusive('\n').map(kept).collect()
}

fn declaration(name: &str, file: FileId, text: &str) -> Result<Declaration, Diagnostics> {
    let documents = read_documents(file, &head(text), Limits::default())?;
    let bad = |problem: String| {
        Diagnostics::from(
            Diagnostic::error(TemplateError::Declaration { problem })
                .at(crate::diagnostics::Span::top_of(file)),
        )
    };
    let [node] = documents.as_slice() else {
        return Err(bad("it must be the first document, before `---`".to_owned()));
    };
    let mut problems = Diagnostics::default();
    crate::spec::check(node, &Shape::Object(table()), "task", &mut problems);
    if problems.has_errors() {
        return Err(problems);
    }
    let view = crate::spec::View::new(Some(node), &TABLE);
    let mut fields = Vec::new();
    let mut defaults = Vec::new();
    for entry in view.entries("settings") {
        let (field, default) = setting::read(entry).map_err(&bad)?;
        defaults.extend(default.map(|value| (entry.key.clone(), value)));
        if task_common().field(&entry.key).is_some() {
            return Err(bad(format!("every task has `{}` already", entry.key)));
        }
        fields.push(field);
    }
    fields.extend(task_common().fields.iter().cloned());
    let about = view
        .string("about")
        .ok_or_else(|| bad("`about` is missing".to_owned()))?;
    let inputs = view
        .entries("inputs")
        .into_iter()
        .map(input)
        .collect::<Option<_>>()
        .ok_or_else(|| bad("an input has a `value`".to_owned()))?;
    Ok(Declaration {
        name: name.to_owned(),
        settings: Object::new(&about, fields),
        about,
        defaults,
        inputs,
        results: view.texts("results"),
        builds: view.flag("builds"),
        deploys: view.flag("deploys"),
        rolls_back: view.flag("rollsBack"),
        source: match view.text("source") {
            Some("true") => Source::Needed,
            Some("optional") => Source::Optional,
            _ => Source::No,
        },
        takes: view.texts("takes"),
        notifies: view.string("notifies"),
        tells_changes: view.flag("changes"),
        requires: view.texts("requires"),
        security: security(view.get("security"))
            .ok_or_else(|| bad("`security` is a level, or `{setting, levels}`".to_owned()))?,
        permissions: permissions(view.get("permissions")),
    })
}

/// Ways of telling people that a task can serve.
const NOTIFIERS: [(&str, &str); 2] = [("slack", "a Slack channel"), ("email", "e-mail")];

fn table() -> Arc<Object> {
    TABLE.clone()
}

static TABLE: std::sync::LazyLock<Arc<Object>> = std::sync::LazyLock::new(|| {
    Object::new(
        "The first document of a task template.",
        vec![
            key("about", Shape::Text(Check::NotEmpty), "What the task does.").required(),
            key(
                "settings",
                Shape::Map(Check::NotEmpty, Box::new(Shape::Free)),
                "Its settings: `{type, doc, default, example, words, min, max, keys, required}` each.",
            ),
            key(
                "inputs",
                Shape::Map(Check::NotEmpty, Box::new(Shape::Free)),
                "Its Tekton parameters: `{value, otherwise}` each.",
            ),
            key(
                "results",
                Shape::Text(Check::NotEmpty).list(),
                "Its Tekton results.",
            ),
            key("builds", Shape::Bool, "It makes the app's image.").default("false"),
            key("deploys", Shape::Bool, "It rolls the image out.").default("false"),
            key("rollsBack", Shape::Bool, "It puts back what served before a run that failed: only for `finally`, and skipped where the run did not fail.").default("false"),
            key(
                "source",
                Shape::Word(vec![
                    ("true", "always"),
                    ("optional", "where a task before it does"),
                    ("false", "never"),
                ]),
                "Whether it works on the source.",
            )
            .default("false"),
            key(
                "takes",
                Shape::Word(vec![
                    ("script", "an image and a script"),
                    ("services", "containers beside it"),
                    ("cache", "folders that must be writable"),
                ])
                .list(),
                "Keys of own tasks that it takes too.",
            ),
            key(
                "notifies",
                Shape::Word(NOTIFIERS.to_vec()),
                "The way of `notify` that it serves: it runs at the end where the app names that one.",
            ),
            key("changes", Shape::Bool, "It answers which paths changed: takes `before` and gives a result for each of `app.pipeline.changes`.").default("false"),
            key(
                "requires",
                Shape::Word(vec![("port", "a port"), ("workload", "a workload")]).list(),
                "What the app must have.",
            ),
            key(
                "security",
                Shape::Free,
                "The Pod Security level of its pod, or `{setting, levels}`.",
            )
            .default("restricted"),
            key(
                "permissions",
                Shape::Free,
                "The API actions that it needs, as rules of a Role with `in: app | pipeline | flux`; `where` says of one that is not always needed where it is.",
            ),
        ],
    )
});

fn level(text: &str) -> Option<Level> {
    [Level::Restricted, Level::Baseline, Level::Privileged]
        .into_iter()
        .find(|level| level.word() == text)
}

fn security(node: Option<&Node>) -> Option<Security> {
    let Some(node) = node else {
        return Some(Security::Fixed(Level::Restricted));
    };
    if let Some(scalar) = node.scalar() {
        return level(&scalar.text).map(Security::Fixed);
    }
    let setting = node.get("setting")?.scalar()?.text.clone();
    let levels = node.get("levels")?.entries()?.iter();
    let levels = levels
        .map(|entry| Some((entry.key.clone(), level(&entry.value.scalar()?.text)?)))
        .collect::<Option<_>>()?;
    Some(Security::BySetting(setting, levels))
}

/// Rules in words. They stand in the declaration as the template's author wrote them, with `{{ app.name }}` in them.
fn permissions(node: Option<&Node>) -> Vec<String> {
    let texts = |rule: &Node, key: &str| -> Vec<String> {
        let items = rule.get(key).and_then(Node::items).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| Some(item.scalar()?.text.clone()))
            .map(|text| {
                text.replace("{{ app.name }}", "APP")
                    .replace("{{ app.instance }}", "APP-ENV")
                    .replace("{{ app.workload.resource }}", "the workload")
            })
            .collect()
    };
    let rules = node.and_then(Node::items).unwrap_or_default().iter();
    let mut before = None;
    rules
        .map(|rule| {
            let with = rule.get("where").and_then(Node::scalar);
            let with = with.map(|with| with.text.clone());
            let again = std::mem::replace(&mut before, with.clone()) == with;
            let with = with.filter(|_| !again);
            let with = with.map_or_else(String::new, |with| format!("with `{with}`: "));
            let only = texts(rule, "resourceNames").join(", ");
            let only = if only.is_empty() {
                only
            } else {
                format!(" `{only}`")
            };
            let place = rule.get("in").and_then(Node::scalar);
            let place = match place.map(|place| place.text.as_str()) {
                Some("pipeline") => "the pipeline's namespace",
                Some("flux") => "Flux's namespace",
                _ => "the app's namespace",
            };
            let (verbs, resources) = (texts(rule, "verbs"), texts(rule, "resources"));
            let (verbs, resources) = (verbs.join(", "), resources.join(", "));
            format!("{with}{verbs} {resources}{only} in {place}")
        })
        .collect()
}

fn input(entry: &Entry) -> Option<Input> {
    let text = |key: &str| Some(entry.value.get(key)?.scalar()?.text.clone());
    Some(Input {
        param: entry.key.clone(),
        value: text("value")?,
        otherwise: text("otherwise"),
    })
}
