//! The ports that the container listens on.

use super::decoder::{Decoder, near};
use super::security::admit;
use crate::model::{Level, Port};
use crate::spec::View;

/// The port that `port` names.
const HTTP: &str = "http";

/// Reads `port` and `ports`.
pub(super) fn read(d: &mut Decoder<'_>) -> Vec<Port> {
    let view = d.app;
    let mut ports: Vec<Port> = Vec::new();
    let named = view.mappings("ports");
    if let Some(port) = view.u32("port") {
        let span = view.span_of("port");
        if !named.iter().any(|(entry, _)| entry.key == HTTP) {
            ports.push(Port {
                name: HTTP.to_owned(),
                port,
                protocol: "TCP".to_owned(),
                app_protocol: None,
                container: None,
                host_port: None,
            });
        } else if d.is_own(span) {
            let why = "both are the port `http`";
            d.excludes(span, "port", "ports.http", why);
        }
    }
    for (entry, view) in named {
        let name = entry.key.clone();
        let Some(port) = view.u32("port") else {
            let place = format!("ports.{name}");
            d.missing(entry.key_span, &format!("{place}.port"), &format!("`{place}`"));
            continue;
        };
        let protocol = view.string_or_default("protocol");
        let is_same = |other: &&Port| other.port == port && other.protocol == protocol;
        if let Some(other) = ports.iter().find(is_same) {
            let (first, second) = (format!("ports.{}", other.name), format!("ports.{name}"));
            let why = format!("both are {port}/{protocol}");
            d.excludes(entry.value.span, &first, &second, &why);
        }
        let container = view.string("container");
        let sidecars = d.app.mappings("sidecars");
        let mut sidecars = sidecars.iter().map(|(entry, _)| entry.key.as_str());
        if let Some(container) =
            container.as_deref().filter(|name| !sidecars.any(|one| one == *name))
        {
            let known = d.app.mappings("sidecars");
            let known = known.iter().map(|(entry, _)| entry.key.as_str());
            let problem = near("is no sidecar", container, known);
            d.bad_link(view.span_of("container"), &format!("ports.{name}.container"), problem);
        }
        let app_protocol = view.string("appProtocol");
        let host_port = host_port(d, &view, (&name, port), &ports, &protocol);
        ports.push(Port { name, port, protocol, app_protocol, container, host_port });
    }
    ports
}

/// A port of the pod's node, which the level of the namespace has to admit.
fn host_port(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    (name, port): (&str, u32),
    others: &[Port],
    protocol: &str,
) -> Option<u32> {
    let number = view.u32("hostPort")?;
    let (span, place) = (view.span_of("hostPort"), format!("ports.{name}.hostPort"));
    admit(d, span, &place, Level::Privileged);
    let is_same = |other: &&Port| other.host_port == Some(number) && other.protocol == protocol;
    if let Some(other) = others.iter().find(is_same) {
        let first = format!("ports.{}.hostPort", other.name);
        let why = format!("both are {number}/{protocol} of the node");
        d.excludes(span, &first, &place, &why);
    }
    // The network of such a pod is the node's (pkg/apis/core/validation, `validateHostNetwork`).
    if d.app.view("security").flag("hostNetwork") && number != port {
        let why = "on the node's network, the port of the program is the port of the node";
        d.excludes(span, &place, "security.hostNetwork", why);
    }
    Some(number)
}

/// The port of probes, hosts and the URL: `http`, or else the first for TCP.
pub(super) fn main(ports: &[Port]) -> Option<&Port> {
    let mut tcp = ports.iter().filter(|port| port.is_tcp());
    tcp.clone().find(|port| port.name == HTTP).or_else(|| tcp.next())
}
