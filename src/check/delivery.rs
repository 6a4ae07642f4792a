//! What meets between apps: hosts, and what a trigger starts.

use std::collections::BTreeMap;

use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::{Item, Objects};

/// The rules of this family.
pub static RULES: &[&Rule] = &[&HOST_TWICE, &NO_BACKEND];

static HOST_TWICE: Rule = Rule {
    id: "CHK6001",
    name: "host-twice",
    level: Level::Warning,
    holds: "A host and path leads to one place.",
    otherwise: "The controller takes one of the two, often the older, and the other is never called.",
    cure: "give one of them another host or path",
    source: "https://kubernetes.io/docs/concepts/services-networking/ingress/",
};

static NO_BACKEND: Rule = Rule {
    id: "CHK6002",
    name: "no-such-backend",
    level: Level::Error,
    holds: "The Service that an Ingress or HTTPRoute leads to is among the objects, where other Services of its namespace are.",
    otherwise: "Requests are answered with 503, or with the controller's default page.",
    cure: "name a Service and a port that are there",
    source: "https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource",
};

/// Judges what is reached from outside.
pub(super) fn check(objects: &Objects, found: &mut Found) {
    let mut taken: BTreeMap<(String, String, String), &Item> = BTreeMap::new();
    for item in objects.of("networking.k8s.io", "Ingress") {
        let object = item.object.value();
        let class = object.str_at(&["spec", "ingressClassName"]).unwrap_or_default();
        for (at, rule) in object.list_at(&["spec", "rules"]).iter().enumerate() {
            let host = rule.str_at(&["host"]).unwrap_or("*");
            for (index, path) in rule.list_at(&["http", "paths"]).iter().enumerate() {
                let field = format!("spec.rules[{at}].http.paths[{index}]");
                let text = path.str_at(&["path"]).unwrap_or("/");
                let key = (class.to_owned(), host.to_owned(), text.to_owned());
                match taken.get(&key) {
                    Some(other) if !std::ptr::eq(*other, item) => {
                        let text = format!("`{host}{text}` leads to {} already", other.identity());
                        found.add(&HOST_TWICE, item, field.clone(), text);
                    }
                    _ => {
                        taken.insert(key, item);
                    }
                }
                let service = path.str_at(&["backend", "service", "name"]);
                backend(objects, item, service, format!("{field}.backend.service.name"), found);
            }
        }
    }
    for item in objects.of("gateway.networking.k8s.io", "HTTPRoute") {
        for (at, rule) in item.object.value().list_at(&["spec", "rules"]).iter().enumerate() {
            for (index, one) in rule.list_at(&["backendRefs"]).iter().enumerate() {
                let is_here = one.get("namespace").is_none()
                    && one.str_at(&["kind"]).is_none_or(|kind| kind == "Service");
                let name = one.str_at(&["name"]).filter(|_| is_here);
                let field = format!("spec.rules[{at}].backendRefs[{index}].name");
                backend(objects, item, name, field, found);
            }
        }
    }
}

fn backend(objects: &Objects, item: &Item, name: Option<&str>, field: String, found: &mut Found) {
    let Some(name) = name else { return };
    let namespace = item.object.namespace();
    let mut services = objects.of("", "Service");
    let has_others = services.any(|service| service.object.namespace() == namespace);
    if has_others && objects.get(("", "Service"), namespace, name).is_none() {
        let text = format!("no Service `{name}` is among the objects");
        found.add(&NO_BACKEND, item, field, text);
    }
}
