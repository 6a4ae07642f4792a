//! Services, Ingresses and NetworkPolicies.

use std::net::IpAddr;

use super::case::Case;
use super::container::port;
use super::form::Form;
use super::metadata::labels;
use super::part::Part;
use super::rules::{ADDRESS, LABEL, NAME, NUMBER, PATH, PORT_FORM, REQUIRED, TOGETHER};
use super::rules::{SELECTOR, TWICE_IN_LIST};
use super::selector;

/// A Service.
pub(super) fn service(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    let of = match spec.get("type").text() {
        "" => "ClusterIP",
        of => of,
    };
    let ports = spec.get("ports");
    let is_headless = spec.get("clusterIP").text() == "None";
    if ports.is_empty() && !is_headless && of != "ExternalName" {
        case.need(&ports);
    }
    service_ports(case, &ports, of);
    labels(case, &spec.get("selector"));
    addresses(case, spec, of);
    let affinity = spec.get("sessionAffinityConfig");
    let client = affinity.get("clientIP");
    if spec.get("sessionAffinity").text() == "ClientIP" {
        let seconds = client.get("timeoutSeconds");
        case.between(&seconds, 1, 86_400);
    }
    let is_balanced = of == "LoadBalancer";
    for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        if spec.get(key).is_set() && !is_balanced {
            case.bar(&spec.get(key), "where `type` is not `LoadBalancer`");
        }
    }
    case.form(&LABEL, &spec.get("loadBalancerClass"), Form::Key);
    let ranges = spec.get("loadBalancerSourceRanges");
    if !ranges.is_empty() && !is_balanced {
        case.bar(&ranges, "where `type` is not `LoadBalancer`");
    }
    for range in ranges.items() {
        if !Form::Cidr.takes(range.text().trim()) {
            case.exact_form(&ADDRESS, &range, Form::Cidr);
        }
    }
    policies(case, spec, of);
}

fn policies(case: &mut Case<'_>, spec: &Part<'_, '_>, of: &str) {
    let is_balanced = of == "LoadBalancer";
    let is_outside = matches!(of, "LoadBalancer" | "NodePort")
        || of == "ClusterIP" && !spec.get("externalIPs").is_empty();
    let policy = spec.get("externalTrafficPolicy");
    if !policy.is_empty() && !is_outside {
        case.bar(&policy, "for a Service that is not reached from outside");
    }
    let health = spec.get("healthCheckNodePort");
    if health.int().is_some_and(|port| port != 0) {
        if is_balanced && policy.text() == "Local" {
            port(case, &health);
        } else {
            let why = "where `type` is not `LoadBalancer` with `externalTrafficPolicy: Local`";
            case.bar(&health, why);
        }
    }
    case.exact_word(
        &spec.get("trafficDistribution"),
        &["PreferClose", "PreferSameZone", "PreferSameNode"],
    );
}

fn service_ports(case: &mut Case<'_>, ports: &Part<'_, '_>, of: &str) {
    let (mut seen, mut on_nodes) = (Vec::new(), Vec::new());
    let is_one = ports.items().count() < 2;
    case.unique(ports, "name");
    for one in ports.items() {
        if is_one || case.need(&one.get("name")) {
            case.form(&NAME, &one.get("name"), Form::Label);
        }
        let number = one.get("port");
        if number.int().is_none_or(|port| !(1..=65535).contains(&port)) {
            case.say(&PORT_FORM, &number, "must be between 1 and 65535");
        }
        let target = one.get("targetPort");
        // Nothing stands for the port itself.
        if target.int() != Some(0) && !target.is_empty() {
            port(case, &target);
        }
        case.exact_form(&LABEL, &one.get("appProtocol"), Form::Key);
        let protocol = match one.get("protocol").text() {
            "" => "TCP",
            protocol => protocol,
        };
        if seen.contains(&(protocol, number.int())) {
            let number = number.int().unwrap_or_default();
            case.say(&TWICE_IN_LIST, &one, format!("repeats the port {protocol} {number}"));
        }
        seen.push((protocol, number.int()));
        let node = one.get("nodePort");
        let Some(number) = node.int().filter(|port| *port != 0) else { continue };
        if of == "ClusterIP" {
            case.bar(&node, "where `type` is `ClusterIP`");
        }
        if on_nodes.contains(&(protocol, number)) {
            case.say(&TWICE_IN_LIST, &node, format!("repeats the port {protocol} {number}"));
        }
        on_nodes.push((protocol, number));
    }
}

fn addresses(case: &mut Case<'_>, spec: &Part<'_, '_>, of: &str) {
    let (one, all) = (spec.get("clusterIP"), spec.get("clusterIPs"));
    let families = spec.get("ipFamilies");
    if of == "ExternalName" {
        for part in [&one, &all, &families, &spec.get("ipFamilyPolicy")] {
            if !part.is_empty() {
                case.bar(part, "where `type` is `ExternalName`");
            }
        }
        let name = spec.get("externalName");
        let text = name.text().strip_suffix('.').unwrap_or(name.text());
        if text.is_empty() {
            case.need(&name);
        } else if !Form::Subdomain.takes(text) {
            case.exact_form(&ADDRESS, &name, Form::Subdomain);
        }
        return;
    }
    let is_headless = one.text() == "None";
    if is_headless && of != "ClusterIP" {
        case.say(&TOGETHER, &one, format!("cannot be `None` where `type` is `{of}`"));
    } else if !is_headless {
        case.form(&ADDRESS, &one, Form::Ip);
    }
    let first = all.items().next().map(|first| first.text());
    if first.is_some_and(|first| first != one.text()) {
        case.say(&TOGETHER, &all, "must begin with `clusterIP`");
    }
    for address in all.items().filter(|address| address.text() != "None") {
        case.exact_form(&ADDRESS, &address, Form::Ip);
    }
    for address in spec.get("externalIPs").items() {
        case.exact_form(&ADDRESS, &address, Form::Ip);
        let is_special = address.text().parse::<IpAddr>().is_ok_and(|ip| {
            let is_local = match ip {
                IpAddr::V4(ip) => ip.is_link_local() || ip.octets()[..3] == [224, 0, 0],
                IpAddr::V6(ip) => ip.is_unicast_link_local() || ip.segments()[0] == 0xff02,
            };
            ip.is_unspecified() || ip.is_loopback() || is_local
        });
        if is_special {
            case.say(&ADDRESS, &address, "is an address that no other machine can reach");
        }
    }
    let mut seen = Vec::new();
    for family in families.items() {
        case.exact_word(&family, &["IPv4", "IPv6"]);
        if seen.contains(&family.text()) {
            case.say(&TWICE_IN_LIST, &family, format!("repeats `{}`", family.text()));
        }
        seen.push(family.text());
    }
}

/// An Ingress.
pub(super) fn ingress(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    let (rules, default) = (spec.get("rules"), spec.get("defaultBackend"));
    if rules.is_empty() && !default.is_set() {
        case.say(&REQUIRED, spec, "needs `rules` or a `defaultBackend`");
    }
    if default.is_set() {
        backend(case, &default);
    }
    case.exact_form(&NAME, &spec.get("ingressClassName"), Form::Subdomain);
    for rule in rules.items() {
        let host = rule.get("host");
        if host.text().parse::<IpAddr>().is_ok() {
            case.say(&ADDRESS, &host, "must be a name, not an address");
        } else {
            case.form(&ADDRESS, &host, Form::Host);
        }
        let http = rule.get("http");
        if http.is_set() {
            case.need(&http.get("paths"));
        }
        for path in http.get("paths").items() {
            self::path(case, &path);
        }
    }
    for tls in spec.get("tls").items() {
        for host in tls.get("hosts").items() {
            case.exact_form(&ADDRESS, &host, Form::Host);
        }
        case.form(&NAME, &tls.get("secretName"), Form::Subdomain);
    }
}

fn path(case: &mut Case<'_>, of: &Part<'_, '_>) {
    let (path, kind) = (of.get("path"), of.get("pathType"));
    if !kind.is_set() {
        case.need_set(&kind);
        return;
    }
    case.exact_word(&kind, &["Exact", "Prefix", "ImplementationSpecific"]);
    let text = path.text();
    let is_plain = matches!(kind.text(), "Exact" | "Prefix");
    if !text.starts_with('/') && (is_plain || !text.is_empty()) {
        case.say(&PATH, &path, "must begin with `/`");
    } else if is_plain {
        let bad = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|bad| text.contains(bad));
        let end = ["/..", "/."].into_iter().find(|end| text.ends_with(end));
        if let Some(bad) = bad.or(end) {
            case.say(&PATH, &path, format!("must not contain `{bad}`"));
        }
    }
    backend(case, &of.get("backend"));
}

fn backend(case: &mut Case<'_>, of: &Part<'_, '_>) {
    let (service, resource) = (of.get("service"), of.get("resource"));
    match (service.is_set(), resource.is_set()) {
        (false, false) => case.say(&REQUIRED, of, "needs a `service` or a `resource`"),
        (true, true) => case.bar(&resource, "together with `service`"),
        (false, true) => {
            case.need(&resource.get("kind"));
            case.need(&resource.get("name"));
        }
        (true, false) => {
            if case.need(&service.get("name")) {
                case.form(&NAME, &service.get("name"), Form::Label);
            }
            let of = service.get("port");
            let (name, number) = (of.get("name"), of.get("number"));
            let has_number = number.int().is_some_and(|number| number != 0);
            match (name.is_empty(), has_number) {
                (true, false) => case.say(&REQUIRED, &of, "needs a `name` or a `number`"),
                (false, true) => case.bar(&name, "together with `number`"),
                (false, false) => case.form(&PORT_FORM, &name, Form::PortName),
                (true, true) => port(case, &number),
            }
        }
    }
}

/// A NetworkPolicy.
pub(super) fn policy(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    selector::judge(case, &spec.get("podSelector"));
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.get(list).items() {
            for of in rule.get("ports").items() {
                policy_port(case, &of);
            }
            for peer in rule.get(peers).items() {
                self::peer(case, &peer);
            }
        }
    }
    let types = spec.get("policyTypes");
    for of in types.items() {
        case.exact_word(&of, &["Ingress", "Egress"]);
    }
    if types.items().count() > 2 {
        case.say(&NUMBER, &types, "has more than two types");
    }
}

fn policy_port(case: &mut Case<'_>, of: &Part<'_, '_>) {
    let (first, last) = (of.get("port"), of.get("endPort"));
    case.exact_word(&of.get("protocol"), &["TCP", "UDP", "SCTP"]);
    port(case, &first);
    if !last.is_set() {
        return;
    }
    match (first.int(), last.int()) {
        (None, _) => case.bar(&last, "where `port` is not a number"),
        (Some(first), Some(end)) if end < first => {
            case.say(&NUMBER, &last, "must not be less than `port`");
        }
        _ => port(case, &last),
    }
}

fn peer(case: &mut Case<'_>, peer: &Part<'_, '_>) {
    let (pods, namespaces) = (peer.get("podSelector"), peer.get("namespaceSelector"));
    let block = peer.get("ipBlock");
    selector::judge(case, &pods);
    selector::judge(case, &namespaces);
    let has_selector = pods.is_set() || namespaces.is_set();
    if !has_selector && !block.is_set() {
        let what = "needs `podSelector`, `namespaceSelector` or `ipBlock`";
        case.say(&SELECTOR, peer, what);
    } else if has_selector && block.is_set() {
        case.bar(&block, "together with a selector");
    }
    if !block.is_set() || !case.need(&block.get("cidr")) {
        return;
    }
    let range = block.get("cidr");
    case.form(&ADDRESS, &range, Form::Cidr);
    for except in block.get("except").items() {
        case.exact_form(&ADDRESS, &except, Form::Cidr);
        let both = parse(range.text()).zip(parse(except.text()));
        if both.is_some_and(|(range, except)| !is_within(except, range)) {
            case.say(&ADDRESS, &except, "must be a part of `cidr`, and not all of it");
        }
    }
}

/// The bits of an address before those of IPv6, and the length of the prefix.
fn parse(range: &str) -> Option<(bool, u128, u32)> {
    let (address, bits) = range.split_once('/')?;
    let bits: u32 = bits.parse().ok()?;
    Some(match address.parse().ok()? {
        IpAddr::V4(address) => (true, u128::from(address.to_bits()) << 96, bits),
        IpAddr::V6(address) => (false, address.to_bits(), bits),
    })
}

fn is_within((is_v4, part, more): (bool, u128, u32), (v4, whole, bits): (bool, u128, u32)) -> bool {
    let shift = 128_u32.saturating_sub(bits);
    let head = |address: u128| address.checked_shr(shift).unwrap_or(0);
    is_v4 == v4 && more > bits && head(part) == head(whole)
}

#[cfg(test)]
mod tests {
    use super::{is_within, parse};

    #[test]
    fn a_part_of_a_range_is_within_it() {
        let within = |part, whole| is_within(parse(part).unwrap(), parse(whole).unwrap());
        assert!(within("10.1.0.0/16", "10.0.0.0/8") && within("10.0.0.0/8", "0.0.0.0/0"));
        assert!(within("fd00:1::/32", "fd00::/8"));
        assert!(!within("10.0.0.0/8", "10.0.0.0/8") && !within("11.0.0.0/16", "10.0.0.0/8"));
        assert!(!within("fd00::/8", "0.0.0.0/0"));
    }
}
