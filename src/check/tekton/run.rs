//! PipelineRuns and TaskRuns.

use super::params::given;
use super::scope::{Scope, has, is_set, items, part, text};
use super::table::object::INLINE;
use super::table::run::{
    DEBUG, NEGATIVE, PARAM_TWICE, PENDING, RESULT, SOURCE, STATUS, WORKSPACE_TWICE,
};
use super::text::{duration, shown};
use super::variables::{expressions, looks_like_result, result_ref};
use super::{bindings, inline, pipeline, refs, specs, task, timeouts};
use crate::check::Fields;
use crate::yaml::Value;

/// A PipelineRun.
pub(super) fn pipeline_run(scope: &mut Scope<'_, '_>, object: &Value) {
    let spec = part(object, "spec");
    pending(scope, object, "PipelineRunPending", "PipelineRun");
    source(scope, spec, "pipelineRef", "pipelineSpec");
    if is_set(spec, "pipelineRef") {
        refs::judge(scope, part(spec, "pipelineRef"), "spec.pipelineRef");
    }
    if is_set(spec, "pipelineSpec") {
        inline_spec(scope, "pipelinerun", "pipelineSpec");
        pipeline::spec(scope, part(spec, "pipelineSpec"), "spec.pipelineSpec");
    }
    params(scope, spec);
    inline::pipeline(scope, spec);
    timeouts::judge(scope, spec);
    specs::of_tasks(scope, spec);
    let status = text(spec, "status");
    let words = ["Cancelled", "CancelledRunFinally", "StoppedRunFinally", "PipelineRunPending"];
    if !status.is_empty() && !words.contains(&status) {
        let said = format!(
            "invalid value: {status} should be Cancelled, CancelledRunFinally, StoppedRunFinally or PipelineRunPending"
        );
        scope.say(&STATUS, "spec.status", format!("`{status}` is not a status to ask for"), said);
    }
    bindings::judge(scope, spec, "spec");
    let all = items(spec, "workspaces");
    for (index, name) in super::scope::twice(all.iter().map(|one| text(one, "name"))) {
        let first = all.iter().position(|one| text(one, "name") == name).unwrap_or_default();
        let said = format!(
            "workspace {name:?} provided by pipelinerun more than once, at index {first} and {index}"
        );
        let what = format!("`{name}` is bound twice");
        scope.say(&WORKSPACE_TWICE, &format!("spec.workspaces[{index}].name"), what, said);
    }
    let template = part(part(spec, "taskRunTemplate"), "podTemplate");
    specs::env(scope, template, "spec.taskRunTemplate.podTemplate");
}

/// A TaskRun.
pub(super) fn task_run(scope: &mut Scope<'_, '_>, object: &Value) {
    let spec = part(object, "spec");
    pending(scope, object, "TaskRunPending", "TaskRun");
    source(scope, spec, "taskRef", "taskSpec");
    if is_set(spec, "taskRef") {
        refs::judge(scope, part(spec, "taskRef"), "spec.taskRef");
    }
    if is_set(spec, "taskSpec") {
        inline_spec(scope, "taskrun", "taskSpec");
        task::spec(scope, part(spec, "taskSpec"), "spec.taskSpec");
    }
    refs::no_twins(scope, &given(spec, "params", "spec"), &PARAM_TWICE);
    inline::task(scope, spec);
    bindings::judge(scope, spec, "spec");
    bindings::no_twins(scope, spec, "spec");
    if is_set(spec, "debug") {
        scope.needs(Fields::Alpha, "debug", "spec.debug");
        debug(scope, part(spec, "debug"));
    }
    specs::judge(scope, spec, "spec");
    let (status, message) = (text(spec, "status"), text(spec, "statusMessage"));
    if !matches!(status, "" | "TaskRunCancelled" | "TaskRunPending") {
        let said = format!("invalid value: {status} should be TaskRunCancelled or TaskRunPending");
        scope.say(&STATUS, "spec.status", format!("`{status}` is not a status to ask for"), said);
    }
    message_alone(scope, status, message);
    let retries = spec.get("retries").and_then(Value::as_int).unwrap_or_default();
    if retries < 0 {
        let said = format!("invalid value: {retries} should be >= 0");
        scope.say(&NEGATIVE, "spec.retries", "is negative", said);
    }
    specs::env(scope, part(spec, "podTemplate"), "spec.podTemplate");
    if let Some(timeout) = duration(text(spec, "timeout")).filter(|timeout| *timeout < 0) {
        let said = format!("invalid value: {} should be >= 0", shown(timeout));
        scope.say(&NEGATIVE, "spec.timeout", "is negative", said);
    }
}

/// A message beside no status.
pub(super) fn message_alone(scope: &mut Scope<'_, '_>, status: &str, message: &str) {
    if status.is_empty() && !message.is_empty() {
        let said = format!(
            "invalid value: statusMessage should not be set if status is not set, but it is currently set to {message}"
        );
        scope.say(&STATUS, "spec.statusMessage", "there is no `status` beside it", said);
    }
}

fn pending(scope: &mut Scope<'_, '_>, object: &Value, word: &str, kind: &str) {
    let is_pending = text(part(object, "spec"), "status") == word;
    if is_pending && has(part(object, "status"), "startTime") {
        let said =
            format!("invalid value: {kind} cannot be Pending after it is started: spec.status");
        scope.say(&PENDING, "spec.status", "is pending, and the run has started", said);
    }
}

fn source(scope: &mut Scope<'_, '_>, spec: &Value, reference: &str, embedded: &str) {
    let (said, what) = match (is_set(spec, reference), is_set(spec, embedded)) {
        (true, true) => ("both", format!("has `{reference}` and `{embedded}`")),
        (false, false) => ("neither", format!("has neither `{reference}` nor `{embedded}`")),
        _ => return,
    };
    let said = format!("expected exactly one, got {said}: {reference}, {embedded}");
    scope.say(&SOURCE, &format!("spec.{reference}"), what, said);
}

fn inline_spec(scope: &mut Scope<'_, '_>, kind: &str, key: &str) {
    if scope.judge.cluster.no_inline_spec.iter().any(|one| one == kind) {
        let said = format!("must not set the field(s): {key}");
        scope.say(&INLINE, &format!("spec.{key}"), "the cluster forbids embedded specs", said);
    }
}

fn params(scope: &mut Scope<'_, '_>, spec: &Value) {
    let all = given(spec, "params", "spec");
    refs::no_twins(scope, &all, &PARAM_TWICE);
    for param in &all {
        let texts = param.value.texts();
        let found = texts.iter().flat_map(|(_, text)| expressions(text));
        let found: Vec<&str> = found.filter(|one| looks_like_result(one)).collect();
        if found.iter().any(|one| result_ref(one).is_some()) {
            let said = format!(
                "invalid value: cannot use result expressions in [{}] as PipelineRun parameter values: params[{}].value",
                found.join(" "),
                param.name
            );
            let what = "refers to the result of a task, which only the Pipeline can";
            scope.say(&RESULT, &format!("{}.value", param.at), what, said);
        }
    }
}

fn debug(scope: &mut Scope<'_, '_>, debug: &Value) {
    let points = part(debug, "breakpoints");
    if !is_set(debug, "breakpoints") {
        return;
    }
    let at = "spec.debug.breakpoints";
    let on_failure = text(points, "onFailure");
    if on_failure != "enabled" {
        let said = if on_failure.is_empty() {
            "onFailure breakpoint is empty, it is only allowed to be set as enabled".to_owned()
        } else {
            format!(
                "{on_failure} is not a valid onFailure breakpoint value, onFailure breakpoint is only allowed to be set as enabled"
            )
        };
        let what = "must be `enabled`";
        scope.say(&DEBUG, &format!("{at}.onFailure"), what, format!("invalid value: {said}"));
    }
    let steps = super::scope::texts(points, "beforeSteps");
    for (index, step) in super::scope::twice(steps) {
        let said = format!(
            "before step must be unique, the same step: {step} is defined multiple times at: breakpoints.beforeSteps[{index}]"
        );
        scope.say(
            &DEBUG,
            &format!("{at}.beforeSteps[{index}]"),
            format!("`{step}` is there twice"),
            said,
        );
    }
}
