//! From rules to the Roles that grant them, as `access/*.yaml` sees them.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Place, Rule};
use crate::yaml::Value;

/// The namespaces in which gen grants rights.
#[derive(Debug, Clone, Copy)]
pub struct Namespaces<'a> {
    /// Where the app runs: `$NAMESPACE`.
    pub app: &'a str,
    /// Where its pipeline runs, and where a command acts that names no namespace: `$PIPELINE_NAMESPACE`.
    pub pipeline: &'a str,
    /// Where Flux runs.
    pub flux: &'a str,
}

impl<'a> Namespaces<'a> {
    /// The name of a place; empty for the whole cluster.
    #[must_use]
    pub fn name(&self, place: Place) -> &'a str {
        match place {
            Place::Cluster => "",
            Place::App => self.app,
            Place::Pipeline => self.pipeline,
            Place::Flux => self.flux,
        }
    }

    /// The place of that name; the app's own, if one namespace is several.
    pub(super) fn place(&self, name: &str) -> Option<Place> {
        [Place::App, Place::Pipeline, Place::Flux]
            .into_iter()
            .find(|place| self.name(*place) == name)
    }

    /// One Role and binding for each namespace in which the rules of an account apply, and a ClusterRole for those of the whole
    /// cluster, with their reason. `name` is that of the Roles, `home` the account's own namespace.
    #[must_use]
    pub fn grants(&self, name: &str, account: &str, home: &str, rules: &[Rule]) -> Vec<Value> {
        let mut by_place: BTreeMap<Place, Vec<Value>> = BTreeMap::new();
        let mut reasons: Vec<&str> = Vec::new();
        for rule in rules {
            by_place.entry(rule.place).or_default().push(rule.to_value());
            reasons.extend(rule.reason.as_deref().filter(|reason| !reasons.contains(reason)));
        }
        let reason = reasons.join("; ");
        let grant = |(place, rules): (Place, Vec<Value>)| {
            let is_wide = place == Place::Cluster;
            // Neither namespaces nor names have a colon, so no two accounts of a cluster meet.
            let name = if is_wide { format!("gen:{home}:{name}") } else { name.to_owned() };
            Value::from([
                ("name", name.into()),
                ("reason", if is_wide { reason.as_str().into() } else { Value::Null }),
                ("namespace", self.name(place).into()),
                ("account", account.into()),
                ("accountNamespace", home.into()),
                ("rules", Value::Seq(rules)),
            ])
        };
        by_place.into_iter().map(grant).collect()
    }
}

/// The Role with which Flux applies objects in a namespace: their plurals by API group. `waits`: Flux waits for the health of a
/// workload there, for which its status poller lists what belongs to it.
#[must_use]
pub fn apply(namespace: &str, kinds: &BTreeMap<String, BTreeSet<String>>, waits: bool) -> Value {
    let rule = |group: &str, resources: &[&str], verbs: &[&str]| {
        Rule::new(Place::App, &[group], resources, &[], verbs).to_value()
    };
    let mut rules: Vec<Value> = kinds
        .iter()
        .map(|(group, plurals)| {
            let plurals: Vec<&str> = plurals.iter().map(String::as_str).collect();
            rule(group, &plurals, &["create", "delete", "get", "patch"])
        })
        .collect();
    // As kstatus' readers do (cli-utils, pkg/kstatus/polling/statusreaders): of other kinds they read the object alone.
    let has = |plural: &str| kinds.get("apps").is_some_and(|plurals| plurals.contains(plural));
    if waits && (has("deployments") || has("statefulsets")) {
        rules.push(rule("", &["pods"], &["list"]));
    }
    if waits && has("deployments") {
        rules.push(rule("apps", &["replicasets"], &["list"]));
    }
    Value::from([("namespace", namespace.into()), ("rules", Value::Seq(rules))])
}

/// The rule with which Flux prunes what it no longer applies.
#[must_use]
pub fn prune(group: &str, resources: &[&str]) -> Value {
    Rule::new(Place::App, &[group], resources, &[], &["delete", "get"]).to_value()
}
