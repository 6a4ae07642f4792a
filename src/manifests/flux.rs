//! The entry for Flux: one file an environment, with a few Kustomizations for every app.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use minijinja::Value as Context_;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::context::{Context, Shared};
use super::facts::Facts;
use super::files::long_stream;
use super::finish::finish_shared;
use super::patched::Patching;
use super::plan::{has_app, waits};
use super::run::committed_name;
use crate::diagnostics::{Diagnostic, Diagnostics, TemplateError};
use crate::environment::{Api, Environment, Registry};
use crate::kubernetes::Object;
use crate::model::{App, Notify, When};
use crate::name::seconds;
use crate::template::Engine;
use crate::tree::{Folder, Owner};
use crate::yaml::{Map, Value, to_value};

/// What the entry of an environment is made of.
pub struct Entry<'a> {
    /// The templates.
    pub engine: &'a Engine,
    /// The environment.
    pub environment: &'a Environment,
    /// What its templates see.
    pub seen: &'a Shared,
    /// Its patches.
    pub patching: Patching<'a>,
    /// The repository that Flux reads, and its branch.
    pub repository: (String, String),
    /// The folder of gen.yaml in the repository; empty for its root.
    pub root: String,
    /// There is a shared folder.
    pub has_shared: bool,
    /// The apps that are in the tree.
    pub apps: Vec<Listed<'a>>,
    /// Apps that are gone from the spec and whose accounts stay until they are forgotten.
    pub retired: Vec<String>,
}

/// As much of an app as an entry is made of.
#[derive(Debug, Hash)]
pub struct Listed<'a> {
    name: &'a str,
    instance: &'a str,
    environment: &'a str,
    extra: Option<&'a str>,
    /// The instances of the apps that Flux applies first.
    depends_on: Vec<String>,
    kustomizations: Kustomizations,
    /// Where Flux finds its image, if Flux pins it.
    pinned: Option<Pinned<'a>>,
    /// Whom Flux notifies, if anyone.
    notify: Option<&'a Notify>,
    /// All of it, for templates that may look at more. Elsewhere, most of the time would go into showing it.
    whole: Option<&'a App>,
}

/// Which Kustomizations an app has beside that of its accounts.
#[derive(Debug, Clone, Copy, Default, Hash)]
struct Kustomizations {
    app: bool,
    run: bool,
    /// That of the app waits for what it applies.
    waits: bool,
    /// How many seconds the jobs may take for which it waits.
    jobs: Option<u64>,
    /// That of the jobs before the rollout, and how many seconds they may take.
    before: Option<u64>,
    /// The same for the jobs after it.
    after: Option<u64>,
}

/// As much of an app as its image policy is made of.
#[derive(Debug, Hash)]
struct Pinned<'a> {
    image: &'a str,
    registry: &'a Registry,
    pull_secret: Option<&'a str>,
}

impl<'a> Listed<'a> {
    /// As much of `app` as is looked at; `own_templates` look at what they like.
    #[must_use]
    pub fn new(app: &'a App, all: &[App], flux_namespace: &str, own_templates: bool) -> Self {
        // An app of which Flux applies nothing yet has nothing to wait for.
        let is_applied = |name: &str| all.iter().any(|app| app.name == name && has_app(app));
        let before = app.depends_on.iter().filter(|(name, _)| is_applied(name));
        let pinned = || Pinned {
            image: &app.image.name,
            registry: &app.registry,
            pull_secret: app.container.pull_secret.as_deref(),
        };
        Self {
            name: &app.name,
            instance: &app.instance,
            environment: &app.environment,
            extra: app.extra.as_deref(),
            depends_on: before.map(|(name, _)| format!("{name}-{}", app.environment)).collect(),
            kustomizations: Kustomizations {
                app: has_app(app),
                run: committed_name(app).is_some(),
                waits: waits(app),
                jobs: jobs(app, When::Release).filter(|_| waits(app)),
                before: jobs(app, When::Before),
                after: jobs(app, When::After),
            },
            pinned: app.policy(flux_namespace).map(|_| pinned()),
            notify: app.notify.by_flux().then_some(&app.notify),
            whole: own_templates.then_some(app),
        }
    }

    /// As its templates see it.
    fn seen(&self) -> Context_ {
        let mut app = Map::default();
        app.push("name", self.name);
        app.push("instance", self.instance);
        app.push("environment", self.environment);
        app.push("extra", self.extra.map_or(Value::Null, Value::from));
        if let Some(notify) = self.notify {
            app.push("notify", to_value(notify));
        }
        if let Some(pinned) = &self.pinned {
            let secret = pinned.pull_secret.map_or(Value::Null, Value::from);
            app.push("image", Value::from([("name", pinned.image.into())]));
            app.push("registry", to_value(pinned.registry));
            app.push("container", Value::from([("pullSecret", secret)]));
        }
        Context_::from(app)
    }
}

/// How many seconds the jobs that Flux runs then may take.
fn jobs(app: &App, when: When) -> Option<u64> {
    if !app.has_job(when) {
        return None;
    }
    app.jobs(when).map(|job| job.deadline).max()
}

/// A job is noticed to have ended a little later.
const JOB_NOTICED: u64 = 60;

/// An environment has one generator up to this many apps; past that, apps are spread over sixteen by name, because a list in an
/// ArtifactGenerator holds at most a thousand artifacts.
const ONE_GENERATOR: usize = 800;

impl Hash for Entry<'_> {
    /// What tells it from another of the same environment and templates.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            engine: _,
            environment: _,
            seen: _,
            patching: _,
            repository,
            root,
            has_shared,
            apps,
            retired,
        } = self;
        (repository, root, has_shared, apps, retired).hash(state);
    }
}

impl Entry<'_> {
    /// Its folder, and what is known of its objects.
    ///
    /// # Errors
    /// What a template says.
    pub fn render(&self) -> Result<(Folder, Facts), Diagnostics> {
        let environment = self.environment;
        let folder = format!("clusters/{}/{}", environment.cluster, environment.name);
        let folder = if self.root.is_empty() { folder } else { format!("{}/{folder}", self.root) };
        let mut writer = Writer {
            entry: self,
            shared: Context::of_environment(self.seen),
            folder,
            objects: Vec::new(),
            patched: Facts::default(),
        };
        writer.sources()?;
        writer.apps()?;
        let mut facts = Facts::of(&writer.objects);
        facts.add_patched(std::mem::take(&mut writer.patched));
        let (path, record) = entry_folder(environment);
        let name = format!("gen-{}.yaml", environment.name);
        let text = long_stream(&environment.name, &writer.objects);
        let folder = Folder {
            path,
            record,
            owner: Owner { environment: environment.name.clone(), app: None, retired: false },
            files: BTreeMap::from([(name, text)]),
        };
        Ok((folder, facts))
    }
}

/// The folder of an environment's entry, and the record there.
#[must_use]
pub fn entry_folder(environment: &Environment) -> (String, String) {
    (
        format!("clusters/{}/flux", environment.cluster),
        format!("gen-{}.lock.json", environment.name),
    )
}

struct Writer<'a> {
    entry: &'a Entry<'a>,
    shared: Context,
    /// The environment's folder, seen from the root of the repository.
    folder: String,
    objects: Vec<Object>,
    /// Which patches were meant for one of them.
    patched: Facts,
}

impl Writer<'_> {
    fn render(&self, template: &str, context: &Context) -> Result<Vec<Object>, Diagnostics> {
        let mut objects = Vec::new();
        for document in self.entry.engine.render(template, &context.value())? {
            let mut object = Object::new(document).map_err(|problem| {
                Diagnostic::error(TemplateError::NotAnObject { problem })
                    .in_file(format!("templates/{template}"))
            })?;
            finish_shared(&self.entry.environment.name, &mut object);
            objects.push(object);
        }
        Ok(objects)
    }

    fn add(&mut self, template: &str, context: &Context) -> Result<(), Diagnostics> {
        let mut objects = self.render(template, context)?;
        self.entry.patching.apply(None, &mut objects, &mut self.patched)?;
        self.objects.extend(objects);
        Ok(())
    }

    fn add_with(&mut self, template: &str, flux: &Value) -> Result<(), Diagnostics> {
        let context = self.shared.with("flux", Context_::from(flux));
        self.add(template, &context)
    }

    fn generates(&self) -> bool {
        self.entry.environment.has(Api::ArtifactGenerator)
    }

    fn shared_name(&self) -> String {
        format!("gen-{}-shared", self.entry.environment.name)
    }

    fn repository(&self) -> Value {
        source("GitRepository", &self.entry.environment.flux.source.name)
    }

    /// Where Flux reads from, and what the apps share.
    fn sources(&mut self) -> Result<(), Diagnostics> {
        let (url, branch) = &self.entry.repository;
        if self.entry.environment.flux.source.create {
            let flux = Value::from([
                ("url", address(url).into()),
                ("branch", branch.as_str().into()),
                ("folder", self.folder.as_str().into()),
            ]);
            self.add_with("flux/source.yaml", &flux)?;
        }
        if self.generates() {
            for (generator, artifacts) in generators(self.entry, &self.folder) {
                let flux = Value::from([
                    ("generator", generator.as_str().into()),
                    ("artifacts", Value::Seq(artifacts)),
                ]);
                self.add_with("flux/artifacts.yaml", &flux)?;
            }
        }
        if self.entry.apps.iter().any(|app| app.pinned.is_some()) {
            let pins = match self.entry.root.as_str() {
                "" => "./environments".to_owned(),
                root => format!("./{root}/environments"),
            };
            let flux = Value::from([
                ("source", self.repository()),
                ("branch", branch.as_str().into()),
                ("pins", pins.into()),
            ]);
            self.add_with("flux/automation.yaml", &flux)?;
        }
        if self.entry.has_shared {
            let flux = Value::from([
                ("path", format!("./{}/shared", self.folder).into()),
                ("source", self.repository()),
                ("listener", self.entry.environment.listener.is_some().into()),
            ]);
            self.add_with("flux/shared.yaml", &flux)?;
        }
        let environment = self.entry.environment;
        if environment.flux.receiver.is_some() {
            self.add("flux/receiver.yaml", &self.shared.clone())?;
        }
        // Here and not beside an app: it is for all of them, and the namespace of Flux is always there.
        let watched = environment.has(Api::Prometheus) && !self.entry.apps.is_empty();
        if watched && environment.monitoring.dashboard.is_some() {
            self.add("monitor/dashboard.yaml", &self.shared.clone())?;
        }
        Ok(())
    }

    /// The Kustomizations of every app; of a retired one, that of its accounts alone.
    fn apps(&mut self) -> Result<(), Diagnostics> {
        let this = &*self;
        let rendered: Vec<Result<(Vec<Object>, Facts), Diagnostics>> =
            this.entry.apps.par_iter().map(|app| this.app(app)).collect();
        let (rendered, problems) = Diagnostics::partition(rendered);
        if problems.has_errors() {
            return Err(problems);
        }
        for (objects, patched) in rendered {
            self.objects.extend(objects);
            self.patched.add_patched(patched);
        }
        for name in &self.entry.retired {
            let instance = format!("{name}-{}", self.entry.environment.name);
            let flux = self.about(&instance, name, Kustomizations::default());
            let app = Value::from([
                ("name", name.as_str().into()),
                ("instance", instance.as_str().into()),
                ("extra", Value::Null),
            ]);
            let context = self.shared.with("app", Context_::from(app));
            let context = context.with("flux", flux);
            let context = context.with("dependsOn", Context_::from(Value::Seq(Vec::new())));
            self.add("flux/kustomizations.yaml", &context)?;
        }
        Ok(())
    }

    fn app(&self, app: &Listed<'_>) -> Result<(Vec<Object>, Facts), Diagnostics> {
        let context = match app.whole {
            Some(app) => Context::of_app(self.entry.seen, app),
            None => self.shared.with("app", app.seen()),
        };
        let flux = self.about(app.instance, app.name, app.kustomizations);
        let before = app.depends_on.iter().map(|name| name.as_str().into());
        let context = context.with("flux", flux);
        let context = context.with("dependsOn", Context_::from(Value::Seq(before.collect())));
        let mut objects = self.render("flux/kustomizations.yaml", &context)?;
        if app.pinned.is_some() {
            objects.extend(self.render("flux/images.yaml", &context)?);
        }
        if app.notify.is_some() {
            objects.extend(self.render("notify/flux.yaml", &context)?);
        }
        let mut patched = Facts::default();
        self.entry.patching.apply(Some(app.name), &mut objects, &mut patched)?;
        Ok((objects, patched))
    }

    fn about(&self, instance: &str, name: &str, has: Kustomizations) -> Context_ {
        let (path, from) = if self.generates() {
            (".".to_owned(), source("ExternalArtifact", instance))
        } else {
            (format!("./{}/{name}", self.folder), self.repository())
        };
        let mut flux = Map::default();
        flux.push("path", path);
        flux.push("source", from);
        if self.entry.has_shared {
            flux.push("shared", self.shared_name());
        } else {
            flux.push("shared", Value::Null);
        }
        flux.push("hasApp", has.app);
        flux.push("hasRun", has.run);
        flux.push("waits", has.waits);
        let patience = |deadline: Option<u64>| {
            let timeout = seconds(&self.entry.environment.flux.timeout).unwrap_or_default();
            deadline.map_or(Value::Null, |deadline| {
                format!("{}s", timeout.max(deadline + JOB_NOTICED)).into()
            })
        };
        let timeout = patience(Some(has.jobs.unwrap_or_default()));
        let own = &self.entry.environment.flux.timeout;
        flux.push("timeout", if has.jobs.is_some() { timeout } else { own.as_str().into() });
        flux.push("before", patience(has.before));
        flux.push("after", patience(has.after));
        Context_::from(flux)
    }
}

fn source(kind: &str, name: &str) -> Value {
    Value::from([("kind", kind.into()), ("name", name.into())])
}

/// Generators by name, each with its artifacts: one artifact an app, whose revision depends on the app's folder alone.
fn generators(entry: &Entry<'_>, folder: &str) -> BTreeMap<String, Vec<Value>> {
    let environment = &entry.environment.name;
    let names: Vec<&str> = entry
        .apps
        .iter()
        .map(|app| app.name)
        .chain(entry.retired.iter().map(String::as_str))
        .collect();
    let many = names.len() > ONE_GENERATOR;
    let mut generators: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for name in names {
        let generator = if many {
            format!("gen-{environment}-{:x}", Sha256::digest(name)[0] >> 4)
        } else {
            format!("gen-{environment}")
        };
        let copy = Value::from([
            ("from", format!("@repository/{folder}/{name}/**").into()),
            ("to", "@artifact/".into()),
        ]);
        let artifact = Value::from([
            ("name", format!("{name}-{environment}").into()),
            ("originRevision", "@repository".into()),
            ("copy", Value::Seq(vec![copy])),
        ]);
        generators.entry(generator).or_default().push(artifact);
    }
    generators
}

/// The address as a GitRepository takes it: `user@host:path`, git's short form of ssh, is not a URL
/// (source-controller, `gitrepository_types.go`: `^(http|https|ssh)://.*$`).
fn address(url: &str) -> String {
    let short = if url.contains("://") { None } else { url.split_once(':') };
    short.map_or_else(
        || url.to_owned(),
        |(host, path)| format!("ssh://{host}/{}", path.trim_start_matches('/')),
    )
}
