//! Accounts, Roles and bindings: derived from what tasks declare and from what Flux applies, and nothing beside that.

use std::collections::{BTreeMap, BTreeSet};

use super::files::Placed;
use super::plan::{NamespacePlan, waits};
use crate::kubernetes::plural;
use crate::model::{App, Place, Rule};
use crate::yaml::{Map, Value};

/// What the tasks of a pipeline need: name, Task, rules.
pub(super) type Needs = Vec<(String, String, Vec<Rule>)>;

/// Accounts of the app and of its tasks, each with its Roles, as `access/accounts.yaml` sees them; nothing where there are none.
pub(super) fn accounts(flux_namespace: &str, app: &App, needs: &Needs) -> Option<Value> {
    let mut accounts = Vec::new();
    let mut grants = Vec::new();
    let account = |name: &str, namespace: &str, token: bool| {
        Value::from([
            ("name", name.into()),
            ("namespace", namespace.into()),
            ("token", token.into()),
        ])
    };
    if app.flux_runs_workload() || app.task_runs_workload() {
        accounts.push(account(&app.name, &app.namespace, app.container.token));
        grants.extend(grant(
            app,
            flux_namespace,
            &app.name,
            &app.namespace,
            &app.permissions,
        ));
    }
    if let Some(pipeline) = &app.pipeline
        && pipeline.service_account.is_none()
    {
        accounts.push(account(
            &format!("{}-pipeline", app.name),
            &app.pipeline_namespace,
            false,
        ));
        for (_, object, rules) in needs.iter().filter(|(_, _, rules)| !rules.is_empty()) {
            accounts.push(account(object, &app.pipeline_namespace, true));
            grants.extend(grant(
                app,
                flux_namespace,
                object,
                &app.pipeline_namespace,
                rules,
            ));
        }
    }
    if accounts.is_empty() {
        return None;
    }
    Some(Value::from([
        ("accounts", Value::Seq(accounts)),
        ("grants", Value::Seq(grants)),
    ]))
}

/// One Role and binding for each namespace in which rules apply.
fn grant(
    app: &App,
    flux_namespace: &str,
    name: &str,
    account_namespace: &str,
    rules: &[Rule],
) -> Vec<Value> {
    let mut by_place: BTreeMap<Place, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        by_place.entry(rule.place).or_default().push(rule);
    }
    let namespace_of = |place: Place| match place {
        Place::App => app.namespace.as_str(),
        Place::Pipeline => app.pipeline_namespace.as_str(),
        Place::Flux => flux_namespace,
    };
    let one = |(place, rules): (Place, Vec<&Rule>)| {
        Value::from([
            ("name", name.into()),
            ("namespace", namespace_of(place).into()),
            ("account", name.into()),
            ("accountNamespace", account_namespace.into()),
            (
                "rules",
                Value::Seq(rules.into_iter().map(Rule::to_value).collect()),
            ),
        ])
    };
    by_place.into_iter().map(one).collect()
}

/// The app's own namespaces and the account with which Flux applies its folders. The rights are those kinds that stand in these folders:
/// get, create, patch and delete, and what the status poller lists where Flux waits for health. As `access/apply.yaml` sees them.
pub(super) fn apply(app: &App, namespaces: &[&NamespacePlan], placed: &[Placed]) -> Value {
    let mut kinds: BTreeMap<&str, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for Placed { file, object } in placed
        .iter()
        .filter(|placed| placed.file.is_applied_by_app())
    {
        let _ = file;
        if let Some(namespace) = object.namespace() {
            let groups = kinds.entry(namespace).or_default();
            groups
                .entry(object.group().to_owned())
                .or_default()
                .insert(plural(object.api_version(), object.kind()));
        }
    }
    let mut grants = Vec::new();
    for (namespace, groups) in kinds {
        let mut rules: Vec<Value> = Vec::new();
        for (group, resources) in &groups {
            rules.push(rule(
                group,
                resources.iter().map(String::as_str),
                &["create", "delete", "get", "patch"],
            ));
        }
        if waits(app) && namespace == app.namespace {
            rules.push(rule("", ["pods"].into_iter(), &["list"]));
            rules.push(rule("apps", ["replicasets"].into_iter(), &["list"]));
        }
        grants.push(Value::from([
            ("namespace", namespace.into()),
            ("rules", Value::Seq(rules)),
        ]));
    }
    let mut access = Map::default();
    access.push(
        "namespaces",
        Value::Seq(
            namespaces
                .iter()
                .map(|namespace| namespace_value(namespace))
                .collect(),
        ),
    );
    access.push("apply", Value::Seq(grants));
    Value::Map(access)
}

fn rule<'a>(group: &str, resources: impl Iterator<Item = &'a str>, verbs: &[&str]) -> Value {
    Value::from([
        ("apiGroups", Value::Seq(vec![group.into()])),
        (
            "resources",
            Value::Seq(resources.map(Value::from).collect()),
        ),
        (
            "verbs",
            Value::Seq(verbs.iter().map(|verb| Value::from(*verb)).collect()),
        ),
    ])
}

/// A namespace as templates see it.
pub(super) fn namespace_value(namespace: &NamespacePlan) -> Value {
    Value::from([
        ("name", namespace.name.as_str().into()),
        ("level", namespace.level.word().into()),
        ("keep", namespace.keep.into()),
        ("pipeline", namespace.pipeline.into()),
    ])
}
