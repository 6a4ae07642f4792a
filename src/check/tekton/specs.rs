//! What a run sets for single tasks, steps and sidecars.

use super::scope::{Scope, has, is_set, items, part, text};
use super::table::run::{FORBIDDEN_ENV, SPECS};
use crate::check::Fields;
use crate::yaml::Value;

/// `taskRunSpecs` of a PipelineRun.
pub(super) fn of_tasks(scope: &mut Scope<'_, '_>, spec: &Value) {
    for (index, one) in items(spec, "taskRunSpecs").iter().enumerate() {
        let at = format!("spec.taskRunSpecs[{index}]");
        judge(scope, one, &at);
        env(scope, part(one, "podTemplate"), &format!("{at}.podTemplate"));
    }
}

/// `stepSpecs`, `sidecarSpecs` and `computeResources`.
pub(super) fn judge(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for key in ["stepSpecs", "sidecarSpecs"] {
        if has(of, key) {
            scope.needs(Fields::Beta, key, &format!("{at}.{key}"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (index, one) in items(of, key).iter().enumerate() {
            let (name, at) = (text(one, "name"), format!("{at}.{key}[{index}].name"));
            if name.is_empty() {
                scope.say(&SPECS, &at, "is missing", "missing field(s): name");
            } else if !seen.insert(name.to_lowercase()) {
                let said = "expected exactly one, got both: name";
                scope.say(&SPECS, &at, format!("is the second `{name}`"), said);
            }
        }
    }
    if is_set(of, "computeResources") {
        scope.needs(Fields::Beta, "computeResources", &format!("{at}.computeResources"));
        let mut steps = items(of, "stepSpecs").iter();
        if steps.any(|step| has(step, "computeResources")) {
            let said = "expected exactly one, got both: computeResources, stepSpecs.resources";
            let at = format!("{at}.computeResources");
            scope.say(&SPECS, &at, "cannot stand beside resources of steps", said);
        }
    }
}

/// Variables of a pod template.
pub(super) fn env(scope: &mut Scope<'_, '_>, template: &Value, at: &str) {
    for (index, one) in items(template, "env").iter().enumerate() {
        let name = text(one, "name");
        if scope.judge.cluster.forbidden_env.iter().any(|forbidden| forbidden == name) {
            let said = format!("invalid value: PodTemplate cannot update a forbidden env: {name}");
            let what = format!("the cluster forbids to set `{name}`");
            scope.say(&FORBIDDEN_ENV, &format!("{at}.env[{index}].name"), what, said);
        }
    }
}
