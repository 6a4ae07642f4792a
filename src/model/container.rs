//! The app's container.

use serde::Serialize;

use super::{Helper, Pod, Security};
use crate::yaml::Value;

/// The app's container. Values copied into the object already have Kubernetes' shape.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// The program.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Where it runs and what it reads: fields of a Container.
    pub fields: Vec<(&'static str, Value)>,
    /// `env`, as in a Container.
    pub env: Value,
    /// `envFrom`, as in a Container.
    pub env_from: Value,
    /// `resources`, as in a Container.
    pub resources: Value,
    /// The user ID.
    pub user: Option<u32>,
    /// Writable folders, including `/tmp`.
    pub writable: Vec<String>,
    /// Pod Security.
    pub security: Security,
    /// An API token is mounted.
    pub token: bool,
    /// Seconds between the stop signal and the kill.
    pub grace: u32,
    /// What happens before the stop signal, as in a Container.
    pub pre_stop: Option<Value>,
    /// `terminationMessagePolicy`, as in a Container.
    pub termination_message_policy: Option<String>,
    /// The Secret for pulling the image.
    pub pull_secret: Option<String>,
    /// All Secrets for pulling images.
    pub pull_secrets: Vec<String>,
    /// When the node pulls images, as a Container's `imagePullPolicy`.
    pub pull: Option<&'static str>,
    /// Variables for Services.
    pub service_links: bool,
    /// Where the pods run, and what they see beside their containers.
    pub pod: Pod,
    /// Containers beside it, in the order in which they start.
    pub helpers: Vec<Helper>,
}
