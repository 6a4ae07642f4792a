//! Inputs of catalogue tasks: results by name, or values already known from the spec.

use super::draft::{Draft, names};
use crate::model::{App, Input, Task};
use crate::yaml::Value;

/// A result that the task needs, that no earlier task has and that has no fallback.
pub(super) fn missing_result(draft: &Draft, before: &[Draft], app: &App) -> Option<String> {
    draft.task.inputs.iter().find_map(|input| {
        let missing = results_in(&input.value)
            .into_iter()
            .find(|result| producer(before, &draft.task, result).is_none())?;
        stand_in(input, app).is_none().then_some(missing)
    })
}

/// Sets the value of every input: results of earlier tasks, parameters of the pipeline, or the image if it is already known. Tasks
/// in `finally` see the results of all others.
pub(super) fn resolve(app: &App, tasks: &mut [Draft], at_end: &mut [Draft]) {
    for index in 0..tasks.len() {
        let (before, rest) = tasks.split_at_mut(index);
        resolve_one(app, before, &mut rest[0]);
    }
    // `$(states)` is the status of each task, which only tasks in `finally` can know.
    let states = names(tasks).map(|name| format!("{name}=$(tasks.{name}.status)"));
    let states = states.collect::<Vec<_>>().join(" ");
    for draft in at_end {
        resolve_one(app, tasks, draft);
        for (_, value) in &mut draft.task.params {
            if let Value::Str(text) = value {
                *text = text.replace("$(states)", &states);
            }
        }
    }
}

fn resolve_one(app: &App, before: &[Draft], Draft { task, .. }: &mut Draft) {
    for input in &task.inputs {
        let mut value = input.value.clone();
        for result in results_in(&input.value) {
            match producer(before, task, &result) {
                Some(name) => {
                    let expression = format!("$(tasks.{name}.results.{result})");
                    value = value.replace(&format!("$(results.{result})"), &expression);
                }
                None => value = stand_in(input, app).unwrap_or_default(),
            }
        }
        task.params.push((input.param.clone(), value.into()));
    }
}

fn stand_in(input: &Input, app: &App) -> Option<String> {
    match input.otherwise.as_deref()? {
        "reference" => app.image.reference.clone(),
        "digest" => app.image.digest.clone(),
        text => Some(text.to_owned()),
    }
}

/// The task that has the result: the one that the task names, or the last one, except for builders of images that are not the app's.
fn producer<'a>(before: &'a [Draft], of: &Task, result: &str) -> Option<&'a str> {
    let mut tasks = before.iter().rev().map(|draft| &draft.task);
    let task = tasks.find(|task| {
        let is_meant = match &of.of {
            Some(name) => task.name == *name,
            None => !task.other_image,
        };
        is_meant && task.results.iter().any(|r| r == result)
    });
    task.map(|task| task.name.as_str())
}

fn results_in(value: &str) -> Vec<String> {
    let parts = value.split("$(results.").skip(1);
    parts.filter_map(|part| part.split_once(')')).map(|(name, _)| name.to_owned()).collect()
}
