//! The closed sets and small groups that an environment is made of.

use serde::Serialize;

/// Who rolls a new image out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deploy {
    /// A commit that pins the digest; Flux does the rest.
    Git,
    /// The task applies the workload itself.
    Kubectl,
    /// The task gives the image a tag that Flux's policy for it takes; Flux pins what the policy chose, and CI renders it.
    ImageAutomation,
}

/// What starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Run {
    /// Nothing by itself.
    None,
    /// Tekton Triggers.
    Webhook,
    /// A PipelineRun in Git.
    Commit,
}

/// An API that not every cluster has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
    /// Tekton's pruner.
    Pruner,
}

impl Api {
    /// The word for it in the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Triggers => "triggers",
            Self::Prometheus => "prometheus",
            Self::Gateway => "gateway",
            Self::ImageAutomation => "image-automation",
            Self::ArtifactGenerator => "artifact-generator",
            Self::Pruner => "pruner",
        }
    }

    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Triggers,
        Self::Prometheus,
        Self::Gateway,
        Self::ImageAutomation,
        Self::ArtifactGenerator,
        Self::Pruner,
    ];
}

/// The Gateway that HTTPRoutes attach to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Gateway {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

/// A registry that images are pushed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Registry {
    /// Plain HTTP, or a certificate that nobody signed.
    pub insecure: bool,
    /// The Secret with the credentials to push.
    pub secret: Option<String>,
}

/// How Prometheus finds what it watches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Monitoring {
    /// Labels that the operator selects by.
    pub labels: Vec<(String, String)>,
    /// The namespace that Prometheus runs in.
    pub namespace: String,
    /// The dashboard; none where nobody wants it.
    pub dashboard: Option<Dashboard>,
    /// The label of Tekton's metrics that holds a run's namespace.
    pub tekton_namespace: String,
    /// The label of `gotk_resource_info` that holds a Kustomization's namespace.
    pub flux_namespace: String,
}

/// How Grafana finds the dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Dashboard {
    /// The namespace of its ConfigMap.
    pub namespace: String,
    /// Labels that the sidecar selects by.
    pub labels: Vec<(String, String)>,
    /// The folder in Grafana.
    pub folder: Option<String>,
}

/// What all pods of a namespace may ask for together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Quota {
    /// Processor time.
    pub cpu: Option<String>,
    /// Memory.
    pub memory: Option<String>,
    /// How many pods.
    pub pods: Option<u32>,
    /// How much storage.
    pub storage: Option<String>,
}

/// How many ended runs of each pipeline stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct History {
    /// Of those that succeeded.
    pub succeeded: u32,
    /// Of those that failed.
    pub failed: u32,
}

/// What a container gets where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Limits {
    /// Processor time.
    pub cpu: Option<String>,
    /// Memory.
    pub memory: Option<String>,
}

/// How Flux reads and applies the tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Flux {
    /// Where Flux runs.
    pub namespace: String,
    /// Where it reads from.
    pub source: FluxSource,
    /// How often it applies again.
    pub interval: String,
    /// How soon it tries again.
    pub retry: String,
    /// How long an apply may take.
    pub timeout: String,
    /// The account that applies access; the controller's own where none is named.
    pub service_account: Option<String>,
    /// Kustomizations that apply what the apps need.
    pub depends_on: Vec<String>,
    /// How it decrypts.
    pub decryption: Option<Decryption>,
    /// The webhook by which the repository's host tells of a push.
    pub receiver: Option<Receiver>,
}

/// A webhook of the repository that Flux reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Receiver {
    /// Flux's word for the host (notification-controller, Receiver `spec.type`).
    pub provider: String,
    /// The host's words for what is listened to; none where it has no words.
    pub events: Vec<String>,
    /// The Secret with the token.
    pub secret: String,
    /// Where it is reached from outside.
    pub host: Option<String>,
    /// How that is encrypted.
    pub tls: Option<ReceiverTls>,
}

/// The certificate of a webhook's host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ReceiverTls {
    /// The Secret with the certificate.
    pub secret: String,
    /// cert-manager's ClusterIssuer.
    pub issuer: Option<String>,
}

/// Where Flux reads the tree from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct FluxSource {
    /// The GitRepository's name.
    pub name: String,
    /// gen renders it.
    pub create: bool,
    /// How often Flux looks for commits.
    pub interval: String,
    /// The Secret with the credentials.
    pub secret: Option<String>,
}

/// The repository that Flux reads and that pipelines commit to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Repository {
    /// Its address.
    pub url: String,
    /// The branch that Flux follows.
    pub branch: String,
    /// The folder of gen.yaml; `.` for the root.
    pub path: String,
    /// The Secret with the deploy key that pipelines commit with.
    pub secret: String,
}

/// How Flux decrypts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Decryption {
    /// The tool.
    pub provider: String,
    /// The Secret with the keys.
    pub secret: Option<String>,
}
