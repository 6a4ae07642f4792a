//! Incoming and outgoing traffic of the app.

use super::decoder::Decoder;
use crate::diagnostics::SpecError;
use crate::environment::Tls;
use crate::model::{Egress, Kind, Network};

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, namespace: &str) -> Network {
    let view = d.app;
    let port = view.u32("port").filter(|_| kind.is_running());
    for key in ["health", "ready", "metrics", "host"] {
        let span = view.span_of(key);
        if view.u32("port").is_none() && view.get(key).is_some() && d.is_own(span) {
            d.needs(span, key, "port", "nothing listens without a port");
        }
    }
    let path = |key: &str| view.string(key).filter(|_| port.is_some());
    let host = d.host(&view, "host").filter(|_| port.is_some());
    let tls = Tls::read(&view, || format!("{}-tls", d.name));
    let span = view.span_of("tls");
    if tls.is_some() && host.is_none() && d.is_own(span) {
        d.needs(span, "tls", "host", "a certificate requires a host name");
    }
    let health = path("health");
    let ready = path("ready").or_else(|| health.clone());
    let egress = view.get("egress").map(|_| egress(d));
    let metrics = view.view("metrics").string("path");
    Network {
        port,
        health,
        ready,
        metrics: metrics.filter(|_| port.is_some()),
        url: port.map(|port| format!("http://{}.{namespace}.svc:{port}", d.name)),
        host,
        tls,
        egress,
    }
}

fn egress(d: &mut Decoder<'_>) -> Vec<Egress> {
    let mut all = Vec::new();
    for view in d.app.views("egress") {
        let missing = ("egress.host", "a rule of `egress` (or its `cidr`)");
        let why = "a rule is either for a service or for addresses";
        let keys = ["host", "cidr"];
        let namespace = match d.one_of(view.span(), keys, |key| view.text(key), missing, why) {
            None => continue,
            Some(("host", host)) => {
                let labels: Vec<&str> = host.split('.').collect();
                let ([_, namespace, "svc"] | [_, namespace, "svc", "cluster", "local"]) =
                    labels[..]
                else {
                    let host = host.to_owned();
                    d.error(view.span_of("host"), SpecError::EgressHost { host });
                    continue;
                };
                Some(namespace.to_owned())
            }
            Some(_) => None,
        };
        all.push(Egress { namespace, cidr: view.string("cidr"), port: view.u32("port") });
    }
    all
}
