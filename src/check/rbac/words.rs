//! A proof in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::account::Account;
use super::need::{Action, Need};
use crate::permissions::SOME;

/// Verbs by namespace, group, resource and name.
type Merged<'a> = BTreeMap<(Option<&'a str>, &'a str, &'a str, Option<&'a str>), BTreeSet<&'a str>>;

fn merged<'a>(needs: impl Iterator<Item = &'a Action>) -> Merged<'a> {
    let mut merged = Merged::new();
    for action in needs {
        let creates = action.verb == "create";
        let name = action.name.as_deref().filter(|name| *name != SOME && !creates);
        let key =
            (action.namespace.as_deref(), action.group.as_str(), action.resource.as_str(), name);
        merged.entry(key).or_default().insert(&action.verb);
    }
    merged
}

/// Needs in short: `get, patch deployments.apps, list pods`.
#[must_use]
pub fn short<'a>(needs: impl Iterator<Item = &'a Need<'a>>) -> String {
    let all = merged(needs.map(|need| &need.action));
    let texts: Vec<String> = all
        .into_iter()
        .map(|((_, group, resource, name), verbs)| {
            let verbs: Vec<&str> = verbs.into_iter().collect();
            let dot = if group.is_empty() { "" } else { "." };
            let name = name.map(|name| format!(" `{name}`")).unwrap_or_default();
            format!("{} {resource}{dot}{group}{name}", verbs.join(", "))
        })
        .collect();
    texts.join("; ")
}

/// What the API server answers to an action that an account may not do.
pub(super) fn refused(account: &Account, action: &Action) -> String {
    let Action { namespace, group, resource, verb, name } = action;
    let dot = if group.is_empty() { "" } else { "." };
    let name = name.as_deref().filter(|name| *name != SOME && verb != "create");
    let name = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let home = if account.namespace.is_empty() { "default" } else { &account.namespace };
    let place = match namespace.as_deref() {
        Some("") => String::new(),
        Some(namespace) => format!(" in the namespace \"{namespace}\""),
        None => " at the cluster scope".to_owned(),
    };
    format!(
        "{resource}{dot}{group}{name} is forbidden: User \"system:serviceaccount:{home}:{}\" cannot {verb} resource \"{resource}\" in API group \"{group}\"{place}",
        account.name
    )
}

/// The Roles that give an account what it lacks, with their bindings, as YAML.
#[must_use]
pub fn role(account: &Account, needs: &[Need<'_>]) -> String {
    let all = merged(needs.iter().map(|need| &need.action));
    let places: BTreeSet<Option<&str>> = all.keys().map(|(namespace, ..)| *namespace).collect();
    let mut out = String::new();
    for place in places {
        let is_of_cluster = place.is_none() && !account.namespace.is_empty();
        let cluster = if is_of_cluster { "Cluster" } else { "" };
        let namespace = place.map(|name| format!(", namespace: {name}")).unwrap_or_default();
        let name = &account.name;
        let _ = write!(
            out,
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {cluster}Role\nmetadata: {{name: {name}{namespace}}}\nrules:\n"
        );
        for ((_, group, resource, object), verbs) in all.iter().filter(|(key, _)| key.0 == place) {
            let verbs: Vec<&str> = verbs.iter().copied().collect();
            let names = object.map(|name| format!(", resourceNames: [{name}]")).unwrap_or_default();
            let _ = writeln!(
                out,
                "- {{apiGroups: [\"{group}\"], resources: [{resource}]{names}, verbs: [{}]}}",
                verbs.join(", ")
            );
        }
        let home = match account.namespace.as_str() {
            "" => String::new(),
            namespace => format!(", namespace: {namespace}"),
        };
        let _ = write!(
            out,
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {cluster}RoleBinding\nmetadata: {{name: {name}{namespace}}}\nroleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {cluster}Role, name: {name}}}\nsubjects: [{{kind: ServiceAccount, name: {name}{home}}}]\n---\n"
        );
    }
    out.trim_end_matches("---\n").to_owned()
}
