//! A Task's spec, as it stands in a Task, a Pipeline or a run.

use std::collections::BTreeSet;

use super::declare::{self, names};
use super::params::declared;
use super::scope::{Scope, has, is_set, items, part, text, twice};
use super::step::{Step, Use, steps};
use super::table::task::{
    SIDECAR_NAME, STEPS, VOLUMES, WORKSPACE_MOUNT, WORKSPACE_USED, WORKSPACES,
};
use super::text::clean;
use super::{container, usage};
use crate::check::Fields;
use crate::yaml::Value;

/// What holds wherever the spec is.
pub(super) fn spec(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    if items(spec, "steps").is_empty() {
        scope.say(&STEPS, &format!("{at}.steps"), "has no step", "missing field(s): steps");
    }
    for (index, name) in twice(items(spec, "volumes").iter().map(|item| text(item, "name"))) {
        let said = format!("multiple volumes with same name {name:?}");
        let what = format!("is the second volume `{name}`");
        scope.say(&VOLUMES, &format!("{at}.volumes[{index}].name"), what, said);
    }
    mounts(scope, spec, at);
    workspaces_used(scope, spec, at);
    let all = steps(spec, at);
    container::steps(scope, &all);
    sidecars(scope, spec, at);
    let params = declared(spec, at);
    declare::types(scope, &params);
    declare::no_twins(scope, &params);
    declare::choices(scope, &params);
    let results = names(spec, "results");
    let uses = uses(&all);
    usage::lists(scope, &uses, &params);
    usage::context(scope, &uses);
    for step in &all {
        usage::results(scope, step, "results", &results);
    }
    declare::results(scope, spec, at, false);
}

/// What holds in a Task alone: an embedded spec gets parameters from around it.
pub(super) fn alone(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let all = steps(spec, at);
    usage::declared(scope, &uses(&all), &declared(spec, at));
}

/// The texts of all steps.
pub(super) fn uses<'s>(steps: &'s [Step<'_>]) -> Vec<Use<'s>> {
    steps.iter().flat_map(|step| step.uses(false)).collect()
}

/// Workspaces have names and mount paths of their own.
fn mounts(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let containers = items(spec, "steps").iter().chain(spec.get("stepTemplate"));
    let mounts = containers.flat_map(|container| items(container, "volumeMounts"));
    let mut paths: BTreeSet<String> = mounts.map(|mount| clean(text(mount, "mountPath"))).collect();
    let mut seen = BTreeSet::new();
    for (index, workspace) in items(spec, "workspaces").iter().enumerate() {
        let name = text(workspace, "name");
        if !seen.insert(name) {
            let said = format!("workspace name {name:?} must be unique");
            let what = format!("is the second workspace `{name}`");
            scope.say(&WORKSPACES, &format!("{at}.workspaces[{index}].name"), what, said);
        }
        let path = match text(workspace, "mountPath") {
            "" => clean(&format!("/workspace/{name}")),
            path => clean(path),
        };
        let said = format!("workspace mount path {path:?} must be unique");
        let what = format!("`{path}` is the mount path of another workspace or volume");
        if !paths.insert(path) {
            scope.say(&WORKSPACE_MOUNT, &format!("{at}.workspaces[{index}].mountPath"), what, said);
        }
    }
}

/// Steps and sidecars that have workspaces for themselves.
fn workspaces_used(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let known = names(spec, "workspaces");
    for (list, feature) in [("steps", "step workspaces"), ("sidecars", "sidecar workspaces")] {
        for (index, container) in items(spec, list).iter().enumerate() {
            let at = format!("{at}.{list}[{index}].workspaces");
            if has(container, "workspaces") {
                scope.needs(Fields::Beta, feature, &at);
            }
            for (index, used) in items(container, "workspaces").iter().enumerate() {
                let name = text(used, "name");
                if !known.contains(name) {
                    let what = format!("the Task declares no workspace `{name}`");
                    let said = format!("undefined workspace {name:?}");
                    scope.say(&WORKSPACE_USED, &format!("{at}[{index}].name"), what, said);
                }
            }
        }
    }
}

fn sidecars(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    for (index, sidecar) in items(spec, "sidecars").iter().enumerate() {
        let at = format!("{at}.sidecars[{index}]");
        if text(sidecar, "name") == "tekton-log-results" {
            let said = "Invalid: cannot use reserved sidecar name tekton-log-results ";
            scope.say(&SIDECAR_NAME, &format!("{at}.name"), "is a name of Tekton's own", said);
        }
        container::image(scope, &at, has(sidecar, "image"), "sidecars.image");
        let both = has(sidecar, "script") && has(sidecar, "command");
        container::script_and_command(scope, &format!("{at}.script"), both);
    }
}

/// The spec in an object, and whether there is one.
pub(super) fn embedded<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    is_set(value, key).then(|| part(value, key))
}
