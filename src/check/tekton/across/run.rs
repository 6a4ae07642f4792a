//! Runs against what they run.

use std::collections::BTreeSet;

use super::super::declare::names;
use super::super::lists::tasks;
use super::super::params::{declared, given};
use super::super::scope::{Scope, is_set, items, part, text};
use super::super::table::across::{
    CLAIMS, NEAR_TASK, RUN_PARAM, RUN_PARAM_KEYS, RUN_PARAM_TYPE, RUN_SPECS, RUN_WORKSPACE,
};
use super::around::Near;
use super::{near as nearly, params, pipeline, task};
use crate::yaml::Value;

/// A PipelineRun.
pub(super) fn of_pipeline(scope: &mut Scope<'_, '_>, near: Near<'_>, run: &Value) {
    let of = if is_set(run, "pipelineSpec") {
        let embedded = part(run, "pipelineSpec");
        pipeline::judge(scope, near, embedded, "spec.pipelineSpec", true);
        embedded
    } else {
        let reference = part(run, "pipelineRef");
        let Some(of) = near.named(reference, "Pipeline") else {
            nearly::reference(scope, near, &NEAR_TASK, (reference, "Pipeline"), "spec.pipelineRef");
            return;
        };
        of
    };
    let name = "the Pipeline";
    parameters(scope, run, of, name);
    workspaces(scope, run, of, name, false);
    let all = tasks(of, "");
    let known: BTreeSet<&str> = all.iter().map(|(task, _)| text(task, "name")).collect();
    for (index, one) in items(run, "taskRunSpecs").iter().enumerate() {
        let task = text(one, "pipelineTaskName");
        if !known.contains(task) {
            let said = format!(
                "pipelineRun's taskrunSpecs defined wrong taskName: {task:?}, does not exist in Pipeline"
            );
            let at = format!("spec.taskRunSpecs[{index}].pipelineTaskName");
            scope.say(&RUN_SPECS, &at, format!("the Pipeline has no task `{task}`"), said);
        }
    }
    if scope.judge.cluster.coschedules() {
        claims(scope, run, &all);
    }
}

/// A TaskRun.
pub(super) fn of_task(scope: &mut Scope<'_, '_>, near: Near<'_>, run: &Value) {
    let of = if is_set(run, "taskSpec") {
        let embedded = part(run, "taskSpec");
        task::actions(scope, near, embedded, "spec.taskSpec");
        embedded
    } else {
        let reference = part(run, "taskRef");
        let Some(of) = near.named(reference, "Task") else {
            nearly::reference(scope, near, &NEAR_TASK, (reference, "Task"), "spec.taskRef");
            return;
        };
        of
    };
    parameters(scope, run, of, "the Task");
    // What is embedded may use the workspaces of the run without declaring them.
    workspaces(scope, run, of, "the Task", !is_set(run, "taskSpec"));
    for (key, list) in [("stepSpecs", "steps"), ("sidecarSpecs", "sidecars")] {
        let known = names(of, list);
        for (index, one) in items(run, key).iter().enumerate() {
            let name = text(one, "name");
            if !known.contains(name) {
                let said = format!("invalid StepOverride: No Step named {name}");
                let what = format!("the Task has no `{name}` in `{list}`");
                scope.say(&RUN_SPECS, &format!("spec.{key}[{index}].name"), what, said);
            }
        }
    }
}

fn parameters(scope: &mut Scope<'_, '_>, run: &Value, of: &Value, name: &str) {
    let (specs, given) = (declared(of, ""), given(run, "params", "spec"));
    let names: BTreeSet<&str> = given.iter().map(|param| param.name).collect();
    params::missing(scope, &RUN_PARAM, (&specs, &names), "spec.params", name);
    params::types(scope, &RUN_PARAM_TYPE, (&specs, &given), true);
    params::keys(scope, &RUN_PARAM_KEYS, &specs, &given);
    params::indexes(scope, of, &params::lengths(&specs, &given), "spec.params");
}

fn workspaces(scope: &mut Scope<'_, '_>, run: &Value, of: &Value, name: &str, no_more: bool) {
    let bound = names(run, "workspaces");
    for one in items(of, "workspaces") {
        let is_optional = one.get("optional").is_some_and(Value::is_true);
        let wanted = text(one, "name");
        if !is_optional && !bound.contains(wanted) {
            let said = format!(
                "pipeline requires workspace with name {wanted:?} be provided by pipelinerun"
            );
            let what = format!("{name} needs the workspace `{wanted}`");
            scope.say(&RUN_WORKSPACE, "spec.workspaces", what, said);
        }
    }
    let known = names(of, "workspaces");
    for (index, one) in items(run, "workspaces").iter().enumerate().filter(|_| no_more) {
        let wanted = text(one, "name");
        if !known.contains(wanted) {
            let said =
                format!("workspace binding {wanted:?} does not match any declared workspace");
            let at = format!("spec.workspaces[{index}].name");
            scope.say(&RUN_WORKSPACE, &at, format!("{name} has no workspace `{wanted}`"), said);
        }
    }
}

/// Tasks that use more than one claim.
fn claims(scope: &mut Scope<'_, '_>, run: &Value, all: &[(&Value, String)]) {
    for (task, _) in all {
        let mut claims = BTreeSet::new();
        for one in items(task, "workspaces") {
            let name = Some(text(one, "workspace")).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| text(one, "name"));
            let binding = items(run, "workspaces").iter().find(|one| text(one, "name") == name);
            let Some(binding) = binding else { continue };
            if is_set(binding, "volumeClaimTemplate") {
                claims.insert((true, name));
            } else if is_set(binding, "persistentVolumeClaim") {
                claims.insert((false, text(part(binding, "persistentVolumeClaim"), "claimName")));
            }
        }
        if claims.len() > 1 {
            let task = text(task, "name");
            let said = "TaskRun mounts more than one PersistentVolumeClaim - that is forbidden";
            let what = format!("task `{task}` uses {} PersistentVolumeClaims", claims.len());
            scope.say(&CLAIMS, "spec.workspaces", what, said);
        }
    }
}
