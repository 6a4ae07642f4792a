//! Webhooks that start runs.

use serde::Serialize;

use super::Tls;

/// Webhooks that start runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Trigger {
    /// `github`, `gitlab` or `gitea`.
    pub host_kind: String,
    /// The Secret that signs webhooks.
    pub secret: String,
    /// What starts a run, each with its own filter.
    pub events: Vec<Event>,
    /// Where the listener is reached from outside.
    pub host: Option<String>,
    /// How that is encrypted.
    pub tls: Option<Tls>,
}

/// A kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Event {
    /// `push`, `tag` or `pull-request`.
    pub name: String,
    /// The host's words for it, as its interceptor compares them.
    pub types: Vec<String>,
    /// The condition, a part a line, each after the first behind `&&`.
    pub filter: String,
    /// What is taken from the event: parameter and expression.
    pub takes: Vec<(String, String)>,
}
