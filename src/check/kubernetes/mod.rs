//! What the API server refuses: fields, types, words, names and references inside an object, by its definition and by what its
//! validation adds in code (Kubernetes 1.37).
//!
//! Nothing is said of what Kubernetes accepts: tests/validate compares both on golden trees and mutants.

mod access;
mod case;
mod container;
mod data;
mod env;
mod form;
mod metadata;
mod network;
mod part;
mod place;
mod pod;
mod resources;
mod rules;
mod scale;
mod security;
mod selector;
mod volume;
mod workload;

use case::Case;
use part::Part;
use pod::Of;

use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::Item;
use super::objects::Objects;
use super::scope::Judge;
use crate::kubernetes::Object;
use crate::kubernetes::definitions::{self, Definitions, Misfit};
use crate::kubernetes::references::{dangling, missed_ports};
use crate::kubernetes::security::{pod_spec, pod_template};

/// The rules of this family that its definitions and references give.
pub static RULES: &[&Rule] = &[&FIELD, &REFERENCE, &PORT, &TWICE];

/// The rules that validation adds in code.
pub static IN_CODE: &[&Rule] = rules::TABLE;

static FIELD: Rule = Rule {
    id: "CHK2001",
    name: "kubernetes-field",
    level: Level::Error,
    holds: "Every field of an object is defined by its kind, of the right type, and one of the words that it takes; required fields are there.",
    otherwise: "The API server refuses the object when Flux applies it, and with it the whole Kustomization.",
    cure: "write the field as the kind defines it",
    source: "https://kubernetes.io/docs/reference/kubernetes-api/",
};

static REFERENCE: Rule = Rule {
    id: "CHK2002",
    name: "kubernetes-reference",
    level: Level::Error,
    holds: "What an object refers to by name within itself (a volume, a port of a probe, a label of its selector) is in it.",
    otherwise: "The API server refuses the object, or its probes and selectors never match.",
    cure: "use a name that the object has",
    source: "https://kubernetes.io/docs/concepts/workloads/pods/",
};

static PORT: Rule = Rule {
    id: "CHK2003",
    name: "service-port",
    level: Level::Error,
    holds: "A named target port of a Service is a port of the pods that it selects.",
    otherwise: "The Service has no endpoints for that port, and connections are refused.",
    cure: "use the name of a container's port",
    source: "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
};

static TWICE: Rule = Rule {
    id: "CHK2004",
    name: "object-twice",
    level: Level::Error,
    holds: "An object is defined once.",
    otherwise: "kustomize refuses the folder, or the last of the two wins with every apply.",
    cure: "remove one of them",
    source: "https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/",
};

/// Judges every object by itself, then those that refer to each other.
pub fn check(judge: Judge<'_>, objects: &Objects, found: &mut Found) {
    let pods: Vec<&Object> = objects
        .iter()
        .map(|item| &item.object)
        .filter(|object| pod_template(object).is_some())
        .collect();
    for item in objects {
        fields(judge, item, found);
        twice(objects, item, found);
        if item.is("", &["Service"]) {
            for Misfit { path, what } in missed_ports(&item.object, pods.iter().copied()) {
                found.add(&PORT, item, path, what);
            }
        }
    }
}

fn fields(judge: Judge<'_>, item: &Item, found: &mut Found) {
    let object = &item.object;
    let Some(known) = judge.definitions.kind(object.api_version(), object.kind()) else { return };
    let mut misfits = definitions::check(known, object.value());
    if object.at(&["sops"]).is_some() {
        // Flux takes it away when it decrypts, and the values are not what they seem.
        misfits.retain(|misfit| !misfit.path.starts_with("sops"));
    }
    misfits.retain(|misfit| !is_not_demanded(object.kind(), misfit));
    let is_sound = misfits.is_empty();
    for Misfit { path, what } in misfits {
        found.add(&FIELD, item, path, what);
    }
    if is_sound {
        let of_pod = pod_spec(object).map(|(_, path)| path).unwrap_or_default();
        for Misfit { path, what } in dangling(object) {
            // Those in the pod begin there.
            let is_whole = path.starts_with("spec.");
            let path = if is_whole { path } else { format!("{of_pod}.{path}") };
            found.add(&REFERENCE, item, path, what);
        }
        in_code(&mut Case { item, found }, object);
    }
}

/// What the API's document demands, and the API server takes for nothing: a hook that sleeps for no time, a LimitRange without limits.
fn is_not_demanded(kind: &str, misfit: &Misfit) -> bool {
    misfit.what == "is required"
        && (misfit.path.ends_with(".sleep.seconds")
            || kind == "LimitRange" && misfit.path == "spec.limits")
}

/// What validation adds in code.
fn in_code(case: &mut Case<'_>, object: &Object) {
    let root = Part::root(object.value());
    let spec = root.get("spec");
    let group = object.group();
    if Definitions::is_of_kubernetes(group) {
        metadata::judge(case, object, &root.get("metadata"));
    }
    let is_cluster = object.kind().starts_with("Cluster");
    match (object.api_version(), object.kind()) {
        ("v1", "Pod") => pod::spec(case, &spec, Of::Pod),
        ("v1", "PodTemplate") => pod::template(case, &root.get("template"), Of::Pod),
        ("v1", "Service") => network::service(case, &spec),
        ("v1", "ConfigMap") => data::config_map(case, &root),
        ("v1", "Secret") => data::secret(case, &root),
        ("v1", "PersistentVolumeClaim") => volume::claim(case, &spec),
        ("v1", "LimitRange") => resources::limit_range(case, &spec),
        ("v1", "ResourceQuota") => resources::quota(case, &spec),
        ("apps/v1", "Deployment") => workload::deployment(case, &spec),
        ("apps/v1", "StatefulSet") => {
            workload::stateful_set(case, &spec);
            workload::claims(case, &spec);
        }
        ("apps/v1", "DaemonSet") => workload::daemon_set(case, &spec),
        ("apps/v1", "ReplicaSet") => workload::lasting(case, &spec),
        ("batch/v1", "Job") => workload::job(case, &spec),
        ("batch/v1", "CronJob") => workload::cron_job(case, &spec),
        ("networking.k8s.io/v1", "Ingress") => network::ingress(case, &spec),
        ("networking.k8s.io/v1", "NetworkPolicy") => network::policy(case, &spec),
        ("policy/v1", "PodDisruptionBudget") => scale::budget(case, &spec),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => scale::autoscaler(case, &spec),
        ("rbac.authorization.k8s.io/v1", "Role" | "ClusterRole") => {
            access::role(case, &root, is_cluster);
        }
        ("rbac.authorization.k8s.io/v1", "RoleBinding" | "ClusterRoleBinding") => {
            access::binding(case, &root, is_cluster);
        }
        _ => {}
    }
}

fn twice(objects: &Objects, item: &Item, found: &mut Found) {
    let object = &item.object;
    if object.at(&["metadata", "name"]).is_none() {
        return;
    }
    // Other folders may be other environments.
    let folder =
        |item: &Item| item.file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let first = objects.named(object.kind(), object.name()).find(|other| {
        other.object.group() == object.group()
            && other.object.namespace() == object.namespace()
            && folder(other) == folder(item)
    });
    if let Some(first) = first.filter(|first| !std::ptr::eq(*first, item)) {
        // Files of one folder may be meant one at a time, as samples are.
        let level = if first.file == item.file { Level::Error } else { Level::Warning };
        let text = format!("is in {} already", first.file);
        found.add(&TWICE, item, "metadata.name", text).level(level);
    }
}
