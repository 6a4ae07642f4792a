//! What is decided without a dry-run.

use serde_json::{Value, json};

use super::{config_map, manager, sent, told};
use crate::change::live::{Verdict, as_flux_sends, judge, without_live};

const ASK: Verdict = Verdict::Ask { differs: false };
const DIFFERS: Verdict = Verdict::Ask { differs: true };

fn data() -> Value {
    json!({"a": "1", "b": "2"})
}

#[test]
fn what_flux_left_there_is_unchanged() {
    assert_eq!(judge(&sent(&data()), &config_map(&data(), &[])), Verdict::Unchanged);
}

#[test]
fn another_value_is_a_difference() {
    let live = config_map(&json!({"a": "1", "b": "3"}), &[]);
    assert_eq!(judge(&sent(&data()), &live), DIFFERS);
}

#[test]
fn a_missing_value_is_a_difference() {
    let live = config_map(&json!({"a": "1"}), &[]);
    assert_eq!(judge(&sent(&data()), &live), DIFFERS);
}

#[test]
fn a_field_that_is_no_longer_wanted_has_to_be_asked_about() {
    let live = config_map(&json!({"a": "1", "b": "2", "c": "3"}), &[]);
    assert_eq!(judge(&sent(&data()), &live), ASK);
}

#[test]
fn a_field_of_somebody_else_is_none_of_ours() {
    let other = manager("controller", "Update", &json!({"f:data": {"f:other": {}}}));
    let live = config_map(&json!({"a": "1", "b": "2", "other": "x"}), &[other]);
    assert_eq!(judge(&sent(&data()), &live), Verdict::Unchanged);
}

#[test]
fn managers_that_flux_removes_have_to_be_asked_about() {
    for (name, operation) in [
        ("kubectl-edit", "Update"),
        ("kubectl", "Apply"),
        ("kubectl-client-side-apply", "Update"),
        ("before-first-apply", "Update"),
        ("kustomize-controller", "Update"),
    ] {
        let other = manager(name, operation, &json!({"f:data": {"f:other": {}}}));
        let live = config_map(&json!({"a": "1", "b": "2", "other": "x"}), &[other]);
        assert_eq!(judge(&sent(&data()), &live), ASK, "{name}");
        let merges = told(sent(&data()), "ssa", "Merge");
        let mut live = told(live, "ssa", "Merge");
        live["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"]["f:annotations"] =
            json!({"f:kustomize.toolkit.fluxcd.io/ssa": {}});
        assert_eq!(judge(&merges, &live), Verdict::Unchanged, "{name}");
    }
    // A subresource's entry is never taken over: `kubectl scale` writes one.
    let mut scale = manager("kubectl", "Update", &json!({"f:data": {"f:other": {}}}));
    scale["subresource"] = "scale".into();
    let live = config_map(&json!({"a": "1", "b": "2", "other": "x"}), &[scale]);
    assert_eq!(judge(&sent(&data()), &live), Verdict::Unchanged);
}

#[test]
fn the_annotation_of_kubectl_apply_has_to_be_asked_about() {
    let mut live = config_map(&data(), &[]);
    live["metadata"]["annotations"] =
        json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"});
    assert_eq!(judge(&sent(&data()), &live), ASK);
}

#[test]
fn what_flux_never_applied_has_to_be_asked_about() {
    let mut live = config_map(&data(), &[]);
    live["metadata"]["managedFields"] = json!([]);
    assert_eq!(judge(&sent(&data()), &live), ASK);
    live["metadata"]["managedFields"] = json!("nonsense");
    assert_eq!(judge(&sent(&data()), &live), ASK);
}

#[test]
fn what_flux_applied_in_another_version_has_to_be_asked_about() {
    let mut live = config_map(&data(), &[]);
    live["metadata"]["managedFields"][0]["apiVersion"] = "v2".into();
    assert_eq!(judge(&sent(&data()), &live), ASK);
}

#[test]
fn annotations_of_flux_keep_an_object_as_it_is() {
    let differs = config_map(&json!({"a": "9", "b": "2"}), &[]);
    for (key, value) in [
        ("ssa", "IfNotPresent"),
        ("ssa", "ifnotpresent"),
        ("ssa", "Ignore"),
        ("reconcile", "DISABLED"),
    ] {
        let verdict = judge(&told(sent(&data()), key, value), &differs);
        assert!(matches!(verdict, Verdict::Kept(_)), "{key} {value}: {verdict:?}");
    }
    // On the live side `IfNotPresent` says nothing.
    assert_eq!(judge(&sent(&data()), &told(differs.clone(), "ssa", "IfNotPresent")), DIFFERS);
    assert!(matches!(
        judge(&sent(&data()), &told(differs, "reconcile", "disabled")),
        Verdict::Kept(_)
    ));
    // A label counts as well.
    let mut desired = sent(&data());
    desired["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/ssa"] = "Ignore".into();
    assert!(without_live(&desired).is_some());
    assert!(without_live(&told(sent(&data()), "ssa", "IfNotPresent")).is_none());
}

/// A Deployment as the API server returned it after Flux had applied it.
fn deployment() -> (Value, Value) {
    let desired = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "demo"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{
                "name": "web", "image": "web:1", "ports": [{"name": "http", "containerPort": 8080}],
                "env": [{"name": "A", "value": "1"}, {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "resources": {"limits": {"cpu": "1000m", "memory": "0.5Gi"}},
            }], "volumes": [{"name": "tmp", "emptyDir": {}}]}},
        },
    });
    let live = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "demo", "managedFields": [{
            "manager": "kustomize-controller", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:selector": {}, "f:strategy": {}, "f:template": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {
                    "f:containers": {"k:{\"name\":\"web\"}": {
                        ".": {}, "f:name": {}, "f:image": {},
                        "f:env": {
                            "k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}},
                            "k:{\"name\":\"POD\"}": {".": {}, "f:name": {}, "f:valueFrom": {"f:fieldRef": {}}},
                        },
                        "f:ports": {"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}, "f:name": {}, "f:protocol": {}}},
                        "f:resources": {"f:limits": {"f:cpu": {}, "f:memory": {}}},
                    }},
                    "f:volumes": {"k:{\"name\":\"tmp\"}": {".": {}, "f:name": {}, "f:emptyDir": {}}},
                },
            }}},
        }]},
        "spec": {
            "replicas": 1, "progressDeadlineSeconds": 600, "revisionHistoryLimit": 10,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
                "containers": [{
                    "name": "web", "image": "web:1", "imagePullPolicy": "IfNotPresent",
                    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                    "env": [{"name": "A", "value": "1"}, {"name": "POD", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}],
                    "resources": {"limits": {"cpu": "1", "memory": "512Mi"}},
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                }],
                "volumes": [{"name": "tmp", "emptyDir": {}}], "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
            }},
        },
        "status": {"replicas": 1},
    });
    (as_flux_sends(desired, None), live)
}

#[test]
fn defaults_and_other_ways_of_writing_are_no_difference() {
    let (desired, live) = deployment();
    assert_eq!(judge(&desired, &live), Verdict::Unchanged);
}

#[test]
fn changes_deep_in_lists_are_seen() {
    let container = "/spec/template/spec/containers/0";
    for (at, value, verdict) in [
        ("/env/0/value", json!("2"), DIFFERS),
        ("/env/1/valueFrom/fieldRef/fieldPath", json!("metadata.uid"), DIFFERS),
        // Another version than the default has to be looked at.
        ("/env/1/valueFrom/fieldRef/apiVersion", json!("v2"), ASK),
        ("/resources/limits/cpu", json!("2"), DIFFERS),
        ("/ports/0/name", json!("web"), DIFFERS),
        ("/ports/0/containerPort", json!(81), DIFFERS),
        ("/image", json!("web:2"), DIFFERS),
    ] {
        let (desired, mut live) = deployment();
        *live.pointer_mut(&format!("{container}{at}")).unwrap() = value;
        assert_eq!(judge(&desired, &live), verdict, "{at}");
    }
}

#[test]
fn the_order_of_our_items_counts() {
    let (desired, mut live) = deployment();
    live["spec"]["template"]["spec"]["containers"][0]["env"].as_array_mut().unwrap().reverse();
    assert_eq!(judge(&desired, &live), ASK);
    // An item of somebody else between them does not.
    let (desired, mut live) = deployment();
    live["spec"]["template"]["spec"]["containers"][0]["env"]
        .as_array_mut()
        .unwrap()
        .insert(1, json!({"name": "INJECTED", "value": "x"}));
    assert_eq!(judge(&desired, &live), Verdict::Unchanged);
}

#[test]
fn an_item_that_is_new_has_to_be_asked_about() {
    let (mut desired, live) = deployment();
    desired["spec"]["template"]["spec"]["containers"][0]["env"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "NEW", "value": "x"}));
    assert_eq!(judge(&desired, &live), ASK);
}

#[test]
fn quantities_of_other_groups_are_for_the_server_to_say() {
    let task = |cpu: &str| {
        json!({"apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": "t"}, "spec": {"steps": [
            {"name": "s", "computeResources": {"limits": {"cpu": cpu}}},
        ]}})
    };
    let mut live = task("1");
    live["metadata"]["managedFields"] = json!([{
        "manager": "kustomize-controller", "operation": "Apply", "apiVersion": "tekton.dev/v1",
        "fieldsV1": {"f:spec": {"f:steps": {}}},
    }]);
    assert_eq!(judge(&task("1000m"), &live), ASK);
    assert_eq!(judge(&task("1"), &live), Verdict::Unchanged);
}

#[test]
fn a_role_is_its_rules_in_their_order() {
    let role = |verbs: &Value| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}]})
    };
    let mut live = role(&json!(["get", "list"]));
    live["metadata"]["managedFields"] = json!([{
        "manager": "kustomize-controller", "operation": "Apply", "apiVersion": "rbac.authorization.k8s.io/v1",
        "fieldsV1": {"f:rules": {}},
    }]);
    assert_eq!(judge(&role(&json!(["get", "list"])), &live), Verdict::Unchanged);
    assert_eq!(judge(&role(&json!(["list", "get"])), &live), DIFFERS);
}
