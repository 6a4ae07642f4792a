//! What templates may use, and the images of tools.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt as _};
use serde::Serialize;

use crate::environment::{Environment, Limits, Proxy};
use crate::model::{App, Container, Kind, When, Workload};
use crate::name::billionths;
use crate::yaml::{Key, Map, to_value};

/// Tools that tasks run, and gen's choice of image for each. A spec replaces them under `images`, best by digest; these are
/// tags, because which digest is good changes faster than gen.
const TOOLS: [(&str, &str); 13] = [
    ("buildah", "quay.io/buildah/stable:v1.43.0"),
    ("buildkit", "docker.io/moby/buildkit:v0.32.2-rootless"),
    ("curl", "docker.io/curlimages/curl:8.16.0"),
    ("docker", "docker.io/library/docker:29.6.2-cli"),
    ("dockerd", "docker.io/library/docker:29.6.2-dind"),
    ("git", "docker.io/alpine/git:v2.49.1"),
    ("k6", "docker.io/grafana/k6:1.8.0"),
    ("kaniko", "gcr.io/kaniko-project/executor:v1.24.0"),
    ("kubectl", "docker.io/alpine/k8s:1.34.1"),
    ("python", "docker.io/library/python:3.13-alpine"),
    ("shell", "docker.io/library/busybox:1.37.0"),
    ("skopeo", "quay.io/skopeo/stable:v1.22.2"),
    ("trivy", "docker.io/aquasec/trivy:0.74.0"),
];

/// The parts of the context that every template of an environment sees; built once and shared by its units.
#[derive(Debug, Clone)]
pub struct Shared {
    environment: Value,
    images: Value,
}

/// An environment as templates see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Visible<'a> {
    name: &'a str,
    cluster: &'a str,
    deploy: crate::environment::Deploy,
    run: crate::environment::Run,
    gateway: &'a Option<crate::environment::Gateway>,
    ingress_class: &'a Option<String>,
    monitoring: Monitoring<'a>,
    quota: &'a Option<crate::environment::Quota>,
    history: &'a Option<crate::environment::History>,
    limits: &'a Option<crate::environment::Limits>,
    requests: Option<crate::environment::Limits>,
    flux: &'a crate::environment::Flux,
    dashboard: &'a Option<String>,
    repository: &'a crate::environment::Repository,
    promote_by_branch: bool,
    proxy_args: Vec<(String, String)>,
}

/// What containers without requests ask for, where a quota counts requests: it refuses a pod with a container that asks for nothing,
/// as Tekton's own do. Where there is only a default limit, Kubernetes would take it for the request, too, and each of Tekton's
/// containers would take as much of the quota as a whole task. Nothing if neither counts.
fn default_requests(environment: &Environment) -> Option<Limits> {
    let (quota, limits) = (environment.quota.as_ref(), environment.limits.as_ref());
    let request = |counted: Option<&String>, limit: Option<&String>, small: &str| {
        counted.or(limit)?;
        // A request above the limit is refused.
        let limit = limit.filter(|limit| billionths(limit) < billionths(small));
        Some(limit.map_or_else(|| small.to_owned(), Clone::clone))
    };
    let requests = Limits {
        cpu: request(
            quota.and_then(|quota| quota.cpu.as_ref()),
            limits.and_then(|limits| limits.cpu.as_ref()),
            "10m",
        ),
        memory: request(
            quota.and_then(|quota| quota.memory.as_ref()),
            limits.and_then(|limits| limits.memory.as_ref()),
            "32Mi",
        ),
    };
    (requests.cpu.is_some() || requests.memory.is_some()).then_some(requests)
}

/// Its monitoring, labels as a mapping.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Monitoring<'a> {
    labels: BTreeMap<&'a str, &'a str>,
    namespace: &'a str,
    dashboard: Option<Dashboard<'a>>,
    tekton_namespace: &'a str,
    flux_namespace: &'a str,
}

/// The dashboard, labels as a mapping.
#[derive(Serialize)]
struct Dashboard<'a> {
    namespace: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    folder: Option<&'a str>,
}

impl<'a> Monitoring<'a> {
    fn new(monitoring: &'a crate::environment::Monitoring) -> Self {
        let map = |labels: &'a [(String, String)]| {
            let pairs = labels.iter();
            pairs.map(|(key, value)| (key.as_str(), value.as_str())).collect()
        };
        Self {
            labels: map(&monitoring.labels),
            namespace: &monitoring.namespace,
            dashboard: monitoring.dashboard.as_ref().map(|dashboard| Dashboard {
                namespace: &dashboard.namespace,
                labels: map(&dashboard.labels),
                folder: dashboard.folder.as_deref(),
            }),
            tekton_namespace: &monitoring.tekton_namespace,
            flux_namespace: &monitoring.flux_namespace,
        }
    }
}

impl Shared {
    /// What an environment says to templates.
    #[must_use]
    pub fn new(environment: &Environment) -> Self {
        let mut images: BTreeMap<&str, &str> = TOOLS.into_iter().collect();
        images
            .extend(environment.images.iter().map(|(tool, image)| (tool.as_str(), image.as_str())));
        let visible = Visible {
            name: &environment.name,
            cluster: &environment.cluster,
            deploy: environment.deploy,
            run: environment.run,
            gateway: &environment.gateway,
            ingress_class: &environment.ingress_class,
            monitoring: Monitoring::new(&environment.monitoring),
            quota: &environment.quota,
            history: &environment.history,
            limits: &environment.limits,
            requests: default_requests(environment),
            flux: &environment.flux,
            dashboard: &environment.dashboard,
            repository: &environment.repository,
            promote_by_branch: environment.promote_by_branch,
            proxy_args: environment.outside.proxy.iter().flat_map(Proxy::build_args).collect(),
        };
        Self { environment: serialized(&visible), images: serialized(&images) }
    }
}

/// Data as templates see it.
pub(super) fn serialized(data: impl Serialize) -> Value {
    Value::from(to_value(data))
}

/// The programs that a task deploys, in the order of their rollout: jobs before it, what is rolled out, jobs beside and after it. Each
/// with the file of its manifest. A job that only somebody starts is not among them.
fn programs(app: &App) -> crate::yaml::Value {
    let own = (app.workload.kind != Kind::None).then_some((
        &app.name,
        &app.instance,
        app.process.as_deref(),
        &app.container,
        &app.workload,
    ));
    let processes = app.processes.iter().map(|process| {
        let name = Some(process.name.as_str());
        (&process.object, &process.instance, name, &process.container, &process.workload)
    });
    let when = |workload: &Workload| workload.job.as_ref().map(|job| job.when);
    let mut all: Vec<_> = own.into_iter().chain(processes).collect();
    all.retain(|(.., workload)| when(workload) != Some(When::Manual));
    all.sort_by_key(|(.., workload)| match when(workload) {
        Some(When::Before) => 0,
        None => 1,
        Some(_) => 2,
    });
    let each = all.into_iter().map(|(name, instance, process, container, workload)| {
        let kind = workload.kind;
        let containers = match kind {
            Kind::CronJob => ".spec.jobTemplate.spec.template.spec.containers",
            _ => ".spec.template.spec.containers",
        };
        crate::yaml::Value::from([
            ("name", name.as_str().into()),
            ("kind", kind.word().into()),
            ("resource", format!("{}.{}", kind.resource(), kind.group()).into()),
            ("plural", kind.resource().into()),
            ("group", kind.group().into()),
            ("containers", containers.into()),
            ("file", manifest_name(process).into()),
            ("before", (when(workload) == Some(When::Before)).into()),
            ("instance", instance.as_str().into()),
            ("followers", followers(container).into()),
        ])
    });
    crate::yaml::Value::Seq(each.collect())
}

/// The containers beside the program's own that have the image of the app, too.
fn followers(container: &Container) -> Vec<crate::yaml::Value> {
    let helpers = container.helpers.iter().filter(|helper| helper.image.is_none());
    helpers.map(|helper| helper.name.as_str().into()).collect()
}

/// The ends of the names of the Kustomizations with the app's jobs, which a task that waits for a rollout looks at.
fn kustomizations(app: &App) -> crate::yaml::Value {
    let made = [("-before", When::Before), ("-after", When::After)];
    let made = made.into_iter().filter(|(_, when)| app.jobs(*when).next().is_some());
    crate::yaml::Value::Seq(made.map(|(end, _)| end.into()).collect())
}

/// The name of a program's manifest for the task that deploys it.
pub(super) fn manifest_name(process: Option<&str>) -> String {
    format!("{}.yaml", process.unwrap_or("workload"))
}

/// What the templates of one app see.
#[derive(Debug, Clone)]
pub(super) struct Context {
    values: Vec<(&'static str, Value)>,
}

impl Context {
    /// Without an app: for what an environment's apps share.
    pub(super) fn of_environment(shared: &Shared) -> Self {
        let values =
            vec![("environment", shared.environment.clone()), ("images", shared.images.clone())];
        Self { values }
    }

    /// With the app.
    pub(super) fn of_app(shared: &Shared, app: &App) -> Self {
        let selector =
            [("app.kubernetes.io/instance", &app.instance), ("app.kubernetes.io/name", &app.label)];
        let selector = selector.map(|(key, value)| (Key::new_static(key), value.as_str().into()));
        let live = app.selector.iter();
        let live: Map = live.map(|(key, value)| (key.clone(), value.as_str().into())).collect();
        let selector = if live.is_empty() { selector.into_iter().collect() } else { live };
        Self::of_environment(shared)
            .with("app", serialized(app))
            .with("programs", Value::from(programs(app)))
            .with("kustomizations", Value::from(kustomizations(app)))
            .with("selector", Value::from(selector))
    }

    /// With one more value.
    pub(super) fn with(&self, name: &'static str, value: Value) -> Self {
        let mut values = Vec::with_capacity(self.values.len() + 1);
        values.extend(self.values.iter().filter(|(known, _)| *known != name).cloned());
        values.push((name, value));
        Self { values }
    }

    /// As the engine takes it.
    pub(super) fn value(&self) -> Value {
        Value::from_object(self.clone())
    }
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let value = self.values.iter().find(|(name, _)| *name == key);
        value.map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_enumerator(|this| Box::new(this.values.iter().map(|(name, _)| (*name).into())))
    }
}
