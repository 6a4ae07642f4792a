//! What the spec wants of apps.

use crate::fleet::{Fleet, Prepared};
use crate::manifests::has_app;
use crate::model::App;
use crate::ops::pins::StageDifference;
use crate::ops::promote::stage_differences;
use crate::status::{Program, Stage, Wanted};

/// The apps of environments; one, if one is named.
pub(super) fn wanted(selected: &[&Prepared], app: Option<&str>) -> Vec<Wanted> {
    let mut all = Vec::new();
    for prepared in selected {
        let apps = prepared.apps.iter().filter(|one| app.is_none_or(|name| one.name == name));
        all.extend(apps.map(|app| one(prepared, app)));
    }
    all
}

fn one(prepared: &Prepared, app: &App) -> Wanted {
    let main = app.main_program().map(|program| program.name);
    let mut programs: Vec<Program> = app
        .programs()
        .map(|program| Program {
            kind: program.workload.kind.word().to_owned(),
            name: program.name,
        })
        .collect();
    programs.sort_by_key(|program| Some(&program.name) != main.as_ref());
    let pin = prepared.environment.pin(&app.name).map(|(pin, _)| pin);
    Wanted {
        app: app.name.clone(),
        environment: app.environment.clone(),
        instance: app.instance.clone(),
        namespace: app.namespace.clone(),
        pipeline_namespace: app.pipeline_namespace.clone(),
        flux_namespace: prepared.environment.flux.namespace.clone(),
        programs,
        image: app.image.reference.clone(),
        revision: pin.and_then(|pin| pin.revision.clone()),
        by_task: app.task_runs_workload(),
        has_pipeline: app.pipeline.is_some(),
        expects_own: has_app(app),
    }
}

/// The tasks of an app, each with those that it waits for. Without `after`, that is the task before it.
pub(super) fn stages(app: &App) -> Vec<Stage> {
    let tasks = app.pipeline.iter().flat_map(|pipeline| &pipeline.tasks);
    tasks.map(|task| (task.name.clone(), task.after.clone())).collect()
}

/// What differs between stages that follow each other.
pub(super) fn differences(
    fleet: &Fleet,
    selected: &[&Prepared],
    app: &str,
) -> Vec<(String, String, StageDifference)> {
    let mut all = Vec::new();
    let has = |prepared: &Prepared| prepared.apps.iter().any(|one| one.name == app);
    for to in selected.iter().filter(|to| has(to)) {
        let before = to.environment.promotes_from.as_deref();
        let from =
            fleet.environments.iter().find(|one| Some(one.environment.name.as_str()) == before);
        let Some(from) = from.filter(|from| has(from)) else { continue };
        let (from_name, to_name) = (&from.environment.name, &to.environment.name);
        all.extend(
            stage_differences(&fleet.spec, from, to, app)
                .into_iter()
                .map(|one| (from_name.clone(), to_name.clone(), one)),
        );
    }
    all
}
