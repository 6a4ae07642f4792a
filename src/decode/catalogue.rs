//! The catalogue of tasks, from the declarations of the task templates.
//!
//! A template under templates/tasks/ begins with a document that declares the task: its description, settings, inputs, results
//! and API permissions. Adding a task means adding such a file; nothing here knows any task by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::setting;
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Span, TemplateError};
use crate::model::{Catalogue, Declaration, Input, Level, TaskLevel, UsesSource};
use crate::name::word;
use crate::spec::table::{Object, Shape};
use crate::spec::{View, check, declaration as keys, task_common};
use crate::yaml::{Entry, Limits, Node, read_documents};

/// Reads the declarations of task templates: pairs of the name (`build-image`), the file and the text.
///
/// # Errors
/// Every template with an invalid declaration.
pub fn catalogue<'a>(
    templates: impl IntoIterator<Item = (&'a str, FileId, &'a str)>,
) -> Result<Catalogue, Diagnostics> {
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
    if problems.has_errors() { Err(problems) } else { Ok(Catalogue::new(tasks)) }
}

/// The first document of a template, without the `---` after it. A line with only a tag (`{% if … %}`, as around permissions
/// that depend on the environment) is left empty, so that the rest keeps its location.
fn head(text: &str) -> String {
    let head = text.find("\n---").map_or(text, |end| &text[..=end]);
    let is_tag = |line: &str| line.trim().starts_with("{%") && line.trim().ends_with("%}");
    let kept = |line| if is_tag(line) { "\n" } else { line };
    head.split_inclusive('\n').map(kept).collect()
}

fn declaration(name: &str, file: FileId, text: &str) -> Result<Declaration, Diagnostics> {
    let documents = read_documents(file, &head(text), Limits::default())?;
    let bad = |problem: &str| {
        let problem = problem.to_owned();
        let error = Diagnostic::error(TemplateError::Declaration { problem });
        Diagnostics::from(error.at(Span::top_of(file)))
    };
    let [node] = documents.as_slice() else {
        return Err(bad("it must be the first document, before `---`"));
    };
    let mut problems = Diagnostics::default();
    check(node, &Shape::Object(keys().clone()), "task", &mut problems);
    if problems.has_errors() {
        return Err(problems);
    }
    let view = View::new(Some(node), keys());
    let mut fields = Vec::new();
    let mut defaults = Vec::new();
    for entry in view.entries("settings") {
        let (field, default) = setting::read(entry).map_err(|problem| bad(&problem))?;
        defaults.extend(default.map(|value| (entry.key.clone(), value)));
        if task_common().field(&entry.key).is_some() {
            return Err(bad(&format!("`{}` is a key of every task", entry.key)));
        }
        fields.push(field);
    }
    fields.extend(task_common().fields.iter().cloned());
    let about = view.string("about").ok_or_else(|| bad("missing `about`"))?;
    let inputs = view
        .entries("inputs")
        .into_iter()
        .map(input)
        .collect::<Option<_>>()
        .ok_or_else(|| bad("an input must have a `value`"))?;
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
            Some("true") => UsesSource::Needed,
            Some("optional") => UsesSource::Optional,
            _ => UsesSource::No,
        },
        takes: view.texts("takes"),
        notifies: view.string("notifies"),
        tells_changes: view.flag("changes"),
        requires: view.texts("requires"),
        security: security(view.get("security"))
            .ok_or_else(|| bad("`security` must be a level, or `{setting, levels}`"))?,
        permissions: permissions(view.get("permissions")),
    })
}

fn security(node: Option<&Node>) -> Option<TaskLevel> {
    let Some(node) = node else {
        return Some(TaskLevel::Fixed(Level::Restricted));
    };
    if let Some(text) = node.as_str() {
        return word(text).map(TaskLevel::Fixed);
    }
    let setting = node.get("setting")?.as_str()?.to_owned();
    let levels = node.get("levels")?.entries()?.iter();
    let levels = levels
        .map(|entry| Some((entry.key.clone(), word(entry.value.as_str()?)?)))
        .collect::<Option<_>>()?;
    Some(TaskLevel::BySetting(setting, levels))
}

/// Rules as prose. Names are as in the declaration, such as `{{ app.name }}`.
fn permissions(node: Option<&Node>) -> Vec<String> {
    let texts = |rule: &Node, key: &str| {
        let texts = rule.get(key).map(Node::texts).unwrap_or_default();
        texts
            .join(", ")
            .replace("{{ app.name }}", "APP")
            .replace("{{ app.instance }}", "APP-ENV")
            .replace("{{ app.workload.resource }}", "the workload")
            .replace("{{ process.workload.resource }}", "the workload of a process")
            .replace("{{ process.object }}", "APP-PROCESS")
            .replace("{{ end }}", "-before (or -after)")
    };
    let rules = node.and_then(Node::items).unwrap_or_default().iter();
    let mut before = None;
    rules
        .map(|rule| {
            let text = |key| rule.get(key).and_then(Node::as_str);
            let with = text("where");
            let again = std::mem::replace(&mut before, with) == with;
            let with = with.filter(|_| !again);
            let with = with.map_or_else(String::new, |with| format!("with `{with}`: "));
            let only = match texts(rule, "resourceNames") {
                only if only.is_empty() => only,
                only => format!(" `{only}`"),
            };
            let place = match text("in") {
                Some("pipeline") => "the pipeline's namespace",
                Some("flux") => "Flux's namespace",
                _ => "the app's namespace",
            };
            let (verbs, resources) = (texts(rule, "verbs"), texts(rule, "resources"));
            format!("{with}{verbs} {resources}{only} in {place}")
        })
        .collect()
}

fn input(entry: &Entry) -> Option<Input> {
    let text = |key: &str| entry.value.get(key)?.as_str().map(str::to_owned);
    Some(Input { param: entry.key.clone(), value: text("value")?, otherwise: text("otherwise") })
}
