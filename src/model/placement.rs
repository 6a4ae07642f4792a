//! On which nodes pods of a pipeline run: a Tekton podTemplate.

use crate::spec::View;
use crate::yaml::{Map, Node, Value};

/// The podTemplate that the spec asks for; null where it asks for none.
pub(super) fn read(view: &View<'_>) -> Value {
    let mut pod = Map::default();
    let labels = view.pairs("nodeSelector");
    if !labels.is_empty() {
        let mut map = Map::default();
        for (key, value) in labels {
            map.push(key, value);
        }
        pod.push("nodeSelector", Value::Map(map));
    }
    let tolerations: Vec<Value> = view.views("tolerations").iter().map(toleration).collect();
    if !tolerations.is_empty() {
        pod.push("tolerations", Value::Seq(tolerations));
    }
    if let Some(affinity) = view.get("affinity").map(Node::to_value) {
        pod.push("affinity", affinity);
    }
    if pod.is_empty() {
        Value::Null
    } else {
        Value::Map(pod)
    }
}

fn toleration(view: &View<'_>) -> Value {
    let mut map = Map::default();
    if let Some(key) = view.string("key") {
        map.push("key", key);
    }
    match view.string("value") {
        Some(value) => {
            map.push("operator", "Equal");
            map.push("value", value);
        }
        None => map.push("operator", "Exists"),
    }
    if let Some(effect) = view.string("effect") {
        map.push("effect", effect);
    }
    if let Some(seconds) = view.int("seconds") {
        map.push("tolerationSeconds", seconds);
    }
    Value::Map(map)
}
