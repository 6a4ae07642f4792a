//! Edits of other kinds.

use gitops_gen::change::Class;
use serde_json::{Value, json};

use super::Edit::{Json, Merge, Nothing, Strategic};
use super::{Case, case};

fn service() -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "spec": {
        "selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
    }})
}

fn role() -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]},
    ]})
}

fn network_policy() -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {
        "podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": 8080}]}],
    }})
}

fn task() -> Value {
    json!({"apiVersion": "tekton.dev/v1", "kind": "Task", "spec": {
        "params": [{"name": "url", "type": "string"}], "steps": [{"name": "one", "image": "registry.example/a", "script": "true\n"}],
    }})
}

fn cron_job() -> Value {
    json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {
        "schedule": "30 2 * * *", "jobTemplate": {"spec": {"template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "job", "image": "registry.example/job"}],
        }}}},
    }})
}

/// Edits of other kinds.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn cases() -> Vec<Case> {
    use Class::{Changed, Unchanged};
    let spec = |value: Value| json!({"spec": value});
    let rules = |value: Value| json!([{"op": "replace", "path": "/rules", "value": value}]);
    let first = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]});
    let second = json!({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "role-untouched"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}]});
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}},
    }});
    let autoscaler = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}, "maxReplicas": 3,
    }});
    let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": {
        "maxUnavailable": 1, "selector": {"matchLabels": {"app": "none"}},
    }});
    vec![
        case(
            "port-added",
            service(),
            Strategic(
                "kubectl-edit",
                spec(json!({"ports": [{"name": "more", "port": 81, "protocol": "TCP"}]})),
            ),
            Changed,
        ),
        case(
            "port-by-other",
            service(),
            Strategic(
                "operator",
                spec(json!({"ports": [{"name": "more", "port": 81, "protocol": "TCP"}]})),
            ),
            Unchanged,
        ),
        case(
            "target-port",
            service(),
            Strategic(
                "kubectl-edit",
                spec(json!({"ports": [{"port": 80, "protocol": "TCP", "targetPort": 9090}]})),
            ),
            Changed,
        ),
        case(
            "selector",
            service(),
            Merge("kubectl-edit", spec(json!({"selector": {"more": "x"}}))),
            Changed,
        ),
        case(
            "affinity-by-edit",
            service(),
            Merge("kubectl-edit", spec(json!({"sessionAffinity": "ClientIP"}))),
            Changed,
        ),
        case("role-untouched", role(), Nothing, Unchanged),
        case(
            "verbs-reordered",
            role(),
            Json(
                "kubectl-edit",
                rules(
                    json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "get"]}, second]),
                ),
            ),
            Changed,
        ),
        case(
            "rules-reordered",
            role(),
            Json("kubectl-edit", rules(json!([second, first]))),
            Changed,
        ),
        case("rule-added", role(), Json("operator", rules(json!([first, second, first]))), Changed),
        case(
            "subject-added",
            binding,
            Merge(
                "kubectl-edit",
                json!({"subjects": [
                    {"kind": "ServiceAccount", "name": "default", "namespace": "default"}, {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "x"},
                ]}),
            ),
            Changed,
        ),
        case("policy-untouched", network_policy(), Nothing, Unchanged),
        case(
            "policy-opened",
            network_policy(),
            Merge("kubectl-edit", spec(json!({"ingress": [{}]}))),
            Changed,
        ),
        case("task-untouched", task(), Nothing, Unchanged),
        case(
            "step-added",
            task(),
            Merge(
                "kubectl-edit",
                spec(json!({"steps": [{"name": "other", "image": "registry.example/b"}]})),
            ),
            Changed,
        ),
        case(
            "description-by-other",
            task(),
            Merge("operator", spec(json!({"description": "x"}))),
            Unchanged,
        ),
        case(
            "description-by-edit",
            task(),
            Merge("kubectl-edit", spec(json!({"description": "x"}))),
            Changed,
        ),
        case(
            "suspended",
            cron_job(),
            Merge("kubectl-edit", spec(json!({"suspend": true}))),
            Changed,
        ),
        case(
            "history-by-other",
            cron_job(),
            Merge("operator", spec(json!({"failedJobsHistoryLimit": 7}))),
            Unchanged,
        ),
        case("claim-untouched", claim, Nothing, Unchanged),
        case(
            "least-replicas",
            autoscaler,
            Merge("kubectl-edit", spec(json!({"minReplicas": 2}))),
            Changed,
        ),
        case(
            "budget-as-text",
            budget,
            Merge("kubectl-edit", spec(json!({"maxUnavailable": "50%"}))),
            Changed,
        ),
        case(
            "account",
            json!({"apiVersion": "v1", "kind": "ServiceAccount"}),
            Merge("operator", json!({"imagePullSecrets": [{"name": "x"}]})),
            Unchanged,
        ),
        case(
            "quota",
            json!({"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"requests.cpu": "2000m"}}}),
            Nothing,
            Unchanged,
        ),
    ]
}
