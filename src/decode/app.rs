//! One app in one environment, from its merged layers.

use super::decoder::{Context, Decoder, near};
use super::program::{self, Program};
use super::tekton::tekton_variable;
use super::{helm, labels, monitor, notify, pipeline, processes, ready, trigger};
use crate::diagnostics::{Diagnostics, Span, SpecError};
use crate::environment::Pattern;
use crate::model::{Account, App, Build, BuildSecret, Image, Monitor, Source};
use crate::name::{Check, LABEL_LIMIT, image_parts};
use crate::permissions;
use crate::spec::{Pin, View, app as app_table};
use crate::yaml::Node;

/// Reads an app. Errors and warnings go to `problems`; an app with an error is still returned if its shape allows it, so that
/// the errors of all apps are found at once.
///
/// # Panics
/// If the spec has no app of that name, or not in that environment, which is a bug of the caller.
pub fn decode(context: Context<'_>, name: &str, problems: &mut Diagnostics) -> App {
    let merged = context
        .environment
        .app(context.spec, name)
        .expect("asked only for apps of the environment");
    let app = View::new(Some(&merged), app_table());
    let mut d = Decoder { name, owner: name, process: None, context, app, problems };
    if !helm::is_chart(&merged) {
        return read(&mut d);
    }
    let kept = helm::keep_to_chart(&mut d, &merged);
    read(&mut Decoder { app: View::new(Some(&kept), app_table()), problems: d.problems, ..d })
}

fn read(d: &mut Decoder<'_>) -> App {
    let environment = d.context.environment;
    let view = d.app;
    let span = d.context.spec.apps[d.name].key_span;
    let instance = d.derived(span, format!("{}-{}", d.name, environment.name));
    // The longest derived names: that of a run with its hash, those of the pods of a StatefulSet or CronJob.
    d.derived(span, format!("{instance}-0123456789"));
    let (namespace, creates_namespace, shares_namespace) = namespace(d);
    let own_namespace = view.view("namespace").get("name").map(|name| name.span);
    let namespace_span = own_namespace.unwrap_or(environment.namespace.span);
    let pipeline_namespace = d.derived(namespace_span, format!("{namespace}-ci"));
    let place = format!("the app `{}`", d.name);
    let source = view.view("source");
    let is_chart = view.get("helm").is_some();
    if source.get("url").is_none() && !ready::is_ready(d) && !is_chart {
        d.missing(span, "source", &place);
    }
    let permissions = permissions::declared(&view, d.problems);
    let Program { workload, network, container, volumes } =
        program::read(d, span, &namespace, !permissions.is_empty());
    let pin = environment.pin(d.name).map(|(pin, _)| pin);
    let pin = pin.cloned().unwrap_or_default();
    let builds = pipeline::builds_image(d);
    let image = image(d, &pin, builds);
    let account = account(d);
    let mut app = App {
        name: d.name.to_owned(),
        environment: environment.name.clone(),
        cluster: environment.cluster.clone(),
        instance,
        namespace,
        creates_namespace,
        shares_namespace,
        pipeline_namespace,
        source: source_of(&source, pin.revision),
        image,
        helm: helm::read(d),
        build: build(d, &view),
        label: d.name.to_owned(),
        account: account.string("name").unwrap_or_else(|| d.name.to_owned()),
        own_account: Account {
            create: account.bool("create").unwrap_or(true),
            annotations: account.pairs("annotations"),
        },
        process: None,
        workload,
        network,
        container,
        volumes,
        selector: view.pairs("selector"),
        processes: Vec::new(),
        depends_on: depends_on(d),
        pipeline: None,
        trigger: None,
        notify: notify::read(d),
        monitor: Monitor::default(),
        labels: view.pairs("labels"),
        annotations: view.pairs("annotations"),
        metadata: labels::metadata(d),
        permissions,
        patches: view.items("patches").to_vec(),
        extra: view.string("extra"),
        deletes_volumes: view.text("onRemove") == Some("delete"),
        deploy: environment.deploy,
        run: environment.run,
        nonce: pin.nonce,
        registry: environment.registry.overridden(&view.view("registry")),
        span,
        extra_span: view.span_of("extra"),
    };
    app.processes = processes::read(d, &app);
    labels::refuse_reserved(d, &view.entries("labels"));
    if view.get("registry").is_some()
        && let Some((first, second, why)) = app.registry.contradiction()
    {
        d.excludes(view.span_of("registry"), first, second, why);
    }
    refuse_variables(d, &app);
    if !is_chart {
        app.pipeline = pipeline::read(d, &app);
        app.trigger = trigger::read(d, &app);
    }
    check_policy(d, &app);
    refuse_pin(d, is_chart);
    app.monitor = monitor::read(d, &app);
    app
}

/// The image: as written, pinned, or built. A chart has none.
fn image(d: &mut Decoder<'_>, pin: &Pin, builds: bool) -> Image {
    let view = d.app;
    let written = view.text("image").unwrap_or_else(|| {
        if view.get("helm").is_none() && !ready::carries_only(d) {
            let span = d.context.spec.apps[d.name].key_span;
            d.missing(span, "image", &format!("the app `{}`", d.name));
        }
        ""
    });
    let name = image_parts(written).map_or(written, |parts| parts.name);
    let mut image = Image::new(written, pin.reference(name).as_deref(), builds);
    // Nothing builds what there is not.
    image.ready |= ready::carries_only(d);
    if let (None, Some(by_tag)) = (&image.digest, &image.reference) {
        let span = match d.context.environment.pin(d.name) {
            Some((_, span)) if image.pinned => *span,
            _ => view.span_of("image"),
        };
        let image = by_tag.clone();
        d.warn(span, SpecError::ImageByTag { image });
    }
    image
}

/// A chart has a version, and everything else an image.
fn refuse_pin(d: &mut Decoder<'_>, is_chart: bool) {
    let name = d.name;
    let Some((pin, span)) = d.context.environment.pin(name) else { return };
    let problem = match (is_chart, &pin.version) {
        (false, Some(_)) => format!("`{name}` has the version of a chart, but is no chart"),
        (true, _) if pin.image.is_some() || pin.tag.is_some() => {
            format!("`{name}` is a chart, which has a `version` and no image")
        }
        _ => return,
    };
    d.error(*span, SpecError::BadPins { problem });
}

/// Flux updates only existing values in the pins file.
fn check_policy(d: &mut Decoder<'_>, app: &App) {
    let environment = d.context.environment;
    let Some(policy) = app.policy(&environment.flux.namespace) else {
        return;
    };
    let pin = environment.pin(d.name);
    // A pinned tag holds the app at that version.
    let stands =
        pin.is_some_and(|(pin, _)| pin.tag.is_some() || pin.policy.as_ref() == Some(&policy));
    if !stands {
        let span = pin.map_or(app.span, |(_, span)| *span);
        let (app, env) = (d.name.to_owned(), environment.name.clone());
        d.warn(span, SpecError::NoPlaceToPin { app, env });
    }
}

/// The app's namespace, with whether gen makes it and whether others can be in it.
fn namespace(d: &mut Decoder<'_>) -> (String, bool, bool) {
    let environment = d.context.environment;
    let view = d.app.view("namespace");
    let own = view.string("name").map(|text| Pattern { text, span: view.span_of("name") });
    let create = match (&own, view.bool("create")) {
        (_, Some(create)) => create,
        (Some(_), None) => true,
        (None, None) => environment.creates_namespace,
    };
    let pattern = own.as_ref().unwrap_or(&environment.namespace);
    let shares = !pattern.names_app();
    let Some(namespace) = d.fill("namespace", pattern) else {
        return (String::new(), create, shares);
    };
    if namespace.len() > LABEL_LIMIT {
        return (d.derived(pattern.span, namespace), create, shares);
    }
    Check::Label.check(&namespace, pattern.span, d.problems);
    (namespace, create, shares)
}

/// The apps that Flux applies first.
fn depends_on(d: &mut Decoder<'_>) -> Vec<(String, Span)> {
    let mut all: Vec<(String, Span)> = Vec::new();
    for node in d.app.items("dependsOn") {
        let Some(name) = node.as_str() else { continue };
        let apps = d.context.spec.apps.keys().map(String::as_str);
        let problem = if name == d.name {
            // A list for many apps is meant for the others.
            if !d.is_own(node.span) {
                continue;
            }
            "is the app itself".to_owned()
        } else if !d.context.spec.apps.contains_key(name) {
            near("is no app", name, apps)
        } else if !d.context.spec.has(name, &d.context.environment.name) {
            format!("is not in `{}`", d.context.environment.name)
        } else if all.iter().any(|(other, _)| other == name) {
            "is listed twice".to_owned()
        } else {
            all.push((name.to_owned(), node.span));
            continue;
        };
        let name = name.to_owned();
        d.error(node.span, SpecError::BadDependsOn { name, problem });
    }
    all
}

/// The git source; `revision` is the pinned commit.
fn source_of(source: &View<'_>, revision: Option<String>) -> Source {
    Source {
        url: source.string("url").unwrap_or_default(),
        branch: source.string_or_default("branch"),
        path: source.string_or_default("path"),
        secret: source.string("secret"),
        revision,
    }
}

/// Tekton would replace its variables in build arguments.
fn refuse_variables(d: &mut Decoder<'_>, app: &App) {
    for (name, text) in &app.build.args {
        if let Some(found) = tekton_variable(text) {
            let (name, variable) = (format!("build.args.{name}"), found.to_owned());
            let error = SpecError::TektonVariable { name, variable };
            d.error(d.app.span_of("build"), error);
        }
    }
}

/// The account of the app's pods.
fn account<'a>(d: &mut Decoder<'a>) -> View<'a> {
    let view = d.app.view("account");
    let is_there = view.bool("create") == Some(false);
    if is_there && view.get("annotations").is_some() {
        let why = "what is there already is not changed";
        d.excludes(view.span_of("annotations"), "account.annotations", "create: false", why);
    }
    if !is_there && view.text("name") == Some("default") {
        let why = "every namespace has it already";
        d.needs(view.span_of("name"), "account: default", "create: false", why);
    }
    view
}

fn build(d: &mut Decoder<'_>, view: &View<'_>) -> Build {
    let build = view.view("build");
    let mut secrets = Vec::new();
    for entry in build.entries("secrets") {
        let text = |key: &str| entry.value.written(key).and_then(Node::as_str);
        let id = entry.key.clone();
        let Some(secret) = text("secret") else {
            let path = format!("build.secrets.{id}.secret");
            d.missing(entry.value.span, &path, &format!("`build.secrets.{id}`"));
            continue;
        };
        let key = text("key").unwrap_or(&id).to_owned();
        secrets.push(BuildSecret { secret: secret.to_owned(), key, id });
    }
    Build {
        context: build.string_or_default("context"),
        dockerfile: build.string_or_default("dockerfile"),
        target: build.string("target"),
        args: build.pairs("args"),
        secrets,
    }
}
