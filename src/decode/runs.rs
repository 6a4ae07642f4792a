//! Runs of an app side by side: which of them waits, and what each leaves on a claim that all share.

use std::collections::BTreeSet;

use super::decoder::Decoder;
use super::draft::{Draft, names};
use super::layout::{CLEAN, Named, QUEUE};
use super::task;
use super::trigger::tries_pull_requests;
use crate::environment::Run;
use crate::model::{App, Input, Pipeline, RunParam};
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

/// Whether a run stops only those of the same branch: where webhooks start runs of several, or of pull requests.
pub(super) fn stops_by_branch(d: &Decoder<'_>, concurrent: &str) -> bool {
    let trigger = d.app.variant("trigger").filter(|_| d.context.environment.run == Run::Webhook);
    concurrent == "cancel"
        && trigger.is_some_and(|(_, view)| {
            let branches = view.texts("branches");
            tries_pull_requests(&view)
                || branches.len() > 1
                || branches.iter().any(|branch| branch.contains(['*', '?']))
        })
}

/// Puts the task that waits for older runs before all others. Returns the parameters that it needs of a run.
pub(super) fn queue(
    d: &mut Decoder<'_>,
    app: &App,
    tasks: &mut Vec<Draft>,
    concurrent: &str,
) -> Vec<RunParam> {
    let asked = [("branch", app.source.branch.as_str()), ("event", "manual")];
    let asked = asked.into_iter().filter(|_| stops_by_branch(d, concurrent));
    let asked: Vec<RunParam> =
        asked.map(|(name, default)| RunParam::built_in(name, default)).collect();
    let take = |draft: &mut Draft| {
        draft.task.inputs.extend(asked.iter().map(|param| Input {
            param: param.name.clone(),
            value: format!("$(params.{})", param.name),
            otherwise: None,
        }));
    };
    if let Some(draft) = tasks.iter_mut().find(|draft| draft.task.name == QUEUE) {
        take(draft);
        return asked;
    }
    let named = Named::plain(QUEUE, d.app.view("runs").span_of("concurrent"));
    let Some(mut draft) = task::read(d, app, named, &[], &BTreeSet::new()) else {
        return Vec::new();
    };
    take(&mut draft);
    for other in tasks.iter_mut().filter(|other| other.task.after.is_empty()) {
        other.task.after.push(QUEUE.to_owned());
    }
    tasks.insert(0, draft);
    asked
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
