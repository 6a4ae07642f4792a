use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::change::live::RECREATED;
use crate::change::{Change, Class, Grant, PermissionChange, Scope, Subject, Target};
use crate::kubernetes::Identity;

fn change(class: Class, before: Option<Value>, after: Option<Value>) -> Change {
    let body = after.as_ref().or(before.as_ref()).expect("a body");
    let text = |keys: &[&str]| crate::kubernetes::json::text(body, keys).to_owned();
    let identity = Identity {
        group: text(&["apiVersion"]).rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
        kind: text(&["kind"]),
        namespace: Some("shop-prod".to_owned()),
        name: "shop".to_owned(),
    };
    Change {
        identity,
        class,
        reason: None,
        environment: Arc::from("prod"),
        app: None,
        path: None,
        origin: None,
        before,
        after,
    }
}

/// `danger: what`, of one change.
fn told(change: Change) -> Vec<String> {
    let found = dangers(&[change], &[], |_| "home".to_owned());
    found.iter().map(|one| format!("{}: {}", one.level.word(), one.what)).collect()
}

fn of(kind: &str, spec: &Value) -> Value {
    let (api_version, kind) = kind.rsplit_once(' ').expect("an API version and a kind");
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "shop"}, "spec": spec})
}

fn pruned(kind: &str, spec: &Value) -> Vec<String> {
    told(change(Class::Pruned, Some(of(kind, spec)), None))
}

fn changed(kind: &str, before: &Value, after: &Value) -> Vec<String> {
    told(change(Class::Changed, Some(of(kind, before)), Some(of(kind, after))))
}

#[test]
fn what_is_removed_takes_with_it() {
    let none = json!({});
    let keeps = json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain"}});
    let deletes = json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}});
    for (kind, spec, what) in [
        ("v1 Namespace", &none, "danger: everything in it is deleted, volumes too"),
        ("apps/v1 StatefulSet", &keeps, "danger: its pods stop; their claims stay"),
        (
            "apps/v1 StatefulSet",
            &deletes,
            "danger: its pods stop, and their claims are deleted with their data",
        ),
        ("apps/v1 Deployment", &none, "danger: its pods stop"),
        ("batch/v1 CronJob", &none, "caution: it no longer runs"),
        (
            "kustomize.toolkit.fluxcd.io/v1 Kustomization",
            &json!({"prune": true}),
            "danger: Flux deletes all that it applied",
        ),
        (
            "kustomize.toolkit.fluxcd.io/v1 Kustomization",
            &json!({"prune": true, "deletionPolicy": "Orphan"}),
            "caution: nothing applies its objects any more",
        ),
        (
            "networking.k8s.io/v1 NetworkPolicy",
            &none,
            "caution: traffic that it kept out is let in",
        ),
    ] {
        assert_eq!(pruned(kind, spec), [what], "{kind} {spec}");
    }
    assert!(pruned("v1 PersistentVolumeClaim", &none)[0].starts_with("danger: the claim"));
    assert!(pruned("v1 ConfigMap", &none).is_empty());
    assert!(pruned("rbac.authorization.k8s.io/v1 Role", &none).is_empty());
    assert!(pruned("tekton.dev/v1 Task", &none).is_empty());
    // An operator's may be a database, and one of the same name as Kubernetes' own is another.
    let operator = ["caution: gen does not know what its operator deletes with it"];
    assert_eq!(pruned("postgresql.cnpg.io/v1 Cluster", &none), operator);
    assert_eq!(pruned("serving.knative.dev/v1 Service", &none), operator);
}

#[test]
fn fewer_pods() {
    let pods = |replicas: u64| json!({"replicas": replicas});
    let stop = ["danger: all its pods stop (`replicas: 0`)"];
    assert_eq!(changed("apps/v1 Deployment", &pods(2), &pods(0)), stop);
    assert_eq!(changed("apps/v1 Deployment", &json!({}), &pods(0)), stop);
    for (before, after) in [(pods(0), pods(0)), (pods(3), pods(1)), (pods(3), json!({}))] {
        assert!(changed("apps/v1 Deployment", &before, &after).is_empty(), "{before} {after}");
    }
    let set = |replicas: u64| json!({"replicas": replicas, "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}});
    let told = changed("apps/v1 StatefulSet", &set(3), &set(2));
    assert_eq!(told, ["danger: the claims of 1 pod go with it, and their data"]);
    assert!(changed("apps/v1 StatefulSet", &set(2), &set(3)).is_empty());
    assert_eq!(
        changed("apps/v1 StatefulSet", &json!({"replicas": 3}), &set(3)),
        ["caution: from now on its claims are deleted with their pods"]
    );
}

#[test]
fn what_is_deleted_and_created_anew() {
    let body = || Some(of("v1 PersistentVolumeClaim", &json!({})));
    let mut one = change(Class::Changed, body(), body());
    one.reason = Some(RECREATED.to_owned());
    assert_eq!(told(one), ["danger: it is deleted and created anew, and its data is lost"]);
    let refused = change(Class::Blocked, body(), body());
    assert!(told(refused)[0].starts_with("danger: it is refused"));
}

#[test]
fn guards_given_up() {
    let label = |level: &str| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}});
    let relaxed =
        |old: &str, new: &str| told(change(Class::Changed, Some(label(old)), Some(label(new))));
    assert_eq!(
        relaxed("restricted", "baseline"),
        ["caution: it admits baseline pods, no longer only restricted"]
    );
    assert!(relaxed("baseline", "restricted").is_empty());
    let flux = "kustomize.toolkit.fluxcd.io/v1 Kustomization";
    let (on, off) = (json!({"prune": true}), json!({"prune": false, "suspend": true}));
    assert_eq!(
        changed(flux, &on, &off),
        ["caution: it is suspended", "caution: what leaves its folder stays in the cluster"]
    );
    let (inside, open) = (json!({"type": "ClusterIP"}), json!({"type": "LoadBalancer"}));
    let told = changed("v1 Service", &inside, &open);
    assert_eq!(told, ["caution: it is reachable from outside the cluster (`LoadBalancer`)"]);
    assert!(changed("v1 Service", &open, &inside).is_empty());
}

#[test]
fn power_over_the_node() {
    let pod = |context: Value| json!({"template": {"spec": {"containers": [{"name": "a", "securityContext": context}]}}});
    let (plain, mighty) = (pod(json!({})), pod(json!({"privileged": true})));
    let what =
        "danger: its pods gain power over their node: `containers[0].securityContext.privileged`";
    assert_eq!(changed("apps/v1 Deployment", &plain, &mighty), [what]);
    assert!(changed("apps/v1 Deployment", &mighty, &mighty).is_empty());
    let created = change(Class::Created, None, Some(of("apps/v1 Deployment", &mighty)));
    assert_eq!(told(created), [what]);
}

#[test]
fn gained_permissions() {
    let gain = |resource: &str, verb: &str, account: Option<Class>| {
        let target =
            Target::Resource { group: String::new(), resource: resource.to_owned(), name: None };
        let grant = Grant {
            scope: Scope::Namespace("shop-prod".to_owned()),
            verbs: vec![verb.to_owned()],
            targets: vec![target],
        };
        let change = PermissionChange {
            cluster: "home".to_owned(),
            subject: Subject::Account("shop-ci".to_owned(), "build".to_owned()),
            account,
            gains: vec![grant],
            loses: Vec::new(),
        };
        let found = dangers(&[], &[change], |_| String::new());
        found.iter().map(|one| format!("{} {one}", one.level.word())).collect::<Vec<_>>()
    };
    let who = "ServiceAccount shop-ci/build in cluster home";
    assert_eq!(
        gain("secrets", "list", Some(Class::Created)),
        [format!("danger {who}: gains read access to Secrets in shop-prod")]
    );
    assert_eq!(
        gain("pods", "get", None),
        [format!("caution {who}: gains get on pods in shop-prod")]
    );
    assert!(gain("pods", "get", Some(Class::Created)).is_empty(), "what comes with an account");
}

#[test]
fn the_worst_comes_first() {
    let cron = change(Class::Pruned, Some(of("batch/v1 CronJob", &json!({}))), None);
    let app = change(Class::Pruned, Some(of("apps/v1 Deployment", &json!({}))), None);
    // Nobody misses the guard of an app that goes.
    let guard = Change {
        app: Some(Arc::from("shop")),
        ..change(Class::Pruned, Some(of("networking.k8s.io/v1 NetworkPolicy", &json!({}))), None)
    };
    assert_eq!(told(guard.clone()).len(), 1);
    let app = Change { app: Some(Arc::from("shop")), ..app };
    let kept = Change { class: Class::Kept, app: None, ..app.clone() };
    let found = dangers(&[cron, guard.clone(), app.clone(), kept], &[], |_| "home".to_owned());
    let kinds: Vec<&str> = found.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(kinds, ["Deployment shop-prod/shop", "CronJob shop-prod/shop"]);
    assert_eq!(found[0].to_string(), "Deployment shop-prod/shop in prod: its pods stop");
    // But one process may go while the other stays.
    let other = Change { class: Class::Unchanged, ..app.clone() };
    let found = dangers(&[guard, app, other], &[], |_| "home".to_owned());
    assert_eq!(found.len(), 2);
}
