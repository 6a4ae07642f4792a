//! An app in an environment.

use serde::Serialize;

use super::{
    Container, Image, Kind, Monitor, Network, Notify, Pipeline, Trigger, Volumes, Workload,
};
use crate::diagnostics::Span;
use crate::environment::{Deploy, Registry, Run};
use crate::permissions::Rule;

/// Where an app's source is, and what is built of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Source {
    /// The repository.
    pub url: String,
    /// What is built where nothing is pinned.
    pub branch: String,
    /// The app's folder; `.` for the whole.
    pub path: String,
    /// The Secret to clone with.
    pub secret: Option<String>,
    /// The pinned commit.
    pub revision: Option<String>,
}

/// How the image is built.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Build {
    /// The folder, in the app's.
    pub context: String,
    /// The Dockerfile, in the context.
    pub dockerfile: String,
    /// The stage.
    pub target: Option<String>,
    /// Build arguments.
    pub args: Vec<(String, String)>,
}

/// An app in an environment.
#[derive(Debug, Clone, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
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
    /// The namespace that its pipeline runs in.
    pub pipeline_namespace: String,
    /// Where its source is.
    pub source: Source,
    /// What runs.
    pub image: Image,
    /// How it is built.
    pub build: Build,
    /// What runs it.
    pub workload: Workload,
    /// What reaches it, and what it reaches.
    pub network: Network,
    /// Its container.
    pub container: Container,
    /// What it keeps and mounts.
    pub volumes: Volumes,
    /// The pipeline; none where no task runs here.
    pub pipeline: Option<Pipeline>,
    /// Whose webhooks start runs.
    pub trigger: Option<Trigger>,
    /// Who is told.
    pub notify: Notify,
    /// What is watched, and when somebody is told of it.
    pub monitor: Monitor,
    /// Labels of every object.
    pub labels: Vec<(String, String)>,
    /// Annotations of the workload.
    pub annotations: Vec<(String, String)>,
    /// What its own pods may do.
    pub permissions: Vec<Rule>,
    /// The folder of raw manifests.
    pub extra: Option<String>,
    /// Its volumes go with it.
    pub deletes_volumes: bool,
    /// Who rolls a new image out.
    pub deploy: Deploy,
    /// What starts a run.
    pub run: Run,
    /// A number; incrementing it restarts the run.
    pub nonce: Option<u64>,
    /// Registry settings of the build.
    pub registry: Registry,
    /// Where the app is named.
    #[serde(skip)]
    pub span: Span,
    /// Where the folder of raw manifests is named.
    #[serde(skip)]
    pub extra_span: Span,
}

impl App {
    /// Whether a workload stands in the tree for Flux to apply: an image is known, and Flux is who applies it.
    #[must_use]
    pub fn flux_runs_workload(&self) -> bool {
        self.deploy != Deploy::Kubectl
            && self.workload.kind != Kind::None
            && self.image.reference.is_some()
    }

    /// The policy by which Flux pins the image, `NAMESPACE:NAME` as its marker names it: where the deploy task publishes images
    /// for one.
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
        self.deploy == Deploy::Kubectl && self.workload.kind != Kind::None
    }
}
