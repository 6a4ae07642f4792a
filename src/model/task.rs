//! One task of a pipeline.

use std::collections::BTreeSet;

use serde::Serialize;

use super::catalogue::{Declaration, Input, OWN, Security, Source};
use super::container::resources;
use super::decode::Decoder;
use super::flow::{Bound, Passing};
use super::link::Link;
use super::pipeline::{Named, near_task};
use super::services::services;
use super::task_refusals::{refuse_combinations, refuse_params_in_script, refuse_untaken};
use super::{App, Kind, Level, placement, reference};
use crate::diagnostics::{Span, SpecError};
use crate::name::image_parts;
use crate::permissions::{self, Names, Namespaces, Rule};
use crate::spec::table::Shape;
use crate::spec::{View, check, expand, task_common};
use crate::yaml::{Map, Node, Value};

/// Where a task's Task comes from.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// A template renders it.
    Template(String),
    /// It is in the cluster, or a resolver fetches it: its `taskRef`.
    Reference(Value),
}

/// One task, as templates see it.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
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
    pub params: Vec<(String, Value)>,
    /// Parameters with each combination of whose values it is run, as in a Pipeline.
    pub matrix: Vec<(String, Value)>,
    /// Combinations that the lists do not make, or values more for those that they do.
    pub include: Vec<Vec<(String, Value)>>,
    /// The names of these, known before their values are.
    #[serde(skip)]
    pub matrix_names: Vec<String>,
    /// Parameters that carry a variable into a Task that gen renders.
    #[serde(skip)]
    pub carried: Vec<String>,
    /// Conditions, as in a Pipeline.
    pub when: Vec<Value>,
    /// Paths of which one must have changed.
    pub changed: Vec<String>,
    /// It is for other environments than this.
    #[serde(skip)]
    pub elsewhere: bool,
    /// What it takes from the run, until that is written down as Tekton writes it.
    #[serde(skip)]
    pub links: Vec<Link>,
    /// The run goes on where it fails.
    pub continues: bool,
    /// Its podTemplate; null where it has none of its own.
    pub placement: Value,
    /// The account of the spec for it, instead of the derived one.
    pub service_account: Option<String>,
    /// Where that is named.
    #[serde(skip)]
    pub service_account_span: Span,
    /// Tools whose downloads are kept.
    pub caches: Vec<String>,
    /// Workspaces of a referenced Task.
    pub bound: Vec<Bound>,
    /// It works on the source.
    pub needs_source: bool,
    /// It works on the source where a task before it does.
    #[serde(skip)]
    pub(super) takes_source: bool,
    /// It makes the image.
    pub builds: bool,
    /// It rolls the image out.
    pub deploys: bool,
    /// It puts back what served before a run that failed.
    pub rolls_back: bool,
    /// It tells which paths changed.
    #[serde(skip)]
    pub tells_changes: bool,
    /// Results that it gives.
    pub results: Vec<String>,
    /// Those of them that are lists.
    pub lists: Vec<String>,
    /// Results that the spec declares for an own task, each with the variable that holds the path to write it to.
    pub own_results: Vec<(String, String)>,
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

impl Task {
    /// Whether gen does not render its Task.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, TaskKind::Reference(_))
    }

    /// Whether it uses the volume that the tasks of a run share.
    #[must_use]
    pub fn uses_volume(&self) -> bool {
        self.needs_source
            || !self.caches.is_empty()
            || self.bound.iter().any(|bound| bound.own.is_none())
    }
}

impl Declaration {
    /// Whether it takes a key of own tasks.
    pub(super) fn takes_key(&self, key: &str) -> bool {
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
    let referenced = matches!(kind, TaskKind::Reference(_));
    refuse_combinations(d, named, &view, referenced);
    let passing = Passing::read(d, &view, named, referenced, is_own);
    let mut results = passing.results;
    results.extend(declaration.results.iter().filter(|_| !referenced).cloned());
    let services = services(d, &view);
    // A service whose user gen does not know may run as root, which `restricted` refuses.
    let any_user = services.iter().any(|service| service.get("user").is_none());
    let level = if any_user {
        level.max(Level::Baseline)
    } else {
        level
    };
    let object = d.derived(named.span, format!("{}-{}", app.name, named.name));
    let service_account = view.string("serviceAccount");
    let workload = &app.workload.kind;
    let names = Names {
        app_name: &app.name,
        namespaces: Namespaces {
            app: &app.namespace,
            pipeline: &app.pipeline_namespace,
            flux: &d.context.environment.flux.namespace,
        },
        instance: &app.instance,
        workload: (*workload != Kind::None).then(|| (workload.group(), workload.resource())),
        env: &passing.env,
    };
    let permissions = permissions::of_task(&view, &names, d.problems);
    Some(Task {
        name: named.name.to_owned(),
        object,
        settings: Value::Map(values),
        image: view.string("image"),
        script: view.string("script"),
        after: after(d, &view, named.name, before, siblings),
        retries: view.int("retries").unwrap_or(0),
        timeout: view.string("timeout").unwrap_or_else(|| "1h".to_owned()),
        env: passing.env,
        resources: resources(&view.view("resources"), ["100m", "256Mi", "2", "2Gi"]),
        user: view.u32("user").unwrap_or(65_532),
        read_only_root: view.bool("readOnlyRoot").unwrap_or(true),
        cache: view.texts("cache"),
        services,
        params: passing.params,
        matrix: passing.matrix,
        include: passing.include,
        matrix_names: passing.matrix_names,
        carried: passing.carried,
        when: Vec::new(),
        changed: passing.changed,
        elsewhere: passing.elsewhere,
        links: passing.links,
        continues: view.text("onError") == Some("continue"),
        placement: placement::read(&view.view("placement")),
        service_account_span: view.span_of("serviceAccount"),
        service_account,
        caches: view.texts("caches"),
        bound: passing.bound,
        needs_source: declaration.source == Source::Needed && !referenced,
        takes_source: declaration.source == Source::Optional && !referenced,
        builds: declaration.builds && !referenced,
        deploys: declaration.deploys && !referenced,
        rolls_back: declaration.rolls_back && !referenced,
        tells_changes: declaration.tells_changes && !referenced,
        results,
        lists: passing.lists,
        own_results: passing.own_results,
        inputs: if referenced {
            Vec::new()
        } else {
            declaration.inputs.clone()
        },
        requires: declaration.requires.clone(),
        level,
        permissions,
        span: named.span,
        kind,
    })
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
    if view.view("ref").is_written() {
        if view.get("image").is_some() || view.get("script").is_some() {
            return bad(d, "has a `ref` and an image or script of its own");
        }
        return reference::read(d, named, view).map(TaskKind::Reference);
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
