//! API actions: what a task needs, and what gen never grants.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::diagnostics::{Diagnostics, SpecError};
use crate::kubernetes::definitions::Definitions;
use crate::spec::View;
use crate::yaml::{Map, Node, Value};

/// In which namespace an action happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Where the app runs.
    App,
    /// Where its pipeline runs.
    Pipeline,
    /// Where Flux runs.
    Flux,
    /// In every namespace, and outside of them.
    Cluster,
}

/// One rule of a Role. The order within the lists says nothing, so they are kept sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// In which namespace.
    pub place: Place,
    /// API groups; the core group is an empty text.
    pub api_groups: Vec<String>,
    /// Kinds in the plural, with subresources as `pods/log`.
    pub resources: Vec<String>,
    /// Names; empty means every object of the kind.
    pub resource_names: Vec<String>,
    /// What is done.
    pub verbs: Vec<String>,
    /// Why it has to be the whole cluster; only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Rule {
    /// A rule with its lists in order and without repetitions.
    #[must_use]
    pub fn new(
        place: Place,
        groups: &[&str],
        resources: &[&str],
        names: &[&str],
        verbs: &[&str],
    ) -> Self {
        Self {
            place,
            api_groups: sorted(groups),
            resources: sorted(resources),
            resource_names: sorted(names),
            verbs: sorted(verbs),
            reason: None,
        }
    }

    /// From a mapping of the spec.
    pub(super) fn read(view: &View<'_>, problems: &mut Diagnostics) -> Self {
        let groups = view.get("apiGroups").map_or_else(|| vec![String::new()], Node::texts);
        let rule = Self {
            place: view.word("in").unwrap_or(Place::App),
            api_groups: sorted(&groups),
            resources: sorted(&view.texts("resources")),
            resource_names: sorted(&view.texts("resourceNames")),
            verbs: sorted(&view.texts("verbs")),
            reason: view.string("reason"),
        };
        rule.refuse_reason(view, problems);
        let without_group = groups.is_empty().then_some("apiGroups");
        let without = ["resources", "verbs"].into_iter().filter(|key| view.items(key).is_empty());
        for key in without.chain(without_group) {
            let (path, place) = (format!("permissions.{key}"), "a permission".to_owned());
            problems.error(view.span(), SpecError::Missing { path, place });
        }
        if let Some(what) = forbidden(&rule) {
            problems.error(view.span(), SpecError::ForbiddenPermission { what });
        } else {
            rule.refuse_idle(view, problems);
        }
        rule
    }

    /// What the API server would take, and never meet: a verb or resource that is not one, and a resource of another API group.
    fn refuse_idle(&self, view: &View<'_>, problems: &mut Diagnostics) {
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-./".contains(c);
        for (key, word) in [("verbs", "verb"), ("resources", "resource")] {
            for text in view.texts(key).iter().filter(|text| !text.chars().all(is_part)) {
                let what = format!("`{text}` is not a {word} of the API");
                let hint = "they are in lower case, as in `get` and `deployments`".to_owned();
                problems.error(view.span_of(key), SpecError::IdlePermission { what, hint });
            }
        }
        for resource in &self.resources {
            let plural = resource.split('/').next().unwrap_or(resource);
            let other = Definitions::built_in().other_group(&self.api_groups, plural);
            if let Some(group) = other.filter(|_| !self.api_groups.is_empty()) {
                let what = format!("no API group of it has `{plural}`");
                let hint =
                    format!("use `apiGroups: [{}]`", if group.is_empty() { "\"\"" } else { group });
                problems.error(view.span_of("resources"), SpecError::IdlePermission { what, hint });
            }
        }
    }

    /// Rights in the whole cluster need a reason, and no others have one.
    fn refuse_reason(&self, view: &View<'_>, problems: &mut Diagnostics) {
        let is_wide = self.place == Place::Cluster;
        let (key, other, why) = match (is_wide, &self.reason) {
            (true, None) => {
                ("permissions.in: cluster", "reason", "rights in every namespace need a reason")
            }
            (false, Some(_)) => (
                "permissions.reason",
                "in: cluster",
                "it is the reason for rights in the whole cluster",
            ),
            _ => return,
        };
        let [key, other, why] = [key, other, why].map(str::to_owned);
        problems.error(view.span(), SpecError::Needs { key, other, why });
    }

    /// From a rendered mapping, as task templates declare them.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let texts = |key: &str| -> Option<Vec<&str>> {
            match value.get(key) {
                None => Some(Vec::new()),
                Some(list) => list.as_seq()?.iter().map(Value::as_str).collect(),
            }
        };
        let place = match value.get("in").and_then(Value::as_str) {
            None | Some("app") => Place::App,
            Some("pipeline") => Place::Pipeline,
            Some("flux") => Place::Flux,
            Some(_) => return None,
        };
        Some(Self::new(
            place,
            &texts("apiGroups")?,
            &texts("resources")?,
            &texts("resourceNames")?,
            &texts("verbs")?,
        ))
    }

    /// The rule as a Role writes it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = Map::default();
        map.push("apiGroups", self.api_groups.as_slice());
        map.push("resources", self.resources.as_slice());
        let names = Some(self.resource_names.as_slice()).filter(|names| !names.is_empty());
        map.push_some("resourceNames", names);
        map.push("verbs", self.verbs.as_slice());
        Value::Map(map)
    }

    /// In words: `get, patch deployments.apps "orders"`.
    #[must_use]
    pub fn describe(&self) -> String {
        let group = self.api_groups.iter().find(|group| !group.is_empty());
        let suffix = group.map_or(String::new(), |group| format!(".{group}"));
        let resources: Vec<String> =
            self.resources.iter().map(|resource| format!("{resource}{suffix}")).collect();
        let names: Vec<String> =
            self.resource_names.iter().map(|name| format!(" \"{name}\"")).collect();
        format!("{} {}{}", self.verbs.join(", "), resources.join(", "), names.join(","))
    }
}

fn sorted(texts: &[impl AsRef<str>]) -> Vec<String> {
    let texts: BTreeSet<&str> = texts.iter().map(AsRef::as_ref).collect();
    texts.into_iter().map(str::to_owned).collect()
}

/// What leads from a rule to every other right, or nothing where the rule is harmless. From Kubernetes' own list of good
/// practices (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/>).
#[must_use]
pub fn forbidden(rule: &Rule) -> Option<String> {
    let has = |texts: &[String], word: &str| texts.iter().any(|text| text == word);
    for (texts, what) in [
        (&rule.api_groups, "all API groups"),
        (&rule.resources, "all resources"),
        (&rule.verbs, "all verbs"),
    ] {
        if texts.iter().any(|text| text.contains('*')) {
            return Some(format!("rule for {what} (`*`)"));
        }
    }
    for verb in ["bind", "escalate", "impersonate"] {
        if has(&rule.verbs, verb) {
            return Some(format!("verb `{verb}`"));
        }
    }
    let reads = ["get", "list", "watch"].iter().any(|verb| has(&rule.verbs, verb));
    if has(&rule.resources, "secrets") && reads {
        return Some("read access to Secrets".to_owned());
    }
    let never = "pods/exec pods/attach pods/portforward pods/ephemeralcontainers pods/proxy services/proxy \
        serviceaccounts/token nodes/proxy nodes";
    if let Some(resource) = never.split_whitespace().find(|text| has(&rule.resources, text)) {
        return Some(format!("access to `{resource}`"));
    }
    if has(&rule.api_groups, "rbac.authorization.k8s.io")
        && rule.verbs.iter().any(|verb| !["get", "list", "watch"].contains(&verb.as_str()))
    {
        return Some("write access to Roles and bindings".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_everything_is_never_granted() {
        let bad = [
            Rule::new(Place::App, &["*"], &["pods"], &[], &["get"]),
            Rule::new(Place::App, &[""], &["*"], &[], &["get"]),
            Rule::new(Place::App, &[""], &["pods/*"], &[], &["get"]),
            Rule::new(Place::App, &[""], &["pods"], &[], &["*"]),
            Rule::new(Place::App, &[""], &["secrets"], &[], &["list"]),
            Rule::new(Place::App, &[""], &["pods/exec"], &[], &["create"]),
            Rule::new(Place::App, &[""], &["serviceaccounts"], &[], &["impersonate"]),
            Rule::new(Place::App, &["rbac.authorization.k8s.io"], &["roles"], &[], &["patch"]),
        ];
        for rule in bad {
            assert!(forbidden(&rule).is_some(), "{rule:?}");
        }
        assert_eq!(
            forbidden(&Rule::new(
                Place::App,
                &["apps"],
                &["deployments"],
                &["x"],
                &["get", "patch"]
            )),
            None
        );
    }
}
