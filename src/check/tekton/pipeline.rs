//! A Pipeline's spec, as it stands in a Pipeline, a run or another Pipeline.

use std::collections::BTreeSet;

use super::lists::{listed, tasks};
use super::params::{Spec, declared, given};
use super::scope::{Scope, has, items, text, twice};
use super::step::steps;
use super::table::object::ARTIFACTS;
use super::table::pipeline::{
    EMPTY, FINALLY_AFTER, FINALLY_ALONE, NAME, PARAM_TWICE, TASK_WORKSPACE, TWICE, WORKSPACES,
};
use super::text::is_label;
use super::variables::has_artifact_value;
use super::{
    declare, finally, graph, matrix, pipeline_params, pipeline_results, pipeline_task, prefixes,
    task, usage, when,
};
use crate::yaml::Value;

/// What holds wherever the spec is.
pub(super) fn spec(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let keys =
        ["description", "displayName", "params", "tasks", "workspaces", "results", "finally"];
    if !keys.iter().any(|key| has(spec, key)) {
        let said =
            "expected at least one, got none: description, params, resources, tasks, workspaces";
        scope.say(&EMPTY, at, "is empty", said);
    }
    let all = tasks(spec, at);
    let mut seen = BTreeSet::new();
    for (task, at) in &all {
        let name = text(task, "name");
        if !is_label(name) {
            let what = format!("`{name}` is not a valid DNS label");
            let said = format!(
                "invalid value {name:?}: name Pipeline Task name must be a valid DNS Label."
            );
            scope.say(&NAME, &format!("{at}.name"), what, said);
        }
        if !seen.insert(name) {
            let said = "expected exactly one, got both: name";
            scope.say(&TWICE, &format!("{at}.name"), format!("is the second task `{name}`"), said);
        }
        pipeline_task::judge(scope, task, at, self::spec);
        when::judge(scope, task, at);
        params_once(scope, task, at);
    }
    graph::judge(scope, spec, at);
    let params = declared(spec, at);
    declare::types(scope, &params);
    declare::no_twins(scope, &params);
    declare::choices(scope, &params);
    pipeline_params::context(scope, spec, at);
    finally::statuses(scope, spec, at);
    workspaces(scope, spec, at);
    pipeline_results::judge(scope, spec, at);
    finally_alone(scope, spec, at);
    finally::results(scope, spec, at);
    artifacts(scope, &all);
    matrix::judge(scope, spec, at);
    prefixes::judge(scope, &all);
}

/// What holds in a Pipeline alone: an embedded spec gets parameters and workspaces from around it.
pub(super) fn alone(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let params = declared(spec, at);
    let all = tasks(spec, at);
    for (task, at) in &all {
        if let Some(embedded) = task::embedded(task, "taskSpec") {
            let at = format!("{at}.taskSpec");
            let mut both = declared(embedded, &at);
            both.extend(params.iter().cloned());
            let steps = steps(embedded, &at);
            usage::declared(scope, &task::uses(&steps), &both);
        }
    }
    used(scope, &all, &params);
    let known = declare::names(spec, "workspaces");
    for (task, at) in &all {
        task_workspaces(scope, task, at, &known);
    }
}

/// Parameters in what tasks are given.
pub(super) fn used(scope: &mut Scope<'_, '_>, all: &[(&Value, String)], params: &[Spec<'_>]) {
    for (task, at) in all {
        pipeline_params::judge(scope, task, at, params);
    }
}

/// A task is given each parameter once.
pub(super) fn params_once(scope: &mut Scope<'_, '_>, task: &Value, at: &str) {
    let all = given(task, "params", at);
    for (index, name) in twice(all.iter().map(|param| param.name)) {
        let said = format!(
            "parameter names must be unique, the parameter \"{name}\" is also defined at: [{index}].name"
        );
        let what = format!("`{name}` is given twice");
        scope.say(&PARAM_TWICE, &format!("{}.name", all[index].at), what, said);
    }
}

fn workspaces(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let names: Vec<&str> =
        items(spec, "workspaces").iter().map(|item| text(item, "name")).collect();
    for (index, _) in names.iter().enumerate().filter(|(_, name)| name.is_empty()) {
        let said = format!("invalid value: workspace {index} has empty name");
        scope.say(&WORKSPACES, &format!("{at}.workspaces[{index}].name"), "is empty", said);
    }
    for (index, name) in twice(names) {
        let said = format!("invalid value: workspace with name {name:?} appears more than once");
        let what = format!("is the second workspace `{name}`");
        scope.say(&WORKSPACES, &format!("{at}.workspaces[{index}].name"), what, said);
    }
}

fn task_workspaces(scope: &mut Scope<'_, '_>, task: &Value, at: &str, known: &BTreeSet<&str>) {
    let mut seen = BTreeSet::new();
    for (index, one) in items(task, "workspaces").iter().enumerate() {
        let (name, of) = (text(one, "name"), text(one, "workspace"));
        let at = format!("{at}.workspaces[{index}]");
        if !seen.insert(name) {
            let said = format!("workspace name {name:?} must be unique");
            scope.say(
                &TASK_WORKSPACE,
                &format!("{at}.name"),
                format!("`{name}` is given twice"),
                said,
            );
        }
        let (wanted, key) = if of.is_empty() { (name, "name") } else { (of, "workspace") };
        if !known.contains(wanted) {
            let said = format!(
                "invalid value: pipeline task {:?} expects workspace with name {wanted:?} but none exists in pipeline spec",
                text(task, "name")
            );
            let what = format!("the Pipeline declares no workspace `{wanted}`");
            scope.say(&TASK_WORKSPACE, &format!("{at}.{key}"), what, said);
        }
    }
}

fn finally_alone(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let count = items(spec, "finally").len();
    if count > 0 && items(spec, "tasks").is_empty() {
        let said = format!("invalid value: spec.tasks is empty but spec.finally has {count} tasks");
        scope.say(&FINALLY_ALONE, &format!("{at}.finally"), "there are no `tasks` beside it", said);
    }
    for (task, at) in listed(spec, at, "finally").iter().filter(|(task, _)| has(task, "runAfter")) {
        let said = format!(
            "invalid value: no runAfter allowed under spec.finally, final task {} has runAfter specified",
            text(task, "name")
        );
        scope.say(&FINALLY_AFTER, &format!("{at}.runAfter"), "cannot stand in `finally`", said);
    }
}

fn artifacts(scope: &mut Scope<'_, '_>, all: &[(&Value, String)]) {
    if scope.judge.cluster.artifacts {
        return;
    }
    for (task, at) in all {
        for param in given(task, "params", at) {
            let mut texts = param.value.texts().into_iter();
            if texts.any(|(_, text)| has_artifact_value(text, "tasks")) {
                let said =
                    "feature flag enable-artifacts should be set to true to use artifacts feature.";
                let at = format!("{}.value", param.at);
                scope.say(
                    &ARTIFACTS,
                    &at,
                    "uses artifacts, which need Tekton's `enable-artifacts`",
                    said,
                );
            }
        }
    }
}
