//! The results of a Pipeline.

use std::collections::BTreeSet;

use super::declare::names;
use super::params::Given;
use super::scope::{Scope, items};
use super::table::pipeline::RESULT;
use super::variables::{expressions, looks_like_result, result_ref};
use crate::yaml::Value;

/// Judges them.
pub(super) fn judge(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let (tasks, last) = (names(spec, "tasks"), names(spec, "finally"));
    for (index, result) in items(spec, "results").iter().enumerate() {
        let at = format!("{at}.results[{index}].value");
        let value = Given::of(result.get("value").unwrap_or(&Value::Null));
        let texts = value.texts();
        let all: Vec<&str> = texts.iter().flat_map(|(_, text)| expressions(text)).collect();
        let like: Vec<&str> = all.iter().copied().filter(|one| looks_like_result(one)).collect();
        let right = like.iter().filter(|one| result_ref(one).is_some()).count();
        let said = if all.is_empty() {
            "expected pipeline results to be task result expressions but no expressions were found"
        } else if like.is_empty() {
            "expected pipeline results to be task result expressions but an invalid expressions was found"
        } else if right != like.len() {
            "expected all of the expressions to be result expressions"
        } else {
            ""
        };
        if !said.is_empty() {
            let what = "is not made of results of tasks, as in `$(tasks.TASK.results.RESULT)`";
            scope.say(&RESULT, &at, what, format!("invalid value: {said}"));
        }
        if let Given::Text(text) = &value
            && let Some(what) = stranger(text, &tasks, &last)
        {
            scope.say(&RESULT, &at, what, "invalid value: referencing a nonexistent task");
        }
    }
}

/// What in a text is not the result of a task: Tekton cuts it at each `$`, and takes nothing else.
fn stranger(text: &str, tasks: &BTreeSet<&str>, last: &BTreeSet<&str>) -> Option<String> {
    for piece in text.split('$').filter(|piece| !piece.is_empty()) {
        // `$(`, which only a piece behind a `$` has, and the bracket at the end.
        let inner = piece.strip_prefix('(').map_or_else(|| format!("${piece}"), str::to_owned);
        let inner = inner.strip_suffix(')').unwrap_or(&inner).to_owned();
        let Some(one) = result_ref(&inner) else {
            return Some(format!(
                "`{piece}` is not a result of a task, and nothing else can be here"
            ));
        };
        let known = if one.of_finally { last } else { tasks };
        if !known.contains(one.task) {
            return Some(format!("`{}` is not a task of the Pipeline", one.task));
        }
    }
    None
}
