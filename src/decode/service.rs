//! The Service of the app.

use super::decoder::{Decoder, excludes, needs};
use super::labels::refuse_reserved;
use super::ports::main;
use crate::diagnostics::{Span, SpecError};
use crate::model::{Kind, Port, Service, ServicePort};
use crate::spec::{View, hint, listed};
use crate::yaml::{Map, Value};

/// Reads `service`; nothing without a port, and with `none`.
pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, ports: &[Port]) -> Option<Service> {
    let view = d.app;
    let span = view.span_of("service");
    if ports.is_empty() {
        if view.get("service").is_some() && kind.is_running() {
            let why = "a Service offers the ports of the app";
            d.fits(span, false, || needs("service", "port", why));
        }
        return None;
    }
    if view.text("service") == Some("none") {
        let why = "a StatefulSet needs a Service for the names of its pods";
        let fits = kind != Kind::StatefulSet;
        if d.fits(span, fits, || excludes("service: none", "workload: statefulset", why)) {
            return None;
        }
    }
    let view = view.view("service");
    let kind = view.string_or_default("type");
    let headless = headless(d, &view, &kind);
    let ports = offered(d, &view, ports, &kind, headless);
    if ports.is_empty() {
        let why = "no port is left to offer, which `service: none` says";
        d.excludes(view.span_of("ports"), "service.ports", "service", why);
    }
    let settings = settings(d, &view, &kind, headless);
    let families = families(d, &view);
    refuse_reserved(d, &view.entries("labels"));
    for entry in view.entries("labels") {
        let other = d.app.pairs("labels").into_iter().find(|(key, _)| *key == entry.key);
        if other.is_some_and(|(_, value)| Some(value.as_str()) != entry.value.as_str()) {
            let (first, second) =
                (format!("service.labels.{}", entry.key), format!("labels.{}", entry.key));
            let why = "the app's labels are on all of its objects";
            d.excludes(entry.value.span, &first, &second, why);
        }
    }
    let (annotations, labels) = (view.pairs("annotations"), view.pairs("labels"));
    let name = view.string("name").unwrap_or_else(|| d.name.to_owned());
    Some(Service { name, kind, headless, ports, settings, families, annotations, labels })
}

fn headless(d: &mut Decoder<'_>, view: &View<'_>, kind: &str) -> bool {
    let fits = kind == "ClusterIP";
    let why = "without an address, nothing outside the cluster reaches it";
    let type_ = format!("service.type: {kind}");
    view.flag("headless")
        && d.fits(view.span_of("headless"), fits, || excludes("service.headless", &type_, why))
}

/// The ports, each at its number.
fn offered(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    ports: &[Port],
    kind: &str,
    headless: bool,
) -> Vec<ServicePort> {
    let named = view.mappings("ports");
    for (entry, _) in &named {
        if !ports.iter().any(|port| port.name == entry.key) {
            let known = ports.iter().map(|port| port.name.as_str());
            let otherwise = || format!("the ports are {}", listed(known.clone()));
            let hint = hint(&entry.key, known.clone(), otherwise);
            let (path, text) = ("service.ports".to_owned(), entry.key.clone());
            let span = entry.key_span;
            d.fits(span, false, || SpecError::NotOneOf { path, text, hint });
        }
    }
    let main = main(ports).or(ports.first()).map(|port| port.name.as_str());
    let mut all: Vec<ServicePort> = Vec::new();
    for port in ports {
        let of_port = named.iter().find(|(entry, _)| entry.key == port.name);
        if of_port.is_some_and(|(entry, _)| entry.value.as_str() == Some("none")) {
            continue;
        }
        let path = format!("service.ports.{}", port.name);
        let mut places: Vec<(&str, View<'_>)> = Vec::new();
        places.extend(of_port.map(|(_, view)| (path.as_str(), *view)));
        places.extend((main == Some(&port.name)).then_some(("service", *view)));
        let number = number(d, &places, "port", |d, span, place| {
            let why = "its name leads to the pods, which have their own ports";
            let place = format!("{place}.port");
            d.fits(span, !headless, || excludes(&place, "service.headless", why))
        });
        let node_port = number_on_nodes(d, &places, kind);
        let made = ServicePort {
            name: port.name.clone(),
            port: number.unwrap_or(port.port),
            protocol: port.protocol.clone(),
            node_port,
            app_protocol: port.app_protocol.clone(),
        };
        // Two ports of the container with one number are an error already.
        let is_other = |other: &&ServicePort| {
            let others = ports.iter().find(|one| one.name == other.name);
            others.is_some_and(|one| one.port != port.port)
        };
        let span = places.first().map_or(d.app.span_of("ports"), |(_, view)| view.span());
        refuse_same(d, span, all.iter().filter(is_other), &made);
        all.push(made);
    }
    all
}

fn number_on_nodes(d: &mut Decoder<'_>, places: &[(&str, View<'_>)], kind: &str) -> Option<u32> {
    number(d, places, "nodePort", |d, span, place| {
        let why = "a port on the nodes needs the type NodePort or LoadBalancer";
        let place = format!("{place}.nodePort");
        d.fits(span, kind != "ClusterIP", || needs(&place, "service.type", why))
    })
}

/// A number that stands in one of two places.
fn number(
    d: &mut Decoder<'_>,
    places: &[(&str, View<'_>)],
    key: &str,
    mut fits: impl FnMut(&mut Decoder<'_>, Span, &str) -> bool,
) -> Option<u32> {
    let mut found: Option<(u32, &str)> = None;
    for (place, view) in places {
        let Some(number) = view.u32(key) else { continue };
        let span = view.span_of(key);
        if let Some((_, first)) = found {
            let (first, second) = (format!("{first}.{key}"), format!("{place}.{key}"));
            let why = "both are for the main port";
            d.fits(span, false, || excludes(&first, &second, why));
        } else if fits(d, span, place) {
            found = Some((number, place));
        }
    }
    found.map(|(number, _)| number)
}

/// What Kubernetes refuses: two ports of one number and protocol.
fn refuse_same<'a>(
    d: &mut Decoder<'_>,
    span: Span,
    all: impl Iterator<Item = &'a ServicePort>,
    made: &ServicePort,
) {
    for other in all.filter(|other| other.protocol == made.protocol) {
        let numbers = [
            ("", Some(other.port), Some(made.port)),
            (".nodePort", other.node_port, made.node_port),
        ];
        for (key, first, second) in numbers {
            if let Some(number) = first.filter(|_| first == second) {
                let [first, second] =
                    [&other.name, &made.name].map(|name| format!("service.ports.{name}{key}"));
                let why = format!("both are {number}/{}", made.protocol);
                d.excludes(span, &first, &second, &why);
            }
        }
    }
}

/// Fields of the Service's `spec`, each where Kubernetes takes it and where it has an effect.
fn settings(d: &mut Decoder<'_>, view: &View<'_>, kind: &str, headless: bool) -> Value {
    const BALANCED: &str = "it is about a load balancer";
    const OUTSIDE: &str = "nothing outside the cluster reaches a ClusterIP";
    const NO_PROXY: &str = "nothing stands between a caller and the pods";
    let mut map = Map::default();
    let is_balanced = kind == "LoadBalancer";
    let needs_type = |d: &mut Decoder<'_>, key: &str, fits: bool, other: &str, why: &str| {
        let path = format!("service.{key}");
        view.get(key).is_some() && d.fits(view.span_of(key), fits, || needs(&path, other, why))
    };
    if needs_type(d, "loadBalancerIP", is_balanced, "service.type: LoadBalancer", BALANCED) {
        map.push_some("loadBalancerIP", view.text("loadBalancerIP"));
    }
    if needs_type(d, "loadBalancerClass", is_balanced, "service.type: LoadBalancer", BALANCED) {
        map.push_some("loadBalancerClass", view.text("loadBalancerClass"));
    }
    let ranges = view.texts("loadBalancerSourceRanges");
    if needs_type(
        d,
        "loadBalancerSourceRanges",
        is_balanced,
        "service.type: LoadBalancer",
        BALANCED,
    ) && !ranges.is_empty()
    {
        map.push("loadBalancerSourceRanges", ranges.as_slice());
    }
    let external = kind != "ClusterIP";
    if needs_type(d, "externalTrafficPolicy", external, "service.type: NodePort", OUTSIDE) {
        map.push_some("externalTrafficPolicy", view.text("externalTrafficPolicy"));
    }
    for key in ["internalTrafficPolicy", "sessionAffinity"] {
        let path = format!("service.{key}");
        let proxied = |d: &mut Decoder<'_>| {
            d.fits(view.span_of(key), !headless, || excludes(&path, "service.headless", NO_PROXY))
        };
        if view.get(key).is_some() && proxied(d) {
            map.push_some(key, view.text(key));
        }
    }
    if view.flag("publishNotReadyAddresses") {
        map.push("publishNotReadyAddresses", true);
    }
    Value::Map(map)
}

/// Those of its addresses.
fn families(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let mut map = Map::default();
    let families = view.texts("ipFamilies");
    let policy = view.text("ipFamilyPolicy");
    let span = view.span_of("ipFamilies");
    if let [first, others @ ..] = families.as_slice() {
        if others.contains(first) || others.len() > 1 {
            d.excludes(span, first, first, "each family can stand there once");
        } else if !others.is_empty() && policy == Some("SingleStack") {
            let why = "these are two families";
            d.excludes(span, "service.ipFamilies", "service.ipFamilyPolicy: SingleStack", why);
        }
        map.push("ipFamilies", families.as_slice());
    }
    map.push_some("ipFamilyPolicy", policy);
    Value::Map(map)
}
