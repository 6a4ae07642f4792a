//! The order of tasks: what they wait for is there, and no circle is in it.

use std::collections::{BTreeMap, BTreeSet};

use super::lists::{listed, tasks};
use super::params::given;
use super::scope::{Scope, is_set, items, part, text, texts};
use super::table::pipeline::{CHILD_RESULT, CYCLE, MISSING};
use super::variables::{ResultRef, expressions, result_ref};
use crate::yaml::Value;

/// Where a text is, in a task: its path, and what it says.
type Text<'v> = (String, &'v str);

/// The texts of a task in which it may use results, as Tekton looks for them.
pub(super) fn result_texts<'v>(task: &'v Value, at: &str) -> Vec<Text<'v>> {
    let mut all = given_texts(task, at);
    all.extend(when_texts(task, at));
    let embedded = part(task, "taskSpec");
    for list in ["steps", "sidecars"] {
        for (index, container) in items(embedded, list).iter().enumerate() {
            let at = format!("{at}.taskSpec.{list}[{index}]");
            for key in ["name", "image", "imagePullPolicy", "script", "workingDir"] {
                all.push((format!("{at}.{key}"), text(container, key)));
            }
            for key in ["command", "args"] {
                let words = items(container, key).iter().enumerate();
                all.extend(words.filter_map(|(index, word)| {
                    Some((format!("{at}.{key}[{index}]"), word.as_str()?))
                }));
            }
            for (index, env) in items(container, "env").iter().enumerate() {
                let at = format!("{at}.env[{index}]");
                all.push((format!("{at}.value"), text(env, "value")));
                for from in ["secretKeyRef", "configMapKeyRef"] {
                    let from_value = part(part(env, "valueFrom"), from);
                    for key in ["key", "name"] {
                        all.push((format!("{at}.valueFrom.{from}.{key}"), text(from_value, key)));
                    }
                }
            }
        }
    }
    all.retain(|(_, text)| text.contains("$("));
    all
}

/// The texts of `params` and of the matrix.
fn given_texts<'v>(task: &'v Value, at: &str) -> Vec<Text<'v>> {
    let matrix = part(task, "matrix");
    let of_list = |of: &'v Value, at: String| -> Vec<Text<'v>> {
        let all = items(of, "params").iter().enumerate();
        all.flat_map(|(index, param)| {
            let at = format!("{at}params[{index}].value");
            value_texts(part(param, "value"), &at)
        })
        .collect()
    };
    let mut all = of_list(task, format!("{at}."));
    all.extend(of_list(matrix, format!("{at}.matrix.")));
    for (index, include) in items(matrix, "include").iter().enumerate() {
        all.extend(of_list(include, format!("{at}.matrix.include[{index}].")));
    }
    all
}

/// The texts of a value that is given to a parameter.
fn value_texts<'v>(value: &'v Value, at: &str) -> Vec<Text<'v>> {
    match value {
        Value::Str(text) => vec![(at.to_owned(), text.as_str())],
        Value::Seq(items) => {
            let all = items.iter().enumerate();
            all.filter_map(|(index, item)| Some((format!("{at}[{index}]"), item.as_str()?)))
                .collect()
        }
        Value::Map(map) => map
            .iter()
            .filter_map(|(key, item)| Some((format!("{at}.{key}"), item.as_str()?)))
            .collect(),
        _ => Vec::new(),
    }
}

/// The texts of `when`.
pub(super) fn when_texts<'v>(task: &'v Value, at: &str) -> Vec<Text<'v>> {
    let mut all = Vec::new();
    for (index, one) in items(task, "when").iter().enumerate() {
        let at = format!("{at}.when[{index}]");
        for key in ["input", "cel"] {
            all.push((format!("{at}.{key}"), text(one, key)));
        }
        let values = items(one, "values").iter().enumerate();
        all.extend(
            values.filter_map(|(index, value)| {
                Some((format!("{at}.values[{index}]"), value.as_str()?))
            }),
        );
    }
    all
}

/// The results that a task uses, with the path where it does.
pub(super) fn result_refs<'v>(task: &'v Value, at: &str) -> Vec<(String, ResultRef<'v>)> {
    let texts = result_texts(task, at).into_iter();
    texts
        .flat_map(|(at, text)| {
            expressions(text)
                .into_iter()
                .filter_map(move |one| Some((at.clone(), result_ref(one)?)))
        })
        .collect()
}

/// Judges `tasks`, and the use of results of Pipelines in Pipelines.
pub(super) fn judge(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let all = listed(spec, at, "tasks");
    let names: BTreeSet<&str> = all.iter().map(|(task, _)| text(task, "name")).collect();
    let mut waits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (task, at) in &all {
        let name = text(task, "name");
        let after = texts(task, "runAfter").into_iter().enumerate();
        let after = after.map(|(index, other)| (format!("{at}.runAfter[{index}]"), other));
        let results = result_refs(task, at);
        let of_results = results.iter().map(|(at, one)| (at.clone(), one.task));
        for (at, other) in after.chain(of_results) {
            waits.entry(name).or_default().insert(other);
            if !names.contains(other) {
                let said = format!(
                    "invalid value: couldn't add link between {name} and {other}: task {name} depends on {other} but {other} wasn't present in Pipeline: tasks"
                );
                scope.say(&MISSING, &at, format!("`{other}` is not a task of the Pipeline"), said);
            }
        }
    }
    circle(scope, &all, waits, &names);
    children(scope, spec, at);
}

/// Takes away what waits for nothing, until only circles are left.
fn circle<'v>(
    scope: &mut Scope<'_, '_>,
    all: &[(&'v Value, String)],
    mut waits: BTreeMap<&'v str, BTreeSet<&'v str>>,
    names: &BTreeSet<&'v str>,
) {
    for others in waits.values_mut() {
        others.retain(|other| names.contains(other));
    }
    loop {
        waits.retain(|_, others| !others.is_empty());
        let left: BTreeSet<&str> = waits.keys().copied().collect();
        let before: usize = waits.values().map(BTreeSet::len).sum();
        for others in waits.values_mut() {
            others.retain(|other| left.contains(other));
        }
        if before == waits.values().map(BTreeSet::len).sum::<usize>() {
            break;
        }
    }
    let Some((name, others)) = waits.iter().next() else { return };
    let others: Vec<String> = others.iter().map(|other| format!("{other:?}")).collect();
    let said = format!(
        "invalid value: cycle detected; task {name:?} depends on {}: tasks",
        others.join(", ")
    );
    let circle: Vec<&str> = waits.keys().copied().collect();
    let what = format!("waits for itself, by way of `{}`", circle.join("`, `"));
    if let Some((_, at)) = all.iter().find(|(task, _)| text(task, "name") == *name) {
        scope.say(&CYCLE, at, what, said);
    }
}

/// Results of Pipelines that are tasks.
fn children(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let is_pipeline = |task: &Value| is_set(task, "pipelineRef") || is_set(task, "pipelineSpec");
    let of = items(spec, "tasks").iter().filter(|task| is_pipeline(task));
    let names: BTreeSet<&str> = of.map(|task| text(task, "name")).collect();
    for (task, at) in tasks(spec, at).iter().filter(|_| !names.is_empty()) {
        for (at, one) in result_refs(task, at) {
            if names.contains(one.task) {
                let said = format!(
                    "invalid value: result reference to pipelineTask {:?} is not supported: referenced task uses pipelineRef or pipelineSpec and result propagation from child Pipelines is not yet implemented",
                    one.task
                );
                let what = format!("`{}` is a Pipeline, whose results cannot be used", one.task);
                scope.say(&CHILD_RESULT, &at, what, said);
            }
        }
    }
}

/// The texts of the parameters that a task is given, each parameter for itself.
pub(super) fn by_param<'v>(task: &'v Value, at: &str) -> Vec<Vec<Text<'v>>> {
    let count = given(task, "params", at).len();
    let params = items(task, "params").iter().take(count).enumerate();
    params
        .map(|(index, param)| {
            value_texts(part(param, "value"), &format!("{at}.params[{index}].value"))
        })
        .collect()
}

/// The texts of each `when`.
pub(super) fn by_when<'v>(task: &'v Value, at: &str) -> Vec<Vec<Text<'v>>> {
    let count = items(task, "when").len();
    let all = when_texts(task, at);
    (0..count)
        .map(|index| {
            let begin = format!("{at}.when[{index}].");
            all.iter().filter(|(at, _)| at.starts_with(&begin)).cloned().collect()
        })
        .collect()
}
