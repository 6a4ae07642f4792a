//! What is a difference and what is none.

use super::{body, desired};
use crate::change::{Field, difference, same};

/// The paths that differ between two bodies of an object.
fn paths(kind: &str, before: &str, after: &str) -> String {
    let head = format!("{kind}\nmetadata: {{name: x, namespace: y}}\n");
    let identity = desired(&head).identity;
    let (before, after) = (body(&format!("{head}{before}")), body(&format!("{head}{after}")));
    let fields = difference(&identity, Some(&before), Some(&after));
    assert_eq!(fields.is_empty(), same(&identity, &before, &after));
    let paths: Vec<String> = fields.iter().map(|field| field.path.to_string()).collect();
    paths.join(", ")
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment";
const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role";
const TASK: &str = "apiVersion: tekton.dev/v1\nkind: Task";

#[test]
fn what_means_the_same_is_no_difference() {
    for (kind, before, after) in [
        (
            DEPLOYMENT,
            "spec: {a: {limits: {cpu: 1000m, memory: 1Gi}}}",
            "spec: {a: {limits: {cpu: 1, memory: 1024Mi}}}",
        ),
        (DEPLOYMENT, "spec: {a: {requests: {cpu: '0.5'}}}", "spec: {a: {requests: {cpu: 500m}}}"),
        (
            "apiVersion: v1\nkind: ResourceQuota",
            "spec: {hard: {pods: '10'}}",
            "spec: {hard: {pods: 10}}",
        ),
        (
            "apiVersion: v1\nkind: LimitRange",
            "spec: {limits: [{type: Container, default: {cpu: 1}}]}",
            "spec: {limits: [{type: Container, default: {cpu: '1'}}]}",
        ),
        (DEPLOYMENT, "spec: {a: 1, b: null}", "spec: {a: 1.0}"),
        (
            DEPLOYMENT,
            "spec: {volumes: [{name: a}, {name: b}]}",
            "spec: {volumes: [{name: b}, {name: a}]}",
        ),
        (
            DEPLOYMENT,
            "spec: {capabilities: {drop: [A, B]}}",
            "spec: {capabilities: {drop: [B, A]}}",
        ),
        (
            ROLE,
            "rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]",
            "rules: [{verbs: [list, get, get], resources: [pods], apiGroups: ['']}]",
        ),
        (
            ROLE,
            "rules: [{resources: [a], verbs: [get]}, {resources: [b], verbs: [get]}]",
            "rules: [{resources: [b], verbs: [get]}, {resources: [a], verbs: [get]}]",
        ),
        (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding",
            "subjects: [{name: a}, {name: b}]",
            "subjects: [{name: b}, {name: a}]",
        ),
    ] {
        assert_eq!(paths(kind, before, after), "", "{before} / {after}");
        assert_eq!(paths(kind, after, before), "", "{after} / {before}");
    }
}

#[test]
fn what_differs_is_named_as_narrowly_as_it_is() {
    for (kind, before, after, wanted) in [
        (DEPLOYMENT, "spec: {replicas: 1}", "spec: {replicas: 2}", "spec.replicas"),
        (
            DEPLOYMENT,
            "spec: {a: {limits: {cpu: 1}}}",
            "spec: {a: {limits: {cpu: 1001m}}}",
            "spec.a.limits.cpu",
        ),
        // A quantity only where one stands.
        (DEPLOYMENT, "spec: {a: '1'}", "spec: {a: 1000m}", "spec.a"),
        (DEPLOYMENT, "spec: {port: '80'}", "spec: {port: 80}", "spec.port"),
        (DEPLOYMENT, "spec: {emptyDir: {}}", "spec: {}", "spec.emptyDir"),
        (
            DEPLOYMENT,
            "spec: {containers: [{name: a, image: b}]}",
            "spec: {containers: [{name: a, image: c}, {name: d}]}",
            "spec.containers[a].image, spec.containers[d]",
        ),
        (
            TASK,
            "spec: {steps: [{name: a}, {name: b}]}",
            "spec: {steps: [{name: b}, {name: a}]}",
            "spec.steps (order)",
        ),
        (TASK, "spec: {args: [a, b]}", "spec: {args: [b, a]}", "spec.args"),
        (
            TASK,
            "spec: {env: [{name: A, value: a}]}",
            "spec: {env: [{name: A, value: b}]}",
            "spec.env[A].value",
        ),
        (
            DEPLOYMENT,
            "spec: {ports: [{port: 80, name: a}]}",
            "spec: {ports: [{port: 81, name: a}]}",
            "spec.ports[a].port",
        ),
        (
            DEPLOYMENT,
            "spec: {volumeMounts: [{name: a, mountPath: /x}, {name: a, mountPath: /y}]}",
            "spec: {volumeMounts: [{name: a, mountPath: /x, readOnly: true}, {name: a, mountPath: /y}]}",
            "spec.volumeMounts[/x].readOnly",
        ),
        // No merge key tells these apart.
        (
            DEPLOYMENT,
            "spec: {list: [{name: a}, {name: a}]}",
            "spec: {list: [{name: a}]}",
            "spec.list",
        ),
        (
            ROLE,
            "rules: [{resources: [a], verbs: [get]}]",
            "rules: [{resources: [a], verbs: [get, list]}]",
            "rules",
        ),
        (DEPLOYMENT, "spec: {rules: [a, b]}", "spec: {rules: [b, a]}", "spec.rules"),
        (DEPLOYMENT, "data: {a.b: x, '': y}", "data: {a.b: z, '': w}", "data[\"a.b\"], data[\"\"]"),
        (DEPLOYMENT, "spec: {a: 9007199254740993}", "spec: {a: 9007199254740992}", "spec.a"),
        (DEPLOYMENT, "spec: [a]", "spec: {a: b}", "spec"),
    ] {
        assert_eq!(paths(kind, before, after), wanted, "{before} / {after}");
    }
}

#[test]
fn an_object_that_comes_is_one_field() {
    let object = desired("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let fields = difference(&object.identity, None, Some(&object.body));
    assert!(
        matches!(fields.as_slice(), [Field { before: None, after: Some(_), path }] if path.0.is_empty())
    );
}
