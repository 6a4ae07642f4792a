//! Everything that gen renders is taken by a real API server, which knows every field and every rule of every kind: server-side apply
//! with strict field validation, as the field manager that Flux is.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::cluster::{Cluster, cluster};
use crate::golden::cases;
use crate::requests::{Answer, Apply};
use crate::support::{Rendered, objects_of, text, trees};

/// The trees of this repository, of the specs that between them use every key, of the examples and of every golden case: each object
/// once, with the title of a tree that it stands in.
fn rendered() -> Vec<(String, Rendered)> {
    let mut trees: Vec<(String, Vec<Rendered>)> = trees().to_vec();
    for (case, tree) in cases::trees() {
        trees.push((format!("golden {case}"), objects_of(tree.clone())));
    }
    let mut seen = BTreeSet::new();
    trees
        .into_iter()
        .flat_map(|(tree, objects)| objects.into_iter().map(move |each| (tree.clone(), each)))
        .filter(|(_, object)| seen.insert(object.value.to_string()))
        .filter(|(_, object)| {
            let api = text(&object.value, "/apiVersion");
            !OF_OTHERS.iter().any(|group| api.starts_with(group))
        })
        .collect()
}

/// Custom kinds that users' own manifests in golden cases have, and the control plane has not.
const OF_OTHERS: [&str; 4] =
    ["example.", "bitnami.com/", "cert-manager.io/", "external-secrets.io/"];

/// What this control plane, which has IPv4 alone, says of a Service for a dual-stack cluster: it is valid elsewhere.
const NOT_DUAL_STACK: &str = "not configured on this cluster";

/// Asks what would become of an object. All namespaces are one here, so that nothing of any tree has to be there before.
fn ask(cluster: &Cluster, namespace: &str, object: &Value) -> Answer {
    let mut object = object.clone();
    if object.pointer("/metadata/namespace").is_some() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    let admin = cluster.admin();
    if object.pointer("/metadata/name").is_some() {
        let how = Apply { manager: "kustomize-controller", dry_run: true };
        return admin.apply(&object, how);
    }
    // A run that a trigger creates gets its name from the server.
    let kinds = cluster.kinds();
    let (api, kind) = (text(&object, "/apiVersion"), text(&object, "/kind"));
    let path = kinds.path(api, kind, namespace, "");
    let query = "?dryRun=All&fieldValidation=Strict";
    admin.request(Method::POST, &format!("{path}{query}"), "application/json", Some(&object))
}

#[test]
fn everything_rendered_is_accepted() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("strict");
    let all = rendered();
    let (encrypted, open): (Vec<_>, Vec<_>) =
        all.iter().partition(|(_, object)| object.value.get("sops").is_some());
    cluster.kinds();
    let refused: Vec<String> = open
        .par_iter()
        .filter_map(|(tree, object)| {
            let answer = ask(cluster, &namespace, &object.value);
            let is_accepted = answer.is_ok() || answer.message().contains(NOT_DUAL_STACK);
            (!is_accepted).then(|| {
                let title = object.title();
                format!("{tree}: {title}: {} {}", answer.status, answer.message())
            })
        })
        .collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, object) in &open {
        *kinds.entry(object.kind()).or_default() += 1;
    }
    println!(
        "{} of {} different objects of {} kinds are accepted; {} more are encrypted, so that only Flux can read them",
        open.len() - refused.len(),
        open.len(),
        kinds.len(),
        encrypted.len()
    );
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    // What is compared here are real trees, not a few leftovers.
    assert!(open.len() > 1000 && kinds.len() >= 30, "{kinds:?}");
}

#[test]
fn what_a_kind_does_not_know_is_refused() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("strict");
    let broken: [(&str, &str, &str, Value); 6] = [
        ("Deployment", "/spec/template/spec/containers/0", "imagePullPolicyy", json!("Always")),
        ("Deployment", "/spec", "selector", json!({"matchLabels": {"app": "other"}})),
        ("Kustomization", "/spec", "dependOn", json!([])),
        ("Kustomization", "/spec", "interval", json!("ten minutes")),
        ("Task", "/spec/steps/0", "resources", json!({})),
        ("PipelineRun", "/spec", "serviceAccountName", json!("default")),
    ];
    let trees = trees();
    for (kind, place, field, value) in broken {
        let is_kind = |each: &&Rendered| each.kind() == kind && !each.inner;
        let mut all = trees.iter().flat_map(|(_, objects)| objects);
        let found = all.find(is_kind).expect(kind);
        assert!(ask(cluster, &namespace, &found.value).is_ok(), "{kind}");
        let mut changed = found.value.clone();
        let at = changed.pointer_mut(place).expect(place);
        at[field] = value;
        let answer = ask(cluster, &namespace, &changed);
        assert!(!answer.is_ok(), "{kind} with {place}/{field} is accepted");
        assert!(answer.message().contains(field), "{kind}: {}", answer.message());
    }
}
