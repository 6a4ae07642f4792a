//! The pods that come of objects: of a workload, and of a Task as Tekton makes them.

use serde_json::{Map, Value, json};

use super::{Rendered, list};

/// Whether Tekton's flag `set-security-context` is on in the environment of an object: two environments of the team spec say so.
pub fn sets_security_context(tree: &str, object: &Rendered) -> bool {
    let environment = object.path.split('/').nth(1).unwrap_or_default();
    tree == "team" && ["shared", "strict"].contains(&environment)
}

/// The pod of a workload.
pub fn of_workload(object: &Rendered) -> Option<Value> {
    let pointer = match object.kind() {
        "Deployment" | "StatefulSet" => "/spec/template/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        _ => return None,
    };
    let mut pod = object.value.pointer(pointer)?.clone();
    // The StatefulSet controller gives each pod a claim of its own for every template.
    let claims = list(&object.value, "/spec/volumeClaimTemplates");
    if !claims.is_empty() {
        let mut volumes = list(&pod, "/volumes").to_vec();
        volumes.extend(claims.iter().map(|claim| {
            let name = &claim["metadata"]["name"];
            json!({"name": name, "persistentVolumeClaim": {"claimName": name}})
        }));
        pod["volumes"] = Value::Array(volumes);
    }
    Some(pod)
}

/// The pod that Tekton makes of a Task, as far as Pod Security looks (pkg/pod/pod.go): steps with the step template under them,
/// sidecars, and what Tekton adds before.
pub fn of_task(task: &Value, sets_security_context: bool) -> Value {
    let template = &task["spec"]["stepTemplate"];
    let steps = list(task, "/spec/steps").iter().map(|step| merged(template, step));
    let sidecars = list(task, "/spec/sidecars").iter().cloned();
    let context = if sets_security_context {
        json!({"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}})
    } else {
        Value::Null
    };
    let added = ["prepare", "place-scripts", "working-dir-initializer"];
    let added = added.map(|name| json!({"name": name, "securityContext": context}));
    json!({
        "initContainers": added,
        "containers": steps.chain(sidecars).collect::<Vec<_>>(),
        "volumes": task["spec"]["volumes"].as_array().cloned().unwrap_or_default(),
        // As gen's runs say it, and as `set-security-context` leaves it.
        "securityContext": {"fsGroup": 65_532, "fsGroupChangePolicy": "OnRootMismatch"},
    })
}

/// A strategic merge of the step over the template: mappings merge, what the step says wins.
fn merged(template: &Value, step: &Value) -> Value {
    match (template, step) {
        (Value::Object(below), Value::Object(above)) => {
            let mut all: Map<String, Value> = below.clone();
            for (key, value) in above {
                let value = merged(&below.get(key).cloned().unwrap_or_default(), value);
                all.insert(key.clone(), value);
            }
            Value::Object(all)
        }
        (below, Value::Null) => below.clone(),
        (_, above) => above.clone(),
    }
}
