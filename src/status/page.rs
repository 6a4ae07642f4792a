//! The page of one app: the tasks of its newest run in layers, its objects as a tree, and what happened.

use std::collections::BTreeMap;

use serde_json::Value;

use super::app::Wanted;
use super::read::{Seen, condition, first_line, label, moment, number};
use super::run::{RunState, run, runs};
use super::since::ago;
use crate::diagnose::Time;
use crate::kubernetes::KUSTOMIZATIONS;
use crate::kubernetes::json::{list, text};

/// A task of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// How it stands in the newest run; none if it has not begun.
    pub state: Option<RunState>,
    /// It was skipped, and why.
    pub skipped: Option<String>,
    /// How long it took or has taken, in seconds.
    pub seconds: Option<u64>,
}

/// A task of the spec, with those that it waits for.
pub type Stage = (String, Vec<String>);

/// An object in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Kind and name.
    pub what: String,
    /// How it stands.
    pub stands: String,
    /// What it made or applied.
    pub below: Vec<Branch>,
}

/// The page of an app in an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The environment.
    pub environment: String,
    /// The newest run.
    pub run: Option<String>,
    /// The tasks, those that can run beside each other together.
    pub layers: Vec<Vec<Task>>,
    /// The objects.
    pub tree: Vec<Branch>,
    /// Recent events, the newest first.
    pub events: Vec<String>,
}

/// The page. Of several apps in a namespace, `all` tells whose an event is.
#[must_use]
pub fn page(wanted: &Wanted, stages: &[Stage], all: &[Wanted], seen: &Seen<'_>, now: Time) -> Page {
    let runs = runs(wanted, seen, now);
    let newest = runs.first().map(|run| run.name.clone());
    let mut tasks = BTreeMap::new();
    if let Some(name) = &newest {
        for object in seen.tasks(&wanted.pipeline_namespace, name) {
            let one = run(object, seen, now);
            tasks.insert(label(object, "tekton.dev/pipelineTask"), (one.state, one.seconds));
        }
    }
    let object = newest
        .as_deref()
        .and_then(|name| seen.get("PipelineRun", &wanted.pipeline_namespace, name));
    let skipped: BTreeMap<&str, &str> = object
        .map(|object| list(object, &["status", "skippedTasks"]))
        .unwrap_or_default()
        .iter()
        .map(|one| (text(one, &["name"]), text(one, &["reason"])))
        .collect();
    let task = |name: String| {
        let (state, seconds) = match tasks.get(name.as_str()) {
            Some((state, seconds)) => (Some(*state), *seconds),
            None => (None, None),
        };
        let skipped = skipped.get(name.as_str()).map(|&reason| reason.to_owned());
        Task { name, state, skipped, seconds }
    };
    let layers = layers(stages);
    let layers = layers.into_iter().map(|layer| layer.into_iter().map(task).collect()).collect();
    Page {
        environment: wanted.environment.clone(),
        run: newest,
        layers,
        tree: tree(wanted, seen),
        events: happened(wanted, all, seen, now),
    }
}

/// Tasks by the number of tasks on the longest way to them.
#[must_use]
pub fn layers(stages: &[Stage]) -> Vec<Vec<String>> {
    let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
    // The spec has no circles; each round settles at least one layer.
    for _ in 0..=stages.len() {
        for (name, after) in stages {
            let above = after.iter().filter_map(|one| depth.get(one.as_str())).max();
            depth.insert(name, above.map_or(0, |above| above + 1).min(stages.len()));
        }
    }
    let mut layers: Vec<Vec<String>> = Vec::new();
    for (name, _) in stages {
        let at = depth.get(name.as_str()).copied().unwrap_or(0);
        layers.resize(layers.len().max(at + 1), Vec::new());
        layers[at].push(name.clone());
    }
    layers.retain(|layer| !layer.is_empty());
    layers
}

/// The Kustomizations of an app with what they applied, and what that made.
fn tree(wanted: &Wanted, seen: &Seen<'_>) -> Vec<Branch> {
    let one = |end: &str| {
        let name = format!("{}{end}", wanted.instance);
        let object = seen.get("Kustomization", &wanted.flux_namespace, &name)?;
        let entries = list(object, &["status", "inventory", "entries"]);
        let below = entries.iter().filter_map(|entry| entry_of(text(entry, &["id"]), seen));
        let ready = condition(object, "Ready");
        let stands = match ready.map(|one| text(one, &["status"])) {
            Some("True") => "ready".to_owned(),
            _ => ready.map(|one| text(one, &["reason"]).to_owned()).unwrap_or_default(),
        };
        Some(Branch { what: format!("Kustomization {name}"), stands, below: below.collect() })
    };
    KUSTOMIZATIONS.iter().filter_map(|end| one(end)).collect()
}

/// An entry of an inventory: `NAMESPACE_NAME_GROUP_KIND`, with a colon of the name as two underscores.
fn entry_of(id: &str, seen: &Seen<'_>) -> Option<Branch> {
    let (namespace, rest) = id.split_once('_')?;
    let (rest, kind) = rest.rsplit_once('_')?;
    let (name, _) = rest.rsplit_once('_')?;
    let name = name.replace("__", ":");
    let what = format!("{kind} {name}");
    let Some(object) = seen.get(kind, namespace, &name) else {
        return Some(Branch { what, stands: String::new(), below: Vec::new() });
    };
    Some(Branch { what, stands: stands(object), below: made(object, seen) })
}

fn made(object: &Value, seen: &Seen<'_>) -> Vec<Branch> {
    let kinds: &[&str] = match text(object, &["kind"]) {
        "Deployment" => &["ReplicaSet"],
        "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => &["Pod"],
        "CronJob" => &["Job"],
        _ => &[],
    };
    let all = kinds.iter().flat_map(|kind| seen.owned(kind, object).iter().copied());
    // Old ReplicaSets without pods are history.
    let is_old = |one: &&Value| {
        text(one, &["kind"]) == "ReplicaSet" && number(one, &["spec", "replicas"]) == Some(0)
    };
    all.filter(|one| !is_old(one))
        .map(|one| Branch {
            what: format!("{} {}", text(one, &["kind"]), text(one, &["metadata", "name"])),
            stands: stands(one),
            below: made(one, seen),
        })
        .collect()
}

fn stands(object: &Value) -> String {
    match text(object, &["kind"]) {
        "Pod" => {
            let waiting = list(object, &["status", "containerStatuses"])
                .iter()
                .map(|one| text(one, &["state", "waiting", "reason"]))
                .find(|reason| !reason.is_empty());
            waiting.unwrap_or_else(|| text(object, &["status", "phase"])).to_owned()
        }
        "Deployment" | "StatefulSet" | "ReplicaSet" => {
            let wanted = number(object, &["spec", "replicas"]).unwrap_or(1);
            let ready = number(object, &["status", "readyReplicas"]).unwrap_or(0);
            format!("{ready}/{wanted} ready")
        }
        "CronJob" if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) => {
            "suspended".to_owned()
        }
        "Job" => {
            let is = |kind: &str| {
                condition(object, kind).is_some_and(|one| text(one, &["status"]) == "True")
            };
            let words = [("Failed", "failed"), ("Complete", "complete")];
            let word = words.iter().find(|(kind, _)| is(kind)).map_or("running", |(_, word)| word);
            word.to_owned()
        }
        _ => String::new(),
    }
}

/// Length of the longest name of an app or program that an object's name is or begins with; none if it is not of this app.
fn length(wanted: &Wanted, namespace: &str, object: &str) -> Option<usize> {
    let here = [&wanted.namespace, &wanted.pipeline_namespace];
    let is_here = here.iter().any(|one| *one == namespace);
    let programs = wanted.programs.iter().map(|program| &program.name);
    let own = programs.chain([&wanted.app]).filter(|_| is_here);
    // All environments have their Kustomizations in one namespace, under their instances.
    let is_known = is_here || wanted.flux_namespace == namespace;
    let all = own.chain(Some(&wanted.instance).filter(|_| is_known));
    let is_its = |name: &&String| {
        let rest = object.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    all.filter(is_its).map(String::len).max()
}

/// Recent events of an app, the newest first.
#[must_use]
pub fn happened(wanted: &Wanted, all: &[Wanted], seen: &Seen<'_>, now: Time) -> Vec<String> {
    const MOST: usize = 10;
    let mut found: Vec<(Time, String)> = Vec::new();
    for event in seen.all("Event") {
        let namespace = text(event, &["metadata", "namespace"]);
        let about = text(event, &["involvedObject", "name"]);
        // `shop-api-1` is of the app `shop-api` if there is one, and else of `shop`.
        let of = |one: &Wanted| length(one, namespace, about);
        let is_its = of(wanted).is_some_and(|own| all.iter().filter_map(of).all(|one| one <= own));
        let times = [&["lastTimestamp"][..], &["eventTime"], &["metadata", "creationTimestamp"]];
        let Some(time) = times.iter().find_map(|keys| moment(event, keys)) else { continue };
        if is_its {
            let line = format!(
                "{} {} {about}: {}",
                text(event, &["reason"]),
                text(event, &["involvedObject", "kind"]),
                first_line(text(event, &["message"]))
            );
            found.push((time, line));
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    let line = |(time, line): (Time, String)| format!("{} {line}", ago(time, now));
    found.into_iter().take(MOST).map(line).collect()
}
