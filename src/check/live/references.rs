//! What objects refer to by name: Secrets, ConfigMaps, accounts, claims, classes, Gateways, namespaces.

use std::collections::BTreeSet;

use super::super::objects::{Item, Objects};
use super::thing::{
    ACCOUNTS, CLAIMS, CONFIG_MAPS, GATEWAY_CLASSES, GATEWAYS, INGRESS, Kind, NAMESPACES,
    PRIORITIES, RUNTIMES, SECRETS, STORAGE, Thing,
};
use crate::kubernetes::{Object, made_secrets, secrets};
use crate::yaml::Value;

/// A reference.
#[derive(Debug, Clone)]
pub(super) struct Reference<'a> {
    pub(super) thing: Thing,
    pub(super) item: &'a Item,
    /// The field that names it; empty where it is not known.
    pub(super) field: String,
}

/// Kinds whose objects hold pods, or what becomes pods.
const WITH_PODS: [&str; 14] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Task",
    "TaskRun",
    "Pipeline",
    "PipelineRun",
    "StepAction",
    "TriggerTemplate",
];

/// All references of an object. `inner` is the object, or one that it carries.
pub(super) fn references<'a>(item: &'a Item, inner: &Object) -> Vec<Reference<'a>> {
    let mut found = Collector { item, found: Vec::new() };
    let (value, namespace) = (inner.value(), inner.namespace());
    if let Some(namespace) = namespace {
        found.add(NAMESPACES, None, Some(namespace), "metadata.namespace");
    }
    for used in secrets(inner) {
        found.add(SECRETS, Some(&used.namespace), Some(&used.name), "");
    }
    let text = |keys: &[&str]| value.str_at(keys);
    match inner.kind() {
        "PersistentVolumeClaim" => found.claim(value.get("spec"), "spec"),
        "Ingress" => {
            let name = text(&["spec", "ingressClassName"]);
            found.add(INGRESS, None, name, "spec.ingressClassName");
        }
        "Gateway" if inner.group() == GATEWAYS.group() => {
            let name = text(&["spec", "gatewayClassName"]);
            found.add(GATEWAY_CLASSES, None, name, "spec.gatewayClassName");
        }
        "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" => found.parents(value, namespace),
        "EventListener" | "Kustomization" | "HelmRelease" => {
            let name = text(&["spec", "serviceAccountName"]);
            // Applied elsewhere, it is an account of another cluster.
            if value.at(&["spec", "kubeConfig"]).is_none() {
                found.add(ACCOUNTS, namespace, name, "spec.serviceAccountName");
            }
            let from = value.list_at(&["spec", "postBuild", "substituteFrom"]);
            for (at, one) in from.iter().enumerate() {
                if one.get("optional").is_some_and(Value::is_true) {
                    continue;
                }
                let kind =
                    if one.str_at(&["kind"]) == Some("Secret") { SECRETS } else { CONFIG_MAPS };
                let field = format!("spec.postBuild.substituteFrom[{at}].name");
                found.add(kind, namespace, one.str_at(&["name"]), &field);
            }
        }
        kind if WITH_PODS.contains(&kind) => found.walk(value, "", namespace),
        _ => {}
    }
    found.found
}

struct Collector<'a> {
    item: &'a Item,
    found: Vec<Reference<'a>>,
}

impl Collector<'_> {
    fn add(&mut self, kind: Kind, namespace: Option<&str>, name: Option<&str>, field: &str) {
        // What a run or Flux puts in is not known.
        let is_known = |text: &str| !text.is_empty() && !text.contains('$');
        let Some(name) = name.filter(|name| is_known(name)) else { return };
        // Every namespace has it.
        if kind == ACCOUNTS && name == "default" || kind.is_namespaced && namespace.is_none() {
            return;
        }
        let namespace = namespace.filter(|_| kind.is_namespaced).map(str::to_owned);
        let thing = Thing { kind, namespace, name: Some(name.to_owned()) };
        self.found.push(Reference { thing, item: self.item, field: field.to_owned() });
    }

    /// The class of a claim, or the default.
    fn claim(&mut self, spec: Option<&Value>, field: &str) {
        let Some(spec) = spec else { return };
        match spec.get("storageClassName") {
            Some(name) => {
                let field = format!("{field}.storageClassName");
                self.add(STORAGE, None, name.as_str(), &field);
            }
            None if spec.get("volumeName").is_none() => {
                let thing = Thing { kind: STORAGE, namespace: None, name: None };
                self.found.push(Reference { thing, item: self.item, field: field.to_owned() });
            }
            None => {}
        }
    }

    fn parents(&mut self, route: &Value, namespace: Option<&str>) {
        for (at, parent) in route.list_at(&["spec", "parentRefs"]).iter().enumerate() {
            let is_gateway = parent.str_at(&["kind"]).is_none_or(|kind| kind == "Gateway")
                && parent.str_at(&["group"]).is_none_or(|group| group == GATEWAYS.group());
            let home = parent.str_at(&["namespace"]).or(namespace);
            let name = parent.str_at(&["name"]).filter(|_| is_gateway);
            self.add(GATEWAYS, home, name, &format!("spec.parentRefs[{at}].name"));
        }
    }

    /// Whatever a pod, a run or a Task names.
    fn walk(&mut self, value: &Value, path: &str, namespace: Option<&str>) {
        match value {
            Value::Seq(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.walk(item, &format!("{path}[{at}]"), namespace);
                }
            }
            Value::Map(map) => {
                // A run in a template may be for another namespace.
                let own = map.get("kind").and(value.str_at(&["metadata", "namespace"]));
                let namespace = own.or(namespace);
                for (key, value) in map.iter() {
                    let dot = if path.is_empty() { "" } else { "." };
                    let field = format!("{path}{dot}{key}");
                    self.key(key, value, &field, namespace);
                    self.walk(value, &field, namespace);
                }
            }
            _ => {}
        }
    }

    fn key(&mut self, key: &str, value: &Value, field: &str, namespace: Option<&str>) {
        let is_optional = value.get("optional").is_some_and(Value::is_true);
        match key {
            "configMapRef" | "configMapKeyRef" | "configMap" if !is_optional => {
                let name = value.str_at(&["name"]);
                self.add(CONFIG_MAPS, namespace, name, &format!("{field}.name"));
            }
            "persistentVolumeClaim" => {
                let name = value.str_at(&["claimName"]);
                self.add(CLAIMS, namespace, name, &format!("{field}.claimName"));
            }
            "serviceAccountName" => self.add(ACCOUNTS, namespace, value.as_str(), field),
            "priorityClassName" => self.add(PRIORITIES, None, value.as_str(), field),
            "runtimeClassName" => self.add(RUNTIMES, None, value.as_str(), field),
            "volumeClaimTemplate" => self.claim(value.get("spec"), &format!("{field}.spec")),
            "volumeClaimTemplates" => {
                for (at, one) in value.as_seq().unwrap_or_default().iter().enumerate() {
                    self.claim(one.get("spec"), &format!("{field}[{at}].spec"));
                }
            }
            _ => {}
        }
    }
}

/// The objects themselves, and those that a ConfigMap carries to a task which applies them.
pub(super) fn with_carried(objects: &Objects) -> Vec<(&Item, Object)> {
    let mut all = Vec::new();
    for item in objects {
        all.push((item, item.object.clone()));
        let carried = item.object.value().str_at(&["data", "workload.yaml"]);
        if let (Some(text), "ConfigMap") = (carried, item.object.kind()) {
            let parsed = super::super::parse::parse(&item.file, text);
            let inner = parsed.into_iter().flat_map(|parsed| parsed.items);
            all.extend(inner.map(|inner| (item, inner.object)));
        }
    }
    all
}

/// Whether the tree itself makes something.
pub(super) struct Made {
    objects: BTreeSet<(String, String, Option<String>, String)>,
    secrets: BTreeSet<(String, String)>,
}

impl Made {
    pub(super) fn by(objects: &[(&Item, Object)]) -> Self {
        let mut made = Self { objects: BTreeSet::new(), secrets: BTreeSet::new() };
        for (_, object) in objects {
            let (group, kind) = (object.group().to_owned(), object.kind().to_owned());
            let namespace = object.namespace().map(str::to_owned);
            made.objects.insert((group, kind, namespace, object.name().to_owned()));
            made.secrets.extend(made_secrets(object));
        }
        made
    }

    pub(super) fn has(&self, thing: &Thing) -> bool {
        let Thing { kind, namespace, name: Some(name) } = thing else { return false };
        let key = |namespace: Option<String>| {
            (kind.group().to_owned(), kind.kind.to_owned(), namespace, name.clone())
        };
        let is_secret = *kind == SECRETS
            && namespace
                .as_ref()
                .is_some_and(|home| self.secrets.contains(&(home.clone(), name.clone())));
        // Objects without a namespace may be meant for any.
        is_secret
            || self.objects.contains(&key(namespace.clone()))
            || self.objects.contains(&key(None))
    }
}
