//! The proof: what is rendered of the spec, beside what was there before, object by object.
//!
//! Both are brought into a form in which what means the same is the same: ports by number, mounts by what is mounted, variables by name.
//! What then differs is a difference, and what only the rendered object has is new behaviour, with the key that turns it off.

mod behaviour;
mod canon;
mod compare;
mod pods;
mod residue;
mod verdict;

pub use behaviour::Behaviour;
pub use compare::compare;
pub use residue::residue;
pub use verdict::{Coverage, Fates, Judged, Proof, Verdict, judge};

use std::collections::BTreeMap;

use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// Objects by which others are understood: those of one side, the originals or what is rendered.
#[derive(Debug, Default)]
pub struct Side<'o> {
    /// Kind, namespace and name of each.
    by_name: BTreeMap<(&'o str, Option<&'o str>, &'o str), &'o Object>,
    /// Services by namespace, with pods by namespace.
    pods: Vec<(Option<&'o str>, &'o Value)>,
}

impl<'o> Side<'o> {
    /// Takes objects in.
    pub fn new(objects: impl Iterator<Item = &'o Object>) -> Self {
        let mut side = Self::default();
        for object in objects {
            side.by_name.insert((object.kind(), object.namespace(), object.name()), object);
            if let Some(template) = crate::kubernetes::security::pod_template(object) {
                side.pods.push((object.namespace(), template));
            }
        }
        side
    }

    /// The object of a kind and name; of a Job, the one whose name begins so.
    #[must_use]
    pub fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&'o Object> {
        let found = self.by_name.get(&(kind, namespace, name)).copied();
        found.or_else(|| {
            let start = format!("{name}-");
            let mut jobs = self.by_name.iter().filter(|((of, at, full), _)| {
                *of == "Job" && kind == "Job" && *at == namespace && full.starts_with(&start)
            });
            jobs.next().map(|(_, object)| *object)
        })
    }

    /// All objects.
    pub fn objects(&self) -> impl Iterator<Item = &'o Object> {
        self.by_name.values().copied()
    }

    /// The texts of a ConfigMap.
    fn data(&self, namespace: Option<&str>, name: &str) -> Option<&'o Map> {
        self.find("ConfigMap", namespace, name)?.at(&["data"])?.as_map()
    }

    /// The number of the container's port that a Service's port leads to.
    fn target(&self, service: &Object, port: &Value) -> Value {
        let target = port.get("targetPort").or(port.get("port")).cloned().unwrap_or_default();
        let Some(name) = target.as_str() else { return target };
        if let Ok(number) = name.parse::<i64>() {
            return number.into();
        }
        let pods = self.pods.iter().filter(|(namespace, template)| {
            *namespace == service.namespace()
                && crate::kubernetes::references::selects(service, template)
        });
        let containers = pods.flat_map(|(_, template)| {
            let lists = ["containers", "initContainers"];
            lists.into_iter().flat_map(|list| template.list_at(&["spec", list]))
        });
        let ports = containers.flat_map(|container| container.list_at(&["ports"]));
        let mut named = ports.filter(|port| port.str_at(&["name"]) == Some(name));
        named.next().and_then(|port| port.get("containerPort").cloned()).unwrap_or(target)
    }

    /// The number of a Service's port, by its name or number.
    fn service_port(&self, namespace: Option<&str>, service: &str, port: &Value) -> Value {
        let Some(name) = port.as_str() else { return port.clone() };
        let found = self.find("Service", namespace, service).and_then(|service| {
            let ports = service.value().list_at(&["spec", "ports"]).iter();
            let mut named = ports.filter(|port| port.str_at(&["name"]) == Some(name));
            named.next()?.get("port").cloned()
        });
        found.unwrap_or_else(|| port.clone())
    }
}
