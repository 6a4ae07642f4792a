//! Accounts, Roles and bindings: derived from what tasks declare and from what Flux applies, and nothing beside that.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{NamespacePlan, waits};
use crate::model::{App, Level};
use crate::permissions::{self, Namespaces, Rule};
use crate::yaml::{Map, Value};

/// What the tasks of a pipeline need: name, Task, rules.
pub(super) type Needs = Vec<(String, String, Vec<Rule>)>;

/// Accounts of the app and of its tasks, each with its Roles, as `access/accounts.yaml` sees them; nothing where there are none.
pub(super) fn accounts(flux_namespace: &str, app: &App, needs: &Needs) -> Option<Value> {
    let mut accounts = Vec::new();
    let mut grants = Vec::new();
    let annotated = |name: &str, namespace: &str, token: bool, own: &[(String, String)]| {
        let own = own.iter().map(|(key, value)| (key.as_str(), value.as_str().into()));
        Value::from([
            ("name", name.into()),
            ("namespace", namespace.into()),
            ("token", token.into()),
            ("annotations", Value::Map(own.collect())),
        ])
    };
    let account = |name: &str, namespace: &str, token| annotated(name, namespace, token, &[]);
    let namespaces =
        Namespaces { app: &app.namespace, pipeline: &app.pipeline_namespace, flux: flux_namespace };
    if app.flux_runs_workload() || app.task_runs_workload() {
        if app.own_account.create {
            let (token, own) = (app.container.token, &app.own_account.annotations);
            accounts.push(annotated(&app.account, &app.namespace, token, own));
        }
        let rules = &app.permissions;
        grants.extend(namespaces.grants(&app.name, &app.account, &app.namespace, rules));
    }
    if let Some(pipeline) = &app.pipeline
        && pipeline.service_account.is_none()
    {
        accounts.push(account(&format!("{}-pipeline", app.name), &app.pipeline_namespace, false));
        for (_, object, rules) in needs.iter().filter(|(_, _, rules)| !rules.is_empty()) {
            accounts.push(account(object, &app.pipeline_namespace, true));
            grants.extend(namespaces.grants(object, object, &app.pipeline_namespace, rules));
        }
    }
    if accounts.is_empty() && grants.is_empty() {
        return None;
    }
    Some(Value::from([("accounts", Value::Seq(accounts)), ("grants", Value::Seq(grants))]))
}

/// The app's own namespaces and the account with which Flux applies its folders. The rights are those kinds that stand in these folders:
/// get, create, patch and delete (`plurals`: namespace, API group, plural), and what the status poller lists where Flux waits for health. As `access/apply.yaml` sees them.
pub(super) fn apply(
    app: &App,
    namespaces: &[&NamespacePlan],
    released: &[(String, Level)],
    plurals: &[(&str, &str, &str)],
) -> Value {
    let mut kinds: BTreeMap<&str, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (namespace, group, plural) in plurals {
        let groups = kinds.entry(namespace).or_default();
        groups.entry((*group).to_owned()).or_default().insert((*plural).to_owned());
    }
    let grants = kinds.iter().map(|(namespace, groups)| {
        permissions::apply(namespace, groups, waits(app) && *namespace == app.namespace)
    });
    let grants = grants.collect();
    let mut access = Map::default();
    access.push(
        "namespaces",
        Value::Seq(
            namespaces
                .iter()
                .map(|namespace| planned(namespace))
                .chain(self::released(released))
                .collect(),
        ),
    );
    access.push("apply", Value::Seq(grants));
    Value::Map(access)
}

/// Namespaces that gen no longer makes, and that stay, as templates see them.
pub(super) fn released(all: &[(String, Level)]) -> impl Iterator<Item = Value> {
    all.iter().map(|(name, level)| namespace_value(name, *level, true))
}

/// A planned namespace as templates see it.
pub(super) fn planned(namespace: &NamespacePlan) -> Value {
    let mut value = namespace_value(&namespace.name, namespace.level, namespace.keep);
    if let Some(map) = value.as_map_mut() {
        map.push("pipeline", Value::Bool(namespace.pipeline));
        map.push("open", Value::Bool(namespace.open));
    }
    value
}

/// A namespace as templates see it.
pub(super) fn namespace_value(name: &str, level: Level, keep: bool) -> Value {
    Value::from([("name", name.into()), ("level", level.word().into()), ("keep", keep.into())])
}
