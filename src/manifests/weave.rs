//! How tasks hang together in Tekton's terms: what a Task declares beside its template, and its place in the Pipeline.
//!
//! What passes between tasks is the same for every template, so no template has to know of it.

use crate::environment::Outside;
use crate::kubernetes::Object;
use crate::model::{Pipeline, Task, TaskKind};
use crate::template::literal_values;
use crate::yaml::{Map, Value};

/// Variables by which tools keep their downloads in a folder, below that of the workspace.
const CACHES: [(&str, &[(&str, &str)]); 4] = [
    ("pip", &[("PIP_CACHE_DIR", "pip")]),
    ("npm", &[("npm_config_cache", "npm")]),
    ("cargo", &[("CARGO_HOME", "cargo")]),
    ("go", &[("GOMODCACHE", "go/mod"), ("GOCACHE", "go/build")]),
];

/// Adds to a Task what the spec asks of it beside its template: parameters that carry variables, and the workspace of kept
/// downloads; and the way outside.
pub(super) fn weave(object: &mut Object, task: &Task, outside: &Outside) {
    let spec = object.body_mut().map_at("spec");
    drop_hidden(spec);
    reach_outside(spec, task, outside);
    for name in &task.carried {
        let param = Value::from([("name", name.as_str().into()), ("type", "string".into())]);
        spec.list_at("params").push(param);
    }
    for bound in &task.bound {
        let mut workspace = Map::default();
        workspace.push("name", bound.name.as_str());
        workspace.push_some("mountPath", bound.mount.as_deref());
        spec.list_at("workspaces").push(Value::Map(workspace));
        let name = bound.name.to_uppercase().replace(['-', '.'], "_");
        add_variable(
            spec,
            &format!("WORKSPACE_{name}"),
            format!("$(workspaces.{}.path)", bound.name),
        );
    }
    if task.caches.is_empty() {
        return;
    }
    let workspace = [
        ("name", "cache".into()),
        ("description", "Downloads that are kept from run to run.".into()),
    ];
    spec.list_at("workspaces").push(Value::from(workspace));
    let tools = CACHES.iter().filter(|(tool, _)| task.caches.iter().any(|cache| cache == tool));
    for (name, folder) in tools.flat_map(|(_, variables)| *variables) {
        add_variable(spec, name, format!("$(workspaces.cache.path)/{folder}"));
    }
}

/// Adds a variable of all steps; what the spec says itself goes first.
fn add_variable(spec: &mut Map, name: &str, value: String) {
    let env = spec.map_at("stepTemplate").list_at("env");
    if !env.iter().any(|variable| variable.str_at(&["name"]) == Some(name)) {
        env.push(Value::from([("name", name.into()), ("value", value.into())]));
    }
}

/// Of variables with one name the last counts, as in a container; the API server warns of the others, and an update may lose them.
fn drop_hidden(spec: &mut Map) {
    if !spec.contains_key("stepTemplate") {
        return;
    }
    let template = spec.map_at("stepTemplate");
    if !template.contains_key("env") {
        return;
    }
    let env = template.list_at("env");
    let names: Vec<Option<String>> =
        env.iter().map(|variable| variable.str_at(&["name"]).map(str::to_owned)).collect();
    let mut place = 0;
    env.retain(|_| {
        place += 1;
        !names[place..].contains(&names[place - 1])
    });
}

/// Lets the steps of a Task, and sidecars that are part of it, reach the outside; a service that the spec adds has its own variables.
fn reach_outside(spec: &mut Map, task: &Task, outside: &Outside) {
    let volume = outside.volume();
    if outside.proxy.is_none() && volume.is_none() {
        return;
    }
    let add = |container: &mut Map| {
        outside.add_variables(container.list_at("env"));
        if let Some((_, mount)) = &volume {
            container.list_at("volumeMounts").push(mount.clone());
        }
    };
    add(spec.map_at("stepTemplate"));
    if spec.contains_key("sidecars") {
        for sidecar in spec.list_at("sidecars") {
            let name = sidecar.str_at(&["name"]);
            let is_service = task.services.iter().any(|service| service.str_at(&["name"]) == name);
            if let (false, Some(sidecar)) = (is_service, sidecar.as_map_mut()) {
                add(sidecar);
            }
        }
    }
    if let Some((volume, _)) = volume {
        spec.list_at("volumes").push(volume);
    }
}

/// A task of the Pipeline.
pub(super) fn pipeline_task(task: &Task, pipeline: &Pipeline, in_order: bool) -> Value {
    let mut map = Map::default();
    map.push("name", task.name.as_str());
    let reference = match &task.kind {
        TaskKind::Template(_) | TaskKind::Carried(_) => {
            Value::from([("kind", "Task".into()), ("name", task.object.as_str().into())])
        }
        TaskKind::Reference(reference) => reference.clone(),
    };
    map.push("taskRef", reference);
    if in_order && !task.after.is_empty() {
        let after = task.after.iter().map(|name| Value::from(name.as_str()));
        map.push("runAfter", Value::Seq(after.collect()));
    }
    if !task.when.is_empty() {
        map.push("when", Value::Seq(task.when.clone()));
    }
    if !task.params.is_empty() {
        map.push("params", named_values(&task.params));
    }
    if !task.matrix_names.is_empty() {
        map.push("matrix", matrix(task));
    }
    let workspaces = workspaces(task, pipeline);
    if !workspaces.is_empty() {
        map.push("workspaces", Value::Seq(workspaces));
    }
    if task.retries > 0 {
        map.push("retries", task.retries);
    }
    if task.continues {
        map.push("onError", "continue");
    }
    map.push("timeout", task.timeout.as_str());
    Value::Map(map)
}

fn matrix(task: &Task) -> Value {
    // In a Task that gen renders, the values are those of variables.
    let is_expanded = matches!(task.kind, TaskKind::Template(_));
    let named = |pairs: &[(String, Value)]| {
        let mut values = named_values(pairs);
        if is_expanded {
            literal_values(&mut values);
        }
        values
    };
    let mut map = Map::default();
    if !task.matrix.is_empty() {
        map.push("params", named(&task.matrix));
    }
    let include = task.include.iter();
    let include: Vec<Value> =
        include.map(|values| Value::from([("params", named(values))])).collect();
    if !include.is_empty() {
        map.push("include", Value::Seq(include));
    }
    Value::Map(map)
}

fn named_values(pairs: &[(String, Value)]) -> Value {
    let pair = |(name, value): &(String, Value)| {
        Value::from([("name", name.as_str().into()), ("value", value.clone())])
    };
    Value::Seq(pairs.iter().map(pair).collect())
}

/// The folder of a run's sources on the claim that all runs share; Tekton fills in the name.
const OF_THE_RUN: &str = "source-$(context.pipelineRun.name)";

/// What a task's workspaces are in the Pipeline. On a claim that all runs share, each has a folder of its own for its sources: one that
/// starts would remove what another one builds. Kept downloads lie beside them.
fn workspaces(task: &Task, pipeline: &Pipeline) -> Vec<Value> {
    let below = |name: &str, folder: &str, more: Option<&str>| {
        let mut map = Map::default();
        map.push("name", name);
        map.push("workspace", "source");
        let folder = Some(folder).filter(|it| pipeline.workspace.shared && !it.is_empty());
        let path: Vec<&str> = folder.into_iter().chain(more).collect();
        map.push_some("subPath", (!path.is_empty()).then(|| path.join("/")));
        Value::Map(map)
    };
    let on_volume = |name: &str, folder: &str| below(name, folder, None);
    let mut all = Vec::new();
    if task.needs_source {
        all.push(on_volume("source", OF_THE_RUN));
    }
    if !task.caches.is_empty() {
        all.push(on_volume("cache", "cache"));
    }
    if task.cleans {
        all.push(on_volume("volume", ""));
    }
    for bound in &task.bound {
        all.push(match &bound.own {
            None => below(&bound.name, OF_THE_RUN, bound.sub_path.as_deref()),
            Some((name, _)) => Value::from([
                ("name", bound.name.as_str().into()),
                ("workspace", name.as_str().into()),
            ]),
        });
    }
    all
}
