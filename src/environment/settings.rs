//! Enums and small groups of settings of an environment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostics::Span;
use crate::spec::View;

/// How new images are rolled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deploy {
    /// The deploy task commits the digest, and Flux rolls it out.
    Git,
    /// The deploy task applies the workload.
    Kubectl,
    /// The deploy task tags the image for Flux's policy; Flux pins the image that the policy chose, and CI renders it.
    ImageAutomation,
}

/// What starts pipeline runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Run {
    /// No automatic runs.
    None,
    /// Tekton Triggers.
    Webhook,
    /// A committed PipelineRun.
    Commit,
}

/// An optional API of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    /// Tekton Triggers.
    Triggers,
    /// The Prometheus operator.
    Prometheus,
    /// The Gateway API.
    Gateway,
    /// Flux's image controllers.
    ImageAutomation,
    /// Flux's source-watcher.
    ArtifactGenerator,
    /// Flux's helm-controller.
    Helm,
    /// The manual approval gate of OpenShift Pipelines.
    Approval,
    /// Tekton's pruner.
    Pruner,
}

/// The Gateway for HTTPRoutes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Gateway {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The listener, if it has to be a certain one.
    #[serde(rename = "sectionName")]
    pub section_name: Option<String>,
}

/// The registry to push images to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Registry {
    /// Use plain HTTP, or do not verify certificates.
    pub insecure: bool,
    /// The Secret with the certificate of its CA.
    pub ca: Option<String>,
    /// The Secret with push credentials.
    pub secret: Option<String>,
}

impl Registry {
    /// These settings, with those of a layer above.
    #[must_use]
    pub fn overridden(&self, view: &View<'_>) -> Self {
        Self {
            insecure: view.bool("insecure").unwrap_or(self.insecure),
            ca: view.string("ca").or_else(|| self.ca.clone()),
            secret: view.string("secret").or_else(|| self.secret.clone()),
        }
    }

    /// Two settings that cannot both hold, and why.
    #[must_use]
    pub fn contradiction(&self) -> Option<(&'static str, &'static str, &'static str)> {
        let why = "a registry with plain HTTP has no certificate to verify";
        (self.insecure && self.ca.is_some()).then_some(("registry.insecure", "registry.ca", why))
    }
}

/// How Prometheus and Grafana discover their targets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Monitoring {
    /// Labels that the Prometheus operator selects by.
    pub labels: Vec<(String, String)>,
    /// The namespace of Prometheus.
    pub namespace: String,
    /// The dashboard, unless turned off.
    pub dashboard: Option<Dashboard>,
    /// The label of Tekton's metrics with a run's namespace.
    pub tekton_namespace: String,
    /// The label of `gotk_resource_info` with a Kustomization's namespace.
    pub flux_namespace: String,
}

/// How Grafana discovers the dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Dashboard {
    /// The namespace of its ConfigMap.
    pub namespace: String,
    /// Labels that the sidecar selects by.
    pub labels: Vec<(String, String)>,
    /// The folder in Grafana.
    pub folder: Option<String>,
}

/// Limits on the sum of all pods in a namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Quota {
    /// CPU.
    pub cpu: Option<String>,
    /// Memory.
    pub memory: Option<String>,
    /// Number of pods.
    pub pods: Option<u32>,
    /// Amount of storage.
    pub storage: Option<String>,
}

/// Number of ended runs to keep per pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct History {
    /// Successful runs.
    pub succeeded: u32,
    /// Failed runs.
    pub failed: u32,
}

/// Defaults for containers without requests and limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Limits {
    /// CPU.
    pub cpu: Option<String>,
    /// Memory.
    pub memory: Option<String>,
}

/// How Flux reads and applies the tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Flux {
    /// The namespace of Flux.
    pub namespace: String,
    /// The source of the tree.
    pub source: FluxSource,
    /// The interval at which an unchanged tree is reapplied.
    pub interval: String,
    /// The retry interval after a failure.
    pub retry: String,
    /// The time limit of an apply.
    pub timeout: String,
    /// The account that applies namespaces, accounts and roles; the controller's own if not set.
    pub service_account: Option<String>,
    /// Kustomizations with the apps' prerequisites.
    pub depends_on: Vec<String>,
    /// Decryption of SOPS files.
    pub decryption: Option<Decryption>,
    /// The webhook that notifies Flux of a push.
    pub receiver: Option<Receiver>,
}

/// A webhook of the repository that notifies Flux.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Receiver {
    /// Flux's name for the host (notification-controller, Receiver `spec.type`).
    pub provider: String,
    /// Accepted event types; empty if the host has none.
    pub events: Vec<String>,
    /// The Secret with the signing key.
    pub secret: String,
    /// The external host name.
    pub host: Option<String>,
    /// TLS for the host.
    pub tls: Option<Tls>,
}

/// One listener for the webhooks of all apps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listener {
    /// Its namespace.
    pub namespace: String,
    /// The external host name.
    pub host: Option<String>,
    /// TLS for the host.
    pub tls: Option<Tls>,
    /// The Secret with the signing key of each kind of git host.
    pub secrets: BTreeMap<String, HookSecret>,
    /// Its location.
    pub span: Span,
}

/// The Secret with the signing key of webhooks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct HookSecret {
    /// The Secret.
    pub name: String,
    /// The key in it.
    pub key: String,
}

impl HookSecret {
    /// Reads a Secret; `name` if it is not named.
    pub fn read(view: &View<'_>, name: impl FnOnce() -> String) -> Self {
        Self { name: view.string("name").unwrap_or_else(name), key: view.string_or_default("key") }
    }
}

/// TLS for external traffic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Tls {
    /// The Secret with the certificate.
    pub secret: String,
    /// cert-manager's ClusterIssuer.
    pub issuer: Option<String>,
}

impl Tls {
    /// Reads `tls`, if it is set.
    pub fn read(view: &View<'_>, secret: impl FnOnce() -> String) -> Option<Self> {
        let tls = view.view("tls");
        tls.is_written().then(|| Self {
            secret: tls.string("secret").unwrap_or_else(secret),
            issuer: tls.string("issuer"),
        })
    }
}

/// The GitRepository with the rendered tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct FluxSource {
    /// The GitRepository's name.
    pub name: String,
    /// Rendered by gen, instead of using bootstrap's.
    pub create: bool,
    /// The polling interval for new commits.
    pub interval: String,
    /// The Secret with the repository's credentials.
    pub secret: Option<String>,
}

/// The repository that Flux reads and pipelines commit to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Repository {
    /// Its URL.
    pub url: String,
    /// The branch that Flux follows.
    pub branch: String,
    /// The folder of gen.yaml; `.` for the root.
    pub path: String,
    /// The Secret with the deploy key for pipeline commits.
    pub secret: String,
}

/// How Flux decrypts SOPS files.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Decryption {
    /// The tool.
    pub provider: String,
    /// The Secret with the keys.
    pub secret: Option<String>,
}
