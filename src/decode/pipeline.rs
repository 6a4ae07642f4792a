//! The pipeline: its tasks, their order, and the settings that they share.

use std::collections::BTreeSet;

use super::asked::{asked_for, asks, changes, check_volume, spare_deployments};
use super::decoder::Decoder;
use super::draft::Draft;
use super::layout::{added, default_for, layout, refuse_twice};
use super::order::{check_at_end, check_circles, check_in_order};
use super::passing::{self, Known};
use super::ready;
use super::select::select;
use super::{carried, inputs, notify, params, placement, runs, task};
use crate::model::{App, Level, Pipeline, RunParam, Task, When, Workspace};

/// Whether the app's pipeline builds its image in any environment: then a tag in the spec is not what runs.
pub(super) fn builds_image(d: &Decoder<'_>) -> bool {
    let tasks = layout(d.app.get("pipeline"), default_for(ready::is_ready(d)));
    tasks.iter().any(|(named, _)| {
        let declaration = d.context.catalogue.get(named.used());
        declaration.is_some_and(|declaration| declaration.builds)
            && named.setting("image").is_none()
    })
}

pub(super) fn read(d: &mut Decoder<'_>, app: &App) -> Option<Pipeline> {
    let view = d.app;
    let (in_order, at_end) = read_tasks(d, app);
    let mut params = vec![RunParam::built_in(
        "revision",
        app.source.revision.as_ref().unwrap_or(&app.source.branch),
    )];
    params.extend(asked_for(app, &in_order.iter().chain(&at_end)));
    params.extend(params::read(d));
    let known = Known { tasks: &in_order, at_end: &at_end, params: &params };
    known.check(d);
    carried::check_given(d, in_order.iter().chain(&at_end));
    check_circles(d, &in_order);
    let (mut tasks, mut at_end) = select(d, app, in_order, at_end);
    ready::refuse_builds(d, app, &tasks);
    ready::refuse_build_secrets(d, app, &tasks);
    ready::require_source(d, app, tasks.iter().chain(&at_end));
    if tasks.is_empty() {
        ready::tell_unused(d, app);
        return None;
    }
    refuse_long_jobs(d, app, &tasks);
    let event = spare_deployments(d, &mut tasks);
    params.extend(event.filter(|event| params.iter().all(|param| param.name != event.name)));
    at_end.extend(notify::tasks(d, app, &at_end));
    for draft in &mut at_end {
        draft.share_source(&tasks);
    }
    let shared = view.view("workspace").flag("shared");
    let source_at_end = at_end.iter().any(|draft| draft.task.uses_volume());
    if shared && at_end.iter().chain(&tasks).any(|draft| draft.task.uses_volume()) {
        at_end.extend(runs::cleaning(d, app, &at_end));
    }
    let concurrent = view.view("runs").string_or_default("concurrent");
    if concurrent != "allow" {
        let asked = runs::queue(d, app, &mut tasks, &concurrent);
        let is_new = |one: &RunParam| params.iter().all(|param| param.name != one.name);
        let asked: Vec<RunParam> = asked.into_iter().filter(is_new).collect();
        params.extend(asked);
    }
    let changes = changes(d, &mut tasks, &mut at_end);
    inputs::resolve(app, &mut tasks, &mut at_end);
    passing::resolve(&mut tasks, &mut at_end, &params);
    params.retain(|param| {
        !param.built_in || param.name == "revision" || asks(&tasks, &at_end, &changes, &param.name)
    });
    let done = |drafts: Vec<Draft>| drafts.into_iter().map(|draft| draft.task).collect();
    let (tasks, at_end): (Vec<Task>, Vec<Task>) = (done(tasks), done(at_end));
    let workspace = view.view("workspace");
    let workspace = Workspace {
        size: workspace.string_or_default("size"),
        class: workspace.string("class"),
        shared,
        keep: workspace.flag("keep"),
    };
    let of_all = || tasks.iter().chain(&at_end);
    let level = of_all().map(|task| task.level).max();
    let runs = view.view("runs");
    let mut pipeline = Pipeline {
        source_at_end,
        stops_by_branch: runs::stops_by_branch(d, &concurrent),
        concurrent,
        minutes: 0,
        needs_source: of_all().any(Task::uses_volume),
        builds: tasks.iter().any(|task| task.builds),
        caches: check_volume(d, of_all(), &workspace),
        level: level.unwrap_or(Level::Restricted),
        workspace,
        params,
        changes,
        placement: placement::read(d, &runs),
        pull_secrets: pull_secrets(d, &runs),
        timeout: runs.string("timeout"),
        service_account: view.string("serviceAccount"),
        service_account_span: view.span_of("serviceAccount"),
        tasks,
        at_end,
    };
    runs::limit(&mut pipeline);
    Some(pipeline)
}

/// Jobs that the deploy task waits for, and that may take longer than the task itself: it would end first, and the rollout with it.
fn refuse_long_jobs(d: &mut Decoder<'_>, app: &App, tasks: &[Draft]) {
    if !app.task_runs_workload() {
        return;
    }
    let waited = [When::Before, When::Release, When::After].into_iter();
    let seconds: u64 = waited.flat_map(|when| app.jobs(when)).map(|job| job.deadline).sum();
    let milliseconds = seconds.saturating_mul(1_000);
    for Draft { task, .. } in tasks.iter().filter(|draft| draft.task.deploys) {
        if seconds > 0 && milliseconds >= task.time() {
            let why = format!(
                "its jobs may take {seconds} s together, and the task `{}` waits for them no longer than its `timeout`",
                task.name
            );
            let other = format!("{}: {{timeout: …}}", task.name);
            let span = if task.span.is_built_in() { app.span } else { task.span };
            d.needs(span, "workload.job", &other, &why);
        }
    }
}

/// Reads every task, including those that do not run here, whose errors are errors of the spec. Returns those in `finally` apart.
fn read_tasks(d: &mut Decoder<'_>, app: &App) -> (Vec<Draft>, Vec<Draft>) {
    let mut all = layout(d.app.get("pipeline"), default_for(app.image.ready));
    let last = layout(d.app.get("finally"), &[]);
    refuse_twice(d, all.iter().chain(&last).map(|(named, _)| *named));
    let (catalogue, environment) = (d.context.catalogue, d.context.environment);
    all.extend(added(catalogue, &environment.pipeline, &all, app.image.ready));
    let names: BTreeSet<&str> = all.iter().map(|(named, _)| named.name).collect();
    let in_order: Vec<Draft> = all
        .iter()
        .filter_map(|(named, before)| task::read(d, app, *named, before, &names))
        .collect();
    let at_end: Vec<Draft> =
        last.iter().filter_map(|(named, _)| task::read(d, app, *named, &[], &names)).collect();
    check_in_order(d, &in_order);
    check_at_end(d, &at_end);
    (in_order, at_end)
}

/// The Secrets with which the pods of runs pull images.
fn pull_secrets(d: &mut Decoder<'_>, runs: &crate::spec::View<'_>) -> Vec<String> {
    let all = runs.texts("pullSecrets");
    let mut twice = all.iter().enumerate();
    if let Some((_, name)) = twice.find(|(at, name)| all[..*at].contains(name)) {
        d.excludes(runs.span_of("pullSecrets"), name, name, "the list has it twice");
    }
    all
}
