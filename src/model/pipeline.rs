//! The pipeline: which tasks run, what each waits for, what they share.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::catalogue::Catalogue;
use super::decode::Decoder;
use super::task::{self, Task};
use super::{App, Level};
use super::{inputs, notify};
use crate::environment::{Deploy, Selection};
use crate::error::SpecError;
use crate::source::Span;
use crate::spec::nearest;
use crate::yaml::{Data, Node};

/// The volume that the tasks of a run share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Workspace {
    /// Its size.
    pub size: String,
    /// The StorageClass.
    pub class: Option<String>,
    /// One claim for all runs.
    pub shared: bool,
}

/// The tasks that run for an app in an environment.
#[derive(Debug, Clone, Serialize)]
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

/// A task as the spec names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) settings: Option<&'a Node>,
    pub(super) span: Span,
}

/// The tasks of a pipeline with what each waits for, by their order alone.
#[derive(Default)]
struct Layout<'a> {
    tasks: Vec<(Named<'a>, Vec<String>)>,
}

impl<'a> Layout<'a> {
    /// Items one after the other; gives the names that whatever comes next waits for.
    fn sequence(&mut self, items: &'a [Node], before: Vec<String>) -> Vec<String> {
        items
            .iter()
            .fold(before, |before, item| self.item(item, before, true))
    }

    fn item(&mut self, item: &'a Node, before: Vec<String>, parallel: bool) -> Vec<String> {
        match &item.data {
            Data::Seq(items) if parallel => items
                .iter()
                .flat_map(|item| self.item(item, before.clone(), false))
                .collect(),
            Data::Seq(items) => self.sequence(items, before),
            _ => match named(item) {
                Some(named) => {
                    let name = named.name.to_owned();
                    self.tasks.push((named, before));
                    vec![name]
                }
                None => before,
            },
        }
    }
}

fn named(node: &Node) -> Option<Named<'_>> {
    match &node.data {
        Data::Scalar(scalar) => Some(Named {
            name: &scalar.text,
            settings: None,
            span: node.span,
        }),
        Data::Map(entries) => entries.first().map(|entry| Named {
            name: &entry.key,
            settings: Some(&entry.value).filter(|value| !value.is_null()),
            span: entry.key_span,
        }),
        Data::Seq(_) => None,
    }
}

/// What a pipeline is where the spec names none.
const DEFAULT: [&str; 3] = ["fetch-source", "build-image", "deploy-app"];

fn layout<'a>(items: Option<&'a Node>, default: &[&'a str]) -> Layout<'a> {
    let mut layout = Layout::default();
    if let Some(items) = items.and_then(Node::items) {
        layout.sequence(items, Vec::new());
    } else {
        let mut before = Vec::new();
        for name in default {
            layout.tasks.push((
                Named {
                    name,
                    settings: None,
                    span: Span::BUILT_IN,
                },
                before,
            ));
            before = vec![(*name).to_owned()];
        }
    }
    layout
}

/// Whether the app's pipeline makes its image, in whichever environment: then a tag in the spec is not what runs.
pub(super) fn builds_image(d: &Decoder<'_>) -> bool {
    let tasks = layout(d.app.get("pipeline"), &DEFAULT).tasks;
    tasks.iter().any(|(named, _)| {
        let used = named
            .settings
            .and_then(|settings| settings.get("use"))
            .and_then(Node::scalar)
            .map_or(named.name, |scalar| scalar.text.as_str());
        d.context
            .catalogue
            .get(used)
            .is_some_and(|declaration| declaration.builds)
    })
}

pub(super) fn read(d: &mut Decoder<'_>, app: &App) -> Option<Pipeline> {
    let view = d.app;
    let main = layout(view.get("pipeline"), &DEFAULT);
    let last = layout(view.get("finally"), &[]);
    refuse_twice(
        d,
        main.tasks
            .iter()
            .chain(&last.tasks)
            .map(|(named, _)| *named),
    );
    let environment = d.context.environment;
    let selected: Option<BTreeSet<&str>> = match &environment.pipeline {
        Selection::All => None,
        Selection::None => Some(BTreeSet::new()),
        Selection::Tasks(names) => Some(names.iter().map(|(name, _)| name.as_str()).collect()),
    };
    let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut tasks: Vec<Task> = Vec::new();
    let mut all = main.tasks;
    all.extend(added(d.context.catalogue, &environment.pipeline, &all));
    let names: BTreeSet<String> = all.iter().map(|(named, _)| named.name.to_owned()).collect();
    for (named, before) in &all {
        let runs = selected
            .as_ref()
            .is_none_or(|selected| selected.contains(named.name));
        // Read even where it does not run here: an error in it is an error of the spec.
        let task = task::read(d, app, *named, before, &names);
        match task
            .filter(|_| runs)
            .filter(|task| runs_here(d, app, task, &tasks))
        {
            Some(mut task) => {
                task.needs_source |= task.takes_source && tasks.iter().any(|t| t.needs_source);
                tasks.push(task);
            }
            None => {
                left_out.insert(named.name.to_owned(), before.clone());
            }
        }
    }
    for task in &mut tasks {
        task.after = task
            .after
            .iter()
            .flat_map(|name| present(name, &left_out))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
    }
    check_circles(d, &tasks);
    let mut at_end: Vec<Task> = if tasks.is_empty() {
        Vec::new()
    } else {
        last.tasks
            .iter()
            .filter_map(|(named, _)| task::read(d, app, *named, &[], &BTreeSet::new()))
            .collect()
    };
    if tasks.is_empty() {
        return None;
    }
    at_end.extend(notify::tasks(d, app, &at_end));
    for task in &mut at_end {
        task.needs_source |= task.takes_source && tasks.iter().any(|t| t.needs_source);
    }
    inputs::resolve(app, &mut tasks, &mut at_end);
    let workspace = view.view("workspace");
    let level = tasks
        .iter()
        .chain(&at_end)
        .map(|task| task.level)
        .max()
        .unwrap_or(Level::Restricted);
    Some(Pipeline {
        needs_source: tasks.iter().chain(&at_end).any(|task| task.needs_source),
        builds: tasks.iter().any(|task| task.builds),
        workspace: Workspace {
            size: workspace.string("size").unwrap_or_else(|| "1Gi".to_owned()),
            class: workspace.string("class"),
            shared: workspace.flag("shared"),
        },
        service_account: view.string("serviceAccount"),
        service_account_span: view.span_of("serviceAccount"),
        tasks,
        at_end,
        level,
    })
}

/// Catalogue tasks that the environment names and the app does not: they run at the end, with their defaults.
fn added<'a>(
    catalogue: &Catalogue,
    selection: &'a Selection,
    tasks: &[(Named<'a>, Vec<String>)],
) -> Vec<(Named<'a>, Vec<String>)> {
    let Selection::Tasks(names) = selection else {
        return Vec::new();
    };
    let mut added: Vec<(Named<'a>, Vec<String>)> = Vec::new();
    for (name, span) in names {
        if tasks.iter().any(|(named, _)| named.name == name) || catalogue.get(name).is_none() {
            continue;
        }
        let before = added
            .last()
            .map(|(named, _)| named.name)
            .or_else(|| tasks.last().map(|(named, _)| named.name));
        added.push((
            Named {
                name,
                settings: None,
                span: *span,
            },
            before.into_iter().map(str::to_owned).collect(),
        ));
    }
    added
}

fn refuse_twice<'a>(d: &mut Decoder<'_>, tasks: impl Iterator<Item = Named<'a>>) {
    let mut seen = BTreeSet::new();
    for named in tasks {
        if !seen.insert(named.name) {
            d.problems.error(
                named.span,
                SpecError::DuplicateTask {
                    name: named.name.to_owned(),
                },
            );
        }
    }
}

/// Whether this app and this environment have what the task is for; says so where not.
fn runs_here(d: &mut Decoder<'_>, app: &App, task: &Task, before: &[Task]) -> bool {
    let what = format!("the task `{}` of `{}`", task.name, app.name);
    for need in &task.requires {
        let met = match need.as_str() {
            "port" => app.network.port.is_some(),
            _ => !app.workload.resource.is_empty(),
        };
        if !met {
            d.unmet(task.span, &what, format!("the app has no {need}"));
            return false;
        }
    }
    if task.deploys && d.context.environment.deploy == Deploy::Git {
        let why = "Flux rolls out what its pins say".to_owned();
        d.unmet(task.span, &what, why);
        return false;
    }
    if let Some(result) = inputs::missing_result(task, before, app) {
        d.unmet(
            task.span,
            &what,
            format!("no task before it gives `{result}`, and no image is pinned"),
        );
        return false;
    }
    true
}

/// A name that runs here, or what the left-out one would have waited for.
fn present(name: &str, left_out: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    match left_out.get(name) {
        None => vec![name.to_owned()],
        Some(before) => before
            .iter()
            .flat_map(|name| present(name, left_out))
            .collect(),
    }
}

fn check_circles(d: &mut Decoder<'_>, tasks: &[Task]) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let ready: Vec<&str> = tasks
            .iter()
            .filter(|task| {
                !done.contains(task.name.as_str())
                    && task.after.iter().all(|name| done.contains(name.as_str()))
            })
            .map(|task| task.name.as_str())
            .collect();
        if ready.is_empty() {
            break;
        }
        done.extend(ready);
    }
    if let Some(task) = tasks.iter().find(|task| !done.contains(task.name.as_str())) {
        let name = task
            .after
            .iter()
            .find(|name| !done.contains(name.as_str()))
            .cloned()
            .unwrap_or_default();
        d.problems.error(
            task.span,
            SpecError::BadAfter {
                name,
                problem: format!("makes `{}` wait for itself", task.name),
            },
        );
    }
}

/// The hint for a task that nobody knows.
pub(super) fn near_task(catalogue: &Catalogue, name: &str) -> String {
    let names = catalogue.names();
    match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "an own task needs `image` and `script`; gen has {}",
            names
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}
