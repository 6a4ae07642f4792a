//! Node selection for the pods of a pipeline: a Tekton podTemplate.

use crate::spec::View;
use crate::yaml::{Map, Node, Value};

/// The podTemplate for `placement`; null if not set.
pub(super) fn read(view: &View<'_>) -> Value {
    let view = view.view("placement");
    let mut pod = Map::default();
    let labels = view.pairs("nodeSelector").into_iter();
    let labels: Map = labels.map(|(key, value)| (key, value.into())).collect();
    pod.push_some("nodeSelector", (!labels.is_empty()).then_some(labels));
    let tolerations: Vec<Value> = view.views("tolerations").iter().map(toleration).collect();
    pod.push_some("tolerations", (!tolerations.is_empty()).then_some(tolerations));
    pod.push_some("affinity", view.get("affinity").map(Node::to_value));
    if pod.is_empty() { Value::Null } else { Value::Map(pod) }
}

fn toleration(view: &View<'_>) -> Value {
    let value = view.text("value");
    let mut map = Map::default();
    map.push_some("key", view.text("key"));
    map.push("operator", value.map_or("Exists", |_| "Equal"));
    map.push_some("value", value);
    map.push_some("effect", view.text("effect"));
    map.push_some("tolerationSeconds", view.int("seconds"));
    Value::Map(map)
}
