//! Pipelines against their Tasks.

use std::collections::BTreeSet;

use super::super::declare::names;
use super::super::lists::tasks;
use super::super::params::{declared, given};
use super::super::scope::{Scope, is_set, items, part, text};
use super::super::table::across::{
    NEAR_TASK, OPTIONAL, RUN_PARAM_KEYS, TASK_PARAM, TASK_PARAM_TYPE, TASK_PARAM_UNKNOWN,
    TASK_WORKSPACE,
};
use super::around::{Near, task_of};
use super::{near as nearly, params, results, task};
use crate::yaml::Value;

/// Judges one. What is embedded gets parameters and workspaces from around it, so that nothing can be missing there.
pub(super) fn judge(
    scope: &mut Scope<'_, '_>,
    near: Near<'_>,
    spec: &Value,
    at: &str,
    is_embedded: bool,
) {
    for (one, at) in tasks(spec, at) {
        let is_own = is_set(one, "taskSpec");
        let Some(of) = task_of(near, one) else {
            if is_set(one, "taskRef") {
                let reference = part(one, "taskRef");
                let at = format!("{at}.taskRef");
                nearly::reference(scope, near, &NEAR_TASK, (reference, "Task"), &at);
            }
            continue;
        };
        if is_own {
            task::actions(scope, near, of, &format!("{at}.taskSpec"));
        }
        parameters(scope, (one, of), &at, if is_own { Some(spec) } else { None }, is_embedded);
        if !is_own {
            workspaces(scope, one, of, &at);
        }
        optional(scope, spec, one, of, &at);
    }
    results::judge(scope, near, spec, at);
}

fn parameters(
    scope: &mut Scope<'_, '_>,
    (one, of): (&Value, &Value),
    at: &str,
    around: Option<&Value>,
    is_embedded: bool,
) {
    let specs = declared(of, "");
    let direct = given(one, "params", at);
    let matrix = part(one, "matrix");
    let mut all = direct.clone();
    all.extend(given(matrix, "params", ""));
    for include in items(matrix, "include") {
        all.extend(given(include, "params", ""));
    }
    let mut names_given: BTreeSet<&str> = all.iter().map(|param| param.name).collect();
    names_given.extend(around.into_iter().flat_map(|spec| names(spec, "params")));
    let name = format!("the Task of `{}`", text(one, "name"));
    // A run gives what it has to everything that is embedded in it.
    if around.is_none() || !is_embedded {
        params::missing(scope, &TASK_PARAM, (&specs, &names_given), at, &name);
    }
    params::types(scope, &TASK_PARAM_TYPE, (&specs, &direct), false);
    params::keys(scope, &RUN_PARAM_KEYS, &specs, &direct);
    params::indexes(scope, of, &params::lengths(&specs, &direct), &format!("{at}.params"));
    for param in direct.iter().filter(|_| around.is_none()) {
        if !specs.iter().any(|spec| spec.name == param.name) {
            let what = format!("{name} has no parameter `{}`", param.name);
            scope.say(&TASK_PARAM_UNKNOWN, &format!("{}.name", param.at), what, "");
        }
    }
}

fn workspaces(scope: &mut Scope<'_, '_>, one: &Value, of: &Value, at: &str) {
    let bound = names(one, "workspaces");
    let name = format!("the Task of `{}`", text(one, "name"));
    for wanted in items(of, "workspaces") {
        let is_optional = wanted.get("optional").is_some_and(Value::is_true);
        let wanted = text(wanted, "name");
        if !is_optional && !bound.contains(wanted) {
            let said = format!("declared workspace {wanted:?} is required but has not been bound");
            scope.say(&TASK_WORKSPACE, at, format!("{name} needs the workspace `{wanted}`"), said);
        }
    }
    let known = names(of, "workspaces");
    for (index, binding) in items(one, "workspaces").iter().enumerate() {
        let wanted = text(binding, "name");
        if !known.contains(wanted) {
            let said =
                format!("workspace binding {wanted:?} does not match any declared workspace");
            let at = format!("{at}.workspaces[{index}].name");
            scope.say(&TASK_WORKSPACE, &at, format!("{name} has no workspace `{wanted}`"), said);
        }
    }
}

/// Workspaces that a Pipeline may do without, and a Task may not.
fn optional(scope: &mut Scope<'_, '_>, spec: &Value, one: &Value, of: &Value, at: &str) {
    let is_optional = |list: &[Value], name: &str| {
        let found = list.iter().find(|item| text(item, "name") == name);
        found.map(|item| item.get("optional").is_some_and(Value::is_true))
    };
    for (index, binding) in items(one, "workspaces").iter().enumerate() {
        let (name, from) = (text(binding, "name"), text(binding, "workspace"));
        let of_pipeline = is_optional(items(spec, "workspaces"), from);
        let of_task = is_optional(items(of, "workspaces"), name);
        if of_pipeline == Some(true) && of_task == Some(false) {
            let said = format!(
                "pipeline workspace {from:?} is marked optional but pipeline task {:?} requires it be provided",
                text(one, "name")
            );
            let what = format!("`{from}` is optional in the Pipeline, and the Task requires it");
            scope.say(&OPTIONAL, &format!("{at}.workspaces[{index}]"), what, said);
        }
    }
}
