//! Hosts, addresses, ports and pages.

use std::net::IpAddr;

use super::parts::{is_dns_label, is_dns_name};

/// The host of a registry or a page, perhaps with a port.
pub(super) fn is_registry(text: &str) -> bool {
    let (host, port) =
        text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let host_holds = host.split('.').all(|label| is_dns_label(&label.to_ascii_lowercase()));
    host_holds && port.is_none_or(|p| p.parse::<u16>().is_ok_and(|n| n > 0))
}

/// A host of an Ingress or HTTPRoute, which cannot be an address.
pub(super) fn is_route_host(text: &str) -> bool {
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    is_host(text) && !text.rsplit('.').next().is_some_and(is_number)
}

/// RFC 1123 host, optionally with a wildcard as the first label.
pub(super) fn is_host(text: &str) -> bool {
    is_dns_name(text.strip_prefix("*.").unwrap_or(text))
}

/// An address of IPv4 or IPv6, in the one form that every program reads alike.
pub(super) fn is_ip(text: &str) -> bool {
    match text.parse() {
        Ok(IpAddr::V6(address)) => address.to_ipv4_mapped().is_none(),
        Ok(IpAddr::V4(_)) => true,
        Err(_) => false,
    }
}

/// Kubernetes' names of ports (apimachinery `validation.IsValidPortName`): a service name of IANA.
pub(super) fn is_port_name(text: &str) -> bool {
    is_dns_label(text)
        && text.len() <= 15
        && !text.contains("--")
        && text.contains(|c: char| c.is_ascii_lowercase())
}

/// A port by its name or number.
pub(super) fn is_port(text: &str) -> bool {
    let is_number = || !text.starts_with(['0', '+']) && text.parse::<u16>().is_ok();
    is_port_name(text) || is_number()
}

/// Kubernetes' names of headers in probes (apimachinery `validation.IsHTTPHeaderName`).
pub(super) fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A range of addresses, without bits behind its prefix.
pub(super) fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else {
        return false;
    };
    let (most, address) = match address.parse() {
        Ok(IpAddr::V4(address)) => (32, u128::from(address.to_bits()) << 96),
        // What programs take for a range of IPv4 or for none, Kubernetes rejects; and leading zeros, which some read as octal.
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => (128, address.to_bits()),
        _ => return false,
    };
    let has_zero = bits.len() > 1 && bits.starts_with(['0', '+']);
    // No bits behind the prefix.
    let is_range = |bits: u32| bits <= most && address.checked_shl(bits).unwrap_or(0) == 0;
    !has_zero && bits.parse().is_ok_and(is_range)
}

/// An entry of `NO_PROXY` as Go and curl read it: `*`, an address, a range, or a host or domain, perhaps with a port.
pub(super) fn is_no_proxy(text: &str) -> bool {
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let alone = match text.rsplit_once(':') {
        // More colons are those of an address of IPv6, which a port stands behind only in brackets.
        Some((host, port)) if is_port(port) && !host.contains(':') => host,
        Some((host, port)) if is_port(port) && host.ends_with(']') => {
            host.trim_start_matches('[').trim_end_matches(']')
        }
        _ => text,
    };
    let host = alone.strip_prefix('.').unwrap_or(alone).to_ascii_lowercase();
    text == "*" || is_cidr(alone) || is_ip(alone) || is_host(&host)
}

/// The URL of a page or service, without credentials.
pub(super) fn is_http_url(text: &str) -> bool {
    let odd = |c: char| {
        !c.is_ascii_graphic() || matches!(c, '`' | '"' | '\'' | '\\' | '$' | '<' | '>' | '|')
    };
    let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let Some(rest) = rest.filter(|_| text.len() <= 2048 && !text.contains(odd)) else {
        return false;
    };
    is_registry(rest.split(['/', '?', '#']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::is_no_proxy;

    #[test]
    fn what_a_proxy_is_not_asked_for_is_a_host_or_a_range() {
        for good in [
            "*",
            ".corp.example",
            "*.corp.example",
            "Git.Corp.example:8443",
            "10.0.0.1",
            "10.0.0.0/8",
            "fd00::/8",
            "fd00::1",
            "[fd00::1]:443",
            "10.0.0.1:8080",
            "localhost",
        ] {
            assert!(is_no_proxy(good), "{good}");
        }
        for bad in [
            "",
            ":::",
            "[[",
            "10.0.0.0/33",
            "10.0.0.0/99",
            "a b",
            "host:0",
            "host:x",
            "https://a.example",
            "/x",
        ] {
            assert!(!is_no_proxy(bad), "{bad}");
        }
    }
}
