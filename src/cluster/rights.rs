//! Missing permissions, and a role that grants them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::kinds::Resource;

/// Permissions denied by the server.
#[derive(Debug, Clone, Default)]
pub(super) struct Missing(BTreeMap<(String, &'static str), BTreeSet<Option<String>>>);

impl Missing {
    pub(super) fn add(&mut self, verb: &'static str, resource: &str, namespace: Option<&String>) {
        self.0.entry((resource.to_owned(), verb)).or_default().insert(namespace.cloned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `patch deployments.apps in orders, orders-ci`, separated by semicolons.
    pub(super) fn words(&self) -> String {
        let words = self.0.iter().map(|((resource, verb), namespaces)| {
            let names: Vec<&str> = namespaces.iter().flatten().map(String::as_str).collect();
            let place = match names.len() {
                0 => String::new(),
                1..=3 => format!(" in {}", names.join(", ")),
                more => format!(" in {} and {} more namespaces", names[0], more - 1),
            };
            format!("{verb} {resource}{place}")
        });
        words.collect::<Vec<_>>().join("; ")
    }
}

/// The ClusterRole that gives what was denied.
pub(super) fn missing_role(missing: &Missing) -> String {
    let mut rules: BTreeMap<(&str, BTreeSet<&str>), BTreeSet<&str>> = BTreeMap::new();
    let mut verbs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (resource, verb) in missing.0.keys() {
        verbs.entry(resource).or_default().insert(verb);
    }
    for (resource, verbs) in verbs {
        let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
        rules.entry((group, verbs)).or_default().insert(plural);
    }
    let mut text = String::from(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: gen-check\nrules:\n",
    );
    for ((group, verbs), plurals) in rules {
        let [verbs, plurals] = [verbs, plurals].map(|all| Vec::from_iter(all).join(", "));
        let _ = writeln!(
            text,
            "  - {{apiGroups: [\"{group}\"], resources: [{plurals}], verbs: [{verbs}]}}"
        );
    }
    text
}

/// The smallest ClusterRole for `gen diff` on these kinds.
pub(super) fn role(resources: &BTreeSet<Resource>, read_only: bool) -> String {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for resource in resources {
        groups.entry(&resource.group).or_default().insert(&resource.plural);
    }
    // For Flux's inventories, and to check that namespaces exist.
    groups.entry(crate::change::live::GROUP).or_default().insert("kustomizations");
    groups.entry("").or_default().insert("namespaces");
    // A server-side dry run needs `patch`; for a missing object, `create`.
    let verbs = if read_only { "get, list" } else { "get, list, create, patch" };
    let mut text = String::from(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: gen-diff\nrules:\n",
    );
    for (group, plurals) in groups {
        let plurals: Vec<&str> = plurals.into_iter().collect();
        let _ = writeln!(
            text,
            "  - {{apiGroups: [\"{group}\"], resources: [{}], verbs: [{verbs}]}}",
            plurals.join(", ")
        );
    }
    text
}
