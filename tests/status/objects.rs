//! Objects as the API server gives them.

use serde_json::{Value, json};

pub const DIGEST: &str = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
pub const OLD: &str = "91ab22cda086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

pub fn image(digest: &str) -> String {
    format!("registry.example/team/shop@sha256:{digest}")
}

pub fn labels(app: &str, env: &str) -> Value {
    json!({
        "app.kubernetes.io/instance": format!("{app}-{env}"),
        "app.kubernetes.io/managed-by": "gitops-gen",
        "app.kubernetes.io/name": app,
        "gitops-gen.dev/environment": env,
    })
}

pub fn kustomization(name: &str, env: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system",
            "labels": {"app.kubernetes.io/managed-by": "gitops-gen", "gitops-gen.dev/environment": env}},
        "spec": {},
        "status": {
            "lastAppliedRevision": "main@sha1:0f1b7a5cbb2d2cc0b8a6a6e6b0f43bb08c6d9f6d",
            "conditions": [{"type": "Ready", "status": status, "reason": reason, "message": message,
                "lastTransitionTime": "2026-11-23T10:00:00Z"}],
            "inventory": {"entries": [{"id": format!("shop-{env}_shop_apps_Deployment"), "v": "v1"}]},
        },
    })
}

pub fn applied(app: &str, env: &str) -> Value {
    kustomization(&format!("{app}-{env}"), env, "True", "ReconciliationSucceeded", "Applied")
}

pub fn deployment(app: &str, env: &str, ready: u64, wanted: u64, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": app, "namespace": format!("{app}-{env}"), "labels": labels(app, env), "generation": 2},
        "spec": {"replicas": wanted, "template": {"spec": {"containers": [{"name": app, "image": image}]}}},
        "status": {"observedGeneration": 2, "readyReplicas": ready, "updatedReplicas": wanted},
    })
}

pub fn pod(app: &str, env: &str, name: &str, restarts: u64, waiting: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": format!("{app}-{env}"), "labels": labels(app, env),
            "ownerReferences": [{"kind": "ReplicaSet", "name": format!("{app}-6d5")}]},
        "spec": {"containers": []},
        "status": {"phase": "Running", "containerStatuses": [
            {"name": app, "restartCount": restarts, "state": {"waiting": waiting}}]},
    })
}

pub fn replica_set(app: &str, env: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": format!("{app}-6d5"), "namespace": format!("{app}-{env}"), "labels": labels(app, env),
            "ownerReferences": [{"kind": "Deployment", "name": app}]},
        "spec": {"replicas": 2},
        "status": {"readyReplicas": 1},
    })
}

/// A run that began at this minute and took so many seconds; `status` is that of its condition.
pub fn run(app: &str, env: &str, minute: u64, seconds: u64, status: &str, reason: &str) -> Value {
    let began = format!("2026-11-23T10:{minute:02}:00Z");
    let end = minute * 60 + seconds;
    let ended = format!("2026-11-23T10:{:02}:{:02}Z", end / 60, end % 60);
    let mut run = json!({
        "apiVersion": "tekton.dev/v1",
        "kind": "PipelineRun",
        "metadata": {"name": format!("{app}-{env}-{minute}"), "namespace": format!("{app}-{env}-ci"),
            "labels": labels(app, env), "creationTimestamp": began},
        "spec": {},
        "status": {"startTime": began, "conditions": [{"type": "Succeeded", "status": status, "reason": reason,
            "message": "Tasks Completed: 3 (Failed: 1, Cancelled 0), Skipped: 1"}]},
    });
    if status != "Unknown" {
        run["status"]["completionTime"] = ended.into();
    }
    run
}

pub fn task_run(app: &str, env: &str, run: &str, task: &str, status: &str, reason: &str) -> Value {
    let mut labels = labels(app, env);
    labels["tekton.dev/pipelineRun"] = run.into();
    labels["tekton.dev/pipelineTask"] = task.into();
    json!({
        "apiVersion": "tekton.dev/v1",
        "kind": "TaskRun",
        "metadata": {"name": format!("{run}-{task}"), "namespace": format!("{app}-{env}-ci"), "labels": labels},
        "spec": {},
        "status": {"startTime": "2026-11-23T10:30:00Z", "completionTime": "2026-11-23T10:31:30Z",
            "conditions": [{"type": "Succeeded", "status": status, "reason": reason, "message": "m"}]},
    })
}

pub fn cron_job(app: &str, env: &str) -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": app, "namespace": format!("{app}-{env}"), "labels": labels(app, env)},
        "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": app, "image": image(DIGEST)}]}}}}},
    })
}

/// A Job that began at this hour, and how it ended. One of a CronJob has no labels.
pub fn job(app: &str, env: &str, hour: u64, owner: Option<&str>, ended: &str) -> Value {
    let mut metadata = json!({"name": format!("{app}-{hour}"), "namespace": format!("{app}-{env}"),
        "creationTimestamp": format!("2026-11-23T{hour:02}:00:00Z")});
    match owner {
        Some(owner) => {
            metadata["ownerReferences"] = json!([{"kind": "CronJob", "name": owner}]);
        }
        None => metadata["labels"] = labels(app, env),
    }
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": {"template": {"spec": {"containers": [{"name": app, "image": image(DIGEST)}]}}},
        "status": {"conditions": [{"type": ended, "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}]},
    })
}

pub fn event(namespace: &str, about: &str, message: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": format!("{about}.1"), "namespace": namespace},
        "involvedObject": {"kind": "Pod", "name": about},
        "reason": "BackOff",
        "message": message,
        "lastTimestamp": "2026-11-23T10:58:00Z",
    })
}
