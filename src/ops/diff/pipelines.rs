//! Pipelines whose tasks or their order change, as pictures of what they would be.

use serde_json::Value;

use crate::change::{Change, Class};
use crate::fleet::Prepared;
use crate::graph::Graph;
use crate::kubernetes::json::{list, text};
use crate::ops::graph::pipeline;

/// The new graphs, in the order of the environments and apps.
pub(super) fn changed(changes: &[Change], selected: &[&Prepared]) -> Vec<Graph> {
    let is_changed = |change: &&Change| {
        let Change { identity, class, before, after, .. } = change;
        let is_pipeline = identity.group == "tekton.dev" && identity.kind == "Pipeline";
        is_pipeline
            && matches!(class, Class::Created | Class::Changed)
            && before.as_ref().map(shape) != after.as_ref().map(shape)
    };
    let found: Vec<&Change> = changes.iter().filter(is_changed).collect();
    let is_its = |environment: &str, app: &str| {
        found
            .iter()
            .any(|change| &*change.environment == environment && change.app.as_deref() == Some(app))
    };
    let apps = selected.iter().flat_map(|prepared| {
        let environment = prepared.environment.name.as_str();
        prepared.apps.iter().filter(move |app| is_its(environment, &app.name))
    });
    apps.filter_map(pipeline).collect()
}

/// The tasks and what each waits for; those of `finally` last.
fn shape(body: &Value) -> [Vec<(&str, Vec<&str>)>; 2] {
    ["tasks", "finally"].map(|key| {
        let tasks = list(body, &["spec", key]).iter();
        tasks
            .map(|task| {
                let after = list(task, &["runAfter"]).iter().filter_map(Value::as_str);
                (text(task, &["name"]), after.collect())
            })
            .collect()
    })
}
