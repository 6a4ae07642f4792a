//! Names in an object that have to be found elsewhere: in the same pod, or in another object.
//!
//! Some of them the API server refuses (a mount of a volume that is not there, a selector that is not its own pods'), others it takes,
//! and nothing ever works: a probe or a Service for a port that no container has.

use std::collections::BTreeSet;

use super::definitions::Misfit;
use super::object::Object;
use super::security::{HANDLERS, pod_template};
use crate::yaml::{Map, Value};

fn name(value: &Value) -> Option<&str> {
    value.str_at(&["name"])
}

/// The names in an object that are nowhere in it, and those that are there twice. Paths are those in the pod's `spec`.
#[must_use]
pub fn dangling(object: &Object) -> Vec<Misfit> {
    let Some(template) = pod_template(object) else { return Vec::new() };
    let mut found = Vec::new();
    selector(object, template, &mut found);
    let Some(spec) = template.get("spec") else { return found };
    let mut volumes: BTreeSet<&str> = BTreeSet::new();
    for (index, volume) in spec.list_at(&["volumes"]).iter().enumerate() {
        if name(volume).is_some_and(|name| !volumes.insert(name)) {
            found.push(twice(format!("volumes[{index}].name"), volume));
        }
    }
    for claim in object.value().list_at(&["spec", "volumeClaimTemplates"]) {
        volumes.extend(claim.str_at(&["metadata", "name"]));
    }
    let mut containers = BTreeSet::new();
    for list in ["initContainers", "containers"] {
        for (index, container) in spec.list_at(&[list]).iter().enumerate() {
            let path = format!("{list}[{index}]");
            if name(container).is_some_and(|name| !containers.insert(name)) {
                found.push(twice(format!("{path}.name"), container));
            }
            of_container(container, &path, &volumes, &mut found);
        }
    }
    found
}

fn twice(path: String, value: &Value) -> Misfit {
    let name = name(value).unwrap_or_default();
    Misfit { path, what: format!("repeats `{name}`") }
}

/// Kinds with a selector of their own; a Job's is made for it.
fn selector(object: &Object, template: &Value, found: &mut Vec<Misfit>) {
    let labels = template.at(&["metadata", "labels"]);
    let wanted = object.at(&["spec", "selector", "matchLabels"]).and_then(Value::as_map);
    if object.group() != "apps" {
        return;
    }
    for (key, value) in wanted.into_iter().flat_map(crate::yaml::Map::iter) {
        if labels.and_then(|labels| labels.get(key)) != Some(value) {
            let path = format!("spec.selector.matchLabels.{key}");
            found.push(Misfit {
                path,
                what: "does not match the labels of its own pods".to_owned(),
            });
        }
    }
}

fn of_container(container: &Value, path: &str, volumes: &BTreeSet<&str>, found: &mut Vec<Misfit>) {
    let mut places = BTreeSet::new();
    for (index, mount) in container.list_at(&["volumeMounts"]).iter().enumerate() {
        let path = format!("{path}.volumeMounts[{index}]");
        if let Some(name) = name(mount).filter(|name| !volumes.contains(name)) {
            let what = format!("is `{name}`, but there is no such volume");
            found.push(Misfit { path: format!("{path}.name"), what });
        }
        if let Some(place) = mount.str_at(&["mountPath"])
            && !places.insert(place)
        {
            let what = format!("repeats `{place}`");
            found.push(Misfit { path: format!("{path}.mountPath"), what });
        }
    }
    let mut ports = BTreeSet::new();
    for (index, port) in container.list_at(&["ports"]).iter().enumerate() {
        if name(port).is_some_and(|name| !ports.insert(name)) {
            found.push(twice(format!("{path}.ports[{index}].name"), port));
        }
    }
    for handler in HANDLERS {
        for action in ["httpGet", "tcpSocket"] {
            let keys = [handler, &[action, "port"]].concat();
            if let Some(port) = container.str_at(&keys).filter(|port| !ports.contains(port)) {
                let path = format!("{path}.{}", keys.join("."));
                found.push(Misfit { path, what: unknown_port(port, ports.iter().copied()) });
            }
        }
    }
}

fn unknown_port<'a>(port: &str, ports: impl Iterator<Item = &'a str>) -> String {
    let ports: Vec<String> = ports.map(|port| format!("`{port}`")).collect();
    if ports.is_empty() {
        return format!("is `{port}`, but no port has a name");
    }
    format!("is `{port}`, but the ports are {}", ports.join(", "))
}

/// Whether a Service selects the pods of a template in its namespace; one without a selector selects none.
#[must_use]
pub fn selects(service: &Object, template: &Value) -> bool {
    let selector = service.at(&["spec", "selector"]).and_then(Value::as_map);
    selector.is_some_and(|selector| has_labels(template, selector))
}

/// Whether the pods of a template have all of these labels; no labels choose no pods.
#[must_use]
pub fn has_labels(template: &Value, wanted: &Map) -> bool {
    let labels = template.at(&["metadata", "labels"]);
    let has =
        |(key, value): (&str, &Value)| labels.and_then(|labels| labels.get(key)) == Some(value);
    !wanted.is_empty() && wanted.iter().all(has)
}

/// The named ports of a Service that none of its pods has, where its pods are among these objects.
#[must_use]
pub fn missed_ports<'o>(service: &Object, all: impl Iterator<Item = &'o Object>) -> Vec<Misfit> {
    if (service.group(), service.kind()) != ("", "Service") {
        return Vec::new();
    }
    let all = all.filter(|object| object.namespace() == service.namespace());
    let pods: Vec<&Value> =
        all.filter_map(pod_template).filter(|template| selects(service, template)).collect();
    if pods.is_empty() {
        return Vec::new();
    }
    let lists = ["containers", "initContainers"];
    let containers =
        pods.iter().flat_map(|pod| lists.iter().flat_map(|list| pod.list_at(&["spec", list])));
    let ports: BTreeSet<&str> =
        containers.flat_map(|container| container.list_at(&["ports"])).filter_map(name).collect();
    let mut found = Vec::new();
    for (index, port) in service.value().list_at(&["spec", "ports"]).iter().enumerate() {
        if let Some(target) = port.str_at(&["targetPort"]).filter(|port| !ports.contains(port)) {
            let path = format!("spec.ports[{index}].targetPort");
            found.push(Misfit { path, what: unknown_port(target, ports.iter().copied()) });
        }
    }
    found
}
