//! One program of an app: the app itself, or one of its processes.

use super::decoder::Decoder;
use super::volumes::Pool;
use super::{container, helpers, network, probes, tracing, volumes, workload};
use crate::diagnostics::{NameError, Span};
use crate::model::{Container, Kind, Network, Volumes, Workload};
use crate::yaml::Value;

/// What a program says for itself.
pub(super) struct Program {
    pub(super) workload: Workload,
    pub(super) network: Network,
    pub(super) container: Container,
    pub(super) volumes: Volumes,
}

/// Reads a program; `span` is the location of its name.
pub(super) fn read(
    d: &mut Decoder<'_>,
    span: Span,
    namespace: &str,
    has_permissions: bool,
) -> Program {
    let mut workload = workload::read(d);
    let selects = d.app.span_of("selector");
    if workload.kind == Kind::None && d.app.get("selector").is_some() && d.is_own(selects) {
        d.excludes(selects, "selector", "workload: none", "nothing has pods to select");
    }
    let mut network = network::read(d, workload.kind, namespace);
    name_services(d, span, &mut workload, &network);
    let mut container = container::read(d, workload.kind, has_permissions);
    container.pre_stop = probes::pre_stop(d, workload.kind, &network, container.grace);
    if let Some(tracing) = tracing::read(d) {
        tracing.add(&mut container.env, d.name, &d.context.environment.name, namespace);
        if let Some(places) = &mut network.egress {
            places.extend(tracing.egress().filter(|place| !places.contains(place)));
        }
    }
    let mut pool = volumes::read(d, workload.kind, &container.security.container);
    container.helpers = helpers::read(d, workload.kind, &network.ports, &mut pool);
    if workload.kind != Kind::None {
        reach_outside(d, span, &mut container, &mut pool);
    }
    let volumes = pool.finish(d);
    Program { workload, network, container, volumes }
}

/// Lets all containers use the proxy and the certificate authorities of the environment, if those are for apps.
fn reach_outside(d: &mut Decoder<'_>, span: Span, container: &mut Container, pool: &mut Pool) {
    let outside = d.context.environment.outside.of_apps();
    let helpers = container.helpers.iter_mut();
    let each = helpers.map(|helper| (&mut helper.env, Some(&mut helper.mounts)));
    for (env, mounts) in each.chain([(&mut container.env, None)]) {
        if let Value::Seq(env) = env {
            outside.add_variables(env);
        }
        if let (Some(mounts), Some((_, mount))) = (mounts, outside.volume()) {
            mounts.push(mount);
        }
    }
    if let Some((volume, mount)) = outside.volume() {
        pool.add(d, span, volume, mount);
    }
}

/// Names the Service of a StatefulSet's pods, where nothing else is said: the headless one.
fn name_services(d: &mut Decoder<'_>, span: Span, workload: &mut Workload, network: &Network) {
    // Kubernetes before 1.36 has the stricter rule of RFC 1035 for Services.
    let mut refuse = |span: Span, name: &str| {
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            d.problems.error(span, NameError::NotServiceName { text: name.to_owned() });
        }
    };
    let own = d.app.view("service");
    if let Some(service) = &network.service {
        refuse(if own.get("name").is_some() { own.span_of("name") } else { span }, &service.name);
    }
    if workload.kind != Kind::StatefulSet {
        return;
    }
    if let Some(name) = &workload.service_name {
        let view = d.app.variant("workload").map(|(_, view)| view);
        refuse(view.map_or(span, |view| view.span_of("serviceName")), name);
        return;
    }
    workload.service_name = Some(match &network.service {
        Some(service) if service.headless => service.name.clone(),
        Some(_) => {
            let name = format!("{}-headless", d.name);
            d.derived(span, name.clone());
            name
        }
        None => {
            refuse(span, d.name);
            d.name.to_owned()
        }
    });
}
