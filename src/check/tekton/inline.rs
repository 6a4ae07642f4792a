//! Parameters of a run go on into the spec that is embedded in it, and into the tasks of that.

use std::collections::BTreeMap;

use super::params::{Given, Spec, declared, given};
use super::scope::{Scope, has, is_set, items, part};
use super::step::steps;
use super::table::task::PROPERTIES;
use super::{declare, pipeline, task, usage};
use crate::yaml::Value;

/// All parameters by name, in the order of their names.
type All<'a> = BTreeMap<&'a str, Spec<'a>>;

/// A TaskRun with a `taskSpec`.
pub(super) fn task(scope: &mut Scope<'_, '_>, spec: &Value) {
    if !is_set(spec, "taskSpec") {
        return;
    }
    let embedded = part(spec, "taskSpec");
    let mut all = All::new();
    for param in given(spec, "params", "spec") {
        all.insert(param.name, Spec::of_given(&param));
    }
    for param in declared(embedded, "spec.taskSpec") {
        combine(scope, &mut all, param);
    }
    if has(embedded, "steps") {
        let params: Vec<Spec<'_>> = all.into_values().collect();
        in_task(scope, embedded, "spec.taskSpec", &params);
    }
}

/// A PipelineRun with a `pipelineSpec`.
pub(super) fn pipeline(scope: &mut Scope<'_, '_>, spec: &Value) {
    if !is_set(spec, "pipelineSpec") {
        return;
    }
    let (embedded, at) = (part(spec, "pipelineSpec"), "spec.pipelineSpec");
    let mut all = All::new();
    for param in given(spec, "params", "spec") {
        all.insert(param.name, Spec::of_given(&param));
    }
    for param in declared(embedded, at) {
        combine(scope, &mut all, param);
    }
    let tasks = super::lists::listed(embedded, at, "tasks");
    for (one, at) in &tasks {
        for param in given(one, "params", at) {
            let keys: Vec<&str> = match &param.value {
                Given::Map(map) => map.keys().copied().collect(),
                _ => Vec::new(),
            };
            let spec = all.entry(param.name).or_insert_with(|| Spec::of_given(&param));
            for key in keys {
                spec.properties.get_or_insert_default().insert(key, "string");
            }
        }
        for param in declared(part(one, "taskSpec"), &format!("{at}.taskSpec")) {
            combine(scope, &mut all, param);
        }
    }
    let params: Vec<Spec<'_>> = all.into_values().collect();
    for (one, at) in &tasks {
        let embedded = part(one, "taskSpec");
        if has(embedded, "steps") {
            in_task(scope, embedded, &format!("{at}.taskSpec"), &params);
        }
    }
    if !items(embedded, "tasks").is_empty() {
        declare::types(scope, &params);
        declare::choices(scope, &params);
        pipeline::used(scope, &tasks, &params);
    }
}

fn in_task(scope: &mut Scope<'_, '_>, spec: &Value, at: &str, params: &[Spec<'_>]) {
    let steps = steps(spec, at);
    let uses = task::uses(&steps);
    declare::types(scope, params);
    declare::choices(scope, params);
    usage::lists(scope, &uses, params);
    usage::declared(scope, &uses, params);
}

/// Takes in a declaration; what is given already keeps its value.
fn combine<'a>(scope: &mut Scope<'_, '_>, all: &mut All<'a>, declared: Spec<'a>) {
    let Some(known) = all.get_mut(declared.name) else {
        all.insert(declared.name, declared);
        return;
    };
    let is_object = known.kind == "object" || matches!(declared.default, Some(Given::Map(_)));
    if is_object && declared.properties.is_none() {
        let said = format!("missing field(s): {}.properties", declared.name);
        scope.say(&PROPERTIES, &declared.at, "is an object without `properties`", said);
    } else if known.kind == "object" {
        known.properties = declared.properties;
    }
}
