//! The app's container: what it runs, with what, and how far it is locked in.

use serde::Serialize;

use super::Level;
use crate::yaml::Value;

/// How far a container is locked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Security {
    /// The level of Pod Security that it keeps to.
    pub level: Level,
    /// The root file system is read-only.
    pub read_only_root: bool,
}

/// The app's container. What goes into the object as it is already has Kubernetes' shape.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// The program.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// `env`, as in a Container.
    pub env: Value,
    /// `envFrom`, as in a Container.
    pub env_from: Value,
    /// `resources`, as in a Container.
    pub resources: Value,
    /// The user number.
    pub user: Option<u32>,
    /// Folders that it writes to; `/tmp` among them.
    pub writable: Vec<String>,
    /// How far it is locked in.
    pub security: Security,
    /// It gets a token for the API server.
    pub token: bool,
    /// Seconds between the request to end and the end.
    pub grace: u32,
    /// The Secret to pull with.
    pub pull_secret: Option<String>,
}
