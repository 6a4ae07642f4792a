//! The tasks that there are: what each task template says about itself.
//!
//! A template under templates/tasks/ begins with a document that declares the task: what it does, its settings, what it takes and
//! gives, which API actions it needs. Adding a task means adding such a file; nothing here knows any task by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Level;
use crate::error::{Diagnostic, Diagnostics, TemplateError};
use crate::name::Check;
use crate::source::FileId;
use crate::spec::table::{Field, Object, Shape, key};
use crate::spec::task_common;
use crate::yaml::{Entry, Limits, Node, Value, read_documents};

/// All task templates, by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    tasks: BTreeMap<String, Arc<Declaration>>,
}

/// What a task template says about itself.
#[derive(Debug, Clone)]
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
    /// It works on the source.
    pub needs_source: bool,
    /// What the app must have: `port`, `workload`.
    pub requires: Vec<String>,
    /// The Pod Security level that its pod needs.
    pub security: Security,
}

/// What a task takes: a Tekton parameter and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Input {
    /// The Task's parameter.
    pub param: String,
    /// Its value: text in which `$(params.X)` is a parameter of the pipeline and `$(results.X)` the result of that name of a task before.
    pub value: String,
    /// What is taken where no task before gives that result: `reference`, the image that the spec or the pin names.
    pub otherwise: Option<String>,
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

/// The first document of a template, without the `---` behind it.
fn head(text: &str) -> &str {
    text.find("\n---").map_or(text, |end| &text[..=end])
}

fn declaration(name: &str, file: FileId, text: &str) -> Result<Declaration, Diagnostics> {
    let documents = read_documents(file, head(text), Limits::default())?;
    let bad = |problem: String| {
        Diagnostics::from(
            Diagnostic::error(TemplateError::Declaration { problem })
                .at(crate::source::Span::top_of(file)),
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
        let (field, default) = setting(entry).map_err(&bad)?;
        defaults.extend(default.map(|value| (entry.key.clone(), value)));
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
        needs_source: view.flag("source"),
        requires: view.texts("requires"),
        security: security(view.get("security"))
            .ok_or_else(|| bad("`security` is a level, or `{setting, levels}`".to_owned()))?,
    })
}

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
                "Its settings: `{type, doc, default, example, words, min, max}` each.",
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
            key("source", Shape::Bool, "It works on the source.").default("false"),
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
                "The API actions that it needs, as rules of a Role with `in: app | pipeline | flux`.",
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

fn input(entry: &Entry) -> Option<Input> {
    let text = |key: &str| Some(entry.value.get(key)?.scalar()?.text.clone());
    Some(Input {
        param: entry.key.clone(),
        value: text("value")?,
        otherwise: text("otherwise"),
    })
}

/// A setting and its default, from the template's declaration.
fn setting(entry: &Entry) -> Result<(Field, Option<Value>), String> {
    let node = &entry.value;
    let text = |key: &str| {
        node.get(key)
            .and_then(Node::scalar)
            .map(|scalar| scalar.text.clone())
    };
    let int = |key: &str, default: i64| {
        node.get(key)
            .and_then(|node| node.to_value().as_int())
            .unwrap_or(default)
    };
    let words = || -> Vec<String> {
        let items = node.get("words").and_then(Node::items).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| Some(item.scalar()?.text.clone()))
            .collect()
    };
    let name = &entry.key;
    let shape = match text("type").as_deref() {
        Some("text") => Shape::Text(Check::Any),
        Some("image") => Shape::Text(Check::Image),
        Some("path") => Shape::Text(Check::RelativePath),
        Some("duration") => Shape::Text(Check::Duration),
        Some("quantity") => Shape::Text(Check::Quantity),
        Some("name") => Shape::Text(Check::Name),
        Some("bool") => Shape::Bool,
        Some("int") => Shape::Int(int("min", 0), int("max", 1_000_000)),
        Some("word") => Shape::Choice(words()),
        Some("words") => Shape::Choice(words()).list(),
        Some("texts") => Shape::Text(Check::NotEmpty).list(),
        Some("map") => Shape::Map(Check::NotEmpty, Box::new(Shape::Literal)),
        other => {
            return Err(format!(
                "the setting `{name}` has the unknown type `{}`",
                other.unwrap_or_default()
            ));
        }
    };
    let doc = text("doc").ok_or_else(|| format!("the setting `{name}` has no `doc`"))?;
    let mut field = key(name, shape, &doc);
    field.example = text("example");
    let default = node.get("default").map(Node::to_value);
    field.default = default.as_ref().map(|value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    });
    if task_common().field(name).is_some() {
        return Err(format!("every task has `{name}` already"));
    }
    Ok((field, default))
}
