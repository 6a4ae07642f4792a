//! Incoming and outgoing traffic of the app.

use super::decoder::{Decoder, excludes, needs};
use super::routes::{self, Routes};
use super::{access, ports, probes, service};
use crate::diagnostics::SpecError;
use crate::environment::Tls;
use crate::model::{Kind, Network, Port, Service};
use crate::name::seconds;
use crate::spec::{hint, listed};

/// What is only for a program that listens.
const OF_PORTS: [&str; 3] = ["metrics", "host", "routes"];

/// What is only for a program that can be called.
const OF_RUNNING: [&str; 10] =
    ["port", "ports", "service", "health", "ready", "start", "metrics", "host", "routes", "from"];

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, namespace: &str) -> Network {
    let view = d.app;
    let is_job = !kind.is_running() && kind != Kind::None;
    for key in OF_RUNNING.into_iter().filter(|key| is_job && view.get(key).is_some()) {
        let why = "nothing calls a job";
        d.fits(view.span_of(key), false, || excludes(key, "workload", why));
    }
    let ports = if kind.is_running() { ports::read(d) } else { Vec::new() };
    let main = ports::main(&ports);
    for key in OF_PORTS.into_iter().filter(|key| kind.is_running() && view.get(key).is_some()) {
        let why = match ports.as_slice() {
            [] => "nothing listens without a port",
            _ => "nothing answers a connection without a port for TCP",
        };
        d.fits(view.span_of(key), main.is_some(), || needs(key, "port", why));
    }
    let mut service = service::read(d, kind, &ports);
    // The kubelet looks for the name of a port in the container that it asks.
    let own = ports.iter().filter(|port| port.container.is_none()).cloned();
    let own: Vec<Port> = own.collect();
    let probes = probes::read(d, kind, &own);
    let tls = Tls::read(&view, || format!("{}-tls", d.name));
    let Routes { host, all: routes, gateway, class, h2c } =
        routes::read(d, &ports, service.as_ref(), tls.as_ref());
    let (led_to, of_app) = routes::led_to(d, &ports);
    for port in service.iter_mut().flat_map(|service| &mut service.ports) {
        if h2c.contains(&port.name) || of_app.contains(&port.name) {
            port.app_protocol = Some("kubernetes.io/h2c".to_owned());
        }
    }
    let span = view.span_of("tls");
    if tls.is_some() && routes.is_empty() && d.is_own(span) {
        d.needs(span, "tls", "host", "a certificate requires a host name");
    }
    let egress = view.get("egress").map(|_| access::egress(d));
    let (metrics, metrics_port) = metrics(d, &ports, service.as_ref()).unzip();
    let mut network = Network {
        port: main.map(|main| main.port),
        main: main.map(|main| main.name.clone()),
        health: probes::path(probes.health.as_ref(), main),
        ready: probes::path(probes.ready.as_ref(), main),
        probes,
        metrics,
        metrics_port,
        metrics_times: metrics_times(d),
        url: main.zip(service.as_ref()).and_then(|(main, service)| {
            let port = service.port(&main.name)?.port;
            let scheme = if main.is_https() { "https" } else { "http" };
            Some(format!("{scheme}://{}.{namespace}.svc:{port}", service.name))
        }),
        ports: ports.clone(),
        service,
        host,
        routes,
        gateway,
        ingress_class: class,
        tls,
        access: Vec::new(),
        egress,
    };
    network.access = access::read(d, &network, &led_to, namespace);
    network
}

/// How often metrics are read, and within what time: the operator refuses one that is longer.
fn metrics_times(d: &mut Decoder<'_>) -> (String, String) {
    let view = d.app.view("metrics");
    let interval = view.string_or_default("interval");
    let is_longer = |time: &str| seconds(time) > seconds(&interval);
    let usual = if is_longer("10s") { &interval } else { "10s" };
    let timeout = view.string("timeout").unwrap_or_else(|| usual.to_owned());
    if view.get("timeout").is_some() && is_longer(&timeout) {
        let (first, second) =
            (format!("metrics.timeout: {timeout}"), format!("metrics.interval: {interval}"));
        let why = "a scrape has to end before the next one";
        d.excludes(view.span_of("timeout"), &first, &second, why);
    }
    (interval, timeout)
}

/// The path of the app's metrics, and the name of their port.
fn metrics(
    d: &mut Decoder<'_>,
    ports: &[Port],
    service: Option<&Service>,
) -> Option<(String, String)> {
    let view = d.app.view("metrics");
    let named = view.string("port");
    let path = view.string("path").or_else(|| named.as_ref().map(|_| "/metrics".to_owned()))?;
    let port = named.or_else(|| Some(ports::main(ports)?.name.clone()))?;
    if ports.is_empty() {
        return None;
    }
    let span = view.span_of("port");
    let tcp = ports.iter().filter(|port| port.is_tcp()).map(|port| port.name.as_str());
    let unknown = || {
        let hint = hint(&port, tcp.clone(), || format!("ports for TCP: {}", listed(tcp.clone())));
        SpecError::NotOneOf { path: "metrics.port".to_owned(), text: port.clone(), hint }
    };
    let why = "Prometheus finds the port through the Service";
    let known = d.fits(span, tcp.clone().any(|name| name == port), unknown)
        && d.fits(view.span(), service.is_some(), || excludes("metrics", "service: none", why))
        && d.fits(span, service.is_some_and(|service| service.port(&port).is_some()), || {
            excludes("metrics.port", &format!("service.ports.{port}: none"), why)
        });
    known.then_some((path, port))
}
