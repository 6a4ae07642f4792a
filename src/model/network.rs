//! What reaches the app, and what it reaches.

use serde::Serialize;

use super::decode::Decoder;
use super::workload::Kind;
use crate::diagnostics::SpecError;
use crate::name::Check;

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

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, namespace: &str) -> Network {
    let view = d.app;
    let port = view
        .u32("port")
        .filter(|_| kind != Kind::CronJob && kind != Kind::None);
    for key in ["health", "ready", "metrics", "host"] {
        if view.u32("port").is_none() && view.get(key).is_some() && d.is_own(view.span_of(key)) {
            let why = "without a port nothing listens".to_owned();
            d.problems.error(
                view.span_of(key),
                SpecError::Needs {
                    key: key.to_owned(),
                    other: "port".to_owned(),
                    why,
                },
            );
        }
    }
    let path = |key: &str| view.string(key).filter(|_| port.is_some());
    let host = d
        .pattern("host", view.get("host"))
        .filter(|_| port.is_some());
    if let Some(host) = &host
        && let Err(error) = Check::Host.test(host)
    {
        d.problems.error(view.span_of("host"), error);
    }
    let tls = view.view("tls");
    let tls = tls.is_written().then(|| Tls {
        secret: tls
            .string("secret")
            .unwrap_or_else(|| format!("{}-tls", d.name)),
        issuer: tls.string("issuer"),
    });
    if tls.is_some() && host.is_none() && d.is_own(view.span_of("tls")) {
        let why = "a certificate is for a host name".to_owned();
        d.problems.error(
            view.span_of("tls"),
            SpecError::Needs {
                key: "tls".to_owned(),
                other: "host".to_owned(),
                why,
            },
        );
    }
    let health = path("health");
    let ready = path("ready").or_else(|| health.clone());
    let egress = view.get("egress").map(|_| egress(d));
    Network {
        port,
        health,
        ready,
        metrics: view
            .view("metrics")
            .string("path")
            .filter(|_| port.is_some()),
        url: port.map(|port| format!("http://{}.{namespace}.svc:{port}", d.name)),
        host,
        tls,
        egress,
    }
}

fn egress(d: &mut Decoder<'_>) -> Vec<Egress> {
    let mut all = Vec::new();
    for view in d.app.views("egress") {
        let (host, cidr) = (view.text("host"), view.string("cidr"));
        let namespace = match (host, &cidr) {
            (Some(host), None) => {
                let labels: Vec<&str> = host.split('.').collect();
                if let [_, namespace, "svc"] | [_, namespace, "svc", "cluster", "local"] =
                    labels.as_slice()
                {
                    Some((*namespace).to_owned())
                } else {
                    d.problems.error(
                        view.span_of("host"),
                        SpecError::EgressHost {
                            host: host.to_owned(),
                        },
                    );
                    continue;
                }
            }
            (None, Some(_)) => None,
            (Some(_), Some(_)) => {
                let why = "a rule is for a service or for addresses".to_owned();
                d.problems.error(
                    view.span(),
                    SpecError::Excludes {
                        first: "host".to_owned(),
                        second: "cidr".to_owned(),
                        why,
                    },
                );
                continue;
            }
            (None, None) => {
                d.missing(
                    view.span(),
                    "egress.host",
                    "a rule of `egress` (or its `cidr`)",
                );
                continue;
            }
        };
        all.push(Egress {
            namespace,
            cidr,
            port: view.u32("port"),
        });
    }
    all
}
