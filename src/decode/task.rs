//! One task of a pipeline.

use std::collections::BTreeSet;

use super::container::resources;
use super::decoder::{Decoder, near};
use super::draft::Draft;
use super::layout::{CLEAN, Named, QUEUE};
use super::matrix::Matrix;
use super::rights::{level_of_files, rights};
use super::services::services;
use super::steps;
use super::task_refusals::{
    other_image, refuse_combinations, refuse_params_in_script, refuse_untaken,
};
use super::{approval, carried, flow, placement, reference, when};
use crate::diagnostics::SpecError;
use crate::model::{App, Bound, Declaration, Level, OWN, Task, TaskKind, TaskLevel, UsesSource};
use crate::permissions;
use crate::spec::table::Shape;
use crate::spec::{View, check, expand, hint, listed, task_common};
use crate::yaml::{Map, Node, Value};

/// The catalogue task, and whether it is an inline task.
fn declared<'a>(d: &mut Decoder<'a>, named: Named<'_>) -> Option<(&'a Declaration, bool)> {
    let catalogue = d.context.catalogue;
    let has = |key| named.setting(key).is_some();
    let used = named.used();
    let known = catalogue.get(used);
    let takes_script = known.is_some_and(|known| known.takes_key("script"));
    let takes_steps = known.is_some_and(|known| known.takes_key("steps"));
    let is_own = (has("script") && !takes_script)
        || (has("steps") && !takes_steps)
        || (has("image") && known.is_none());
    let name = if has("ref") || has("approve") || is_own { OWN } else { used };
    let found = catalogue.get(name);
    if found.is_none() {
        let all = catalogue.names();
        let hint = hint(used, all.clone(), || {
            format!("inline tasks need `image` and `script`; gen has {}", listed(all))
        });
        d.error(named.span, SpecError::UnknownTask { name: used.to_owned(), hint });
    }
    Some((found?, is_own))
}

/// The task's settings in long form, checked against the table of its template; nothing if they are wrong.
fn checked(d: &mut Decoder<'_>, named: Named<'_>, declaration: &Declaration) -> Option<Node> {
    let table = Shape::Object(declaration.settings.clone());
    let mut settings = named.settings.cloned().unwrap_or_else(|| Node::empty_map(named.span));
    let errors_before = d.problems.len();
    check(&settings, &table, named.name, d.problems);
    if d.problems.len() > errors_before {
        return None;
    }
    expand(&mut settings, &table);
    Some(settings)
}

/// Reads a task; nothing if it is invalid, which is then reported.
pub(super) fn read(
    d: &mut Decoder<'_>,
    app: &App,
    named: Named<'_>,
    before: &[String],
    siblings: &BTreeSet<&str>,
) -> Option<Draft> {
    let (declaration, is_own) = declared(d, named)?;
    let settings = checked(d, named, declaration)?;
    let own = View::new(Some(&settings), &declaration.settings);
    let view = View::new(Some(&settings), task_common());
    let template = if is_own { OWN } else { &declaration.name };
    let kind = kind(d, named, &view, template)?;
    refuse_untaken(d, named, &view, declaration);
    let values = settings_of(d, declaration, &own);
    let level = level_of(declaration, &values);
    let other_image = other_image(d, named, &view, declaration, app);
    let rendered = matches!(kind, TaskKind::Template(_));
    let reference = view.view("ref");
    let file = reference.string("file").map(|path| (path, reference.span_of("file")));
    refuse_combinations(d, named, &view, !rendered, is_own);
    let when = when::read(d, &view);
    let mut links = when.links;
    let mut env = flow::variables(d, &view, &mut links);
    let matrix = Matrix::read(d, &view, named.name, rendered, &mut links);
    env.extend(matrix.variables);
    let env = Value::Seq(env);
    let mut params = flow::params(d, &view, &mut links);
    params.extend(approval::params(&view));
    let object = d.derived(named.span, format!("{}-{}", app.name, named.name));
    let steps = steps::read(d, named, &object, &view, &mut links);
    let (mut results, lists) = match &kind {
        TaskKind::Carried(task) => carried::results(task),
        _ => flow::results(&view),
    };
    let step_results = steps::results(d, &view, &steps);
    let own_results = if is_own {
        steps::result_variables(d, &view, &results, &step_results)
    } else {
        Vec::new()
    };
    let bound = flow::workspaces(d, &view, named.name, is_own);
    results.extend(declaration.results.iter().filter(|_| rendered).cloned());
    let services = services(d, &view);
    // A service with an unknown user may run as root, which `restricted` forbids.
    let any_user = services.iter().any(|service| service.get("user").is_none());
    let least = if any_user { Level::Baseline } else { Level::Restricted };
    let cache = cache(d, &view, &bound);
    let own_level = level_of_files(d, &view, &kind, &steps);
    let permissions = rights(d, app, &view, (&env, &kind), &steps);
    let task = Task {
        name: named.name.to_owned(),
        object,
        settings: Value::Map(values),
        image: view.string("image"),
        script: permissions::script_of(&view).map(str::to_owned),
        steps,
        after: after(d, &view, named.name, before, siblings),
        retries: view.u32_or_default("retries").into(),
        timeout: view.string_or_default("timeout"),
        carried: flow::carried(&env, &links),
        env,
        resources: resources(d, &view, ["100m", "256Mi", "2", "2Gi"]),
        user: view.u32_or_default("user"),
        read_only_root: view.bool("readOnlyRoot").unwrap_or(true),
        cache,
        services,
        params,
        matrix: matrix.lists,
        include: matrix.include,
        matrix_names: matrix.names,
        when: Vec::new(),
        changed: when.changed,
        continues: view.text("onError") == Some("continue"),
        placement: placement::read(d, &view),
        service_account: view.string("serviceAccount"),
        service_account_span: view.span_of("serviceAccount"),
        caches: view.texts("caches"),
        bound,
        needs_source: rendered && declaration.source == UsesSource::Needed,
        cleans: rendered && declaration.name == CLEAN,
        queues: rendered && declaration.name == QUEUE,
        builds: rendered && declaration.builds,
        other_image: rendered && other_image,
        of: view.string("of"),
        of_span: view.span_of("of"),
        approves: view.view("approve").is_written(),
        deploys: rendered && declaration.deploys,
        rolls_back: rendered && declaration.rolls_back,
        results,
        lists,
        own_results,
        step_results,
        inputs: declaration.inputs.iter().filter(|_| rendered).cloned().collect(),
        requires: declaration.requires.clone(),
        level: level.max(least).max(own_level),
        permissions,
        span: named.span,
        kind,
    };
    Some(Draft {
        task,
        links,
        elsewhere: when.elsewhere,
        file,
        takes_source: rendered && declaration.source == UsesSource::Optional,
        tells_changes: rendered && declaration.tells_changes,
    })
}

/// Writable folders of the image. Every step has some already; a pod with two mounts at one path is rejected only when the run creates
/// it.
fn cache(d: &mut Decoder<'_>, view: &View<'_>, bound: &[Bound]) -> Vec<String> {
    let cache = view.texts("cache");
    let mut paths = vec!["/home/gen", "/tmp"];
    paths.extend(cache.iter().map(String::as_str));
    paths.extend(bound.iter().filter_map(|bound| bound.mount.as_deref()));
    paths.sort_unstable();
    if let Some([path, _]) = paths.array_windows().find(|[one, other]| one == other) {
        let why = format!("both are mounted at `{path}`");
        let key = if view.get("cache").is_some() { "cache" } else { "workspaces" };
        d.excludes(view.span_of(key), key, "another mount", &why);
    }
    cache
}

/// The template's own settings, each with its value, its default, or null.
fn settings_of(d: &mut Decoder<'_>, declaration: &Declaration, own: &View<'_>) -> Map {
    let mut values = Map::default();
    for (key, default) in &declaration.defaults {
        let value = own.get(key).map(Node::to_value);
        values.push(key.clone(), value.unwrap_or_else(|| default.clone()));
    }
    for field in declaration.own_settings() {
        let key = &field.key;
        if let Shape::List(item) = &field.shape
            && let Shape::Object(object) = item.as_ref()
        {
            for entry in own.views(key) {
                for required in object.fields.iter().filter(|field| field.required) {
                    if entry.get(&required.key).is_none() {
                        let path = format!("task.{}.{key}.{}", declaration.name, required.key);
                        d.missing(entry.span(), &path, &format!("an entry of `{key}`"));
                    }
                }
            }
        }
        if !values.contains_key(key) {
            let value = own.get(key).map_or(Value::Null, Node::to_value);
            values.push(key.clone(), value);
        }
    }
    values
}

fn level_of(declaration: &Declaration, values: &Map) -> Level {
    match &declaration.security {
        TaskLevel::Fixed(level) => *level,
        TaskLevel::BySetting(setting, levels) => {
            let word = values.get(setting).and_then(Value::as_str);
            let level = levels.get(word.unwrap_or_default());
            level.copied().unwrap_or(Level::Privileged)
        }
    }
}

fn kind(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    template: &str,
) -> Option<TaskKind> {
    let has = |key| view.get(key).is_some();
    let is_reference = view.view("ref").is_written();
    let is_approval = view.view("approve").is_written();
    let problem = if !is_approval && is_reference && (has("image") || has("script")) {
        Some("has both a `ref` and an image or script")
    } else if is_approval {
        return Some(TaskKind::Reference(approval::reference(d, named, view)));
    } else if is_reference {
        return reference::read(d, named, view);
    } else if template == OWN && has("steps") {
        None
    } else if template == OWN && !has("image") {
        Some("has no `image`")
    } else if template == OWN && !has("script") {
        Some("has no `script`")
    } else {
        None
    };
    if let Some(problem) = problem {
        let (name, problem) = (named.name.to_owned(), problem.to_owned());
        d.error(named.span, SpecError::OwnTask { name, problem });
        return None;
    }
    refuse_params_in_script(d, view);
    Some(TaskKind::Template(format!("tasks/{template}.yaml")))
}

fn after(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    name: &str,
    before: &[String],
    names: &BTreeSet<&str>,
) -> Vec<String> {
    let Some(node) = view.get("after") else {
        return before.to_vec();
    };
    let mut after = Vec::new();
    for item in node.one_or_more() {
        let Some(text) = item.as_str() else { continue };
        let problem = if text == name {
            "is the task itself".to_owned()
        } else if names.contains(text) {
            after.push(text.to_owned());
            continue;
        } else {
            near("is not a task of this pipeline", text, names.iter().copied())
        };
        let name = text.to_owned();
        d.error(item.span, SpecError::BadAfter { name, problem });
    }
    after
}
