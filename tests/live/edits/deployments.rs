//! Edits of workloads.

use gitops_gen::change::Class;
use serde_json::{Value, json};

use super::Edit::{Json, Merge, Nothing, Strategic, Sub};
use super::{Case, case};

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{
                "name": "web", "image": "registry.example/web:1", "ports": [{"name": "http", "containerPort": 8080}],
                "env": [
                    {"name": "A", "value": "1"}, {"name": "B", "value": "2"},
                    {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                ],
                "resources": {"limits": {"cpu": "1000m", "memory": "0.5Gi"}, "requests": {"cpu": "0.1"}},
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            }], "volumes": [{"name": "tmp", "emptyDir": {}}]}},
        },
    })
}

/// A change to the only container.
fn container(change: &Value) -> Value {
    let mut container = json!({"name": "web"});
    for (key, value) in change.as_object().unwrap() {
        container[key] = value.clone();
    }
    json!({"spec": {"template": {"spec": {"containers": [container]}}}})
}

/// Edits of a workload.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn cases() -> Vec<Case> {
    use Class::{Changed, Unchanged};
    let spec = |value: Value| json!({"spec": value});
    let with_replicas = || {
        let mut object = deployment();
        object["spec"]["replicas"] = 2.into();
        object
    };
    let pod = |value: Value| json!({"spec": {"template": {"spec": value}}});
    vec![
        case("web-untouched", deployment(), Nothing, Unchanged),
        case(
            "scaled",
            deployment(),
            Sub("scale", "kubectl", spec(json!({"replicas": 3}))),
            Unchanged,
        ),
        case(
            "scaled-and-set",
            with_replicas(),
            Sub("scale", "kubectl", spec(json!({"replicas": 3}))),
            Changed,
        ),
        case(
            "replicas-by-autoscaler",
            deployment(),
            Merge("horizontal-pod-autoscaler", spec(json!({"replicas": 3}))),
            Unchanged,
        ),
        case(
            "replicas-by-edit",
            deployment(),
            Merge("kubectl-edit", spec(json!({"replicas": 3}))),
            Changed,
        ),
        case(
            "env-added",
            deployment(),
            Strategic("kubectl-edit", container(&json!({"env": [{"name": "X", "value": "1"}]}))),
            Changed,
        ),
        case(
            "env-changed",
            deployment(),
            Strategic("kubectl-set", container(&json!({"env": [{"name": "A", "value": "9"}]}))),
            Changed,
        ),
        case(
            "env-removed",
            deployment(),
            Strategic(
                "kubectl-edit",
                container(&json!({"env": [{"name": "A", "$patch": "delete"}]})),
            ),
            Changed,
        ),
        case(
            "env-by-other",
            deployment(),
            Strategic("operator", container(&json!({"env": [{"name": "X", "value": "1"}]}))),
            Unchanged,
        ),
        case(
            "env-reordered",
            deployment(),
            Json(
                "kubectl-edit",
                json!([{"op": "replace", "path": "/spec/template/spec/containers/0/env", "value": [
                    {"name": "B", "value": "2"}, {"name": "A", "value": "1"},
                    {"name": "POD", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
                ]}]),
            ),
            Changed,
        ),
        case(
            "sidecar-by-edit",
            deployment(),
            Strategic(
                "kubectl-edit",
                pod(json!({"containers": [{"name": "side", "image": "registry.example/side"}]})),
            ),
            Changed,
        ),
        case(
            "sidecar-by-injector",
            deployment(),
            Strategic(
                "injector",
                pod(json!({"containers": [{"name": "side", "image": "registry.example/side"}]})),
            ),
            Unchanged,
        ),
        case(
            "image",
            deployment(),
            Strategic("kubectl-set", container(&json!({"image": "registry.example/web:2"}))),
            Changed,
        ),
        case(
            "quantity-written-otherwise",
            deployment(),
            Strategic("kubectl-edit", container(&json!({"resources": {"limits": {"cpu": "1"}}}))),
            Unchanged,
        ),
        case(
            "quantity-changed",
            deployment(),
            Strategic("kubectl-edit", container(&json!({"resources": {"limits": {"cpu": "2"}}}))),
            Changed,
        ),
        case(
            "limit-removed",
            deployment(),
            Strategic(
                "kubectl-edit",
                container(&json!({"resources": {"limits": {"memory": null}}})),
            ),
            Changed,
        ),
        case(
            "limit-added",
            deployment(),
            Strategic(
                "kubectl-edit",
                container(&json!({"resources": {"requests": {"memory": "64Mi"}}})),
            ),
            Changed,
        ),
        case(
            "default-by-edit",
            deployment(),
            Strategic("kubectl-edit", pod(json!({"terminationGracePeriodSeconds": 10}))),
            Changed,
        ),
        case(
            "default-by-other",
            deployment(),
            Strategic("operator", pod(json!({"terminationGracePeriodSeconds": 10}))),
            Unchanged,
        ),
        case(
            "strategy-by-edit",
            deployment(),
            Merge(
                "kubectl-edit",
                spec(json!({"strategy": {"type": "Recreate", "rollingUpdate": null}})),
            ),
            Changed,
        ),
        case(
            "security-by-edit",
            deployment(),
            Strategic("kubectl-edit", container(&json!({"securityContext": {"runAsUser": 1000}}))),
            Changed,
        ),
        case(
            "pod-security-by-edit",
            deployment(),
            Strategic("kubectl-edit", pod(json!({"securityContext": {"fsGroup": 1000}}))),
            Changed,
        ),
        case(
            "rollout-restart",
            deployment(),
            Merge(
                "kubectl-rollout",
                json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026"}}}}}),
            ),
            Changed,
        ),
        case(
            "volume-by-edit",
            deployment(),
            Strategic(
                "kubectl-edit",
                pod(json!({"volumes": [{"name": "more", "emptyDir": {"sizeLimit": "1Gi"}}]})),
            ),
            Changed,
        ),
        case(
            "volume-filled",
            deployment(),
            Strategic(
                "kubectl-edit",
                pod(json!({"volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}]})),
            ),
            Changed,
        ),
        case(
            "port-renamed",
            deployment(),
            Strategic(
                "kubectl-edit",
                container(
                    &json!({"ports": [{"containerPort": 8080, "protocol": "TCP", "name": "web"}]}),
                ),
            ),
            Changed,
        ),
        case(
            "probe-by-edit",
            deployment(),
            Strategic(
                "kubectl-edit",
                container(&json!({"livenessProbe": {"httpGet": {"path": "/", "port": 8080}}})),
            ),
            Changed,
        ),
        case(
            "node-selector",
            deployment(),
            Strategic("kubectl-edit", pod(json!({"nodeSelector": {"disk": "fast"}}))),
            Changed,
        ),
        case(
            "tolerations",
            deployment(),
            Strategic(
                "kubectl-edit",
                pod(json!({"tolerations": [{"key": "x", "operator": "Exists"}]})),
            ),
            Changed,
        ),
        case(
            "status",
            deployment(),
            Sub("status", "kubectl", json!({"status": {"observedGeneration": 0}})),
            Unchanged,
        ),
        case(
            "paused",
            deployment(),
            Merge("kubectl-rollout", spec(json!({"paused": true}))),
            Changed,
        ),
    ]
}
