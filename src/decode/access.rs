//! Who may call the app, and whom it may call: the two halves of its NetworkPolicy.

use std::net::IpAddr;

use super::decoder::{Decoder, excludes, needs};
use crate::diagnostics::{Span, SpecError};
use crate::environment::Pattern;
use crate::model::{Access, Egress, Network, Port, Service};
use crate::spec::{View, app as app_table, hint, listed};
use crate::yaml::{Key, Map, Node, Value};

/// Who may call the app. If the spec does not say, everyone where something outside the cluster leads to it, else its own
/// namespace. Its pipeline may always, and Prometheus where its metrics are.
/// `led_to` are ports to which routes of the app lead from outside, if this is a process.
pub(super) fn read(
    d: &mut Decoder<'_>,
    network: &Network,
    led_to: &[String],
    namespace: &str,
) -> Vec<Access> {
    let pipeline = in_namespace(&format!("{namespace}-ci"));
    let prometheus = in_namespace(&d.context.environment.monitoring.namespace);
    let is_metrics = |port: &&Port| network.metrics_port.as_ref() == Some(&port.name);
    let span = d.app.span_of("from");
    if let Some(node) = d.app.get("from") {
        if network.ports.is_empty() {
            let why = "nothing listens without a port";
            let listens = d.app.get("port").or(d.app.get("ports")).is_some();
            d.fits(span, listens, || needs("from", "port", why));
            return Vec::new();
        }
        let mut rules = written(d, node, network, led_to);
        add(&mut rules, ports_of(network.ports.iter()), pipeline);
        let metrics: Vec<&Port> = network.ports.iter().filter(is_metrics).collect();
        if !metrics.is_empty() {
            add(&mut rules, ports_of(metrics.into_iter()), prometheus);
        }
        return rules;
    }
    let is_open = |port: &&Port| {
        let offered = network.service.as_ref().filter(|service| service.is_external());
        let paths = network.routes.iter().flat_map(|route| &route.hosts);
        let mut own = paths.flat_map(|(_, paths)| paths).filter(|path| path.service.is_none());
        let routed = led_to.contains(&port.name) || own.any(|path| path.port == port.name);
        routed || offered.is_some_and(|service| service.port(&port.name).is_some())
    };
    let (open, others): (Vec<&Port>, Vec<&Port>) = network.ports.iter().partition(is_open);
    let (metrics, others): (Vec<&Port>, Vec<&Port>) = others.into_iter().partition(is_metrics);
    let own = Value::from([("podSelector", Value::Map(Map::default()))]);
    let callers = vec![own, pipeline];
    let mut with_prometheus = callers.clone();
    with_prometheus.push(prometheus);
    let rules = [(open, None), (others, Some(callers)), (metrics, Some(with_prometheus))];
    let rules = rules.into_iter().filter(|(ports, _)| !ports.is_empty());
    rules.map(|(ports, from)| Access { ports: ports_of(ports.into_iter()), from }).collect()
}

/// The rules of `from`.
fn written(d: &mut Decoder<'_>, node: &Node, network: &Network, led_to: &[String]) -> Vec<Access> {
    let every = ports_of(network.ports.iter());
    let mut rules = Vec::new();
    let mut is_outside = false;
    match node.as_str() {
        Some("any") => return vec![Access { ports: every, from: None }],
        Some(_) => {}
        None => {
            for (view, node) in d.app.views("from").into_iter().zip(d.app.items("from")) {
                if node.as_str().is_some() {
                    return vec![Access { ports: every, from: None }];
                }
                is_outside |= view.get("app").is_none();
                let ports = if view.get("port").is_some() {
                    named(d, &view, network)
                } else {
                    every.clone()
                };
                for peer in callers(d, &view) {
                    add(&mut rules, ports.clone(), peer);
                }
            }
        }
    }
    let span = node.span;
    let external = network.service.as_ref().is_some_and(Service::is_external);
    if !is_outside && (external || !network.routes.is_empty() || !led_to.is_empty()) {
        let other = if external { "service.type" } else { "host" };
        let why = "what comes from outside comes from a namespace, as that of the ingress controller, or from an address; allow it, or `any`";
        d.fits(span, false, || excludes("from", other, why));
    }
    rules
}

/// Adds a caller to the rule of those ports.
fn add(rules: &mut Vec<Access>, ports: Vec<Value>, peer: Value) {
    if rules
        .iter()
        .any(|rule| rule.from.is_none() && ports.iter().all(|port| rule.ports.contains(port)))
    {
        return;
    }
    let same = rules.iter_mut().find(|rule| rule.ports == ports);
    match same.and_then(|rule| rule.from.as_mut()) {
        Some(from) if from.contains(&peer) => {}
        Some(from) => from.push(peer),
        None => rules.push(Access { ports, from: Some(vec![peer]) }),
    }
}

fn callers(d: &mut Decoder<'_>, view: &View<'_>) -> Vec<Value> {
    let missing = ("from.app", "an entry of `from` (or its `namespace` or `cidr`)");
    let why = "an entry allows one caller";
    let keys = ["app", "namespace", "cidr"];
    refuse_except(d, "from", view);
    let found = d.one_of(view.span(), keys, |key| view.text(key), missing, why);
    let Some((key, text)) = found else { return Vec::new() };
    let peer = match key {
        "app" => {
            let namespace = namespace_of(d, "from.app", view.span_of("app"), text);
            let Some(namespace) = namespace else { return Vec::new() };
            let pods = pods_of(d, text).into_iter().map(|labels| {
                let mut peer = in_namespace(&namespace);
                if let Value::Map(peer) = &mut peer {
                    peer.push("podSelector", Value::from([("matchLabels", labels)]));
                }
                peer
            });
            return pods.collect();
        }
        "namespace" => in_namespace(text),
        _ => {
            let except = view.texts("except");
            let mut block = Map::default();
            block.push("cidr", text);
            block.push_some("except", (!except.is_empty()).then_some(except.as_slice()));
            Value::from([("ipBlock", Value::Map(block))])
        }
    };
    vec![peer]
}

/// The labels of an app's pods: its name, which its processes bear, too; of a program with a `selector` that alone.
fn pods_of(d: &Decoder<'_>, app: &str) -> Vec<Value> {
    let (spec, environment) = (d.context.spec, d.context.environment);
    let whole = environment.app(spec, app);
    let processes = whole.as_ref().and_then(|app| app.get("processes")?.entries());
    let processes = processes.unwrap_or_default().iter();
    let programs = processes.filter_map(|one| environment.process(spec, app, &one.key));
    let programs: Vec<Node> = whole.clone().into_iter().chain(programs).collect();
    let mut all: Vec<Value> = Vec::new();
    for program in &programs {
        let live = program.get("selector").and_then(Node::entries).unwrap_or_default();
        let live = live.iter().filter_map(|entry| Some((&entry.key, entry.value.as_str()?)));
        let live: Map = live.map(|(key, value)| (Key::from(key.as_str()), value.into())).collect();
        let labels = if live.is_empty() {
            Value::from([("app.kubernetes.io/name", app.into())])
        } else {
            Value::Map(live)
        };
        if !all.contains(&labels) {
            all.push(labels);
        }
    }
    all
}

/// The ports of an entry, by names and numbers.
fn named(d: &mut Decoder<'_>, view: &View<'_>, network: &Network) -> Vec<Value> {
    let mut all = Vec::new();
    for text in view.texts("port") {
        let found =
            network.ports.iter().find(|port| port.name == text || port.port.to_string() == text);
        if let Some(port) = found {
            let port = policy_port(&port.protocol, port.port);
            if !all.contains(&port) {
                all.push(port);
            }
            continue;
        }
        let names = network.ports.iter().map(|port| port.name.as_str());
        let hint =
            hint(&text, names.clone(), || format!("the ports are {}", listed(names.clone())));
        let path = "from.port".to_owned();
        d.error(view.span_of("port"), SpecError::NotOneOf { path, text, hint });
    }
    all
}

fn ports_of<'a>(ports: impl Iterator<Item = &'a Port>) -> Vec<Value> {
    ports.map(|port| policy_port(&port.protocol, port.port)).collect()
}

/// A port of a NetworkPolicy.
fn policy_port(protocol: &str, port: u32) -> Value {
    Value::from([("protocol", protocol.into()), ("port", port.into())])
}

/// All pods of a namespace, as a peer of a NetworkPolicy.
fn in_namespace(name: &str) -> Value {
    let labels = Value::from([("kubernetes.io/metadata.name", name.into())]);
    Value::from([("namespaceSelector", Value::from([("matchLabels", labels)]))])
}

/// The namespace of another app in this environment; nothing, and an error, if the spec has no such app.
fn namespace_of(d: &mut Decoder<'_>, path: &str, span: Span, app: &str) -> Option<String> {
    let (spec, environment) = (d.context.spec, d.context.environment);
    if !spec.apps.contains_key(app) {
        let known = spec.apps.keys().map(String::as_str);
        let hint = hint(app, known.clone(), || format!("apps: {}", listed(known.clone())));
        let (path, text) = (path.to_owned(), app.to_owned());
        d.error(span, SpecError::NotOneOf { path, text, hint });
        return None;
    }
    if !spec.has(app, &environment.name) {
        let hint = format!("it is not in `{}`", environment.name);
        let (path, text) = (path.to_owned(), app.to_owned());
        d.error(span, SpecError::NotOneOf { path, text, hint });
        return None;
    }
    let merged = environment.app(spec, app)?;
    let own = View::new(Some(&merged), app_table()).view("namespace").string("name");
    let own = own.map(|text| Pattern { text, span });
    // A pattern that cannot be filled in is an error of that app.
    own.as_ref().unwrap_or(&environment.namespace).fill(app, &environment.name).ok()
}

/// Whom the app may call.
pub(super) fn egress(d: &mut Decoder<'_>) -> Vec<Egress> {
    let mut all = Vec::new();
    for view in d.app.views("egress") {
        let missing = ("egress.host", "a rule of `egress` (or its `cidr` or `app`)");
        let why = "a rule is either for a service or for addresses";
        let keys = ["host", "cidr", "app"];
        refuse_except(d, "egress", &view);
        let target = d.one_of(view.span(), keys, |key| view.text(key), missing, why);
        let mut pods = Vec::new();
        let (namespace, app) = match target {
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
                (Some(namespace.to_owned()), None)
            }
            Some(("app", app)) => {
                let namespace = namespace_of(d, "egress.app", view.span_of("app"), app);
                if namespace.is_none() {
                    continue;
                }
                pods = pods_of(d, app);
                (namespace, Some(app.to_owned()))
            }
            Some(_) => (None, None),
        };
        let numbers: Vec<u32> =
            view.texts("port").iter().filter_map(|text| text.parse().ok()).collect();
        let protocol = view.text("protocol");
        let mut ports: Vec<Value> =
            numbers.iter().map(|port| policy_port(protocol.unwrap_or("TCP"), *port)).collect();
        if let (Some(protocol), true) = (protocol, ports.is_empty()) {
            ports.push(Value::from([("protocol", protocol.into())]));
        }
        all.push(Egress {
            namespace,
            app,
            pods,
            cidr: view.string("cidr"),
            except: view.texts("except"),
            port: numbers.first().copied(),
            ports,
        });
    }
    all
}

/// `except` without `cidr`, or with ranges that are not within it, which Kubernetes refuses.
fn refuse_except(d: &mut Decoder<'_>, path: &str, view: &View<'_>) {
    if view.get("except").is_none() {
        return;
    }
    let key = format!("{path}.except");
    let Some(cidr) = view.text("cidr") else {
        let why = "it takes ranges out of it";
        d.needs(view.span_of("except"), &key, &format!("{path}.cidr"), why);
        return;
    };
    for node in view.items("except") {
        let Some(text) = node.as_str() else { continue };
        if !is_within(cidr, text) {
            let why = "a range that is taken out lies within the other and is smaller";
            d.excludes(node.span, &format!("{key}: {text}"), &format!("cidr: {cidr}"), why);
        }
    }
}

/// Whether the second range lies within the first and is smaller.
fn is_within(outer: &str, inner: &str) -> bool {
    let read = |text: &str| {
        let (address, bits) = text.split_once('/')?;
        let bits: u32 = bits.parse().ok()?;
        Some(match address.parse().ok()? {
            IpAddr::V4(address) => (true, u128::from(address.to_bits()) << 96, bits),
            IpAddr::V6(address) => (false, address.to_bits(), bits),
        })
    };
    let (Some((family, outer, bits)), Some((other, inner, more))) = (read(outer), read(inner))
    else {
        return false;
    };
    let differ = (outer ^ inner).checked_shr(128 - bits).unwrap_or(0);
    family == other && more > bits && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_lies_within_another_of_its_family() {
        assert!(is_within("0.0.0.0/0", "10.0.0.0/8"));
        assert!(is_within("10.0.0.0/8", "10.1.0.0/16"));
        assert!(is_within("::/0", "fd00::/8"));
        assert!(!is_within("10.0.0.0/8", "10.0.0.0/8"));
        assert!(!is_within("10.0.0.0/8", "11.0.0.0/16"));
        assert!(!is_within("10.1.0.0/16", "10.0.0.0/8"));
        assert!(!is_within("0.0.0.0/0", "fd00::/8"));
    }
}
