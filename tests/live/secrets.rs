//! Secret values come out of no comparison: not out of what differs, not out of what the server says of it. The values are the
//! cluster's and the tree's; what is shown is made of findings and masked messages.

use std::fmt::Write as _;

use gitops_gen::change::live::{MANAGER, as_flux_sends};
use gitops_gen::change::{Applier, Class, Desired, Masker, findings};
use gitops_gen::cluster::Comparison;
use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster};
use crate::compared::{compared, desired, options};
use crate::proxy::{Fault, Proxy};
use crate::requests::Apply;

/// What must not be seen: it stands in the cluster and in the tree, plain and in base64.
const LIVE: &str = "canary-of-the-cluster-4711";
const TREE: &str = "canary-of-the-tree-0815";
const LIVE_ENCODED: &str = "Y2FuYXJ5LW9mLXRoZS1jbHVzdGVyLTQ3MTE=";
const TREE_ENCODED: &str = "Y2FuYXJ5LW9mLXRoZS10cmVlLTA4MTU=";
/// A server that repeats what it was sent.
const REPEATS: &str = "Secret \"login\" is invalid: data[password]: Invalid value: \"canary-of-the-tree-0815\": not that one, canary-of-the-cluster-4711 (Y2FuYXJ5LW9mLXRoZS10cmVlLTA4MTU=)";

/// The same objects as the tree and as the cluster have them: six places for a secret.
fn objects(namespace: &str, value: &str) -> Vec<Value> {
    let object = |api: &str, kind: &str, name: &str| json!({"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}});
    let mut login = object("v1", "Secret", "login");
    login["stringData"] = json!({"password": value});
    let mut token = object("v1", "Secret", "token");
    token["data"] = json!({"token": if value == LIVE { LIVE_ENCODED } else { TREE_ENCODED }});
    let mut applied = object("v1", "ConfigMap", "applied");
    applied["metadata"]["annotations"] = json!({
        "kubectl.kubernetes.io/last-applied-configuration": format!("{{\"data\":{{\"password\":\"{value}\"}}}}"),
    });
    let mut settings = object("v1", "ConfigMap", "settings");
    settings["data"] = json!({"DB_PASSWORD": value, "note": format!("the password is {value}.")});
    let mut web = object("apps/v1", "Deployment", "web");
    web["spec"] = json!({"replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": {
        "metadata": {"labels": {"app": "web"}, "annotations": {"note": value}},
        "spec": {"containers": [{"name": "web", "image": "registry.example/none",
            "args": [format!("--token={value}")], "env": [{"name": "API_TOKEN", "value": value}]}]},
    }});
    vec![login, token, applied, settings, web]
}

fn tree(cluster: &Cluster, namespace: &str) -> Vec<Desired> {
    let applier = Applier { namespace: namespace.to_owned(), name: "demo-dev".to_owned() };
    let how = Apply { manager: MANAGER, dry_run: false };
    for object in objects(namespace, LIVE) {
        cluster.admin().apply(&as_flux_sends(object, Some(&applier)), how).expect_ok();
    }
    objects(namespace, TREE)
        .iter()
        .map(|object| desired(object, Some((namespace, "demo-dev"))))
        .collect()
}

/// Everything of it that can be shown.
fn shown(said: &Comparison, masker: &Masker) -> String {
    let mut text = format!("{:#?}", findings(said.changes.clone(), masker, |_, _| None));
    for problem in &said.problems {
        let _ = writeln!(text, "{problem}");
    }
    for note in &said.notes {
        let _ = writeln!(text, "{}", masker.message("", note));
    }
    text
}

fn seen(text: &str) -> Vec<&'static str> {
    [LIVE, TREE, LIVE_ENCODED, TREE_ENCODED]
        .into_iter()
        .filter(|canary| text.contains(canary))
        .collect()
}

#[test]
fn no_secret_is_shown_whatever_the_server_answers() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("hidden");
    let wanted = tree(cluster, &namespace);
    let said = compared(cluster.kubeconfig(User::Admin), wanted.clone(), &options());
    assert!(said.complete, "{:?}", said.problems);
    assert_eq!(
        said.changes.iter().filter(|change| change.class == Class::Changed).count(),
        said.changes.len()
    );
    // They are there, or this test would show nothing.
    assert_eq!(seen(&shown(&said, &Masker::nothing())).len(), 4);
    assert_eq!(seen(&shown(&said, &Masker::of(&said.changes))), Vec::<&str>::new());

    for status in [400, 409, 422, 500, 503] {
        for which in ["PATCH", "GET"] {
            let proxy = Proxy::start(
                cluster,
                Box::new(move |asked| {
                    let is_meant = asked.method == which && asked.path.contains("/secrets");
                    is_meant.then_some(Fault::Says(status, REPEATS))
                }),
            );
            // A live Secret that cannot be read cannot be recognised elsewhere either; those that are asked about are.
            let asked =
                wanted.iter().filter(|object| which == "PATCH" || object.identity.kind == "Secret");
            let said = compared(proxy.kubeconfig(), asked.cloned().collect(), &options());
            assert!(proxy.spoiled() > 0);
            let text = shown(&said, &Masker::of(&said.changes));
            assert_eq!(seen(&text), Vec::<&str>::new(), "{status} at {which}: {text}");
            let is_refused = which == "PATCH" && [400, 422].contains(&status);
            assert_eq!(said.complete, is_refused, "{status} at {which}");
        }
    }
}
