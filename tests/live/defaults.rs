//! What Tekton's webhooks write into objects is no difference. Tekton itself is not there; the API server's own mutating policies
//! write the same defaults, at the same moment of a request, dry-runs included.

use gitops_gen::change::Class;
use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster, eventually};
use crate::compared::{compared, desired, of, options};
use crate::flux::Source;
use crate::requests::Apply;
use crate::support::{Repo, text};

const ADMISSION: &str = "admissionregistration.k8s.io/v1";

/// A default: the resource, where it stands, what it is, and what says that it is missing.
struct Default {
    plural: &'static str,
    missing: &'static str,
    path: &'static str,
    value: &'static str,
}

/// As Tekton's `SetDefaults` write them (pipeline `pkg/apis/pipeline/v1/*_defaults.go`).
const DEFAULTS: [Default; 6] = [
    Default {
        plural: "pipelines",
        missing: "has(object.spec.tasks[0].taskRef) && !has(object.spec.tasks[0].taskRef.kind)",
        path: "/spec/tasks/0/taskRef/kind",
        value: "'Task'",
    },
    Default {
        plural: "pipelines",
        missing: "has(object.spec.params) && !has(object.spec.params[0].type)",
        path: "/spec/params/0/type",
        value: "'string'",
    },
    Default {
        plural: "tasks",
        missing: "has(object.spec.params) && !has(object.spec.params[0].type)",
        path: "/spec/params/0/type",
        value: "'string'",
    },
    Default {
        plural: "pipelineruns",
        missing: "!has(object.spec.timeouts)",
        path: "/spec/timeouts",
        value: "{'pipeline': '1h0m0s'}",
    },
    Default {
        plural: "pipelineruns",
        missing: "!has(object.spec.taskRunTemplate)",
        path: "/spec/taskRunTemplate",
        value: "{'serviceAccountName': 'default'}",
    },
    Default {
        plural: "pipelineruns",
        missing: "has(object.spec.params) && object.spec.params.size() == 1 && !has(object.metadata.labels.webhook)",
        path: "/metadata/labels/webhook",
        value: "'was-here'",
    },
];

fn put_in_place(cluster: &Cluster, namespace: &str) -> Vec<Value> {
    let how = Apply { manager: "test", dry_run: false };
    let mut made = Vec::new();
    for (number, default) in DEFAULTS.iter().enumerate() {
        let name = format!("{namespace}-{number}");
        let policy = json!({"apiVersion": ADMISSION, "kind": "MutatingAdmissionPolicy", "metadata": {"name": name}, "spec": {
            "failurePolicy": "Fail", "reinvocationPolicy": "IfNeeded",
            "matchConstraints": {"resourceRules": [{
                "apiGroups": ["tekton.dev"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": [default.plural],
            }]},
            "matchConditions": [{"name": "missing", "expression": default.missing}],
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression":
                format!("[JSONPatch{{op: 'add', path: '{}', value: {}}}]", default.path, default.value)}}],
        }});
        let binding = json!({"apiVersion": ADMISSION, "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": {
            "policyName": name, "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}},
        }});
        for object in [policy, binding] {
            made.push(cluster.admin().apply(&object, how).expect_ok());
        }
    }
    made
}

fn objects(namespace: &str) -> Vec<Value> {
    let object = |kind: &str, name: &str, spec: Value| {
        json!({"apiVersion": "tekton.dev/v1", "kind": kind, "metadata": {
            "name": name, "namespace": namespace, "labels": {"app": "x"},
        }, "spec": spec})
    };
    vec![
        object(
            "Pipeline",
            "pipeline",
            json!({
                "params": [{"name": "revision"}], "tasks": [{"name": "one", "taskRef": {"name": "task"}}],
            }),
        ),
        object(
            "Task",
            "task",
            json!({
                "params": [{"name": "revision"}], "steps": [{"name": "one", "image": "registry.example/a", "script": "true\n"}],
            }),
        ),
        object(
            "PipelineRun",
            "run",
            json!({
                "pipelineRef": {"name": "pipeline"}, "params": [{"name": "revision", "value": "main"}],
            }),
        ),
    ]
}

#[test]
fn what_webhooks_write_is_no_difference() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("defaults");
    let admin = cluster.admin();
    let made = put_in_place(cluster, &namespace);
    let objects = objects(&namespace);
    // Policies take effect a moment after they are made.
    eventually(
        || {
            let probe = objects.iter().map(|object| {
                let how = Apply { manager: "test", dry_run: true };
                admin.apply(object, how)
            });
            let answers: Vec<Value> = probe.map(|answer| answer.body).collect();
            is_defaulted(&answers).then_some(())
        },
        || "the policies do not take effect".to_owned(),
    );
    let source = Source::new(cluster, Repo::empty(), &namespace);
    for object in &objects {
        let name = text(object, "/metadata/name");
        source.repo().write(&format!("tree/{name}.yaml"), object.to_string());
    }
    let commit = source.commit();
    source.follow("./tree");
    source.wait(&commit);
    let live = || -> Vec<Value> {
        objects
            .iter()
            .map(|object| admin.get_path(&cluster.kinds().path_of(object)).expect_ok())
            .collect()
    };
    assert!(is_defaulted(&live()));
    let wanted = || {
        objects
            .iter()
            .map(|object| desired(object, Some((&namespace, "flux-system"))))
            .collect::<Vec<_>>()
    };
    let kubeconfig = cluster.kubeconfig(User::Admin);
    let said = compared(kubeconfig, wanted(), &options());
    assert!(said.complete, "{:?}", said.problems);
    for change in &said.changes {
        assert_eq!(change.class, Class::Unchanged, "{}", change.identity);
    }
    println!("defaults of webhooks: no difference, {:?}", said.requests);
    // Nor is it one for Flux.
    let versions = |objects: &[Value]| -> Vec<Value> {
        let version = |object: &Value| object["spec"].clone();
        objects.iter().map(version).collect()
    };
    let before = versions(&live());
    source.reconcile();
    assert_eq!(versions(&live()), before);

    // A value that is no default is a difference: the default is compared, not left out.
    let other = json!({"spec": {"params": [{"name": "revision", "type": "array"}]}});
    admin.merge(&objects[1], "operator", &other).expect_ok();
    let said = compared(kubeconfig, wanted(), &options());
    assert_eq!(of(&said, "Task", "task").class, Class::Changed);
    for object in made {
        let (kind, name) = (text(&object, "/kind"), text(&object, "/metadata/name"));
        admin.delete(ADMISSION, kind, "", name).expect_ok();
    }
}

/// Whether everything that a webhook would write is there.
fn is_defaulted(objects: &[Value]) -> bool {
    let at = |place: usize, path: &str| text(&objects[place], path).to_owned();
    at(0, "/spec/tasks/0/taskRef/kind") == "Task"
        && at(0, "/spec/params/0/type") == "string"
        && at(1, "/spec/params/0/type") == "string"
        && at(2, "/spec/timeouts/pipeline") == "1h0m0s"
        && at(2, "/spec/taskRunTemplate/serviceAccountName") == "default"
        && at(2, "/metadata/labels/webhook") == "was-here"
}
