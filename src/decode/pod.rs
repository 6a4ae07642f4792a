//! Where the app's pods run, and what they see beside their containers.

use std::collections::BTreeMap;

use super::decoder::Decoder;
use super::placement;
use crate::diagnostics::{Span, SpecError};
use crate::model::{Kind, Pod, Spread};
use crate::spec::View;
use crate::yaml::{Map, Value};

/// Keys of the pod, which an app without pods cannot have.
const KEYS: [&str; 10] = [
    "placement",
    "priority",
    "dns",
    "hostAliases",
    "runtimeClass",
    "scheduler",
    "serviceLinks",
    "hostname",
    "shareProcesses",
    "pull",
];

pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, host_network: bool) -> Pod {
    let view = d.app;
    for key in KEYS {
        let span = view.span_of(key);
        if kind == Kind::None && view.get(key).is_some() && d.is_own(span) {
            d.excludes(span, key, "workload: none", "there are no pods");
        }
    }
    if view.get("hostname").is_some() && d.is_own(view.span_of("hostname")) {
        let span = view.span_of("hostname");
        if kind == Kind::StatefulSet {
            let why = "its pods have host names of their own: their names";
            d.excludes(span, "hostname", "workload: statefulset", why);
        } else if host_network {
            let why = "on the node's network, the host name is the node's";
            d.excludes(span, "hostname", "security.hostNetwork", why);
        }
    }
    let mut fields = Vec::new();
    let mut affinity = Value::Null;
    if let Value::Map(placed) = placement::read(d, &view) {
        for (key, value) in placed.iter() {
            match key {
                "affinity" => affinity = value.clone(),
                _ => fields.push((key.to_owned(), value.clone())),
            }
        }
    }
    let dns = view.view("dns");
    let policy = dns.text("policy").or(host_network.then_some("ClusterFirstWithHostNet"));
    let texts = [
        ("priorityClassName", view.text("priority")),
        ("runtimeClassName", view.text("runtimeClass")),
        ("schedulerName", view.text("scheduler")),
        ("hostname", view.text("hostname")),
        // In the node's network, pods would otherwise ask only the node's name servers, which know no Services.
        ("dnsPolicy", policy),
    ];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?.into())));
    fields.extend(texts);
    fields.extend(dns_config(d, &dns).map(|config| ("dnsConfig".to_owned(), config)));
    fields.extend(host_aliases(&view).map(|all| ("hostAliases".to_owned(), all)));
    if view.view("security").bool("hostUsers") == Some(false) {
        fields.push(("hostUsers".to_owned(), false.into()));
    }
    if view.flag("shareProcesses") {
        if view.view("security").flag("hostPID") {
            let why = "all processes of the node are seen already";
            d.excludes(view.span_of("shareProcesses"), "shareProcesses", "hostPID", why);
        }
        fields.push(("shareProcessNamespace".to_owned(), true.into()));
    }
    Pod { fields, affinity, spread: spread(d, kind), nameservers: dns.texts("servers") }
}

fn dns_config(d: &mut Decoder<'_>, view: &View<'_>) -> Option<Value> {
    let (servers, searches) = (view.texts("servers"), view.texts("searches"));
    if view.text("policy") == Some("None") && servers.is_empty() {
        let why = "there would be no name server";
        d.needs(view.span_of("policy"), "dns.policy: None", "dns.servers", why);
    }
    let mut limit = |key: &str, number: usize, max: usize| {
        if number > max {
            let (path, number) = (format!("dns.{key}"), format!("{number} long"));
            let max = i64::try_from(max).unwrap_or(i64::MAX);
            d.error(view.span_of(key), SpecError::OutOfRange { path, number, min: 0, max });
        }
    };
    limit("servers", servers.len(), 3);
    limit("searches", searches.len(), 32);
    // With the spaces between them.
    let characters: usize = searches.iter().map(|search| search.len() + 1).sum();
    limit("searches", characters.saturating_sub(1), 2048);
    let options = view.pairs("options").into_iter().map(|(name, value)| {
        let mut map = Map::default();
        map.push("name", name);
        map.push_some("value", (!value.is_empty()).then_some(value));
        Value::Map(map)
    });
    let options: Vec<Value> = options.collect();
    let mut map = Map::default();
    map.push_some("nameservers", (!servers.is_empty()).then_some(servers.as_slice()));
    map.push_some("searches", (!searches.is_empty()).then_some(searches.as_slice()));
    map.push_some("options", (!options.is_empty()).then_some(options));
    (!map.is_empty()).then_some(Value::Map(map))
}

/// Names by address, as a Pod has them.
fn host_aliases(view: &View<'_>) -> Option<Value> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, address) in view.pairs("hostAliases") {
        names.entry(address).or_default().push(name);
    }
    let all = names.into_iter().map(|(address, mut names)| {
        names.sort();
        Value::from([("ip", address.into()), ("hostnames", names.as_slice().into())])
    });
    let all: Vec<Value> = all.collect();
    (!all.is_empty()).then_some(Value::Seq(all))
}

fn spread(d: &mut Decoder<'_>, kind: Kind) -> Option<Vec<Spread>> {
    let view = d.app.view("placement");
    let span = view.span_of("spread");
    view.get("spread")?;
    if kind == Kind::DaemonSet {
        if d.is_own(span) {
            let why = "every node has one of its pods";
            d.excludes(span, "placement.spread", "workload: daemonset", why);
        }
        return None;
    }
    let mut all: Vec<Spread> = Vec::new();
    let mut twice: Vec<Span> = Vec::new();
    for view in view.views("spread") {
        let key = match d.required(&view, "placement.spread", "over")?.as_str() {
            "node" => "kubernetes.io/hostname".to_owned(),
            "zone" => "topology.kubernetes.io/zone".to_owned(),
            label => label.to_owned(),
        };
        let required = view.flag("required");
        if all.iter().any(|other| other.key == key && other.required == required) {
            twice.push(view.span());
        }
        all.push(Spread { key, skew: view.u32_or_default("skew"), required });
    }
    for span in twice {
        d.excludes(span, "a spread", "another", "both are over the same nodes");
    }
    Some(all)
}
