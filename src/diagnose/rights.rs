//! From what the API server refuses to the Role that allows it: the account, the verb, the resource, and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

/// The API server's refusal (apimachinery `NewForbidden` around the authorizer's sentence).
static DENIED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:(?P<res>[\w./-]+)(?: "(?P<name>[^"]*)")? is forbidden: )?User "system:serviceaccount:(?P<ns>[^:"]+):(?P<sa>[^"]+)" cannot (?P<verb>[\w*-]+) resource "(?P<r>[^"]+)" in API group "(?P<g>[^"]*)"(?: in the namespace "(?P<tns>[^"]+)")?"#,
    )
    .ok()
});

/// An action that an account is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denied {
    /// Namespace of the account.
    pub home: String,
    /// The account.
    pub account: String,
    /// The namespace of the action; none for the whole cluster.
    pub namespace: Option<String>,
    /// API group; empty for the core group.
    pub group: String,
    /// Resource, with its subresource.
    pub resource: String,
    /// Verb.
    pub verb: String,
    /// The object; none if the verb takes no name, or the message has none.
    pub name: Option<String>,
}

/// The actions that a text says are refused, without repetitions, in the order of the text.
#[must_use]
pub fn denied(text: &str) -> Vec<Denied> {
    /// No Role holds more by one failure.
    const MOST: usize = 100;
    let Some(pattern) = &*DENIED else { return Vec::new() };
    let mut all: Vec<Denied> = Vec::new();
    for found in pattern.captures_iter(text) {
        let part = |name: &str| found.name(name).map(|part| part.as_str().to_owned());
        let verb = part("verb").unwrap_or_default();
        // RBAC sees no name in these, so a rule with one would not allow them.
        let takes_name = !["create", "list", "watch", "deletecollection"].contains(&verb.as_str());
        let one = Denied {
            home: part("ns").unwrap_or_default(),
            account: part("sa").unwrap_or_default(),
            namespace: part("tns"),
            group: part("g").unwrap_or_default(),
            resource: part("r").unwrap_or_default(),
            name: part("name").filter(|name| takes_name && !name.is_empty()),
            verb,
        };
        let is_safe = [&one.home, &one.account, &one.group, &one.resource, &one.verb]
            .into_iter()
            .chain(&one.namespace)
            .chain(&one.name)
            .all(|text| is_safe(text));
        if is_safe && !all.contains(&one) && all.len() < MOST {
            all.push(one);
        }
    }
    all
}

/// Whether a text can stand in YAML and in a shell as it is. The message may be anybody's.
fn is_safe(text: &str) -> bool {
    text.len() <= 253 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/:*".contains(c))
}

/// The rules of a namespace: resource names and verbs by group and resource.
type Rules<'a> = BTreeMap<(&'a str, &'a str, Option<&'a str>), BTreeSet<&'a str>>;

/// The Roles, with their bindings, that allow actions of one account, as YAML. Their names are new, so that applying them replaces
/// nothing.
#[must_use]
pub fn role(all: &[Denied]) -> String {
    let Some(first) = all.first() else { return String::new() };
    let is_of_first = |one: &&Denied| one.home == first.home && one.account == first.account;
    let mut places: BTreeMap<Option<&str>, Rules<'_>> = BTreeMap::new();
    for one in all.iter().filter(is_of_first) {
        let rules = places.entry(one.namespace.as_deref()).or_default();
        let key = (one.group.as_str(), one.resource.as_str(), one.name.as_deref());
        rules.entry(key).or_default().insert(&one.verb);
    }
    let name = format!("{}-missing", first.account);
    let mut parts = Vec::new();
    for (namespace, rules) in places {
        let cluster = if namespace.is_none() { "Cluster" } else { "" };
        let place = namespace.map(|name| format!(", namespace: {name}")).unwrap_or_default();
        let mut out = format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {cluster}Role\nmetadata: {{name: {name}{place}}}\nrules:\n"
        );
        for ((group, resource, object), verbs) in rules {
            let verbs: Vec<&str> = verbs.into_iter().collect();
            let names = object.map(|name| format!("  resourceNames: [\"{name}\"]\n"));
            let _ = write!(
                out,
                "- apiGroups: [\"{group}\"]\n  resources: [\"{resource}\"]\n{}  verbs: [{}]\n",
                names.unwrap_or_default(),
                verbs.join(", ")
            );
        }
        let _ = write!(
            out,
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {cluster}RoleBinding\nmetadata: {{name: {name}{place}}}\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {cluster}Role\n  name: {name}\nsubjects:\n- {{kind: ServiceAccount, name: {}, namespace: {}}}\n",
            first.account, first.home
        );
        parts.push(out);
    }
    parts.join("---\n")
}
