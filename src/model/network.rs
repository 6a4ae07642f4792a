//! Incoming and outgoing traffic of the app.

use serde::Serialize;

use crate::environment::Tls;

/// A destination that the app is allowed to reach.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Egress {
    /// The namespace of a service.
    pub namespace: Option<String>,
    /// An address range.
    pub cidr: Option<String>,
    /// The port.
    pub port: Option<u32>,
}

/// Incoming and outgoing traffic of the app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Network {
    /// The port that it listens on.
    pub port: Option<u32>,
    /// The liveness path.
    pub health: Option<String>,
    /// The readiness path.
    pub ready: Option<String>,
    /// The path of its metrics.
    pub metrics: Option<String>,
    /// The external host name.
    pub host: Option<String>,
    /// Encryption.
    pub tls: Option<Tls>,
    /// Allowed destinations; everything if not set.
    pub egress: Option<Vec<Egress>>,
    /// Its address inside the cluster: `http://NAME.NAMESPACE.svc:PORT`.
    pub url: Option<String>,
}
