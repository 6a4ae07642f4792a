//! What each task waits for, and which tasks cannot run where others do not.

use std::collections::{BTreeMap, BTreeSet};

use super::decode::Decoder;
use super::task::Task;
use super::{App, inputs, link};
use crate::diagnostics::SpecError;
use crate::environment::Deploy;

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
    let waits = |name: &str| {
        tasks
            .iter()
            .position(|task| task.name == name && !done.contains(name))
    };
    let mut at = tasks
        .iter()
        .position(|task| !done.contains(task.name.as_str()));
    // Whoever is not done waits for another who is not; the way comes back to where it has been, and what is before that is not
    // part of the circle.
    let mut way: Vec<usize> = Vec::new();
    while let Some(index) = at {
        if let Some(begin) = way.iter().position(|other| *other == index) {
            circle(d, tasks, &way[begin..]);
            return;
        }
        way.push(index);
        at = self::waits_for(&tasks[index]).find_map(waits);
    }
}

/// Says where a circle can be broken: in a list everybody waits for those before, so it is where somebody waits for one behind.
fn circle(d: &mut Decoder<'_>, tasks: &[Task], circle: &[usize]) {
    let forward = (0..circle.len())
        .find(|at| circle[(at + 1) % circle.len()] > circle[*at])
        .unwrap_or_default();
    let names =
        (0..=circle.len()).map(|step| tasks[circle[(forward + step) % circle.len()]].name.as_str());
    let (task, name) = (
        &tasks[circle[forward]],
        &tasks[circle[(forward + 1) % circle.len()]].name,
    );
    let others: Vec<String> = names.skip(1).map(|name| format!("`{name}`")).collect();
    let problem = format!(
        "makes `{}` wait for itself: it waits for {}",
        task.name,
        others.join(", which waits for ")
    );
    let by_result = task
        .links
        .iter()
        .find(|link| matches!(&link.origin, link::Origin::Result { task, .. } if task == name));
    if let Some(link) = by_result.filter(|_| !task.after.contains(name)) {
        let path = link.origin.text();
        d.problems
            .error(link.span, SpecError::BadLink { path, problem });
    } else {
        let name = name.clone();
        d.problems
            .error(task.span, SpecError::BadAfter { name, problem });
    }
}

/// What goes back where the run fails can only stand at its end.
pub(super) fn check_in_order(d: &mut Decoder<'_>, tasks: &[Task]) {
    for task in tasks.iter().filter(|task| task.rolls_back) {
        let name = task.name.clone();
        d.problems.error(task.span, SpecError::OnlyAtEnd { name });
    }
}

/// Why a task that goes back cannot do so in this environment.
pub(super) fn no_way_back(d: &Decoder<'_>, task: &Task) -> Option<String> {
    let environment = d.context.environment;
    if !task.rolls_back {
        return None;
    }
    match environment.deploy {
        Deploy::ImageAutomation => {
            Some("with `deploy: image-automation` Flux chooses the image".to_owned())
        }
        Deploy::Git if environment.promote_by_branch => {
            Some("a pull request decides what runs here (`promote: {via: branch}`)".to_owned())
        }
        Deploy::Git | Deploy::Kubectl => None,
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
