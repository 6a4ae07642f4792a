//! `gen graph`: the pipeline of an app, or the way of images from environment to environment.

use std::collections::{BTreeMap, BTreeSet};

use super::{Context, app_in};
use crate::diagnostics::{Diagnostics, UsageError, counted};
use crate::fleet::{Fleet, Prepared};
use crate::graph::{Graph, Node};
use crate::model::{App, Task, TaskKind};

/// Most apps that an environment's box names.
const NAMED: usize = 2;

/// The graph of an app's pipeline in an environment; without an app, of the environments.
///
/// # Errors
/// Errors in the spec; an unknown app or environment, or an app without a pipeline there.
pub fn graph(
    context: &mut Context<'_>,
    app: Option<&str>,
    environment: Option<&str>,
) -> Result<Graph, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let Some(app) = app else {
        let names: Vec<String> = environment.map(str::to_owned).into_iter().collect();
        return Ok(promotion(&fleet.select_environments(&names)?));
    };
    fleet.check_apps(&[app.to_owned()])?;
    if let Some(environment) = environment {
        let (_, found) = app_in(&fleet, app, environment)?;
        return Ok(pipeline(found).ok_or_else(|| no_pipeline(app, environment))?);
    }
    let all = fleet.environments.iter().flat_map(|prepared| &prepared.apps);
    let first = all.filter(|one| one.name == app).find_map(pipeline);
    Ok(first.ok_or_else(|| no_pipeline(app, &names(&fleet)))?)
}

fn names(fleet: &Fleet) -> String {
    let names = fleet.environments.iter().map(|prepared| prepared.environment.name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn no_pipeline(app: &str, environment: &str) -> UsageError {
    UsageError::NoPipeline { app: app.to_owned(), env: environment.to_owned() }
}

/// The tasks of an app's pipeline; nothing if it has none.
#[must_use]
pub fn pipeline(app: &App) -> Option<Graph> {
    let pipeline = app.pipeline.as_ref()?;
    let node =
        |task: &Task, at_end| Node { label: task.name.clone(), detail: detail(task), at_end };
    let mut nodes: Vec<Node> = pipeline.tasks.iter().map(|task| node(task, false)).collect();
    nodes.extend(pipeline.at_end.iter().map(|task| node(task, true)));
    let places: BTreeMap<&str, usize> =
        pipeline.tasks.iter().enumerate().map(|(at, task)| (task.name.as_str(), at)).collect();
    let mut edges = Vec::new();
    for (at, task) in pipeline.tasks.iter().enumerate() {
        let before = task.after.iter().filter_map(|name| places.get(name.as_str()));
        edges.extend(before.map(|before| (*before, at)));
    }
    Some(Graph { title: format!("{} in {}", app.name, app.environment), nodes, edges })
}

/// What a task runs, where its name does not say it.
fn detail(task: &Task) -> String {
    match &task.kind {
        TaskKind::Template(template) => {
            let name = template.trim_start_matches("tasks/").trim_end_matches(".yaml");
            let image = task.image.clone().unwrap_or_default();
            if name == task.name || !image.is_empty() { image } else { name.to_owned() }
        }
        TaskKind::Reference(reference) => {
            let name = ["name", "resolver"].into_iter().find_map(|key| reference.str_at(&[key]));
            format!("Task {}", name.unwrap_or("elsewhere"))
        }
        TaskKind::Carried(_) => "from a file".to_owned(),
    }
}

/// `2 apps in 1 environment`.
#[must_use]
pub fn size(environments: &[&Prepared]) -> String {
    let apps = environments.iter().flat_map(|prepared| &prepared.apps);
    let apps: BTreeSet<&str> = apps.map(|app| app.name.as_str()).collect();
    let environments = counted(environments.len(), "environment");
    format!("{} in {environments}", counted(apps.len(), "app"))
}

/// The environments, with an edge for each promotion between them.
#[must_use]
pub fn promotion(environments: &[&Prepared]) -> Graph {
    let node = |prepared: &&Prepared| {
        let names: Vec<&str> = prepared.apps.iter().map(|app| app.name.as_str()).collect();
        let apps = match names.as_slice() {
            few if few.len() <= NAMED => few.join(", "),
            many => counted(many.len(), "app"),
        };
        let environment = &prepared.environment;
        let detail = format!("{apps} on {}", environment.cluster);
        Node { label: environment.name.clone(), detail, at_end: false }
    };
    let place = |name: &str| environments.iter().position(|one| one.environment.name == name);
    let edges = environments.iter().enumerate().filter_map(|(at, prepared)| {
        Some((place(prepared.environment.promotes_from.as_deref()?)?, at))
    });
    Graph {
        title: size(environments),
        nodes: environments.iter().map(node).collect(),
        edges: edges.collect(),
    }
}
