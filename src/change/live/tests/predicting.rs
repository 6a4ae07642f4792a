//! What a dry-run does not show: the fields that fall when Flux takes other managers' places.

use serde_json::{Value, json};

use super::{config_map, manager, sent, told};
use crate::change::live::{as_flux_sends, bare, drifted, overlay, predict};

fn data() -> Value {
    json!({"a": "1", "b": "2"})
}

fn with_other() -> Value {
    json!({"a": "1", "b": "2", "other": "x"})
}

#[test]
fn what_kubectl_edit_added_falls() {
    let edit = manager("kubectl-edit", "Update", &json!({"f:data": {"f:other": {}}}));
    let live = config_map(&with_other(), &[edit]);
    // The dry-run leaves it there: kubectl owns it still.
    let predicted = predict(&sent(&data()), &live, live.clone());
    assert_eq!(predicted.after["data"], data());
    assert!(predicted.needs_defaults);
    assert_eq!(predicted.taken_over, ["kubectl-edit"]);
    assert!(drifted(&live, &predicted.after));
}

#[test]
fn what_somebody_else_owns_too_stays() {
    let edit = manager("kubectl-edit", "Update", &json!({"f:data": {"f:other": {}}}));
    let other = manager("controller", "Update", &json!({"f:data": {"f:other": {}}}));
    let live = config_map(&with_other(), &[edit, other]);
    let predicted = predict(&sent(&data()), &live, live.clone());
    assert_eq!(predicted.after["data"], with_other());
    assert!(!predicted.needs_defaults);
    assert!(!drifted(&live, &predicted.after));
}

#[test]
fn with_merge_nothing_falls() {
    let edit = manager("kubectl-edit", "Update", &json!({"f:data": {"f:other": {}}}));
    let live = config_map(&with_other(), &[edit]);
    let predicted = predict(&told(sent(&data()), "ssa", "merge"), &live, live.clone());
    assert_eq!(predicted.after["data"], with_other());
    assert!(predicted.taken_over.is_empty());
}

#[test]
fn the_last_applied_annotation_falls() {
    let mut live = config_map(&data(), &[]);
    live["metadata"]["annotations"] =
        json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"});
    let predicted = predict(&sent(&data()), &live, live.clone());
    assert_eq!(predicted.after["metadata"].get("annotations"), None);
    assert!(drifted(&live, &predicted.after));
}

#[test]
fn an_item_of_a_list_goes_with_its_last_owner() {
    let container = |name: &str| json!({"name": name, "image": "x", "imagePullPolicy": "Always"});
    let fields = |name: &str| {
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {
            format!("k:{{\"name\":\"{name}\"}}"): {".": {}, "f:name": {}, "f:image": {}},
        }}}}})
    };
    let desired = as_flux_sends(
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"template": {"spec": {"containers": [container("web")]}}}}),
        None,
    );
    let live = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "managedFields": [
        manager("kustomize-controller", "Apply", &fields("web")),
        manager("kubectl-edit", "Update", &fields("sidecar")),
    ]}, "spec": {"template": {"spec": {"containers": [container("sidecar"), container("web")]}}}});
    let predicted = predict(&desired, &live, live.clone());
    assert_eq!(
        predicted.after["spec"]["template"]["spec"]["containers"],
        json!([container("web")])
    );
}

#[test]
fn status_and_bookkeeping_are_no_drift() {
    let before = config_map(&data(), &[]);
    let mut after = before.clone();
    after["status"] = json!({"x": 1});
    after["metadata"]["resourceVersion"] = "8".into();
    after["metadata"]["finalizers"] = json!(["x"]);
    assert!(!drifted(&before, &after));
    after["immutable"] = true.into();
    assert!(drifted(&before, &after));
    assert!(drifted(&after, &before));
    let bare = bare(before);
    assert_eq!(
        bare["metadata"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["name", "namespace", "labels"]
    );
}

#[test]
fn an_overlay_shows_our_fields_and_keeps_the_rest() {
    let live = config_map(&json!({"a": "9", "b": "2", "other": "x"}), &[]);
    let after = overlay(&live, &sent(&data()));
    assert_eq!(after["data"], json!({"a": "1", "b": "2", "other": "x"}));
}
