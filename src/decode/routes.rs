//! What leads to the app from outside the cluster: Ingresses or HTTPRoutes.

use super::decoder::{Decoder, excludes, needs};
use super::ports::{self, main};
use super::route_objects::{
    Annotations, Found, annotation, http_routes, ingresses, is_same, rewritten,
};
use super::{service, workload};
use crate::diagnostics::{Diagnostics, Span, SpecError};
use crate::environment::{Api, Gateway, Tls};
use crate::model::{Path, Port, Route, Service};
use crate::name::Check;
use crate::spec::{View, app as app_table, hint, listed};

/// What is read.
#[derive(Default)]
pub(super) struct Routes {
    /// The first of the app's own hosts.
    pub(super) host: Option<String>,
    /// The Ingresses or HTTPRoutes.
    pub(super) all: Vec<Route>,
    pub(super) gateway: Option<Gateway>,
    pub(super) class: Option<String>,
    /// Ports whose protocol a Gateway has to be told: gRPC needs HTTP/2.
    pub(super) h2c: Vec<String>,
}

/// What tells ingress-nginx from other controllers, as far as a spec says.
const NGINX: &str = "nginx";

pub(super) fn read(
    d: &mut Decoder<'_>,
    ports: &[Port],
    service: Option<&Service>,
    tls: Option<&Tls>,
) -> Routes {
    let view = d.app;
    let gateway = gateway(d);
    let environment = d.context.environment;
    let ingress = view.view("ingress");
    let class = ingress.string("class").or_else(|| environment.ingress_class.clone());
    let hosts = d.hosts(&view, "host");
    let (Some(main), true) = (main(ports), view.get("host").or(view.get("routes")).is_some())
    else {
        return Routes { gateway, class, ..Routes::default() };
    };
    let Some(service) = service else {
        let key = if view.get("host").is_some() { "host" } else { "routes" };
        let why = "a host name leads to the Service";
        d.fits(view.span_of(key), false, || excludes(key, "service: none", why));
        return Routes { gateway, class, ..Routes::default() };
    };
    let own = Target { name: None, ports: ports.to_vec(), service: service.clone() };
    let mut reader =
        Reader { own, main, hosts: &hosts, class: class.as_deref(), by_gateway: gateway.is_some() };
    let mut found: Vec<(Found, Span)> = Vec::new();
    for route in view.views("routes") {
        for one in reader.route(d, &route) {
            let same = |(other, _): &(Found, Span)| {
                other.host == one.host && is_same(&other.path, &one.path)
            };
            if found.iter().any(same) {
                let place = format!("{}{}", one.host, one.path.path);
                let why = "two routes lead from there";
                d.excludes(route.span(), &place, &place, why);
            }
            found.push((one, route.span()));
        }
    }
    let mut all = reader.whole(d, &found);
    all.extend(found.into_iter().map(|(found, _)| found));
    let own = all.iter().filter(|found| gateway.is_some() && found.path.service.is_none());
    let h2c = own.map(|found| found.path.port.clone()).filter(|name| is_untold(ports, name));
    let h2c = h2c.collect();
    let all = match &gateway {
        Some(_) => http_routes(d, all),
        None => ingresses(d, &ingress, all, tls),
    };
    Routes { host: hosts.into_iter().next(), all, gateway, class, h2c }
}

/// Whether a Gateway has to be told that the port speaks gRPC.
fn is_untold(ports: &[Port], name: &str) -> bool {
    let port = ports.iter().find(|port| port.name == name);
    port.is_some_and(|port| port.is_grpc() && port.app_protocol.is_none())
}

/// The ports of a process to which routes of its app lead, and those of them whose protocol a Gateway has to be told.
pub(super) fn led_to(d: &mut Decoder<'_>, ports: &[Port]) -> (Vec<String>, Vec<String>) {
    let (environment, spec) = (d.context.environment, d.context.spec);
    let Some((process, app)) = d.process.zip(environment.app(spec, d.owner)) else {
        return (Vec::new(), Vec::new());
    };
    let routes = View::new(Some(&app), app_table()).views("routes");
    let to_it = routes.into_iter().filter(|route| route.text("process") == Some(process));
    let main = main(ports).map(|port| port.name.as_str());
    let named = to_it.filter_map(|route| Some(route.text("port").or(main)?.to_owned()));
    let open: Vec<String> = named.collect();
    if gateway(d).is_none() {
        return (open, Vec::new());
    }
    let h2c = open.iter().filter(|name| is_untold(ports, name)).cloned().collect();
    (open, h2c)
}

/// The Gateway, the app's keys over the environment's.
fn gateway(d: &mut Decoder<'_>) -> Option<Gateway> {
    let view = d.app.view("gateway");
    let environment = d.context.environment;
    if !environment.has(Api::Gateway) {
        let span = d.app.span_of("gateway");
        if view.is_written() && d.is_own(span) {
            let what = format!("the gateway of `{}`", d.name);
            d.unmet(span, &what, "`apis` does not include `gateway`");
        }
        return None;
    }
    let other = environment.gateway.as_ref();
    if !view.is_written() {
        return other.cloned();
    }
    let mut need = |key: &str, other: Option<&String>| {
        let other = other.cloned();
        view.string(key)
            .or(other)
            .unwrap_or_else(|| d.required(&view, "gateway", key).unwrap_or_default())
    };
    Some(Gateway {
        name: need("name", other.map(|gateway| &gateway.name)),
        namespace: need("namespace", other.map(|gateway| &gateway.namespace)),
        section_name: view
            .string("sectionName")
            .or_else(|| other.filter(|_| view.get("name").is_none())?.section_name.clone()),
    })
}

/// What a route leads to: the app itself, or a process.
struct Target {
    /// The name of the process's Service.
    name: Option<String>,
    ports: Vec<Port>,
    service: Service,
}

struct Reader<'a> {
    own: Target,
    main: &'a Port,
    hosts: &'a [String],
    class: Option<&'a str>,
    by_gateway: bool,
}

impl Reader<'_> {
    /// The app's own hosts, where no route takes all of one.
    fn whole(&mut self, d: &mut Decoder<'_>, found: &[(Found, Span)]) -> Vec<Found> {
        let span = d.app.span_of("host");
        let is_taken = |host: &String| {
            found.iter().any(|(found, _)| {
                found.host == *host && found.path.path == "/" && found.path.path_type != "Exact"
            })
        };
        let hosts: Vec<String> =
            self.hosts.iter().filter(|host| !is_taken(host)).cloned().collect();
        if hosts.is_empty() {
            return Vec::new();
        }
        let main = self.main.clone();
        let Some(service_port) = offered(d, span, "host", &self.own, &main) else {
            return Vec::new();
        };
        let annotations = self.grpc(d, span, "host", (&self.own, &main), &[]);
        let path = Path {
            path: "/".to_owned(),
            path_type: "Prefix".to_owned(),
            service: None,
            port: main.name,
            service_port,
            rewrite: None,
        };
        let found = |host| Found { host, path: path.clone(), annotations: annotations.clone() };
        hosts.into_iter().map(found).collect()
    }

    fn route(&mut self, d: &mut Decoder<'_>, view: &View<'_>) -> Vec<Found> {
        let mut hosts = d.hosts(view, "routes.host");
        if view.get("host").is_none() {
            hosts = self.hosts.to_vec();
            if hosts.is_empty() {
                let place = "a route (or `host` of the app)";
                d.missing(view.span(), "routes.host", place);
            }
        }
        let process = match view.text("process") {
            Some(name) => match process(d, view.span_of("process"), name) {
                Some(process) => Some(process),
                None => return Vec::new(),
            },
            None => None,
        };
        let target = process.as_ref().unwrap_or(&self.own);
        let Some(port) = Self::port(d, view, target) else { return Vec::new() };
        let span = view.span_of(if view.get("port").is_some() { "port" } else { "process" });
        let Some(service_port) = offered(d, span, "routes.port", target, &port) else {
            return Vec::new();
        };
        let mut annotations = view.pairs("annotations");
        let path = view.string_or_default("path");
        let path_type = view.string_or_default("pathType");
        let is_specific = path_type == "ImplementationSpecific";
        if !is_specific {
            Check::RoutePath.check(&path, view.span_of("path"), d.problems);
        } else if self.by_gateway {
            let why = "an HTTPRoute compares prefixes and whole paths";
            d.excludes(
                view.span_of("pathType"),
                "routes.pathType: ImplementationSpecific",
                "gateway",
                why,
            );
        }
        annotations.extend(self.grpc(d, span, "routes.port", (target, &port), &annotations));
        let mut path = Path {
            path,
            path_type,
            service: target.name.clone(),
            port: port.name,
            service_port,
            rewrite: view.string("rewrite"),
        };
        if let Some(rewrite) = &path.rewrite {
            let span = view.span_of("rewrite");
            Check::RoutePath.check(rewrite, span, d.problems);
            if is_specific {
                let why = "what the path matches is known to the controller only";
                d.excludes(span, "routes.rewrite", "pathType: ImplementationSpecific", why);
            } else if !self.by_gateway && self.class != Some(NGINX) {
                let why = "an Ingress cannot say it, and of the controllers' annotations gen knows those of ingress-nginx (class `nginx`); an HTTPRoute can";
                d.needs(span, "routes.rewrite", "gateway", why);
            } else if !self.by_gateway {
                annotations.extend(rewritten(&mut path));
            }
        }
        let found = |host| Found { host, path: path.clone(), annotations: annotations.clone() };
        hosts.into_iter().map(found).collect()
    }

    fn port(d: &mut Decoder<'_>, view: &View<'_>, target: &Target) -> Option<Port> {
        let Some(name) = view.text("port") else { return main(&target.ports).cloned() };
        let tcp = target.ports.iter().filter(|port| port.is_tcp());
        let found = tcp.clone().find(|port| port.name == name).cloned();
        if found.is_none() {
            let names = tcp.map(|port| port.name.as_str());
            let hint =
                hint(name, names.clone(), || format!("ports for TCP: {}", listed(names.clone())));
            let (path, text) = ("routes.port".to_owned(), name.to_owned());
            d.error(view.span_of("port"), SpecError::NotOneOf { path, text, hint });
        }
        found
    }

    /// The annotations by which an Ingress speaks gRPC to the app. A Gateway knows it by the Service.
    fn grpc(
        &self,
        d: &mut Decoder<'_>,
        span: Span,
        key: &str,
        (target, port): (&Target, &Port),
        given: &[(String, String)],
    ) -> Annotations {
        if self.by_gateway || !port.is_grpc() {
            return Vec::new();
        }
        if self.class == Some(NGINX) {
            return vec![annotation("backend-protocol", "GRPC")];
        }
        // Who writes annotations knows the controller.
        let is_told = !given.is_empty()
            || !target.service.annotations.is_empty()
            || !d.app.view("ingress").entries("annotations").is_empty()
            || port.app_protocol.is_some();
        let why = "an Ingress cannot say that the port speaks gRPC; tell its controller by `ingress.annotations` or `service.annotations`, or use a Gateway";
        d.fits(span, is_told, || needs(key, "gateway", why));
        Vec::new()
    }
}

/// The Service's number of the port.
fn offered(
    d: &mut Decoder<'_>,
    span: Span,
    key: &str,
    target: &Target,
    port: &Port,
) -> Option<u32> {
    let offered = target.service.port(&port.name).map(|port| port.port);
    let other = format!("service.ports.{}: none", port.name);
    let why = "what comes from outside goes through the Service";
    d.fits(span, offered.is_some(), || excludes(key, &other, why));
    offered
}

/// A process of the app, as a route finds it. Its own mistakes are told where it is read.
fn process(d: &mut Decoder<'_>, span: Span, name: &str) -> Option<Target> {
    if d.process.is_some() {
        let why = "the routes of a process lead to itself; name it in a route of the app";
        d.excludes(span, "routes.process", "processes.NAME.routes", why);
        return None;
    }
    let all = d.app.entries("processes");
    let mut known = all.iter().map(|entry| entry.key.as_str());
    if !known.clone().any(|one| one == name) {
        let hint = hint(name, known.clone(), || match known.next() {
            None => "the app has no `processes`".to_owned(),
            Some(_) => format!("processes: {}", listed(all.iter().map(|entry| entry.key.as_str()))),
        });
        let (path, text) = ("routes.process".to_owned(), name.to_owned());
        d.error(span, SpecError::NotOneOf { path, text, hint });
        return None;
    }
    let environment = d.context.environment;
    let node = environment.process(d.context.spec, d.owner, name)?;
    let object = format!("{}-{name}", d.name);
    let mut found = Diagnostics::default();
    let mut process = Decoder {
        name: &object,
        owner: d.owner,
        process: Some(name),
        context: d.context,
        app: View::new(Some(&node), app_table()),
        problems: &mut found,
    };
    let kind = workload::read(&mut process).kind;
    let ports = if kind.is_running() { ports::read(&mut process) } else { Vec::new() };
    let service = service::read(&mut process, kind, &ports);
    let Some((service, _)) = service.zip(main(&ports)) else {
        let why = "a route leads to a process that listens on a port and has a Service";
        let missing = if main(&ports).is_none() { "port" } else { "service" };
        let other = format!("processes.{name}.{missing}");
        d.needs(span, "routes.process", &other, why);
        return None;
    };
    Some(Target { name: Some(service.name.clone()), ports, service })
}
