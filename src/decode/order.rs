//! The order of tasks: no task waits for itself, and each is at a position where its order has a meaning.

use std::collections::BTreeSet;

use super::decoder::Decoder;
use super::draft::{Draft, names};
use super::link::Origin;
use crate::diagnostics::SpecError;

/// The tasks that must end first: those named, and those whose results it uses.
fn waits_for(draft: &Draft) -> impl Iterator<Item = &str> {
    let named = draft.task.after.iter().map(String::as_str);
    let by_result = draft.takes_from().map(|(name, _)| name);
    named.chain(by_result.filter(|name| *name != draft.task.name))
}

/// Finds tasks that wait for themselves. Unknown names are another error.
pub(super) fn check_circles(d: &mut Decoder<'_>, drafts: &[Draft]) {
    let is_task = |name: &str| names(drafts).any(|other| other == name);
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let is_done = |name: &str| done.contains(name) || !is_task(name);
        let ready: Vec<&str> = drafts
            .iter()
            .filter(|draft| !done.contains(draft.task.name.as_str()))
            .filter(|draft| waits_for(draft).all(is_done))
            .map(|draft| draft.task.name.as_str())
            .collect();
        if ready.is_empty() {
            break;
        }
        done.extend(ready);
    }
    let waits = |name: &str| names(drafts).position(|other| other == name && !done.contains(name));
    let mut at = names(drafts).position(|name| !done.contains(name));
    // Any remaining task waits for another remaining one; the path returns to a task that it has visited, and whatever comes before
    // that is not part of the cycle.
    let mut way: Vec<usize> = Vec::new();
    while let Some(index) = at {
        if let Some(begin) = way.iter().position(|other| *other == index) {
            circle(d, drafts, &way[begin..]);
            return;
        }
        way.push(index);
        at = waits_for(&drafts[index]).find_map(waits);
    }
}

/// Reports the link that breaks the cycle: in a list each waits for earlier ones, so it is the one that waits for a later one.
fn circle(d: &mut Decoder<'_>, drafts: &[Draft], circle: &[usize]) {
    let step = |at: usize| circle[at % circle.len()];
    let forward = (0..circle.len()).find(|at| step(at + 1) > step(*at)).unwrap_or_default();
    let draft = &drafts[step(forward)];
    let name = drafts[step(forward + 1)].task.name.clone();
    let others: Vec<String> = (1..=circle.len())
        .map(|at| format!("`{}`", drafts[step(forward + at)].task.name))
        .collect();
    let problem = format!(
        "makes `{}` wait for itself: it waits for {}",
        draft.task.name,
        others.join(", which waits for ")
    );
    let mut links = draft.links.iter();
    let by_result = links
        .find(|link| matches!(&link.origin, Origin::Result { task, .. } if *task == name))
        .filter(|_| !draft.task.after.contains(&name));
    match by_result {
        Some(link) => d.bad_link(link.span, &link.origin.text(), problem),
        None => d.error(draft.task.span, SpecError::BadAfter { name, problem }),
    }
}

/// A task that restores the previous release is only allowed in `finally`.
pub(super) fn check_in_order(d: &mut Decoder<'_>, drafts: &[Draft]) {
    for Draft { task, .. } in drafts.iter().filter(|draft| draft.task.rolls_back) {
        let name = task.name.clone();
        d.error(task.span, SpecError::OnlyAtEnd { name });
    }
}

/// Tasks in `finally` run in parallel after all others: an order among them is a mistake.
pub(super) fn check_at_end(d: &mut Decoder<'_>, drafts: &[Draft]) {
    for Draft { task, .. } in drafts.iter().filter(|draft| !draft.task.after.is_empty()) {
        let (name, key) = (task.name.clone(), "after".to_owned());
        d.error(task.span, SpecError::NotAtEnd { name, key });
    }
}
