//! Node selection for pods: fields that a Pod and Tekton's podTemplate share.

use k8s_openapi::api::core::v1::Affinity;
use serde_json::Value as Json;

use super::decoder::Decoder;
use crate::diagnostics::SpecError;
use crate::name::Check;
use crate::spec::View;
use crate::yaml::{Map, Node, Value};

/// The label of nodes with their architecture.
const ARCH: &str = "kubernetes.io/arch";

/// The fields for `placement`; null if not set.
pub(super) fn read(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let view = view.view("placement");
    let mut pod = Map::default();
    let labels = view.pairs("nodeSelector").into_iter();
    let mut labels: Map = labels.map(|(key, value)| (key, value.into())).collect();
    if let Some(arch) = view.text("arch")
        && labels.insert(ARCH, arch).is_some()
    {
        let why = "both choose the architecture";
        d.excludes(view.span_of("arch"), "arch", "nodeSelector", why);
    }
    pod.push_some("nodeSelector", (!labels.is_empty()).then_some(labels));
    let tolerations: Vec<Value> =
        view.views("tolerations").iter().map(|view| toleration(d, view)).collect();
    pod.push_some("tolerations", (!tolerations.is_empty()).then_some(tolerations));
    let affinity = view.get("affinity");
    if let Some(problem) = affinity.and_then(|node| affinity_problem(&json(node))) {
        d.error(view.span_of("affinity"), SpecError::BadAffinity { problem });
    }
    pod.push_some("affinity", affinity.map(Node::to_value));
    if pod.is_empty() { Value::Null } else { Value::Map(pod) }
}

fn toleration(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    if view.get("value").is_some() && view.get("key").is_none() {
        d.needs(view.span_of("value"), "value", "key", "without a key, every taint is tolerated");
    }
    if view.get("seconds").is_some() && view.text("effect") != Some("NoExecute") {
        let why = "other effects do not evict pods";
        d.needs(view.span_of("seconds"), "seconds", "effect: NoExecute", why);
    }
    let value = view.text("value");
    let mut map = Map::default();
    map.push_some("key", view.text("key"));
    map.push("operator", value.map_or("Exists", |_| "Equal"));
    map.push_some("value", value);
    map.push_some("effect", view.text("effect"));
    map.push_some("tolerationSeconds", view.int("seconds"));
    Value::Map(map)
}

fn json(node: &Node) -> Json {
    serde_json::to_value(node.to_value()).unwrap_or_default()
}

/// Nothing looks at it before there is a pod, which comes too late.
fn affinity_problem(written: &Json) -> Option<String> {
    let read = match serde_json::from_value::<Affinity>(written.clone()) {
        Ok(read) => serde_json::to_value(read).unwrap_or_default(),
        Err(error) => return Some(error.to_string()),
    };
    unknown(written, &read, "affinity").or_else(|| wrong(written, "affinity"))
}

/// The first field that reading has lost.
fn unknown(written: &Json, read: &Json, path: &str) -> Option<String> {
    match (written, read) {
        (Json::Object(written), Json::Object(read)) => written.iter().find_map(|(key, value)| {
            let path = format!("{path}.{key}");
            match read.get(key) {
                Some(read) => unknown(value, read, &path),
                None => Some(format!("unknown field `{path}`")),
            }
        }),
        (Json::Array(written), Json::Array(read)) => {
            let mut pairs = written.iter().zip(read).enumerate();
            pairs.find_map(|(n, (written, read))| unknown(written, read, &format!("{path}[{n}]")))
        }
        _ => None,
    }
}

/// What the API server rejects in a pod (core/validation, `validateAffinity`).
fn wrong(value: &Json, path: &str) -> Option<String> {
    let below = |key: &str, value: &Json| wrong(value, &format!("{path}.{key}"));
    match value {
        Json::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(n, item)| wrong(item, &format!("{path}[{n}]")))
        }
        Json::Object(map) => map.iter().find_map(|(key, value)| match key.as_str() {
            "operator" => requirement(map).map(|problem| format!("`{path}` {problem}")),
            "weight" if !value.as_i64().is_some_and(|weight| (1..=100).contains(&weight)) => {
                Some(format!("`{path}.weight` is not between 1 and 100"))
            }
            "topologyKey" if value.as_str().is_none_or(str::is_empty) => {
                Some(format!("`{path}.topologyKey` is empty"))
            }
            "nodeSelectorTerms" if value.as_array().is_none_or(Vec::is_empty) => {
                Some(format!("`{path}.nodeSelectorTerms` is empty"))
            }
            "labelSelector" | "namespaceSelector" => selector(value, &format!("{path}.{key}")),
            key => below(key, value),
        }),
        _ => None,
    }
}

/// What is wrong with a selector of pods or namespaces, which knows fewer operators than one of nodes.
fn selector(value: &Json, path: &str) -> Option<String> {
    let labels = value.get("matchLabels").and_then(Json::as_object).into_iter().flatten();
    let expressions = value.get("matchExpressions").and_then(Json::as_array).into_iter().flatten();
    let is_value =
        |value: &Json| value.as_str().is_some_and(|text| Check::LabelValue.test(text).is_ok());
    let mut bad =
        labels.filter(|(key, value)| Check::LabelKey.test(key).is_err() || !is_value(value));
    if let Some((key, _)) = bad.next() {
        return Some(format!("`{path}.matchLabels` has an invalid label `{key}`"));
    }
    for expression in expressions {
        let of_nodes =
            matches!(expression.get("operator").and_then(Json::as_str), Some("Gt" | "Lt"));
        let values = expression.get("values").and_then(Json::as_array);
        if of_nodes || !values.into_iter().flatten().all(is_value) {
            return Some(format!(
                "`{path}.matchExpressions` has an operator or value that only nodes have"
            ));
        }
    }
    wrong(value, path)
}

/// What is wrong with a requirement: `{key, operator, values}`.
fn requirement(map: &serde_json::Map<String, Json>) -> Option<String> {
    let key = map.get("key").and_then(Json::as_str).unwrap_or_default();
    let values = map.get("values").and_then(Json::as_array).map_or(0, Vec::len);
    let fits = match map.get("operator").and_then(Json::as_str) {
        Some("In" | "NotIn") => values > 0,
        Some("Exists" | "DoesNotExist") => values == 0,
        Some("Gt" | "Lt") => values == 1,
        _ => {
            return Some(
                "requires an `operator`: In, NotIn, Exists, DoesNotExist, Gt or Lt".to_owned(),
            );
        }
    };
    if Check::LabelKey.test(key).is_err() {
        return Some(format!("has the invalid label key `{key}`"));
    }
    (!fits).then(|| "has the wrong number of `values` for its `operator`".to_owned())
}
