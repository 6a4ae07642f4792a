//! One app in one environment, from its merged layers.

use super::network::Tls;
use super::pipeline;
use super::{
    App, Build, Catalogue, Image, Monitor, Source, Trigger, container, data, monitor, network,
    notify, tracing, trigger, workload,
};
use crate::diagnostics::{Diagnostic, Diagnostics, NameError, Span, SpecError};
use crate::environment::{Api, Environment, Pattern, Registry, Run};
use crate::name::{Check, LABEL_LIMIT, image_parts};
use crate::spec::{Spec, View, app as app_table};
use crate::yaml::Node;

/// What is the same for every app of an environment.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// All files.
    pub spec: &'a Spec,
    /// The environment.
    pub environment: &'a Environment,
    /// The tasks that there are.
    pub catalogue: &'a Catalogue,
}

/// The state while one app is read.
pub(super) struct Decoder<'a> {
    pub(super) name: &'a str,
    pub(super) context: Context<'a>,
    pub(super) app: View<'a>,
    pub(super) problems: &'a mut Diagnostics,
}

/// Reads an app. Errors and warnings go to `problems`; an app with an error is still returned where its shape allows it, so
/// that the errors of all apps are found at once.
///
/// # Panics
/// Where the spec has no app of that name, which is a bug of the caller.
pub fn decode(context: Context<'_>, name: &str, problems: &mut Diagnostics) -> App {
    let merged = context
        .environment
        .app(context.spec, name)
        .expect("asked only for apps of the spec");
    let app = View::new(Some(&merged), app_table());
    let mut d = Decoder {
        name,
        context,
        app,
        problems,
    };
    d.read()
}

impl Decoder<'_> {
    fn read(&mut self) -> App {
        let environment = self.context.environment;
        let view = self.app;
        let span = self.context.spec.apps[self.name].key_span;
        let instance = self.derived(span, format!("{}-{}", self.name, environment.name));
        // The longest names that are derived: the run's with its hash, the pods' of a StatefulSet or CronJob.
        self.derived(span, format!("{instance}-0123456789"));
        let namespace = self.namespace(&environment.namespace);
        let pipeline_namespace =
            self.derived(environment.namespace.span, format!("{namespace}-ci"));
        let source = self.source();
        let registry = self.registry();
        let workload = workload::read(self);
        let mut network = network::read(self, workload.kind, &namespace);
        let permissions = crate::permissions::declared(&view, self.problems);
        let mut container = container::read(self, !permissions.is_empty());
        if let Some(tracing) = tracing::read(self) {
            tracing.add(&mut container.env, self.name, &environment.name, &namespace);
            if let Some(places) = &mut network.egress {
                places.extend(tracing.egress().filter(|place| !places.contains(place)));
            }
        }
        let volumes = data::read(self, workload.kind, &container.writable);
        let pin = environment
            .pin(self.name)
            .map(|(pin, _)| pin.clone())
            .unwrap_or_default();
        let builds = pipeline::builds_image(self);
        let written = view.text("image").unwrap_or_else(|| {
            self.missing(span, "image", &format!("the app `{}`", self.name));
            ""
        });
        let name = image_parts(written).map_or(written, |parts| parts.name);
        let image = Image::new(written, pin.reference(name).as_deref(), builds);
        if let (None, Some(by_tag)) = (&image.digest, &image.reference) {
            let span = match environment.pin(self.name) {
                Some((_, span)) if image.pinned => *span,
                _ => view.span_of("image"),
            };
            let image = by_tag.clone();
            self.warn(span, SpecError::ImageByTag { image });
        }
        let mut app = App {
            name: self.name.to_owned(),
            environment: environment.name.clone(),
            cluster: environment.cluster.clone(),
            instance,
            namespace,
            pipeline_namespace,
            source: Source {
                revision: pin.revision,
                ..source
            },
            image,
            build: build(&view),
            workload,
            network,
            container,
            volumes,
            pipeline: None,
            trigger: None,
            notify: notify::read(self),
            monitor: Monitor::default(),
            labels: view.pairs("labels"),
            annotations: view.pairs("annotations"),
            permissions,
            extra: view.string("extra"),
            deletes_volumes: view.text("onRemove") == Some("delete"),
            deploy: environment.deploy,
            run: environment.run,
            nonce: pin.nonce,
            registry,
            span,
            extra_span: view.span_of("extra"),
        };
        self.check_labels(&app);
        for (name, text) in &app.build.args {
            if let Some(found) = super::tekton::tekton_variable(text) {
                let error = SpecError::TektonVariable {
                    name: format!("build.args.{name}"),
                    variable: found.to_owned(),
                };
                self.problems.error(view.span_of("build"), error);
            }
        }
        app.pipeline = pipeline::read(self, &app);
        app.trigger = self.trigger(&app);
        self.check_policy(&app);
        app.monitor = monitor::read(self, &app);
        app
    }

    /// Flux sets only what it finds in the pins file.
    fn check_policy(&mut self, app: &App) {
        let environment = self.context.environment;
        let Some(policy) = app.policy(&environment.flux.namespace) else {
            return;
        };
        let pin = environment.pin(self.name).map(|(pin, _)| pin);
        // A tag that somebody pinned holds the app where it is.
        let stands =
            pin.is_some_and(|pin| pin.tag.is_some() || pin.policy.as_ref() == Some(&policy));
        if !stands {
            let span = environment
                .pin(self.name)
                .map_or(app.span, |(_, span)| *span);
            let (app, env) = (self.name.to_owned(), environment.name.clone());
            self.warn(span, SpecError::NoPlaceToPin { app, env });
        }
    }

    fn source(&mut self) -> Source {
        let source = self.app.view("source");
        let url = source.string("url").unwrap_or_else(|| {
            let span = self.context.spec.apps[self.name].key_span;
            self.missing(span, "source", &format!("the app `{}`", self.name));
            String::new()
        });
        Source {
            url,
            branch: source.string("branch").unwrap_or_else(|| "main".to_owned()),
            path: source.string("path").unwrap_or_else(|| ".".to_owned()),
            secret: source.string("secret"),
            revision: None,
        }
    }

    fn registry(&self) -> Registry {
        let own = self.app.view("registry");
        let general = &self.context.environment.registry;
        Registry {
            insecure: own.bool("insecure").unwrap_or(general.insecure),
            secret: own.string("secret").or_else(|| general.secret.clone()),
        }
    }

    fn namespace(&mut self, pattern: &Pattern) -> String {
        let environment = &self.context.environment.name;
        match pattern.fill(self.name, environment) {
            Ok(namespace) => {
                if let Err(error) = Check::Label.test(&namespace) {
                    let error = if namespace.len() > LABEL_LIMIT {
                        NameError::DerivedTooLong {
                            derived: namespace.clone(),
                            limit: LABEL_LIMIT,
                        }
                    } else {
                        error
                    };
                    self.problems.error(pattern.span, error);
                }
                namespace
            }
            Err(problem) => {
                self.problems.error(
                    pattern.span,
                    SpecError::BadPattern {
                        path: "namespace".to_owned(),
                        problem,
                    },
                );
                String::new()
            }
        }
    }

    fn trigger(&mut self, app: &App) -> Option<Trigger> {
        let environment = self.context.environment;
        if environment.run != Run::Webhook || app.pipeline.is_none() {
            return None;
        }
        let Some((word, view)) = self.app.variant("trigger") else {
            let why = "the app says of no host whose webhooks start it".to_owned();
            self.unmet(app.span, &format!("the trigger of `{}`", self.name), why);
            return None;
        };
        if !environment.has(Api::Triggers) {
            let why = "`apis` does not name `triggers`".to_owned();
            self.unmet(view.span(), &format!("the trigger of `{}`", self.name), why);
            return None;
        }
        // An EventListener's name may have 60 characters (Tekton Triggers, event_listener_validation.go).
        if self.name.len() > 60 {
            let error = NameError::DerivedTooLong {
                derived: self.name.to_owned(),
                limit: 60,
            };
            self.problems.error(app.span, error);
        }
        let mut branches = view.texts("branches");
        if branches.is_empty() {
            branches.push(app.source.branch.clone());
        }
        let host = self.pattern("trigger.host", view.get("host"));
        let tls = view.view("tls");
        let tls = tls.is_written().then(|| Tls {
            secret: tls
                .string("secret")
                .unwrap_or_else(|| format!("{}-listener-tls", self.name)),
            issuer: tls.string("issuer"),
        });
        let wanted = trigger::Wanted {
            host: word,
            branches: &branches,
            tags: &view.texts("tags"),
            paths: &view.texts("paths"),
            pull_requests: view.flag("pullRequests"),
            forks: view.flag("forks"),
            folder: &app.source.path,
        };
        Some(Trigger {
            host_kind: word.to_owned(),
            secret: view
                .string("secret")
                .unwrap_or_else(|| format!("{}-webhook", self.name)),
            events: trigger::events(&wanted),
            host,
            tls,
        })
    }

    fn check_labels(&mut self, app: &App) {
        for entry in self.app.entries("labels") {
            let text = entry
                .value
                .scalar()
                .map_or("", |scalar| scalar.text.as_str());
            if let Err(error) = Check::LabelValue.test(text) {
                self.problems.error(entry.value.span, error);
            }
            let reserved = entry.key.starts_with("app.kubernetes.io/")
                || entry.key.contains("fluxcd.io/")
                || entry.key.starts_with("gitops-gen.dev/");
            if reserved {
                let why = "gen sets this label itself".to_owned();
                let error = SpecError::Excludes {
                    first: entry.key.clone(),
                    second: "the app's own labels".to_owned(),
                    why,
                };
                self.problems.error(entry.key_span, error);
            }
        }
        let _ = app;
    }

    /// A text in which `{{ app }}` and `{{ env }}` may stand.
    pub(super) fn pattern(&mut self, path: &str, node: Option<&Node>) -> Option<String> {
        let node = node?;
        let pattern = Pattern {
            text: node.scalar()?.text.clone(),
            span: node.span,
        };
        match pattern.fill(self.name, &self.context.environment.name) {
            Ok(text) => Some(text),
            Err(problem) => {
                self.problems.error(
                    node.span,
                    SpecError::BadPattern {
                        path: path.to_owned(),
                        problem,
                    },
                );
                None
            }
        }
    }

    /// A name that gen makes; checked for Kubernetes' limit.
    pub(super) fn derived(&mut self, span: Span, name: String) -> String {
        if name.len() > LABEL_LIMIT {
            self.problems.error(
                span,
                NameError::DerivedTooLong {
                    derived: name.clone(),
                    limit: LABEL_LIMIT,
                },
            );
        }
        name
    }

    /// Whether the app itself says so, in its own keys or in an environment's keys for it, and not a layer for many apps.
    pub(super) fn is_own(&self, span: Span) -> bool {
        let within = |outer: Span| {
            outer.file == span.file && outer.start <= span.start && span.end <= outer.end
        };
        within(self.context.spec.apps[self.name].value.span)
            || self
                .context
                .environment
                .override_span(self.name)
                .is_some_and(within)
    }

    pub(super) fn missing(&mut self, span: Span, path: &str, place: &str) {
        self.problems.error(
            span,
            SpecError::Missing {
                path: path.to_owned(),
                place: place.to_owned(),
            },
        );
    }

    pub(super) fn warn(&mut self, span: Span, error: SpecError) {
        self.problems.push(Diagnostic::warning(error).at(span));
    }

    /// Something that is left out, and why.
    pub(super) fn unmet(&mut self, span: Span, what: &str, why: String) {
        let what = format!("{}: {what}", self.context.environment.name);
        self.warn(span, SpecError::Unmet { what, why });
    }
}

fn build(view: &View<'_>) -> Build {
    let build = view.view("build");
    Build {
        context: build.string("context").unwrap_or_else(|| ".".to_owned()),
        dockerfile: build
            .string("dockerfile")
            .unwrap_or_else(|| "Dockerfile".to_owned()),
        target: build.string("target"),
        args: build.pairs("args"),
    }
}
