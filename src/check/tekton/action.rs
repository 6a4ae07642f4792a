//! StepActions.

use std::collections::{BTreeMap, BTreeSet};

use super::declare::{self, names};
use super::params::{Spec, all_names, declared};
use super::scope::{Scope, has, items, part, text};
use super::step::action;
use super::table::task::{ACTION_DEFAULT, ACTION_MOUNT, ACTION_SCRIPT, UNDECLARED};
use super::usage::report;
use super::variables::{Variable, unknown, variables};
use super::{container, usage};
use crate::yaml::Value;

/// Judges one.
pub(super) fn judge(scope: &mut Scope<'_, '_>, object: &Value) {
    let spec = part(object, "spec");
    let step = action(spec, "spec");
    container::image(scope, "spec", has(spec, "image"), "Image");
    let script = text(spec, "script");
    let both = !script.is_empty() && has(spec, "command");
    container::script_and_command(scope, "spec.script", both);
    container::windows(scope, &step);
    if !variables(script, "params").is_empty() {
        let said = "param substitution in scripts is not allowed.";
        scope.say(&ACTION_SCRIPT, "spec.script", "has a parameter in it", said);
    }
    let params = declared(spec, "spec");
    let uses = step.uses(true);
    usage::declared(scope, &uses, &params);
    declare::types(scope, &params);
    declare::no_twins(scope, &params);
    usage::lists(scope, &uses, &params);
    let results = names(spec, "results");
    usage::results(scope, &step, "step.results", &results);
    usage::results(scope, &step, "results", &results);
    declare::results(scope, spec, "spec", true);
    mounts(scope, spec, &params);
    // In v1beta1 nobody looks.
    if text(object, "apiVersion").ends_with("/v1alpha1") {
        defaults(scope, &params);
    }
}

/// The names of mounts are parameters; only the first that is not is told.
fn mounts(scope: &mut Scope<'_, '_>, spec: &Value, params: &[Spec<'_>]) {
    let known = all_names(params);
    for (index, mount) in items(spec, "volumeMounts").iter().enumerate() {
        let (name, at) = (text(mount, "name"), format!("spec.volumeMounts[{index}].name"));
        let all = variables(name, "params");
        if all.len() != 1 || all[0].whole != name {
            let said =
                format!("invalid value: {name}: expect the Name to be a single param reference");
            scope.say(&ACTION_MOUNT, &at, "is not one parameter, as in `$(params.NAME)`", said);
            return;
        }
        if let Some(misuse) = unknown(name, "params", &known) {
            report(scope, &UNDECLARED, &at, (name, "params"), &misuse);
        }
    }
}

/// Defaults that refer to other parameters.
fn defaults(scope: &mut Scope<'_, '_>, params: &[Spec<'_>]) {
    let known = all_names(params);
    let mut refers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for param in params {
        let Some(default) = &param.default else { continue };
        for (_, text) in default.texts() {
            for name in variables(text, "params").iter().filter_map(Variable::name) {
                let name = name.split('[').next().unwrap_or_default();
                let Some(name) = known.get(name) else {
                    let at = format!("{}.default", param.at);
                    let what = format!("`{name}` is not declared");
                    scope.say(&ACTION_DEFAULT, &at, what, "");
                    continue;
                };
                refers.entry(param.name).or_default().insert(name);
            }
        }
    }
    loop {
        refers.retain(|_, others| !others.is_empty());
        let left: BTreeSet<&str> = refers.keys().copied().collect();
        let before: usize = refers.values().map(BTreeSet::len).sum();
        for others in refers.values_mut() {
            others.retain(|other| left.contains(other));
        }
        if before == refers.values().map(BTreeSet::len).sum::<usize>() {
            break;
        }
    }
    if let Some(param) = params.iter().find(|param| refers.contains_key(param.name)) {
        let what = "the default refers to itself in a circle";
        scope.say(&ACTION_DEFAULT, &format!("{}.default", param.at), what, "");
    }
}
