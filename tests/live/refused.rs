//! What the server would refuse, what it does not know, and what gen cannot look into.

use gitops_gen::change::live::{MANAGER, as_flux_sends};
use gitops_gen::change::{Applier, Class, Desired};
use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster, eventually};
use crate::compared::{compared, desired, of, options};
use crate::flux::Source;
use crate::requests::Apply;
use crate::support::{Repo, text};

fn deployment(namespace: &str, name: &str, app: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace}, "spec": {
        "replicas": 0, "selector": {"matchLabels": {"app": app}},
        "template": {"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "main", "image": "registry.example/none"}]}},
    }})
}

fn ours(namespace: &str, object: &Value) -> Desired {
    desired(object, Some((namespace, "demo-dev")))
}

/// As Flux would have left it.
fn applied(cluster: &Cluster, namespace: &str, object: &Value) {
    let applier = Applier { namespace: namespace.to_owned(), name: "demo-dev".to_owned() };
    let how = Apply { manager: MANAGER, dry_run: false };
    let sent = as_flux_sends(object.clone(), Some(&applier));
    cluster.admin().apply(&sent, how).expect_ok();
}

#[test]
fn what_the_server_would_refuse_is_blocked() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("refused");
    applied(cluster, &namespace, &deployment(&namespace, "web", "old"));
    let map = |name: &str, more: Value| {
        let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}});
        for (key, value) in more.as_object().unwrap() {
            object[key] = value.clone();
        }
        object
    };
    applied(cluster, &namespace, &map("fixed", json!({"immutable": true, "data": {"a": "1"}})));
    let unknown = json!({"apiVersion": "nobody.gen.test/v1", "kind": "Widget",
        "metadata": {"name": "web", "namespace": namespace}, "spec": {}});
    let mut elsewhere = map("elsewhere", json!({}));
    elsewhere["metadata"]["namespace"] = "nobody-made-this".into();
    let mut nowhere = map("nowhere", json!({}));
    nowhere["metadata"].as_object_mut().unwrap().remove("namespace");
    let cases = [
        (deployment(&namespace, "web", "new"), "field is immutable"),
        (map("fixed", json!({"immutable": true, "data": {"a": "2"}})), "immutable"),
        (map("bad", json!({"data": {"no slash/": "x"}})), "data[no slash/]"),
        (map("typed", json!({"data": {"a": [1]}})), "data"),
        (unknown, "the cluster does not know Widget of nobody.gen.test/v1"),
        (elsewhere, "the namespace nobody-made-this does not exist"),
        // A field that no schema knows, of a kind that is built in and of one that is defined.
        (map("mistyped", json!({"date": {"a": "1"}})), "field not declared in schema"),
        (
            json!({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
                "metadata": {"name": "mistyped", "namespace": namespace},
                "spec": {"interval": "1h", "prune": true, "pathh": "./x", "sourceRef": {"kind": "GitRepository", "name": "x"}}}),
            "field not declared in schema",
        ),
        (nowhere, "no namespace is set"),
    ];
    let objects = cases.iter().map(|(object, _)| ours(&namespace, object)).collect();
    let said = compared(cluster.kubeconfig(User::Admin), objects, &options());
    // The server's refusal is an answer.
    assert!(said.complete, "{:?}", said.problems);
    for (object, words) in &cases {
        let change = of(&said, text(object, "/kind"), text(object, "/metadata/name"));
        assert_eq!(change.class, Class::Blocked, "{}: {:?}", change.identity, change.reason);
        let reason = change.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(words), "{}: {reason}", change.identity);
    }
}

#[test]
fn a_quota_and_a_policy_refuse_too() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("refused");
    let admin = cluster.admin();
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none", "namespace": namespace},
        "spec": {"hard": {"count/secrets": "0", "services": "0"}}});
    admin.create(&quota).expect_ok();
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": namespace},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}});
    let change = eventually(
        || {
            let said = compared(
                cluster.kubeconfig(User::Admin),
                vec![ours(&namespace, &service)],
                &options(),
            );
            let change = of(&said, "Service", "web").clone();
            (change.class == Class::Blocked).then_some(change)
        },
        || "the quota does not refuse".to_owned(),
    );
    assert!(change.reason.unwrap().contains("exceeded quota"));
}

#[test]
fn what_the_tree_brings_with_it_is_created_and_not_validated() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("brings");
    let group = format!("{namespace}.gen.test");
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": format!("things.{group}")}, "spec": {
        "group": group, "scope": "Namespaced", "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
    }});
    let thing = json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "one", "namespace": namespace}});
    let objects = [&thing, &definition].map(|object| ours(&namespace, object)).into();
    let said = compared(cluster.kubeconfig(User::Admin), objects, &options());
    assert!(said.complete, "{:?}", said.problems);
    let kinds: Vec<&str> =
        said.changes.iter().map(|change| change.identity.kind.as_str()).collect();
    assert_eq!(kinds, ["CustomResourceDefinition", "Thing"], "what brings the kind comes first");
    assert!(said.changes.iter().all(|change| change.class == Class::Created));
    assert_eq!(said.changes[0].reason, None);
    assert!(said.changes[1].reason.as_deref().unwrap().starts_with("not validated: its kind"));
}

#[test]
fn what_is_encrypted_is_opaque() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("opaque");
    let secret = |name: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
            "data": {"a": "ENC[AES256_GCM,data:x,type:str]"}, "sops": {"mac": "x", "version": "3.9.0"}})
    };
    let live = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "there", "namespace": namespace}, "stringData": {"a": "b"}});
    cluster.admin().create(&live).expect_ok();
    let objects =
        [secret("there"), secret("new")].iter().map(|object| ours(&namespace, object)).collect();
    let said = compared(cluster.kubeconfig(User::Admin), objects, &options());
    assert!(said.complete);
    assert_eq!(of(&said, "Secret", "there").class, Class::Opaque);
    assert_eq!(of(&said, "Secret", "new").class, Class::Created);
    assert_eq!(said.requests.dry_runs, 0, "what is encrypted is sent to nobody");
}

/// `force: enabled`: Flux deletes the object and makes it anew, and gen says so.
#[test]
fn an_object_that_is_made_anew() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("force");
    let source = Source::new(cluster, Repo::empty(), &namespace);
    let object = |app: &str| {
        let mut object = deployment(&namespace, "web", app);
        object["metadata"]["annotations"] = json!({"kustomize.toolkit.fluxcd.io/force": "Enabled"});
        object
    };
    source.repo().write("tree/web.yaml", object("old").to_string());
    let commit = source.commit();
    source.follow("./tree");
    source.wait(&commit);
    let live = || cluster.admin().get("apps/v1", "Deployment", &namespace, "web").expect_ok();
    let before = live();
    let wanted = vec![desired(&object("new"), Some((&namespace, "flux-system")))];
    let said = compared(cluster.kubeconfig(User::Admin), wanted, &options());
    let change = of(&said, "Deployment", "web");
    assert_eq!(change.class, Class::Changed);
    assert!(change.reason.as_deref().unwrap().contains("recreates the object"));
    source.repo().write("tree/web.yaml", object("new").to_string());
    source.wait(&source.commit());
    let after = live();
    assert_eq!(after["spec"]["selector"]["matchLabels"]["app"], "new");
    assert_ne!(before["metadata"]["uid"], after["metadata"]["uid"]);
}
