//! One task of a pipeline.

use std::collections::BTreeSet;

use serde::Serialize;

use super::catalogue::{Declaration, Input, OWN, Security, Source};
use super::container::{env, resources};
use super::decode::Decoder;
use super::pipeline::{Named, near_task};
use super::{App, Level, Rule, commands};
use crate::error::{Diagnostics, SpecError, TemplateError};
use crate::name::image_parts;
use crate::source::Span;
use crate::spec::table::Shape;
use crate::spec::{View, check, expand, task_common};
use crate::yaml::{Map, Node, Value};

/// Where a task's Task comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// A template renders it.
    Template(String),
    /// It is in the cluster, or a resolver fetches it: its `taskRef`.
    Reference(Value),
}

/// One task, as templates see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact that templates ask for by name"
)]
pub struct Task {
    /// Its name in the pipeline.
    pub name: String,
    /// The name of its Task object: `<app>-<task>`.
    pub object: String,
    /// Where its Task comes from.
    pub kind: TaskKind,
    /// Its template's settings, with defaults.
    pub settings: Value,
    /// The image of an own task.
    pub image: Option<String>,
    /// The script of an own task.
    pub script: Option<String>,
    /// Tasks that it waits for.
    pub after: Vec<String>,
    /// How often it is tried again.
    pub retries: i64,
    /// How long it may take.
    pub timeout: String,
    /// `env`, as in a Container.
    pub env: Value,
    /// `resources`, as in a Container.
    pub resources: Value,
    /// The user number.
    pub user: u32,
    /// The root file system is read-only.
    pub read_only_root: bool,
    /// Folders that must be writable.
    pub cache: Vec<String>,
    /// Sidecars, as in a Task.
    pub services: Vec<Value>,
    /// Parameters: name and value, as in a Pipeline.
    pub params: Vec<(String, String)>,
    /// When it runs: `when` of a task of a Pipeline.
    pub when: Vec<Value>,
    /// It works on the source.
    pub needs_source: bool,
    /// It works on the source where a task before it does.
    #[serde(skip)]
    pub(super) takes_source: bool,
    /// It makes the image.
    pub builds: bool,
    /// It rolls the image out.
    pub deploys: bool,
    /// Results that it gives.
    pub results: Vec<String>,
    /// What it takes.
    pub inputs: Vec<Input>,
    /// What the app must have.
    pub requires: Vec<String>,
    /// The Pod Security level that its pod needs.
    pub level: Level,
    /// What the spec declares, or what was read out of the script; a template's own declaration comes on top.
    pub permissions: Vec<Rule>,
    /// Where it is named.
    #[serde(skip)]
    pub span: Span,
}

impl Declaration {
    /// Whether it takes a key of own tasks.
    fn takes_key(&self, key: &str) -> bool {
        self.takes.iter().any(|taken| taken == key)
    }
}

/// The task of the catalogue that is meant, and whether it is one that the spec writes itself.
fn declared<'a>(d: &mut Decoder<'a>, named: Named<'_>) -> Option<(&'a Declaration, bool)> {
    let catalogue = d.context.catalogue;
    let field_of = |key: &str| {
        named
            .settings
            .and_then(|settings| settings.get(key))
            .filter(|node| !node.is_null())
    };
    let used = field_of("use")
        .and_then(Node::scalar)
        .map_or(named.name, |scalar| scalar.text.as_str());
    let takes_script = catalogue.get(used).is_some_and(|d| d.takes_key("script"));
    let is_own = (field_of("script").is_some() && !takes_script)
        || (field_of("image").is_some() && catalogue.get(used).is_none());
    let name = if field_of("ref").is_some() || is_own {
        OWN
    } else {
        used
    };
    if let Some(declaration) = catalogue.get(name) {
        return Some((declaration, is_own));
    }
    d.problems.error(
        named.span,
        SpecError::UnknownTask {
            name: used.to_owned(),
            hint: near_task(catalogue, used),
        },
    );
    None
}

/// Reads a task; nothing where it is none, which is then reported.
pub(super) fn read(
    d: &mut Decoder<'_>,
    app: &App,
    named: Named<'_>,
    before: &[String],
    siblings: &BTreeSet<String>,
) -> Option<Task> {
    let (declaration, is_own) = declared(d, named)?;
    let table = Shape::Object(declaration.settings.clone());
    let mut settings = named.settings.cloned();
    if let Some(node) = &mut settings {
        let errors_before = d.problems.len();
        check(node, &table, named.name, d.problems);
        if d.problems.len() > errors_before {
            return None;
        }
        expand(node, &table);
    }
    let own = View::new(settings.as_ref(), &declaration.settings);
    let view = View::new(settings.as_ref(), task_common());
    let kind = kind(
        d,
        named,
        &view,
        if is_own { OWN } else { &declaration.name },
    )?;
    refuse_untaken(d, named, &view, declaration);
    let values = settings_of(d, declaration, &own);
    let level = level_of(declaration, &values);
    if let Some(image) = view.text("image")
        && image_parts(image).is_some_and(|parts| parts.digest.is_none())
    {
        d.warn(
            view.span_of("image"),
            SpecError::ImageByTag {
                image: image.to_owned(),
            },
        );
    }
    let variables = env(&view, d.problems);
    refuse_tekton_variables(d, &variables, named.span);
    let services = services(d, &view);
    // A service whose user gen does not know may run as root, which `restricted` refuses.
    let any_user = services.iter().any(|service| service.get("user").is_none());
    let level = if any_user {
        level.max(Level::Baseline)
    } else {
        level
    };
    let object = d.derived(named.span, format!("{}-{}", app.name, named.name));
    let referenced = matches!(kind, TaskKind::Reference(_));
    Some(Task {
        name: named.name.to_owned(),
        object,
        settings: Value::Map(values),
        image: view.string("image"),
        script: view.string("script"),
        after: after(d, &view, named.name, before, siblings),
        retries: view.int("retries").unwrap_or(0),
        timeout: view.string("timeout").unwrap_or_else(|| "1h".to_owned()),
        env: variables,
        resources: resources(&view.view("resources"), ["100m", "256Mi", "2", "2Gi"]),
        user: view.u32("user").unwrap_or(65_532),
        read_only_root: view.bool("readOnlyRoot").unwrap_or(true),
        cache: view.texts("cache"),
        services,
        params: view.pairs("params"),
        when: Vec::new(),
        needs_source: declaration.source == Source::Needed && !referenced,
        takes_source: declaration.source == Source::Optional && !referenced,
        builds: declaration.builds && !referenced,
        deploys: declaration.deploys && !referenced,
        results: declaration.results.clone(),
        inputs: if referenced {
            Vec::new()
        } else {
            declaration.inputs.clone()
        },
        requires: declaration.requires.clone(),
        level,
        permissions: permissions(d, app, &view),
        span: named.span,
        kind,
    })
}

/// What a template has no use for is an error, and not passed over.
fn refuse_untaken(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    declaration: &Declaration,
) {
    for (key, taken_as) in [
        ("image", "script"),
        ("services", "services"),
        ("cache", "cache"),
    ] {
        if view.get(key).is_some() && !declaration.takes_key(taken_as) {
            d.problems.error(
                view.span_of(key),
                SpecError::OwnTask {
                    name: named.name.to_owned(),
                    problem: format!("takes no `{key}`"),
                },
            );
        }
    }
}

/// The template's own settings, each with what the spec says, or its default, or null.
fn settings_of(d: &mut Decoder<'_>, declaration: &Declaration, own: &View<'_>) -> Map {
    for field in &declaration.settings.fields {
        let Shape::List(item) = &field.shape else {
            continue;
        };
        let Shape::Object(object) = item.as_ref() else {
            continue;
        };
        if task_common().field(&field.key).is_some() {
            continue;
        }
        for entry in own.views(&field.key) {
            for required in object.fields.iter().filter(|field| field.required) {
                if entry.get(&required.key).is_none() {
                    let path = format!("task.{}.{}.{}", declaration.name, field.key, required.key);
                    d.missing(entry.span(), &path, &format!("an entry of `{}`", field.key));
                }
            }
        }
    }
    let mut values = Map::default();
    for (key, default) in &declaration.defaults {
        values.push(
            key.clone(),
            own.get(key).map_or_else(|| default.clone(), Node::to_value),
        );
    }
    for field in &declaration.settings.fields {
        if task_common().field(&field.key).is_none() && !values.contains_key(&field.key) {
            values.push(
                field.key.clone(),
                own.get(&field.key).map_or(Value::Null, Node::to_value),
            );
        }
    }
    values
}

fn level_of(declaration: &Declaration, values: &Map) -> Level {
    match &declaration.security {
        Security::Fixed(level) => *level,
        Security::BySetting(setting, levels) => {
            let word = values
                .get(setting)
                .and_then(Value::as_str)
                .unwrap_or_default();
            levels.get(word).copied().unwrap_or(Level::Privileged)
        }
    }
}

fn kind(
    d: &mut Decoder<'_>,
    named: Named<'_>,
    view: &View<'_>,
    template: &str,
) -> Option<TaskKind> {
    let reference = view.view("ref");
    let bad = |d: &mut Decoder<'_>, problem: &str| {
        d.problems.error(
            named.span,
            SpecError::OwnTask {
                name: named.name.to_owned(),
                problem: problem.to_owned(),
            },
        );
        None
    };
    if reference.is_written() {
        if view.get("image").is_some() || view.get("script").is_some() {
            return bad(d, "has a `ref` and an image or script of its own");
        }
        let mut map = Map::default();
        match (reference.text("name"), reference.text("resolver")) {
            (Some(name), None) => {
                map.push("kind", "Task");
                map.push("name", name);
            }
            (None, Some(resolver)) => {
                map.push("resolver", resolver);
                let pair = |(name, value): (String, String)| {
                    Value::from([("name", name.into()), ("value", value.into())])
                };
                map.push(
                    "params",
                    Value::Seq(reference.pairs("params").into_iter().map(pair).collect()),
                );
            }
            _ => {
                return bad(
                    d,
                    "has a `ref` that names neither a Task nor a resolver, or both",
                );
            }
        }
        return Some(TaskKind::Reference(Value::Map(map)));
    }
    if template == OWN {
        match (view.get("image"), view.get("script")) {
            (Some(_), Some(_)) => {}
            (None, _) => return bad(d, "has no `image`"),
            (_, None) => return bad(d, "has no `script`"),
        }
    }
    refuse_params_in_script(d, view);
    Some(TaskKind::Template(format!("tasks/{template}.yaml")))
}

fn refuse_params_in_script(d: &mut Decoder<'_>, view: &View<'_>) {
    let script = view.text("script").unwrap_or_default();
    for word in [
        "$(params.",
        "$(tasks.",
        "$(context.",
        "$(results.",
        "$(workspaces.",
        "$(steps.",
    ] {
        if let Some(start) = script.find(word) {
            let end = script[start..]
                .find(')')
                .map_or(script.len(), |end| start + end + 1);
            d.problems.error(
                view.span_of("script"),
                TemplateError::ParamInScript {
                    param: script[start..end].to_owned(),
                },
            );
        }
    }
}

fn after(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    name: &str,
    before: &[String],
    names: &BTreeSet<String>,
) -> Vec<String> {
    let Some(node) = view.get("after") else {
        return before.to_vec();
    };
    let items = node.items().unwrap_or(std::slice::from_ref(node));
    let mut after = Vec::new();
    for item in items {
        let Some(text) = item.scalar().map(|scalar| scalar.text.clone()) else {
            continue;
        };
        let problem = if text == name {
            Some("is the task itself".to_owned())
        } else if names.contains(&text) {
            None
        } else {
            let near = crate::spec::nearest(&text, names.iter().map(String::as_str));
            Some(near.map_or_else(
                || "is no task of this pipeline".to_owned(),
                |near| format!("is no task of this pipeline; did you mean `{near}`?"),
            ))
        };
        match problem {
            Some(problem) => d.problems.error(
                item.span,
                SpecError::BadAfter {
                    name: text,
                    problem,
                },
            ),
            None => after.push(text),
        }
    }
    after
}

/// Tekton substitutes its variables in every text of a Task, and knows no way to say that the characters are meant.
pub(super) fn tekton_variable(text: &str) -> Option<&str> {
    let words = [
        "params.",
        "params[",
        "tasks.",
        "context.",
        "results.",
        "workspaces.",
        "steps.",
        "inputs.",
        "outputs.",
        "finally.",
    ];
    text.match_indices("$(").find_map(|(at, _)| {
        let inner = &text[at + 2..];
        words
            .iter()
            .any(|word| inner.starts_with(word))
            .then(|| &text[at..at + 2 + inner.find(')').map_or(inner.len(), |end| end + 1)])
    })
}

fn refuse_tekton_variables(d: &mut Decoder<'_>, variables: &Value, span: Span) {
    for variable in variables.as_seq().unwrap_or_default() {
        if let Some(found) = variable.str_at(&["value"]).and_then(tekton_variable) {
            let name = variable.str_at(&["name"]).unwrap_or_default().to_owned();
            d.problems.error(
                span,
                SpecError::TektonVariable {
                    name,
                    variable: found.to_owned(),
                },
            );
        }
    }
}

fn services(d: &mut Decoder<'_>, view: &View<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    for service in view.views("services") {
        let (Some(name), Some(image)) = (service.text("name"), service.text("image")) else {
            d.missing(
                service.span(),
                "services.image",
                "an entry of `services` (or its `name`)",
            );
            continue;
        };
        if image_parts(image).is_some_and(|parts| parts.digest.is_none()) {
            d.warn(
                service.span_of("image"),
                SpecError::ImageByTag {
                    image: image.to_owned(),
                },
            );
        }
        let mut map = Map::default();
        map.push("name", name);
        map.push("image", image);
        let args = service.texts("args");
        if !args.is_empty() {
            map.push(
                "args",
                Value::Seq(args.into_iter().map(Value::Str).collect()),
            );
        }
        map.push("env", env(&service, d.problems));
        map.push(
            "computeResources",
            resources(&service.view("resources"), ["100m", "256Mi", "1", "1Gi"]),
        );
        if let Some(user) = service.u32("user") {
            map.push("user", user);
        }
        if let Some(port) = service.u32("port") {
            map.push("port", port);
        }
        let ready = service.texts("ready");
        if !ready.is_empty() {
            map.push(
                "ready",
                Value::Seq(ready.into_iter().map(Value::Str).collect()),
            );
        }
        all.push(Value::Map(map));
    }
    all
}

/// What the spec declares; or else what the script's commands need.
fn permissions(d: &mut Decoder<'_>, app: &App, view: &View<'_>) -> Vec<Rule> {
    if view.get("permissions").is_some() {
        return view
            .views("permissions")
            .iter()
            .map(|rule| Rule::read(rule, d.problems))
            .collect();
    }
    let Some(script) = view.text("script") else {
        return Vec::new();
    };
    let variables = env(view, &mut Diagnostics::default());
    let names = commands::Names {
        app_name: &app.name,
        app_namespace: &app.namespace,
        pipeline_namespace: &app.pipeline_namespace,
        flux_namespace: &d.context.environment.flux.namespace,
        instance: &app.instance,
        workload: (app.workload.kind != super::Kind::None)
            .then(|| (app.workload.kind.group(), app.workload.kind.resource())),
        env: &variables,
    };
    match commands::permissions(script, &names) {
        Ok(rules) => rules,
        Err(unread) => {
            d.problems.error(
                view.span_of("script"),
                SpecError::UnreadableCommand {
                    command: unread.command,
                    problem: unread.problem,
                },
            );
            Vec::new()
        }
    }
}
