//! Results that a Pipeline uses, against the Tasks that have them.

use std::collections::BTreeMap;

use super::super::graph::result_refs;
use super::super::lists::tasks;
use super::super::params::Given;
use super::super::scope::{Scope, is_set, items, text};
use super::super::table::across::{RESULT, RESULT_TYPE};
use super::super::table::advice;
use super::super::variables::{ResultRef, expressions, result_ref};
use super::around::{Near, task_of};
use crate::yaml::Value;

/// Judges the tasks of a Pipeline and its own results.
pub(super) fn judge(scope: &mut Scope<'_, '_>, near: Near<'_>, spec: &Value, at: &str) {
    let all = tasks(spec, at);
    let mut known: BTreeMap<&str, &Value> = BTreeMap::new();
    for (task, _) in &all {
        if let Some(of) = task_of(near, task) {
            known.insert(text(task, "name"), of);
        }
    }
    for (task, at) in &all {
        for (at, one) in result_refs(task, at) {
            named(scope, &known, &at, &one);
        }
    }
    for (index, result) in items(spec, "results").iter().enumerate() {
        let at = format!("{at}.results[{index}]");
        let value = Given::of(result.get("value").unwrap_or(&Value::Null));
        for (_, text) in value.texts() {
            for one in expressions(text).into_iter().filter_map(result_ref) {
                named(scope, &known, &format!("{at}.value"), &one);
                if text.len() == text.trim().len() && text.ends_with(')') {
                    own_type(scope, &known, result, &at, (text, &one));
                }
            }
        }
    }
}

/// The type of a result.
fn kind(result: &Value) -> &str {
    match text(result, "type") {
        "" if is_set(result, "properties") => "object",
        "" => "string",
        kind => kind,
    }
}

fn named(scope: &mut Scope<'_, '_>, known: &BTreeMap<&str, &Value>, at: &str, one: &ResultRef<'_>) {
    let Some(of) = known.get(one.task) else { return };
    let Some(result) = items(of, "results").iter().find(|item| text(item, "name") == one.result)
    else {
        let said = format!(
            "{:?} is not a named result returned by pipeline task {:?}",
            one.result, one.task
        );
        let what = format!("the Task of `{}` has no result `{}`", one.task, one.result);
        scope.say(&RESULT, at, what, said);
        return;
    };
    let is_wrong = match (kind(result), one.index, one.key) {
        ("string" | "array", _, Some(_)) => true,
        // A matrix makes a list of strings.
        ("string" | "object", Some(index), _) => index != "*",
        _ => false,
    };
    if is_wrong {
        let what = format!("`{}` of `{}` is of the type {}", one.result, one.task, kind(result));
        scope.say(&RESULT_TYPE, at, what, "");
    }
}

/// The type of a Pipeline's result, which is that of the task's.
fn own_type(
    scope: &mut Scope<'_, '_>,
    known: &BTreeMap<&str, &Value>,
    own: &Value,
    at: &str,
    (whole, one): (&str, &ResultRef<'_>),
) {
    let is_all = expressions(whole).len() == 1 && whole.starts_with("$(") && one.key.is_none();
    let Some(of) = known.get(one.task).filter(|_| is_all && one.index.is_none_or(|at| at == "*"))
    else {
        return;
    };
    let result = items(of, "results").iter().find(|item| text(item, "name") == one.result);
    let Some(of) = result.map(kind) else { return };
    let wanted = text(own, "type");
    let is_list = one.index.is_some() && of == "string";
    if !wanted.is_empty() && wanted != of && !is_list {
        let what =
            format!("is of the type {wanted}, and `{}` of `{}` of {of}", one.result, one.task);
        scope.say(&advice::RESULT_TYPE, &format!("{at}.type"), what, "");
    }
}
