//! What of a cluster only one can have: a path of a host, a port of the nodes, an address of a load balancer.

use std::collections::BTreeMap;

use super::listener::LISTENER;
use super::plan::of;
use crate::diagnostics::{Diagnostics, Span, SpecError};
use crate::environment::Environment;
use crate::kubernetes::patch::{Patch, Patches};
use crate::model::{App, Kind, Service};

/// Two routes for one path of one host of a cluster: a controller refuses the second, or lets one win. Where a patch can change a
/// route, its paths are not known here.
#[must_use]
pub fn same_hosts<'a>(
    all: impl IntoIterator<Item = (&'a Environment, &'a Patches, &'a [App])>,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut places: BTreeMap<(&str, String), String> = BTreeMap::new();
    for (environment, patches, apps) in all {
        let is_patched = |app: Option<&str>, route: &str| {
            let kinds = ["Ingress", "HTTPRoute"];
            let can_be = |patch: &Patch| {
                patch
                    .target
                    .kind
                    .as_deref()
                    .is_none_or(|kind| kind.contains('*') || kinds.contains(&kind))
            };
            patches.for_object(route, app).into_iter().any(|(_, patch)| can_be(patch))
        };
        let mut take = |host: String, second: String, span: Span| {
            let key = (environment.cluster.as_str(), host.clone());
            if let Some(first) = places.insert(key, second.clone()) {
                problems.error(span, SpecError::SameHost { host, first, second });
            }
        };
        let listener = environment.listener.as_ref().filter(|_| !is_patched(None, LISTENER));
        if let Some((listener, host)) = listener.and_then(|one| Some((one, one.host.clone()?))) {
            take(host, format!("the listener of {}", environment.name), listener.span);
        }
        for app in apps {
            for (route, place) in served(app) {
                if !is_patched(Some(&app.name), &route) {
                    take(place, of(app), app.span);
                }
            }
        }
    }
    problems
}

/// What leads to an app from outside: the names of its routes, and the hosts with their paths. A whole host is just its name.
fn served(app: &App) -> Vec<(String, String)> {
    let own = app.trigger.as_ref().filter(|trigger| trigger.listener.is_none());
    let trigger = own.and_then(|trigger| trigger.host.clone());
    let mut all: Vec<_> =
        trigger.into_iter().map(|host| (format!("{}-listener", app.name), host)).collect();
    let networks = app.processes.iter().map(|process| &process.network);
    for route in networks.chain([&app.network]).flat_map(|network| &network.routes) {
        for (host, paths) in &route.hosts {
            let places = paths.iter().map(|path| {
                let exact = if path.path_type == "Exact" { " (exactly)" } else { "" };
                format!("{host}{}{exact}", path.path.trim_end_matches('/'))
            });
            all.extend(places.map(|place| (route.name.clone(), place)));
        }
    }
    all
}

/// Annotations by which implementations of load balancers take addresses, separated by commas.
const ADDRESSES: [&str; 7] = [
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
    "lbipam.cilium.io/ips",
    "io.cilium/lb-ipam-ips",
    "kube-vip.io/loadbalancerIPs",
    "purelb.io/addresses",
    "openelb.kubesphere.io/v1alpha1-addresses",
];

/// Those by which Services share one, as long as their ports differ.
const SHARING: [&str; 4] = [
    "metallb.io/allow-shared-ip",
    "metallb.universe.tf/allow-shared-ip",
    "lbipam.cilium.io/sharing-key",
    "io.cilium/lb-ipam-sharing-key",
];

/// The same port of the nodes, or the same address of a load balancer, for two programs of a cluster: the API server refuses the second
/// Service, or its address stays pending. A Service that a patch can change is not known here.
pub fn same_doors<'a>(
    all: impl IntoIterator<Item = (&'a Environment, &'a Patches, &'a [App])>,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut doors: BTreeMap<(&str, String), (&App, Program<'_>)> = BTreeMap::new();
    for (environment, patches, apps) in all {
        let can_be = |patch: &Patch| {
            patch.target.kind.as_deref().is_none_or(|kind| kind.contains('*') || kind == "Service")
        };
        for app in apps {
            for program in programs(app) {
                let for_it = patches.for_object(program.name, Some(&app.name));
                if for_it.into_iter().any(|(_, patch)| can_be(patch)) {
                    continue;
                }
                for door in program.doors() {
                    let key = (environment.cluster.as_str(), door.clone());
                    if let Some((other, others)) = doors.insert(key, (app, program)) {
                        let (first, second) = (others.of(other), program.of(app));
                        problems.error(app.span, SpecError::SameDoor { door, first, second });
                    }
                }
            }
        }
    }
    problems
}

/// A program with a Service.
#[derive(Clone, Copy)]
struct Program<'a> {
    name: &'a str,
    service: &'a Service,
}

fn programs(app: &App) -> impl Iterator<Item = Program<'_>> {
    let own = (app.workload.kind != Kind::None).then_some((app.name.as_str(), &app.network));
    let processes = app.processes.iter().map(|one| (one.object.as_str(), &one.network));
    let all = own.into_iter().chain(processes);
    all.filter_map(|(name, network)| Some(Program { name, service: network.service.as_ref()? }))
}

impl Program<'_> {
    fn of(self, app: &App) -> String {
        format!("`{}` in {}", self.name, app.environment)
    }

    /// What only one Service of a cluster can have, in words.
    fn doors(self) -> Vec<String> {
        let numbers = self.service.ports.iter().filter_map(|port| port.node_port);
        let mut doors: Vec<String> =
            numbers.map(|number| format!("the port {number} of the nodes")).collect();
        // One Service can have a number for several protocols.
        doors.sort();
        doors.dedup();
        if self.service.kind != "LoadBalancer" {
            return doors;
        }
        let annotation = |keys: &[&str]| {
            let mut all = self.service.annotations.iter();
            all.find(|(key, _)| keys.contains(&key.as_str())).map(|(_, value)| value.as_str())
        };
        let is_shared = annotation(&SHARING).is_some();
        for address in annotation(&ADDRESSES).into_iter().flat_map(|text| text.split(',')) {
            let address = address.trim();
            if !is_shared {
                doors.push(format!("the address {address}"));
                continue;
            }
            let ports = self.service.ports.iter();
            doors.extend(
                ports.map(|port| {
                    format!("{}/{} of the address {address}", port.port, port.protocol)
                }),
            );
        }
        doors.retain(|door| !door.ends_with(' '));
        doors
    }
}
