//! What a task needs of the cluster: the rights that its commands ask for, and the Pod Security level of what comes from files.

use super::carried;
use super::decoder::Decoder;
use crate::diagnostics::Span;
use crate::model::{App, GIVEN, Kind, Level, Step, TaskKind};
use crate::permissions::{self, Names, Namespaces, Rule};
use crate::spec::View;
use crate::yaml::Value;

/// The names that commands in a task's script can use.
fn meant<'a>(d: &Decoder<'a>, app: &'a App, env: &'a Value) -> Names<'a> {
    let workload = app.workload.kind;
    Names {
        app_name: &app.name,
        namespaces: Namespaces {
            app: &app.namespace,
            pipeline: &app.pipeline_namespace,
            flux: &d.context.environment.flux.namespace,
        },
        instance: &app.instance,
        workload: (workload != Kind::None).then(|| (workload.group(), workload.resource())),
        env,
    }
}

/// What the task may do in the cluster: what the spec declares under `permissions`, or else what the commands of its scripts need.
pub(super) fn rights(
    d: &mut Decoder<'_>,
    app: &App,
    view: &View<'_>,
    (env, kind): (&Value, &TaskKind),
    steps: &[Step],
) -> Vec<Rule> {
    if view.get("permissions").is_some() {
        return permissions::declared(view, d.problems);
    }
    let mut rules = Vec::new();
    if let Some(text) = permissions::script_of(view) {
        let names = meant(d, app, env);
        rules.extend(permissions::of_script(text, &names, view.span_of("script"), d.problems));
    }
    if let TaskKind::Carried(task) = kind {
        rules.extend(of_programs(d, app, task, view.view("ref").span_of("file")));
    }
    for step in steps {
        if let Some(action) = &step.action {
            rules.extend(of_programs(d, app, action, step.span));
        }
        let own = step.env.as_seq().unwrap_or_default();
        let names = || own.iter().filter_map(|variable| variable.str_at(&["name"]));
        let others = env.as_seq().unwrap_or_default().iter().filter(|variable| {
            variable.str_at(&["name"]).is_none_or(|name| names().all(|own| own != name))
        });
        let env = Value::Seq(others.chain(own).cloned().collect());
        let list = env.as_seq().unwrap_or_default();
        let all = list.iter().filter_map(|item| item.str_at(&["name"]));
        let all: Vec<&str> = all.chain(GIVEN).collect();
        let image = step.image.as_deref().unwrap_or_default();
        let text = step.script.clone();
        let text =
            text.unwrap_or_else(|| permissions::line(&step.command, &step.args, image, &all));
        let names = meant(d, app, &env);
        rules.extend(permissions::of_script(&text, &names, step.span, d.problems));
    }
    rules
}

/// The same for what the steps of a Task or StepAction from a file run.
fn of_programs(d: &mut Decoder<'_>, app: &App, object: &Value, span: Span) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (text, env) in carried::programs(object) {
        let names = meant(d, app, &env);
        rules.extend(permissions::of_script(&text, &names, span, d.problems));
    }
    rules
}

/// The level that a Task from a file needs, or the StepActions of the steps.
pub(super) fn level_of_files(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    kind: &TaskKind,
    steps: &[Step],
) -> Level {
    let mut all = Vec::new();
    if let TaskKind::Carried(task) = kind {
        all.push((carried::level(task), view.view("ref")));
    }
    for (step, view) in steps.iter().zip(view.views("steps")) {
        let action = step.action.as_ref();
        all.extend(action.map(|action| (carried::level_of_action(action), view.view("ref"))));
    }
    for (_, reference) in all.iter().filter(|(level, _)| *level == Level::Privileged) {
        if reference.get("reason").is_none() {
            let why = "its pods need Pod Security `privileged`, and exceptions need a reason";
            d.needs(reference.span_of("file"), "ref.file", "ref.reason", why);
        }
    }
    all.into_iter().map(|(level, _)| level).max().unwrap_or(Level::Restricted)
}
