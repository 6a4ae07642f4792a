//! What each task waits for, and which tasks cannot run where others do not.

use std::collections::{BTreeMap, BTreeSet};

use super::decode::Decoder;
use super::task::Task;
use super::{App, inputs, link};
use crate::error::SpecError;

/// What a task needs of others that do not run here.
pub(super) fn lacking(task: &Task, left_out: &BTreeMap<String, Vec<String>>) -> Option<String> {
    let (name, result) = link::takes_from(task).find(|(name, _)| left_out.contains_key(*name))?;
    Some(format!(
        "it takes `{name}.{result}`, and `{name}` does not run here"
    ))
}

/// Leaves out what takes results of what is left out, until nothing does.
pub(super) fn leave_out(
    d: &mut Decoder<'_>,
    app: &App,
    tasks: &mut Vec<Task>,
    left_out: &mut BTreeMap<String, Vec<String>>,
) {
    loop {
        let gone = tasks.iter().enumerate().find_map(|(index, task)| {
            let why = lacking(task, left_out).or_else(|| {
                inputs::missing_result(task, &tasks[..index], app).map(|result| no_result(&result))
            })?;
            Some((index, why))
        });
        let Some((index, why)) = gone else { break };
        let task = tasks.remove(index);
        d.unmet(
            task.span,
            &format!("the task `{}` of `{}`", task.name, app.name),
            why,
        );
        left_out.insert(task.name, task.after);
    }
}

pub(super) fn no_result(result: &str) -> String {
    format!("no task before it gives `{result}`, and no image is pinned")
}

/// A name that runs here, or what the left-out one would have waited for.
pub(super) fn present(name: &str, left_out: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    match left_out.get(name) {
        None => vec![name.to_owned()],
        Some(before) => before
            .iter()
            .flat_map(|name| present(name, left_out))
            .collect(),
    }
}

/// The tasks that must have ended before: those named, and those whose results it takes.
fn waits_for(task: &Task) -> impl Iterator<Item = &str> {
    let named = task.after.iter().map(String::as_str);
    let by_result = link::takes_from(task).map(|(name, _)| name);
    named.chain(by_result.filter(|name| *name != task.name))
}

/// Looks for tasks that come to wait for themselves. Names of no task are another error.
pub(super) fn check_circles(d: &mut Decoder<'_>, tasks: &[Task]) {
    let is_task = |name: &str| tasks.iter().any(|task| task.name == name);
    let waits_for = |task| waits_for(task).filter(|name| is_task(name));
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let ready: Vec<&str> = tasks
            .iter()
            .filter(|task| {
                !done.contains(task.name.as_str())
                    && waits_for(task).all(|name| done.contains(name))
            })
            .map(|task| task.name.as_str())
            .collect();
        if ready.is_empty() {
            break;
        }
        done.extend(ready);
    }
    if let Some(task) = tasks.iter().find(|task| !done.contains(task.name.as_str())) {
        let waits = |name: &str| !done.contains(name);
        let by_result = link::takes_from(task)
            .find(|(name, _)| *name != task.name && is_task(name) && waits(name));
        if let (Some((name, result)), false) =
            (by_result, task.after.iter().any(|name| waits(name)))
        {
            let path = format!("{name}.{result}");
            let problem = format!("makes `{}` wait for itself", task.name);
            d.problems
                .error(task.span, SpecError::BadLink { path, problem });
            return;
        }
        let name = waits_for(task)
            .find(|name| waits(name))
            .unwrap_or_default()
            .to_owned();
        d.problems.error(
            task.span,
            SpecError::BadAfter {
                name,
                problem: format!("makes `{}` wait for itself", task.name),
            },
        );
    }
}

/// Tasks at the end run beside each other, after all others: an order among them is a mistake.
pub(super) fn check_at_end(d: &mut Decoder<'_>, tasks: &[Task]) {
    for task in tasks.iter().filter(|task| !task.after.is_empty()) {
        let (name, key) = (task.name.clone(), "after".to_owned());
        d.problems
            .error(task.span, SpecError::NotAtEnd { name, key });
    }
}
