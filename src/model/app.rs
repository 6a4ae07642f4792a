//! An app in an environment.

use serde::Serialize;

use super::{
    Container, Helm, Image, Job, Kind, Monitor, Network, Notify, Pipeline, Trigger, Volumes, When,
    Workload,
};
use crate::diagnostics::Span;
use crate::environment::{Deploy, Registry, Run};
use crate::permissions::Rule;
use crate::yaml::Node;

/// The git source of an app.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Source {
    /// The repository.
    pub url: String,
    /// The branch, tag or commit to build if none is pinned.
    pub branch: String,
    /// The app's folder in the repository; `.` for the root.
    pub path: String,
    /// The Secret for cloning.
    pub secret: Option<String>,
    /// The pinned commit.
    pub revision: Option<String>,
}

/// How the image is built.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Build {
    /// The build context, relative to the app's folder.
    pub context: String,
    /// The Dockerfile, relative to the context.
    pub dockerfile: String,
    /// The build stage, if not the last one.
    pub target: Option<String>,
    /// Build arguments.
    pub args: Vec<(String, String)>,
    /// Secrets for the time of the build.
    pub secrets: Vec<BuildSecret>,
}

/// A secret for the time of the build.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct BuildSecret {
    /// Its ID in the Dockerfile.
    pub id: String,
    /// The Secret.
    pub secret: String,
    /// The key in it.
    pub key: String,
}

/// Another program of an app's image.
#[derive(Debug, Clone, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Its name in the app.
    pub name: String,
    /// The name of its objects: `<app>-<name>`.
    pub object: String,
    /// `<object>-<environment>`: its instance label.
    pub instance: String,
    /// The workload.
    pub workload: Workload,
    /// Incoming and outgoing traffic.
    pub network: Network,
    /// Its container.
    pub container: Container,
    /// Persistent volumes, files and mounts.
    pub volumes: Volumes,
    /// Annotations of the workload.
    pub annotations: Vec<(String, String)>,
    /// The labels by which objects that are live already choose its pods.
    pub selector: Vec<(String, String)>,
}

/// What the spec says of the account of an app's pods.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Account {
    /// It is rendered; otherwise it is there.
    pub create: bool,
    /// Annotations.
    pub annotations: Vec<(String, String)>,
}

/// Labels and annotations of the objects of one kind.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Metadata {
    /// The kind; `Pod` means the pods of workloads.
    pub kind: String,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// Annotations.
    pub annotations: Vec<(String, String)>,
    /// The app itself asks for them, and not a layer for several.
    #[serde(skip)]
    pub is_own: bool,
    /// The location of the kind.
    #[serde(skip)]
    pub span: Span,
}

/// An app in an environment.
#[derive(Debug, Clone, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each stands for itself")]
pub struct App {
    /// Its name.
    pub name: String,
    /// The environment.
    pub environment: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// `<app>-<environment>`: the name of its Flux objects and its instance label.
    pub instance: String,
    /// The namespace that it runs in.
    pub namespace: String,
    /// Whether gen makes it.
    pub creates_namespace: bool,
    /// Its name does not depend on the app's, so others can be in it.
    pub shares_namespace: bool,
    /// The namespace that its pipeline runs in.
    pub pipeline_namespace: String,
    /// The git source.
    pub source: Source,
    /// What runs.
    pub image: Image,
    /// The chart that stands in its place.
    pub helm: Option<Helm>,
    /// How it is built.
    pub build: Build,
    /// The value of its label `app.kubernetes.io/name`: its name. A process has that of its app.
    pub label: String,
    /// The account of its pods.
    pub account: String,
    /// What the spec says of it.
    pub own_account: Account,
    /// The process that it is, as templates see one.
    pub process: Option<String>,
    /// The workload.
    pub workload: Workload,
    /// Incoming and outgoing traffic.
    pub network: Network,
    /// Its container.
    pub container: Container,
    /// Persistent volumes, files and mounts.
    pub volumes: Volumes,
    /// The labels by which objects that are live already choose their pods.
    pub selector: Vec<(String, String)>,
    /// Other programs of its image.
    pub processes: Vec<Process>,
    /// Apps that Flux applies first, each with the location of its name.
    #[serde(serialize_with = "names")]
    pub depends_on: Vec<(String, Span)>,
    /// The pipeline; none if no task runs here.
    pub pipeline: Option<Pipeline>,
    /// The webhooks that start runs.
    pub trigger: Option<Trigger>,
    /// Notification channels.
    pub notify: Notify,
    /// Metrics and alerts.
    pub monitor: Monitor,
    /// Labels of every object.
    pub labels: Vec<(String, String)>,
    /// Annotations of the workload.
    pub annotations: Vec<(String, String)>,
    /// Labels and annotations by kind of object.
    pub metadata: Vec<Metadata>,
    /// Permissions of its pods.
    pub permissions: Vec<Rule>,
    /// Patches of its own, as written.
    #[serde(skip)]
    pub patches: Vec<Node>,
    /// The folder of raw manifests.
    pub extra: Option<String>,
    /// Volumes are deleted if the app is removed.
    pub deletes_volumes: bool,
    /// How new images are rolled out.
    pub deploy: Deploy,
    /// What starts pipeline runs.
    pub run: Run,
    /// A number; incrementing it restarts the run.
    pub nonce: Option<u64>,
    /// Registry settings of the build.
    pub registry: Registry,
    /// The location of the app's name.
    #[serde(skip)]
    pub span: Span,
    /// The location of `extra`.
    #[serde(skip)]
    pub extra_span: Span,
}

fn names<S: serde::Serializer>(all: &[(String, Span)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(all.iter().map(|(name, _)| name))
}

impl App {
    /// The path of its folder in the tree.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("clusters/{}/{}/{}", self.cluster, self.environment, self.name)
    }

    /// One of its processes, in the shape of an app: so templates see the program that they render.
    #[must_use]
    pub fn as_process(&self, process: &Process) -> Self {
        let process = process.clone();
        Self {
            name: process.object,
            instance: process.instance,
            process: Some(process.name),
            workload: process.workload,
            network: process.network,
            container: process.container,
            volumes: process.volumes,
            annotations: process.annotations,
            selector: process.selector,
            processes: Vec::new(),
            ..self.clone()
        }
    }

    /// The program whose image says what runs of the app: itself, or the first process that is no job.
    #[must_use]
    pub fn main_program(&self) -> Option<Self> {
        self.programs().find(|program| program.workload.kind != Kind::Job)
    }

    /// Whether anything of it runs: the app itself or a process.
    #[must_use]
    pub fn has_program(&self) -> bool {
        self.workload.kind != Kind::None || !self.processes.is_empty()
    }

    /// Its programs that are rendered, in the shape of an app: itself, and its processes.
    pub fn programs(&self) -> impl Iterator<Item = Self> {
        let own = (self.workload.kind != Kind::None).then(|| self.clone());
        own.into_iter().chain(self.processes.iter().map(|process| self.as_process(process)))
    }

    /// Whether Flux runs a job of it then.
    #[must_use]
    pub fn has_job(&self, when: When) -> bool {
        self.flux_runs_workload() && self.jobs(when).next().is_some()
    }

    /// The jobs of it and of its processes that run then.
    pub fn jobs(&self, when: When) -> impl Iterator<Item = &Job> {
        let workloads = self.processes.iter().map(|process| &process.workload);
        let jobs = workloads.chain([&self.workload]).filter_map(|workload| workload.job.as_ref());
        jobs.filter(move |job| job.when == when)
    }

    /// Whether Flux applies a workload from the tree: the image is known, and no task applies it instead.
    #[must_use]
    pub fn flux_runs_workload(&self) -> bool {
        (self.deploy != Deploy::Kubectl || self.is_ready_made())
            && self.has_program()
            && self.image.reference.is_some()
    }

    /// The policy by which Flux pins the image, `NAMESPACE:NAME` as in its marker, if the deploy task publishes images for one.
    #[must_use]
    pub fn policy(&self, flux_namespace: &str) -> Option<String> {
        let publishes = self.deploy == Deploy::ImageAutomation
            && self
                .pipeline
                .as_ref()
                .is_some_and(|pipeline| pipeline.tasks.iter().any(|task| task.deploys));
        publishes.then(|| format!("{flux_namespace}:{}", self.instance))
    }

    /// Whether the deploy task applies the workload.
    #[must_use]
    pub fn task_runs_workload(&self) -> bool {
        self.deploy == Deploy::Kubectl && self.has_program() && !self.is_ready_made()
    }

    /// Whether its image is ready and no task rolls it out: then Flux does, whatever `deploy` is.
    fn is_ready_made(&self) -> bool {
        let mut tasks = self.pipeline.iter().flat_map(|pipeline| &pipeline.tasks);
        self.image.ready && !tasks.any(|task| task.deploys)
    }
}
