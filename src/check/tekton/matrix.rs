//! Tasks that are spread over a matrix.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::by_param;
use super::lists::listed;
use super::params::{Given, Param, given};
use super::pipeline_task::has_matrix;
use super::scope::{Scope, items, part, text, twice};
use super::table::pipeline::{MATRIX, MATRIX_RESULT};
use super::variables::{expressions, looks_like_result, result_ref};
use crate::check::Fields;
use crate::yaml::Value;

/// Judges both lists.
pub(super) fn judge(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    for list in ["tasks", "finally"] {
        let all = listed(spec, at, list);
        for (task, at) in &all {
            one(scope, task, at);
        }
        consumed(scope, &all);
    }
}

fn one(scope: &mut Scope<'_, '_>, task: &Value, at: &str) {
    let matrix = part(task, "matrix");
    let at_matrix = format!("{at}.matrix");
    let params = given(matrix, "params", &at_matrix);
    let included: Vec<Vec<Param<'_>>> = items(matrix, "include")
        .iter()
        .enumerate()
        .map(|(index, one)| given(one, "params", &format!("{at_matrix}.include[{index}]")))
        .collect();
    if has_matrix(task) {
        scope.needs(Fields::Beta, "matrix", &at_matrix);
        let (count, most) = (combinations(&params, &included), scope.judge.cluster.matrix);
        if count > most {
            let said = format!("expected 0 <= {count} <= {most}: matrix");
            let what = format!("has {count} combinations, and the cluster allows {most}");
            scope.say(&MATRIX, &at_matrix, what, said);
        }
        for list in included.iter().chain([&params]) {
            for (index, name) in twice(list.iter().map(|param| param.name)) {
                let said = format!(
                    "parameter names must be unique, the parameter \"{name}\" is also defined at"
                );
                let what = format!("`{name}` is given twice");
                scope.say(&MATRIX, &format!("{}.name", list[index].at), what, said);
            }
        }
    }
    let names: BTreeSet<&str> =
        included.iter().flatten().chain(&params).map(|param| param.name).collect();
    for param in given(task, "params", at).iter().filter(|param| names.contains(param.name)) {
        let name = param.name;
        let said = format!("expected exactly one, got both: matrix[{name}], params[{name}]");
        let what = format!("`{name}` is given by the matrix, too");
        scope.say(&MATRIX, &format!("{}.name", param.at), what, said);
    }
}

/// The number of tasks that a matrix makes, as Tekton counts them.
fn combinations(params: &[Param<'_>], included: &[Vec<Param<'_>>]) -> usize {
    if params.is_empty() {
        return included.len();
    }
    let mut count = 1_usize;
    for param in params {
        if let Given::List(items) = &param.value
            && !items.is_empty()
        {
            count = count.saturating_mul(items.len());
        }
    }
    let lists: BTreeMap<&str, &[&str]> = params
        .iter()
        .map(|param| match &param.value {
            Given::List(items) => (param.name, items.as_slice()),
            _ => (param.name, &[][..]),
        })
        .collect();
    for include in included {
        for param in include {
            let Some(list) = lists.get(param.name) else { continue };
            let value = if let Given::Text(text) = &param.value { text } else { "" };
            if list.contains(&value) {
                break;
            }
            count = count.saturating_add(1);
        }
    }
    count
}

/// Results of tasks with a matrix, where others use them.
fn consumed(scope: &mut Scope<'_, '_>, all: &[(&Value, String)]) {
    let spread: BTreeMap<&str, &Value> = all
        .iter()
        .filter(|(task, _)| has_matrix(task))
        .map(|(task, _)| (text(task, "name"), *task))
        .collect();
    let texts = all.iter().flat_map(|(task, at)| by_param(task, at)).flatten();
    for (at, value) in texts.filter(|_| !spread.is_empty()) {
        for expression in expressions(value).into_iter().filter(|one| looks_like_result(one)) {
            let name = expression.split('.').nth(1).unwrap_or_default();
            let Some(task) = spread.get(name) else { continue };
            if !expression.ends_with("[*]") {
                let said = format!(
                    "A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is currently set to {expression}"
                );
                let what =
                    format!("`{name}` has a matrix: its results can be used only with `[*]`");
                scope.say(&MATRIX_RESULT, &at, what, said);
            }
            let results = items(part(task, "taskSpec"), "results").iter();
            let wanted = result_ref(expression).map(|one| one.result);
            for result in results.filter(|result| Some(text(result, "name")) == wanted) {
                let kind = text(result, "type");
                if !matches!(kind, "" | "string") {
                    let (name, said) = (text(result, "name"), kind);
                    let said = format!(
                        "invalid value: Matrixed PipelineTasks emitting results must have an underlying type string, but result {name} has type {said} in pipelineTask"
                    );
                    let what = format!("`{name}` is of the type {kind}, and must be a string");
                    scope.say(&MATRIX_RESULT, &at, what, said);
                }
            }
        }
    }
}
