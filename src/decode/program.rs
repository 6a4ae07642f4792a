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
    let workload = workload::read(d);
    let selects = d.app.span_of("selector");
    if workload.kind == Kind::None && d.app.get("selector").is_some() && d.is_own(selects) {
        d.excludes(selects, "selector", "workload: none", "nothing has pods to select");
    }
    let mut network = network::read(d, workload.kind, namespace);
    refuse_service_names(d, span, workload.kind, &network);
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

/// Names that a program's Services cannot have.
fn refuse_service_names(d: &mut Decoder<'_>, span: Span, kind: Kind, network: &Network) {
    // Kubernetes before 1.36 has the stricter rule of RFC 1035 for Services.
    let has_service = network.service.is_some() || kind == Kind::StatefulSet;
    if has_service && d.name.starts_with(|c: char| c.is_ascii_digit()) {
        d.problems.error(span, NameError::NotServiceName { text: d.name.to_owned() });
    }
    if kind == Kind::StatefulSet
        && network.service.as_ref().is_some_and(|service| !service.headless)
    {
        d.derived(span, format!("{}-headless", d.name));
    }
}
