//! Runs of an app side by side: which of them waits, and what each leaves on a claim that all share.

use std::collections::BTreeSet;

use super::decoder::Decoder;
use super::draft::{Draft, names};
use super::layout::{CLEAN, Named, QUEUE};
use super::task;
use super::trigger::tries_pull_requests;
use crate::model::{App, Pipeline};
use crate::name::milliseconds;

/// The task at the end of a run that removes its sources, unless the app lists it itself.
pub(super) fn cleaning(d: &mut Decoder<'_>, app: &App, at_end: &[Draft]) -> Option<Draft> {
    if names(at_end).any(|name| name == CLEAN) {
        return None;
    }
    let named = Named::plain(CLEAN, d.app.span_of("workspace"));
    let mut draft = task::read(d, app, named, &[], &BTreeSet::new())?;
    "5m".clone_into(&mut draft.task.timeout);
    Some(draft)
}

/// Puts the task that waits for older runs before all others.
pub(super) fn queue(d: &mut Decoder<'_>, app: &App, tasks: &mut Vec<Draft>, concurrent: &str) {
    let trigger = d.app.variant("trigger");
    let tries = trigger.is_some_and(|(_, trigger)| tries_pull_requests(&trigger));
    if concurrent == "cancel" && tries {
        let why = "a pull request would stop the run of a push; use `queue`";
        let span = d.app.view("runs").span_of("concurrent");
        d.excludes(span, "runs.concurrent: cancel", "trigger.pullRequests", why);
    }
    if names(tasks).any(|name| name == QUEUE) {
        return;
    }
    let named = Named::plain(QUEUE, d.app.view("runs").span_of("concurrent"));
    let Some(draft) = task::read(d, app, named, &[], &BTreeSet::new()) else {
        return;
    };
    for other in tasks.iter_mut().filter(|other| other.task.after.is_empty()) {
        other.task.after.push(QUEUE.to_owned());
    }
    tasks.insert(0, draft);
}

/// Sets the limits that depend on all tasks: a run waits for others as long as a run may take.
pub(super) fn limit(pipeline: &mut Pipeline) {
    let limit = pipeline.limit();
    let mut minutes = milliseconds(&limit).unwrap_or_default().div_ceil(60_000);
    for task in pipeline.tasks.iter_mut().filter(|task| task.queues) {
        task.timeout.clone_from(&limit);
        minutes *= 2;
    }
    pipeline.minutes = minutes;
}
