//! Which statuses and results tasks in `finally`, and tasks before them, may use.

use std::collections::BTreeSet;

use super::declare::names;
use super::graph::{by_param, by_when};
use super::lists::listed;
use super::scope::Scope;
use super::table::advice;
use super::table::pipeline::{FINALLY_RESULT, STATUS, STATUS_MISSING};
use super::variables::{expressions, looks_like_result, result_ref};
use crate::yaml::Value;

/// The task of `tasks.TASK.status` or `tasks.TASK.reason`; empty for `tasks.status`.
fn status_of(expression: &str) -> Option<&str> {
    if expression == "tasks.status" {
        return Some("");
    }
    let rest = expression.strip_prefix("tasks.")?;
    rest.strip_suffix(".status").or_else(|| rest.strip_suffix(".reason"))
}

/// Statuses of tasks.
pub(super) fn statuses(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let known = names(spec, "tasks");
    for list in ["tasks", "finally"] {
        for (task, at) in listed(spec, at, list) {
            for texts in by_param(task, &at).into_iter().chain(by_when(task, &at)) {
                let all: Vec<(&String, &str)> = texts
                    .iter()
                    .flat_map(|(at, text)| expressions(text).into_iter().map(move |one| (at, one)))
                    .collect();
                let beside_result = all.iter().any(|(_, one)| looks_like_result(one));
                for (at, name) in all.iter().filter_map(|(at, one)| Some((at, status_of(one)?))) {
                    status(scope, at, name, (list == "finally", beside_result), &known);
                }
            }
        }
    }
}

fn status(
    scope: &mut Scope<'_, '_>,
    at: &str,
    name: &str,
    (in_finally, beside_result): (bool, bool),
    known: &BTreeSet<&str>,
) {
    let is_known = name.is_empty() || known.contains(name);
    let missing = format!("`{name}` is not a task in `tasks`");
    match (in_finally, beside_result) {
        (false, false) => {
            let said = "invalid value: pipeline tasks can not refer to execution status of any other pipeline task or aggregate status of tasks";
            scope.say(&STATUS, at, "uses a status, which only tasks in `finally` can", said);
        }
        (true, false) if !is_known => {
            let said =
                format!("invalid value: pipeline task {name} is not defined in the pipeline");
            scope.say(&STATUS_MISSING, at, missing, said);
        }
        (true, true) if !is_known => scope.say(&advice::STATUS, at, missing, ""),
        (false, true) => {
            scope.say(&advice::STATUS, at, "uses a status, which only tasks in `finally` can", "");
        }
        _ => {}
    }
}

/// Results that tasks in `finally` use.
pub(super) fn results(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let (tasks, last) = (names(spec, "tasks"), names(spec, "finally"));
    for (task, at) in listed(spec, at, "finally") {
        let texts = by_param(task, &at).into_iter().chain(by_when(task, &at)).flatten();
        for (at, text) in texts {
            for one in expressions(text).into_iter().filter_map(result_ref) {
                let name = one.task;
                if last.contains(name) {
                    let said = format!(
                        "invalid value: invalid task result reference, final task has task result reference from a final task {name}"
                    );
                    let what = format!("`{name}` is in `finally` itself");
                    scope.say(&FINALLY_RESULT, &at, what, said);
                } else if !tasks.contains(name) {
                    let said = format!(
                        "invalid value: invalid task result reference, final task has task result reference from a task {name} which is not defined in the pipeline"
                    );
                    let what = format!("`{name}` is not a task of the Pipeline");
                    scope.say(&FINALLY_RESULT, &at, what, said);
                }
            }
        }
    }
}
