//! What can only be decided by looking at all apps of an environment: which namespaces they share, and how strict each is.

use std::collections::{BTreeMap, BTreeSet};

use super::enforced::level;
use crate::diagnostics::{Diagnostics, Span, SpecError};
use crate::environment::{Environment, Selection};
use crate::kubernetes::{KUSTOMIZATIONS, Object};
use crate::model::{App, Catalogue, Kind, Level, When};

/// A namespace, and what its pods need.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "each stands for itself")]
pub struct NamespacePlan {
    /// Its name.
    pub name: String,
    /// The Pod Security level that it enforces.
    pub level: Level,
    /// Flux leaves it in the cluster when it goes from Git: it may hold a volume.
    pub keep: bool,
    /// The apps in it.
    pub apps: BTreeSet<String>,
    /// It is for pipelines.
    pub pipeline: bool,
    /// gen makes it; otherwise it is there already.
    pub created: bool,
    /// A chart is in it, of whose pods gen knows nothing.
    pub open: bool,
    /// It is for the listener of all apps.
    pub listener: bool,
    /// Its name does not depend on an app's, so that even a single app does not have it for itself.
    shares: bool,
}

/// The namespaces of an environment.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    namespaces: BTreeMap<String, NamespacePlan>,
}

impl NamespacePlan {
    fn is_shared(&self) -> bool {
        self.shares || self.apps.len() > 1
    }
}

impl Plan {
    /// Looks at all apps of an environment.
    ///
    /// # Errors
    /// A namespace that would hold pipelines and workloads.
    pub fn new(environment: &Environment, apps: &[App]) -> Result<Self, Diagnostics> {
        let mut plan = Self::default();
        for app in apps {
            let volumes = app.processes.iter().map(|process| &process.volumes);
            let mut storage = volumes.chain([&app.volumes]).flat_map(|volumes| &volumes.storage);
            let keep = storage.any(|storage| storage.keep);
            let levels = app.processes.iter().map(|process| process.container.security.level);
            let level = levels.fold(app.container.security.level, Level::max);
            plan.add(&app.namespace, app, level, keep, false);
            if let Some(pipeline) = &app.pipeline {
                // Tekton's own containers have no security context unless its flag says so, and `restricted` refuses them.
                let least = if environment.tekton_sets_security_context {
                    Level::Restricted
                } else {
                    Level::Baseline
                };
                plan.add(&app.pipeline_namespace, app, pipeline.level.max(least), false, true);
            }
        }
        let mut problems = Diagnostics::default();
        plan.add_listener(environment, apps, &mut problems);
        for app in apps {
            let Some(namespace) = plan.namespaces.get(&app.namespace) else { continue };
            if namespace.created != app.creates_namespace {
                let why = format!(
                    "another app is in the namespace `{}`, too, and gen either makes it or does not",
                    app.namespace
                );
                let create = |create| format!("namespace: {{create: {create}}}");
                let (first, second) = (create(app.creates_namespace), create(namespace.created));
                let error = SpecError::Excludes { first, second, why };
                problems.error(app.span, error);
            }
            if namespace.pipeline {
                let error = SpecError::PipelineNamespace { namespace: app.namespace.clone() };
                problems.error(environment.namespace.span, error);
            }
        }
        if problems.has_errors() { Err(problems) } else { Ok(plan) }
    }

    fn add(&mut self, name: &str, app: &App, level: Level, keep: bool, pipeline: bool) {
        let namespace = self.namespaces.entry(name.to_owned()).or_insert_with(|| NamespacePlan {
            name: name.to_owned(),
            level: Level::Restricted,
            keep: false,
            apps: BTreeSet::new(),
            pipeline,
            created: pipeline || app.creates_namespace,
            open: false,
            listener: false,
            shares: false,
        });
        namespace.open |= !pipeline && app.helm.is_some();
        namespace.shares |= app.shares_namespace;
        namespace.level = namespace.level.max(level);
        namespace.keep |= keep;
        namespace.apps.insert(app.name.clone());
        namespace.pipeline |= pipeline;
    }

    /// The namespace of the listener for all apps: whoever creates pods in it could read what signs their webhooks.
    fn add_listener(
        &mut self,
        environment: &Environment,
        apps: &[App],
        problems: &mut Diagnostics,
    ) {
        let Some(listener) = &environment.listener else { return };
        let name = &listener.namespace;
        if let Some(taken) = self.namespaces.get(name) {
            let app = taken.apps.first().map_or("", String::as_str);
            let error = SpecError::Excludes {
                first: format!("listener.namespace: {name}"),
                second: "namespace".to_owned(),
                why: format!("`{app}` is in that namespace, and the listener's is for it alone"),
            };
            problems.error(listener.span, error);
            return;
        }
        if apps.iter().any(|app| app.trigger.is_some()) {
            let namespace = NamespacePlan {
                name: name.clone(),
                level: Level::Restricted,
                keep: false,
                apps: BTreeSet::new(),
                pipeline: false,
                created: true,
                open: false,
                listener: true,
                shares: true,
            };
            self.namespaces.insert(name.clone(), namespace);
        }
    }

    /// The namespaces that the app has for itself.
    #[must_use]
    pub fn own(&self, app: &App) -> Vec<&NamespacePlan> {
        let names = [Some(&app.namespace), app.pipeline.as_ref().map(|_| &app.pipeline_namespace)];
        let own = names.into_iter().flatten().filter_map(|name| self.namespaces.get(name));
        own.filter(|namespace| namespace.created && !namespace.is_shared()).collect()
    }

    /// The namespaces that several apps share.
    #[must_use]
    pub fn shared(&self) -> Vec<&NamespacePlan> {
        let all = self.namespaces.values();
        all.filter(|namespace| namespace.created && namespace.is_shared()).collect()
    }

    /// The namespaces that are there already and that earlier renders have made, if these are their Namespaces: Flux would delete them
    /// with all that is in them, so they stay in the tree, marked.
    pub(super) fn released<'o>(
        &self,
        before: impl Iterator<Item = &'o Object>,
    ) -> Vec<(String, Level)> {
        let released = before.filter(|object| {
            let planned = self.namespaces.get(object.name());
            object.kind() == "Namespace" && planned.is_some_and(|planned| !planned.created)
        });
        released.map(|object| (object.name().to_owned(), level(object))).collect()
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &NamespacePlan> {
        self.namespaces.values()
    }
}

/// What can exist only once on a cluster and would come from two places: namespaces of two environments, Kustomizations of
/// two apps. And names that gen or the cluster needs for itself.
#[must_use]
pub fn overlaps<'a>(
    all: impl IntoIterator<Item = (&'a Environment, &'a Plan, &'a [App])>,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut names: BTreeMap<(&str, String), &App> = BTreeMap::new();
    let mut objects: BTreeSet<(&str, &str, &str, String)> = BTreeSet::new();
    let mut roles: BTreeSet<(&str, String)> = BTreeSet::new();
    for (environment, plan, apps) in all {
        reserved(environment, plan, apps, &mut problems);
        for (role, span) in listening(environment, apps) {
            if !roles.insert((&environment.cluster, role.clone())) {
                let object = format!("ClusterRole {role}");
                problems.error(span, SpecError::DuplicateObject { object });
            }
        }
        for namespace in plan.all() {
            let key = (environment.cluster.as_str(), namespace.name.as_str());
            if let Some(other) = owners.insert(key, &environment.name) {
                let error = SpecError::SameNamespace {
                    namespace: namespace.name.clone(),
                    other: other.to_owned(),
                };
                problems.error(place(environment, namespace), error);
            }
        }
        for app in apps {
            let mut told = BTreeSet::new();
            for (kind, name) in named_freely(app) {
                let namespace = app.namespace.as_str();
                if !objects.insert((&environment.name, namespace, kind, name.clone())) {
                    let object = format!("{kind} {namespace}/{name}");
                    // Objects of several kinds with that name would say nothing new.
                    if told.insert(name) {
                        problems.error(app.span, SpecError::DuplicateObject { object });
                    }
                }
            }
            for name in flux_names(app) {
                let key = (environment.cluster.as_str(), name.clone());
                if let Some(other) = names.insert(key, app) {
                    let (first, second) = (of(other), of(app));
                    let error = SpecError::SameFluxName { name, first, second };
                    problems.error(app.span, error);
                    // Where one of an app's names is taken, the others say nothing new.
                    break;
                }
            }
        }
    }
    problems
}

/// Where the name of a namespace comes from.
fn place(environment: &Environment, namespace: &NamespacePlan) -> Span {
    let listener = environment.listener.as_ref().filter(|_| namespace.listener);
    listener.map_or(environment.namespace.span, |listener| listener.span)
}

/// The ClusterRoles of listeners, and what they come of.
fn listening(environment: &Environment, apps: &[App]) -> Vec<(String, Span)> {
    let shared = environment.listener.as_ref();
    let shared = shared.map(|one| (format!("gen-{}-listener", environment.name), one.span));
    let own = apps
        .iter()
        .filter(|app| app.trigger.as_ref().is_some_and(|trigger| trigger.listener.is_none()));
    let own = own.map(|app| (format!("{}-listener", app.instance), app.span));
    shared.into_iter().chain(own).collect()
}

/// Kind and name of the objects of an app that another app in its namespace can have, too.
fn named_freely(app: &App) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    if app.own_account.create && app.has_program() {
        all.push(("ServiceAccount", app.account.clone()));
    }
    let own = (app.workload.kind != Kind::None).then_some((
        &app.name,
        &app.workload,
        &app.network,
        &app.volumes,
    ));
    let processes = app
        .processes
        .iter()
        .map(|process| (&process.object, &process.workload, &process.network, &process.volumes));
    for (name, workload, network, volumes) in own.into_iter().chain(processes) {
        let is_set = workload.kind == Kind::StatefulSet;
        all.push((workload.kind.word(), name.clone()));
        // Two programs of different kinds meet in these.
        all.push(("NetworkPolicy", name.clone()));
        let own = network.service.as_ref().map(|service| service.name.clone());
        let of_pods = workload.service_name.clone().filter(|name| own.as_ref() != Some(name));
        all.extend(own.into_iter().chain(of_pods).map(|name| ("Service", name)));
        all.extend((!volumes.files.is_empty()).then(|| ("ConfigMap", format!("{name}-files"))));
        let claims = volumes.storage.iter().filter(|_| !is_set);
        all.extend(claims.map(|storage| ("PersistentVolumeClaim", storage.claim.clone())));
    }
    all
}

pub(super) fn of(app: &App) -> String {
    format!("`{}` in {}", app.name, app.environment)
}

fn flux_names(app: &App) -> impl Iterator<Item = String> {
    let instance = &app.instance;
    let is_made = |end: &&str| match *end {
        "-before" => app.has_job(When::Before),
        "-after" => app.has_job(When::After),
        _ => true,
    };
    // The app's own is the one that is named if all are taken.
    let others = KUSTOMIZATIONS.into_iter().filter(|end| !end.is_empty());
    let all = std::iter::once("").chain(others);
    all.filter(is_made).map(move |end| format!("{instance}{end}"))
}

/// Namespaces of Kubernetes itself.
const OF_THE_CLUSTER: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

fn reserved(environment: &Environment, plan: &Plan, apps: &[App], problems: &mut Diagnostics) {
    if environment.name == "flux" {
        let error = SpecError::ReservedName {
            name: environment.name.clone(),
            what: "an environment".to_owned(),
        };
        problems.error(environment.namespace.span, error);
    }
    for app in apps.iter().filter(|app| app.name == "shared") {
        let error = SpecError::ReservedName { name: app.name.clone(), what: "an app".to_owned() };
        problems.error(app.span, error);
    }
    for namespace in plan.all() {
        let name = namespace.name.as_str();
        // What was always in `default` may stay there: gen makes nothing of the namespace itself.
        let is_there = name == "default" && !namespace.created;
        if OF_THE_CLUSTER.contains(&name) && !is_there || name == environment.flux.namespace {
            let error = SpecError::ReservedNamespace { namespace: name.to_owned() };
            problems.error(place(environment, namespace), error);
        }
    }
}

/// Tasks that an environment names and that no app and no template has.
#[must_use]
pub fn unknown_tasks(
    environment: &Environment,
    catalogue: &Catalogue,
    named_by_apps: &BTreeSet<String>,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let Selection::Tasks(names) = &environment.pipeline else {
        return problems;
    };
    for (name, span) in names {
        if named_by_apps.contains(name) || catalogue.get(name).is_some() {
            continue;
        }
        let known = named_by_apps.iter().map(String::as_str).chain(catalogue.names());
        let hint = crate::spec::nearest(name, known).map_or_else(
            || "no app has a task with that name".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        problems.error(*span, SpecError::UnknownTask { name: name.clone(), hint });
    }
    problems
}

/// Whether the app's own account has anything to apply.
#[must_use]
pub fn has_app(app: &App) -> bool {
    app.pipeline.is_some()
        || app.flux_runs_workload()
        || app.task_runs_workload()
        || app.extra.is_some()
        || app.helm.is_some()
}

/// Whether Flux waits until the app's workload is healthy. Where the environment builds it must not: the image may not exist yet, or be
/// what the run repairs. Elsewhere health is what tells a good rollout from a bad one. Jobs after the rollout need to know in any case.
#[must_use]
pub(super) fn waits(app: &App) -> bool {
    let builds = app.pipeline.as_ref().is_some_and(|pipeline| pipeline.builds);
    let workloads = app.processes.iter().map(|process| &process.workload);
    let mut workloads = workloads.chain([&app.workload]);
    let has_health = workloads.any(|workload| {
        let job = workload.job.as_ref();
        workload.kind.is_running() || job.is_some_and(|job| job.when == When::Release)
    });
    app.helm.is_some()
        || (app.flux_runs_workload() && has_health && (!builds || app.has_job(When::After)))
}
