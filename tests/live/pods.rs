//! Every pod that comes of a tree is admitted to its namespace by a real API server: Pod Security, quotas, limits and accounts are
//! those of the tree. Pods of workloads; pods that Tekton makes of Tasks, with the containers that it adds; its affinity assistant.

use serde_json::{Value, json};

use crate::cluster::{Cluster, cluster};
use crate::installed::{Installed, installed};
use crate::requests::Answer;
use crate::support::projection::{of_task, of_workload, sets_security_context};
use crate::support::{Rendered, list, text};

/// Asks whether a pod may be made.
fn ask(cluster: &Cluster, namespace: &str, spec: &Value) -> Answer {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"generateName": "asked-", "namespace": namespace}, "spec": spec,
    });
    let path = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All&fieldValidation=Strict");
    cluster.admin().request(http::Method::POST, &path, "application/json", Some(&pod))
}

/// What of a Task's pod only Tekton reads becomes what the API server does (pkg/pod/pod.go): the entrypoint starts every step, what a
/// step has of Tekton's own goes, the names of its steps get a prefix.
fn as_pod(mut pod: Value, account: &str) -> Value {
    for list in ["initContainers", "containers"] {
        for container in pod[list].as_array_mut().expect("containers") {
            let fields = container.as_object_mut().expect("a container");
            if let Some(resources) = fields.remove("computeResources") {
                fields.insert("resources".to_owned(), resources);
            }
            for own in [
                "script",
                "workspaces",
                "params",
                "results",
                "timeout",
                "onError",
                "ref",
                "displayName",
                "when",
                "restartPolicy",
            ] {
                fields.remove(own);
            }
            fields.entry("image").or_insert(json!("registry.example/tekton/entrypoint"));
            fields.insert("command".to_owned(), json!(["/tekton/bin/entrypoint"]));
            // A name may come from a parameter of the run.
            if text(&fields["image"], "").contains("$(") {
                fields.insert("image".to_owned(), json!("registry.example/some/image"));
            }
            if fields.get("securityContext") == Some(&Value::Null) {
                fields.remove("securityContext");
            }
            let mounts = fields.entry("volumeMounts").or_insert(json!([]));
            let mounts = mounts.as_array_mut().expect("mounts");
            mounts.push(json!({"name": "tekton-internal-bin", "mountPath": "/tekton/bin"}));
            mounts.push(json!({"name": "tekton-internal-workspace", "mountPath": "/workspace"}));
        }
    }
    let volumes = pod["volumes"].as_array_mut().expect("volumes");
    volumes.push(json!({"name": "tekton-internal-bin", "emptyDir": {}}));
    volumes.push(json!({"name": "tekton-internal-workspace", "emptyDir": {}}));
    pod["restartPolicy"] = json!("Never");
    pod["serviceAccountName"] = json!(account);
    pod
}

/// The pod that holds a run's volume on one node (pkg/reconciler/pipelinerun/affinity_assistant.go).
fn affinity_assistant(sets_security_context: bool) -> Value {
    let mut container = json!({
        "name": "affinity-assistant", "image": "registry.example/tekton/nop", "args": ["tekton_run_indefinitely"],
        "resources": {"limits": {"cpu": "100m", "memory": "100Mi"}, "requests": {"cpu": "100m", "memory": "100Mi"}},
        "volumeMounts": [{"name": "workspace-0", "mountPath": "/workspace/0"}],
    });
    if sets_security_context {
        container["securityContext"] = json!({
            "allowPrivilegeEscalation": false, "runAsNonRoot": true,
            "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
        });
    }
    json!({
        "containers": [container],
        "volumes": [{"name": "workspace-0", "persistentVolumeClaim": {"claimName": "workspace"}}],
    })
}

/// Every pod of a tree: what it is, its namespace and spec.
fn pods(tree: &Installed) -> Vec<(String, String, Value)> {
    let mut pods = Vec::new();
    let name = tree.title.split(',').next().unwrap_or_default();
    for object in &tree.objects {
        let flag = sets_security_context(name, object);
        let mut add = |what: &str, spec: Value| {
            pods.push((format!("{what}{}", object.title()), object.namespace().to_owned(), spec));
        };
        if let Some(spec) = of_workload(object) {
            add("", spec);
        } else if object.kind() == "Task" {
            let spec = as_pod(of_task(&object.value, flag), account(tree, object));
            add("", spec);
        } else if object.kind() == "Pipeline" {
            add("affinity assistant of ", affinity_assistant(flag));
        }
    }
    pods
}

/// The account that a Task runs under: the one named after it, or the pipeline's.
fn account<'a>(tree: &'a Installed, task: &'a Rendered) -> &'a str {
    let of_namespace = |name: &str| {
        tree.objects.iter().any(|object| {
            object.kind() == "ServiceAccount"
                && object.namespace() == task.namespace()
                && object.name() == name
        })
    };
    if of_namespace(task.name()) {
        return task.name();
    }
    let label = "/metadata/labels/app.kubernetes.io~1name";
    let pipeline = tree.objects.iter().find(|object| {
        object.kind() == "ServiceAccount"
            && object.namespace() == task.namespace()
            && object.name().ends_with("-pipeline")
            && text(&object.value, label) == text(&task.value, label)
    });
    pipeline.map_or("default", Rendered::name)
}

#[test]
fn every_pod_is_admitted_under_the_labels_of_its_namespace() {
    let Some(cluster) = cluster() else { return };
    // The team's patch names one, which a cluster has to have.
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "business"}, "value": 100});
    cluster.admin().create(&class).expect_ok();
    let mut refused = Vec::new();
    let mut count = [0, 0];
    for tree in installed(cluster) {
        for (what, namespace, spec) in pods(tree) {
            let answer = ask(cluster, &namespace, &spec);
            count[usize::from(what.starts_with("Task"))] += 1;
            if !answer.is_ok() {
                refused.push(format!("{}: {what}: {}", tree.title, answer.message()));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(count[0] > 50 && count[1] > 50, "{count:?}");
    println!("{} pods of Tasks and {} others are admitted", count[1], count[0]);
}

/// The same pods with one thing more are refused where the level says so.
#[test]
fn what_a_level_forbids_is_refused() {
    let Some(cluster) = cluster() else { return };
    let tree = &installed(cluster)[0];
    let all = pods(tree);
    let find = |kind: &str| all.iter().find(|(what, _, _)| what.starts_with(kind)).expect(kind);
    let host = json!({"hostNetwork": true});
    let root = json!({"securityContext": {"runAsUser": 0, "runAsNonRoot": false}});
    for (kind, change) in [("Deployment", &root), ("Deployment", &host), ("Task", &host)] {
        let (what, namespace, spec) = find(kind);
        assert!(ask(cluster, namespace, spec).is_ok(), "{what}");
        let mut spec = spec.clone();
        for (key, value) in change.as_object().expect("fields") {
            spec[key] = value.clone();
        }
        for container in spec["containers"].as_array_mut().expect("containers") {
            if *change == root {
                container["securityContext"]["runAsUser"] = json!(0);
            }
        }
        let answer = ask(cluster, namespace, &spec);
        assert_eq!(answer.status, 403, "{what} with {change}");
        assert!(answer.message().contains("violates PodSecurity"), "{}", answer.message());
    }
    // Tekton's own containers, without its flag, are why a pipeline's namespace is no stricter.
    let (_, restricted, _) = find("Deployment");
    let (_, _, mut task) = find("Task").clone();
    task["serviceAccountName"] = json!("default");
    let answer = ask(cluster, restricted, &task);
    assert!(answer.message().contains("prepare"), "{}", answer.message());
    assert!(!list(&task, "/initContainers").is_empty());
}
