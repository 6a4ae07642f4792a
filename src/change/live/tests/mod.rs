//! The rules on what a real API server and kustomize-controller wrote.

mod deciding;
mod inventory;
mod predicting;
mod refusing;

use serde_json::{Value, json};

use crate::change::Applier;

/// A live ConfigMap of ours, with more managers beside Flux.
fn config_map(data: &Value, managers: &[Value]) -> Value {
    let keys: serde_json::Map<String, Value> =
        data.as_object().unwrap().keys().map(|key| (format!("f:{key}"), json!({}))).collect();
    let owned: serde_json::Map<String, Value> =
        keys.into_iter().filter(|(key, _)| key != "f:other").collect();
    let mut entries = vec![json!({
        "manager": "kustomize-controller", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
        "fieldsV1": {
            "f:data": owned,
            "f:metadata": {"f:labels": {
                "f:kustomize.toolkit.fluxcd.io/name": {}, "f:kustomize.toolkit.fluxcd.io/namespace": {},
            }},
        },
    })];
    entries.extend(managers.iter().cloned());
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": "settings", "namespace": "demo", "uid": "1", "resourceVersion": "7", "creationTimestamp": "2026-11-23T00:00:00Z",
            "labels": {
                "kustomize.toolkit.fluxcd.io/name": "demo", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
            },
            "managedFields": entries,
        },
        "data": data,
    })
}

fn manager(name: &str, operation: &str, fields: &Value) -> Value {
    json!({"manager": name, "operation": operation, "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields})
}

/// What Flux sends for it.
fn sent(data: &Value) -> Value {
    let body = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "demo"}, "data": data,
    });
    let applier = Applier { namespace: "flux-system".to_owned(), name: "demo".to_owned() };
    super::as_flux_sends(body, Some(&applier))
}

/// The object with an annotation of Flux's group.
fn told(mut object: Value, key: &str, value: &str) -> Value {
    object["metadata"]["annotations"][format!("kustomize.toolkit.fluxcd.io/{key}")] = value.into();
    object
}
