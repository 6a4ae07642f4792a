//! The pipeline: which tasks run, what each waits for, what they share.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::asked::{asked_for, asks, changes, check_volume, spare_deployments};
use super::catalogue::Catalogue;
use super::decode::Decoder;
use super::layout::{DEFAULT, added, layout, refuse_twice};
use super::link::{self, Known};
use super::order::{
    check_at_end, check_circles, check_in_order, lacking, leave_out, no_result, no_way_back,
    present,
};
use super::params::{self, RunParam};
use super::placement;
use super::task::{self, Task};
use super::{App, Level};
use super::{inputs, notify};
use crate::diagnostics::{Span, SpecError};
use crate::environment::{Api, Deploy, Selection};
use crate::spec::nearest;
use crate::yaml::{Node, Value};

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

/// A task as the spec names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) settings: Option<&'a Node>,
    pub(super) span: Span,
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
    let all = read_tasks(d, app);
    let mut params = vec![RunParam::built_in(
        "revision",
        app.source.revision.as_ref().unwrap_or(&app.source.branch),
    )];
    params.extend(asked_for(app, all.in_order.iter().chain(&all.at_end)));
    params.extend(params::read(d));
    let known = Known {
        tasks: &all.in_order,
        at_end: &all.at_end,
        params: &params,
    };
    known.check(d.problems);
    check_circles(d, &all.in_order);
    let (mut tasks, mut at_end) = select(d, app, all);
    if tasks.is_empty() {
        return None;
    }
    let event = spare_deployments(d, &mut tasks);
    params.extend(event.filter(|event| params.iter().all(|param| param.name != event.name)));
    at_end.extend(notify::tasks(d, app, &at_end));
    for task in &mut at_end {
        task.needs_source |= task.takes_source && tasks.iter().any(|t| t.needs_source);
    }
    let changes = changes(d, &mut tasks, &mut at_end);
    inputs::resolve(app, &mut tasks, &mut at_end);
    link::resolve(&mut tasks, &mut at_end, &params);
    params.retain(|param| {
        !param.built_in || param.name == "revision" || asks(&tasks, &at_end, &changes, &param.name)
    });
    let workspace = view.view("workspace");
    let workspace = Workspace {
        size: workspace.string("size").unwrap_or_else(|| "1Gi".to_owned()),
        class: workspace.string("class"),
        shared: workspace.flag("shared"),
    };
    let of_all = || tasks.iter().chain(&at_end);
    let caches = check_volume(d, of_all(), &workspace);
    let level = of_all()
        .map(|task| task.level)
        .max()
        .unwrap_or(Level::Restricted);
    let runs = view.view("runs");
    Some(Pipeline {
        needs_source: of_all().any(Task::uses_volume),
        builds: tasks.iter().any(|task| task.builds),
        workspace,
        params,
        changes,
        caches,
        placement: placement::read(&runs.view("placement")),
        timeout: runs.string("timeout"),
        service_account: view.string("serviceAccount"),
        service_account_span: view.span_of("serviceAccount"),
        tasks,
        at_end,
        level,
    })
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
    let environment = d.context.environment;
    let commits = task.deploys && environment.deploy == Deploy::Git;
    if commits && !environment.images.contains_key("gen") {
        // A task that nobody asked for is left out; one that somebody wrote is missed.
        if task.span.is_built_in() {
            let why = "no image with gen in it is named (`gen explain GEN0345`)".to_owned();
            d.unmet(task.span, &what, why);
        } else {
            let task_name = task.name.clone();
            let error = SpecError::NoGenImage { task: task_name };
            d.problems.error(task.span, error);
        }
        return false;
    }
    let by_policy = task.deploys && environment.deploy == Deploy::ImageAutomation;
    if by_policy && !environment.has(Api::ImageAutomation) {
        let why = "`apis` does not name `image-automation`".to_owned();
        d.unmet(task.span, &what, why);
        return false;
    }
    if let Some(result) = inputs::missing_result(task, before, app) {
        d.unmet(task.span, &what, no_result(&result));
        return false;
    }
    true
}

/// All tasks of an app, those at the end apart.
struct Tasks {
    in_order: Vec<Task>,
    at_end: Vec<Task>,
}

/// Reads every task, also those that do not run here: an error in one is an error of the spec.
fn read_tasks(d: &mut Decoder<'_>, app: &App) -> Tasks {
    let view = d.app;
    let main = layout(view.get("pipeline"), &DEFAULT);
    let last = layout(view.get("finally"), &[]);
    let every = main.tasks.iter().chain(&last.tasks);
    refuse_twice(d, every.map(|(named, _)| *named));
    let mut all = main.tasks;
    let (catalogue, environment) = (d.context.catalogue, d.context.environment);
    all.extend(added(catalogue, &environment.pipeline, &all));
    let names: BTreeSet<String> = all.iter().map(|(named, _)| named.name.to_owned()).collect();
    let in_order: Vec<Task> = all
        .iter()
        .filter_map(|(named, before)| task::read(d, app, *named, before, &names))
        .collect();
    let at_end: Vec<Task> = last
        .tasks
        .iter()
        .filter_map(|(named, _)| task::read(d, app, *named, &[], &names))
        .collect();
    check_in_order(d, &in_order);
    check_at_end(d, &at_end);
    Tasks { in_order, at_end }
}

/// The tasks that run in this environment, each waiting only for others that do.
fn select(d: &mut Decoder<'_>, app: &App, all: Tasks) -> (Vec<Task>, Vec<Task>) {
    let selected: Option<BTreeSet<&str>> = match &d.context.environment.pipeline {
        Selection::All => None,
        Selection::None => Some(BTreeSet::new()),
        Selection::Tasks(names) => Some(names.iter().map(|(name, _)| name.as_str()).collect()),
    };
    let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut tasks, mut at_end) = (Vec::new(), Vec::new());
    for mut task in all.in_order {
        let runs = selected
            .as_ref()
            .is_none_or(|selected| selected.contains(task.name.as_str()));
        if runs && !task.elsewhere && runs_here(d, app, &task, &tasks) {
            task.needs_source |= task.takes_source && tasks.iter().any(|t| t.needs_source);
            tasks.push(task);
        } else {
            left_out.insert(task.name.clone(), task.after.clone());
        }
    }
    leave_out(d, app, &mut tasks, &mut left_out);
    if tasks.is_empty() {
        return (tasks, at_end);
    }
    for mut task in all.at_end.into_iter().filter(|task| !task.elsewhere) {
        if task.rolls_back {
            // Where nothing is deployed by a run there is nothing to go back from, and nobody misses it.
            if !tasks.iter().any(|task| task.deploys) {
                continue;
            }
            let failed = ["Failed".to_owned()];
            task.when
                .push(link::condition("$(tasks.status)", true, &failed));
        }
        match lacking(&task, &left_out).or_else(|| no_way_back(d, &task)) {
            Some(why) => d.unmet(
                task.span,
                &format!("the task `{}` of `{}`", task.name, app.name),
                why,
            ),
            None => at_end.push(task),
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
    (tasks, at_end)
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
