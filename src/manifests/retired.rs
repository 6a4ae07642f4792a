//! Rights that an app's apply account no longer needs to apply, but to prune.
//!
//! Flux applies the rights of an app before its objects, with the cluster's own account, and prunes last, with the app's. So if the
//! last Ingress of an app and the right to delete Ingresses went in one commit, Flux could never prune the Ingress, and the app's
//! Kustomization would fail for good. The rights to get and delete stay in `access/retired.yaml`, until the app is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::access::namespace_value;
use super::enforced::level;
use super::plan::Plan;
use crate::diagnostics::FileId;
use crate::kubernetes::Object;
use crate::model::{App, Level};
use crate::permissions;
use crate::yaml::{Limits, Value, read_documents};

/// The path of retired rights in a unit's folder.
pub const RETIRED: &str = "access/retired.yaml";
/// The path of the apply account's rights in a unit's folder.
pub const APPLY: &str = "access/apply.yaml";

/// The texts of a unit's `access/apply.yaml` and `access/retired.yaml` in the existing tree.
#[derive(Debug, Clone, Default)]
pub struct Before(pub Vec<Arc<str>>);

impl Before {
    /// Its objects, as far as it can be read.
    pub(super) fn objects(&self) -> impl Iterator<Item = Object> {
        self.0.iter().flat_map(|text| objects(text))
    }
}

/// Namespace, API group, resource.
type Rights = BTreeSet<(String, String, String)>;

/// What is kept, as `access/retired.yaml` sees it; none if the account lost nothing. `now` are the objects of `access/apply.yaml`.
///
/// The tree is untrusted: nothing of it is copied but namespaces with their levels, and API groups and resources of the Roles that
/// have the names of this app's.
pub(super) fn retired<'o>(
    app: &App,
    plan: &Plan,
    flux_namespace: &str,
    before: &Before,
    now: impl Iterator<Item = &'o Object>,
) -> Option<Value> {
    let (mut lost, mut has) = (Rights::new(), Rights::new());
    let mut namespaces: BTreeMap<String, (Level, bool)> = BTreeMap::new();
    for object in before.objects() {
        add(app, &object, &mut lost);
        if object.kind() == "Namespace" {
            namespaces.insert(object.name().to_owned(), (level(&object), is_kept(&object)));
        }
    }
    now.for_each(|object| add(app, object, &mut has));
    let lost: Rights = lost.difference(&has).cloned().collect();
    if lost.is_empty() {
        return None;
    }
    let mut by_namespace: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (namespace, group, resource) in &lost {
        by_namespace.entry(namespace).or_default().entry(group).or_default().push(resource);
    }
    // A namespace that goes takes the rights in it along, so it stays as long as they do.
    let goes =
        |name: &str| name != flux_namespace && plan.all().all(|planned| planned.name != name);
    let staying = by_namespace.keys().filter(|name| goes(name)).map(|name| {
        let (level, keep) = namespaces.get(*name).copied().unwrap_or((Level::Restricted, false));
        namespace_value(name, level, keep)
    });
    let staying = Value::Seq(staying.collect());
    let grants = by_namespace.iter().map(|(namespace, groups)| {
        let rules = groups.iter().map(|(group, resources)| permissions::prune(group, resources));
        Value::from([("namespace", (*namespace).into()), ("rules", Value::Seq(rules.collect()))])
    });
    let grants = Value::Seq(grants.collect());
    Some(Value::from([("namespaces", staying), ("apply", grants)]))
}

/// What could be deleted by a Role of the app's apply account.
fn add(app: &App, object: &Object, rights: &mut Rights) {
    let is_apply = [format!("{}-apply", app.name), format!("{}-apply-retired", app.name)]
        .iter()
        .any(|name| object.name() == name);
    if object.kind() != "Role" || !is_apply {
        return;
    }
    let namespace = object.namespace().unwrap_or_default();
    let rules = object.at(&["rules"]).and_then(Value::as_seq).unwrap_or_default();
    let words = |rule: &Value, key| {
        let words = rule.get(key).and_then(Value::as_seq).unwrap_or_default().iter();
        let words: Vec<String> = words.filter_map(Value::as_str).map(str::to_owned).collect();
        words
    };
    for rule in rules.iter().filter(|rule| words(rule, "verbs").iter().any(|verb| verb == "delete"))
    {
        for group in words(rule, "apiGroups") {
            for resource in words(rule, "resources") {
                // gen grants no wildcard, so this one is of somebody else.
                if group != "*" && !resource.contains('*') {
                    rights.insert((namespace.to_owned(), group.clone(), resource));
                }
            }
        }
    }
}

fn is_kept(namespace: &Object) -> bool {
    let key = "kustomize.toolkit.fluxcd.io/prune";
    let prune = namespace.at(&["metadata", "annotations", key]);
    prune.and_then(Value::as_str) == Some("disabled")
}

/// The objects of texts that may be anything: nothing of it is worth an error here, since a file that was edited is refused where
/// it would be overwritten.
fn objects(text: &str) -> Vec<Object> {
    let documents = read_documents(FileId::BUILT_IN, text, Limits::default());
    let values = documents.unwrap_or_default().into_iter().map(|node| node.to_value());
    values.filter_map(|value| Object::new(value).ok()).collect()
}
