//! What Tekton accepts, and is not what was meant.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::declare::names;
use super::lists::tasks;
use super::params::{declared, given};
use super::scope::{Scope, items, part, text, twice};
use super::step::steps;
use super::table::advice::{
    ENV_TWICE, JSON, NEGATIVE, OUTSIDE, STEP_RESULT, UNREACHABLE, UNUSED_PARAM, UNUSED_WORKSPACE,
    UNWRITTEN, WORKSPACE_VARIABLE,
};
use super::task;
use super::text::duration;
use super::variables::{Variable, expressions, step_results, variables};
use crate::yaml::Value;

/// Judges an object that is right by itself.
pub(super) fn judge(scope: &mut Scope<'_, '_>, object: &Value) {
    let spec = part(object, "spec");
    match text(object, "kind") {
        "Pipeline" => negative(scope, spec, "spec"),
        "PipelineRun" => negative(scope, part(spec, "pipelineSpec"), "spec.pipelineSpec"),
        _ => {}
    }
    if !scope.found.takes_warnings() {
        return;
    }
    match text(object, "kind") {
        "Task" => {
            of_task(scope, spec, "spec");
            unused_params(scope, spec, spec, "spec");
            outside(scope, spec, "spec");
        }
        "TaskRun" => of_task(scope, part(spec, "taskSpec"), "spec.taskSpec"),
        "StepAction" => unused_params(scope, spec, spec, "spec"),
        "Pipeline" => {
            of_pipeline(scope, spec, "spec");
            unused_params(scope, spec, spec, "spec");
        }
        "PipelineRun" => {
            of_pipeline(scope, part(spec, "pipelineSpec"), "spec.pipelineSpec");
            json(scope, spec, "spec");
        }
        _ => {}
    }
}

/// Every text in a value, with its path. Descriptions are prose.
fn texts(value: &Value, at: &mut String, found: &mut Vec<(String, String)>) {
    let length = at.len();
    match value {
        Value::Str(text) if text.contains("$(") => found.push((at.clone(), text.clone())),
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                let _ = write!(at, "[{index}]");
                texts(item, at, found);
                at.truncate(length);
            }
        }
        Value::Map(map) => {
            for (key, item) in map.iter().filter(|(key, _)| *key != "description") {
                at.push('.');
                at.push_str(key);
                texts(item, at, found);
                at.truncate(length);
            }
        }
        _ => {}
    }
}

fn texts_of(value: &Value, at: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    texts(value, &mut at.to_owned(), &mut found);
    found
}

/// Parameters that nothing uses.
fn unused_params(scope: &mut Scope<'_, '_>, spec: &Value, within: &Value, at: &str) {
    let all = texts_of(within, at);
    for param in declared(spec, at) {
        let own = format!("{}.", param.at);
        let name = param.name;
        let uses = |text: &str| {
            variables(text, "params").iter().any(|one| {
                let rest = one.inner.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        };
        if !all.iter().any(|(at, text)| !at.starts_with(&own) && uses(text)) {
            scope.say(&UNUSED_PARAM, &param.at, format!("`{name}` is not used"), "");
        }
    }
}

fn of_task(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    unwritten(scope, spec, at);
    step_results_of(scope, spec, at);
    workspace_variables(scope, spec, at);
    for step in steps(spec, at) {
        let env = items(&step.merged, "env");
        for (index, name) in twice(env.iter().map(|env| text(env, "name"))) {
            let at = format!("{}.name", step.item("env", index));
            scope.say(&ENV_TWICE, &at, format!("`{name}` is set twice"), "");
        }
    }
}

/// Results that no step writes, where all that is run is in sight: scripts that name no path of results by other means.
fn unwritten(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let all = steps(spec, at);
    // A StepAction or a program without a script may write anything; so may a script that knows the folder.
    let is_hidden = |step: &super::step::Step<'_>| {
        step.has_ref() || step.text("script").is_empty() || step.text("script").contains("/tekton/")
    };
    if all.iter().any(is_hidden) || !items(spec, "sidecars").is_empty() {
        return;
    }
    let texts = texts_of(spec, at);
    for (index, result) in items(spec, "results").iter().enumerate() {
        let name = text(result, "name");
        let dotted = format!("$(results.{name}.path)");
        let quoted = [format!("$(results['{name}'].path)"), format!("$(results[\"{name}\"].path)")];
        let is_written = texts.iter().any(|(_, text)| {
            text.contains(&dotted) || quoted.iter().any(|quoted| text.contains(quoted))
        });
        if !is_written && result.get("value").is_none() {
            let what = format!("`{name}` is written by no step");
            scope.say(&UNWRITTEN, &format!("{at}.results[{index}]"), what, "");
        }
    }
}

/// Results of steps that are not there, or come later.
fn step_results_of(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let all = items(spec, "steps");
    let mut before: Vec<&Value> = Vec::new();
    for (index, step) in all.iter().enumerate() {
        for (at, text) in texts_of(step, &format!("{at}.steps[{index}]")) {
            for (name, result) in step_results(&text) {
                one_step_result(scope, &at, (name, result), &before);
            }
        }
        before.push(step);
    }
    for (index, result) in items(spec, "results").iter().enumerate() {
        for (name, wanted) in step_results(text(result, "value")) {
            let at = format!("{at}.results[{index}].value");
            one_step_result(scope, &at, (name, wanted), &before);
        }
    }
}

fn one_step_result(
    scope: &mut Scope<'_, '_>,
    at: &str,
    (name, result): (&str, &str),
    before: &[&Value],
) {
    let Some(step) = before.iter().find(|step| text(step, "name") == name) else {
        scope.say(&STEP_RESULT, at, format!("`{name}` is not an earlier step"), "");
        return;
    };
    let result = result.split(['.', '[']).next().unwrap_or_default();
    if step.get("ref").is_none() && !names(step, "results").contains(result) {
        scope.say(&STEP_RESULT, at, format!("step `{name}` has no result `{result}`"), "");
    }
}

/// Variables of workspaces that a Task does not declare.
fn workspace_variables(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let known = names(spec, "workspaces");
    for (at, text) in texts_of(spec, at) {
        for one in expressions(&text) {
            let Some(rest) = one.strip_prefix("workspaces.") else { continue };
            let name = rest.rsplit_once('.').map_or(rest, |(name, _)| name);
            if !known.contains(name) {
                let what = format!("the Task declares no workspace `{name}`");
                scope.say(&WORKSPACE_VARIABLE, &at, what, "");
            }
        }
    }
}

/// Parameters outside steps, which Tekton does not look at.
fn outside(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let params = declared(spec, at);
    let known: BTreeSet<&str> = params.iter().map(|param| param.name).collect();
    for key in ["sidecars", "volumes", "workspaces"] {
        for (at, text) in texts_of(part(spec, key), &format!("{at}.{key}")) {
            for name in variables(&text, "params").iter().filter_map(Variable::name) {
                let name = name.split('[').next().unwrap_or_default();
                if !known.contains(name) {
                    let what = format!("`$(params.{name})` is not declared");
                    scope.say(&OUTSIDE, &at, what, "");
                }
            }
        }
    }
}

/// Timeouts and retries below nothing: the one error among these.
fn negative(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    for (one, at) in tasks(spec, at) {
        let is_negative = duration(text(one, "timeout")).is_some_and(|timeout| timeout < 0);
        if is_negative {
            scope.say(&NEGATIVE, &format!("{at}.timeout"), "is negative", "");
        }
        if one.get("retries").and_then(Value::as_int).is_some_and(|retries| retries < 0) {
            scope.say(&NEGATIVE, &format!("{at}.retries"), "is negative", "");
        }
    }
}

fn of_pipeline(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let mut used = BTreeSet::new();
    for (one, at) in tasks(spec, at) {
        json(scope, one, &at);
        never(scope, one, &at);
        for binding in items(one, "workspaces") {
            let name = text(binding, "workspace");
            used.insert(if name.is_empty() { text(binding, "name") } else { name });
        }
        if let Some(embedded) = task::embedded(one, "taskSpec") {
            // Workspaces of a run go on into what is embedded in it, whose own steps name them.
            used.extend(names(embedded, "workspaces"));
            unwritten(scope, embedded, &format!("{at}.taskSpec"));
            step_results_of(scope, embedded, &format!("{at}.taskSpec"));
        }
    }
    let all = texts_of(spec, at);
    for (index, workspace) in items(spec, "workspaces").iter().enumerate() {
        let name = text(workspace, "name");
        let variable = format!("$(workspaces.{name}.");
        if !used.contains(name) && !all.iter().any(|(_, text)| text.contains(&variable)) {
            let at = format!("{at}.workspaces[{index}]");
            scope.say(&UNUSED_WORKSPACE, &at, format!("`{name}` is given to no task"), "");
        }
    }
}

/// Lists and mappings of other things than strings.
fn json(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for (param, value) in given(of, "params", at).iter().zip(items(of, "params")) {
        let is_composed = matches!(value.get("value"), Some(Value::Seq(_) | Value::Map(_)));
        if is_composed && param.value.kind() == "string" {
            let what = "has items that are not strings, and is one string of JSON for Tekton";
            scope.say(&JSON, &format!("{}.value", param.at), what, "");
        }
    }
}

/// Conditions that are never true.
fn never(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for (index, one) in items(of, "when").iter().enumerate() {
        let input = text(one, "input");
        let values = super::scope::texts(one, "values");
        let is_open = |text: &str| text.contains("$(");
        if values.is_empty() || is_open(input) || values.iter().any(|value| is_open(value)) {
            continue;
        }
        let is_in = values.contains(&input);
        let is_false = match text(one, "operator") {
            "in" => !is_in,
            "notin" => is_in,
            _ => false,
        };
        if is_false {
            let what = format!("`{input}` never fulfils it");
            scope.say(&UNREACHABLE, &format!("{at}.when[{index}]"), what, "");
        }
    }
}
