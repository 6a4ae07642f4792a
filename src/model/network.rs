//! What reaches the app, and what it reaches.

use serde::Serialize;

/// Encryption of what comes from outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Tls {
    /// The Secret with the certificate.
    pub secret: String,
    /// cert-manager's ClusterIssuer.
    pub issuer: Option<String>,
}

/// A place that the app may reach.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Egress {
    /// The namespace of a service.
    pub namespace: Option<String>,
    /// An address range.
    pub cidr: Option<String>,
    /// The port.
    pub port: Option<u32>,
}

/// What reaches the app, and what it reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Network {
    /// The port that it listens on.
    pub port: Option<u32>,
    /// The path that answers while it lives.
    pub health: Option<String>,
    /// The path that answers when it may get requests.
    pub ready: Option<String>,
    /// The path of its metrics.
    pub metrics: Option<String>,
    /// The host name from outside.
    pub host: Option<String>,
    /// Encryption.
    pub tls: Option<Tls>,
    /// What it may reach; nothing said means everything.
    pub egress: Option<Vec<Egress>>,
    /// Its address inside the cluster: `http://NAME.NAMESPACE.svc:PORT`.
    pub url: Option<String>,
}
