//! Webhooks that start runs.

use serde::Serialize;

use crate::environment::Tls;

/// Webhooks that start runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Trigger {
    /// `github`, `gitlab`, `gitea`, `bitbucket` or `bitbucket-server`.
    pub host_kind: String,
    /// The Secret with the webhooks' signing key.
    pub secret: String,
    /// The key in it.
    pub secret_key: String,
    /// Events that start a run, each with its own filter.
    pub events: Vec<Event>,
    /// The listener's external host name.
    pub host: Option<String>,
    /// TLS for the host.
    pub tls: Option<Tls>,
    /// The namespace of the environment's own listener, if that serves the app; Secret, host and TLS are then the listener's.
    pub listener: Option<String>,
}

/// A kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Event {
    /// `push`, `tag`, `pull-request` or `comment`.
    pub name: String,
    /// The host's event types, as compared by its interceptor.
    pub types: Vec<String>,
    /// The condition, one part per line, joined by `&&`.
    pub filter: String,
    /// Values from the event: parameter and expression.
    pub takes: Vec<(String, String)>,
}
