//! What the API server refuses: fields, types, words, names and references inside an object.

use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::Item;
use super::objects::Objects;
use super::scope::Judge;
use crate::kubernetes::Object;
use crate::kubernetes::definitions::{self, Misfit};
use crate::kubernetes::references::{dangling, missed_ports};
use crate::kubernetes::security::pod_template;

/// The rules of this family.
pub static RULES: &[&Rule] = &[&FIELD, &REFERENCE, &PORT, &TWICE];

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
    let is_sound = misfits.is_empty();
    for Misfit { path, what } in misfits {
        found.add(&FIELD, item, path, what);
    }
    if is_sound {
        for Misfit { path, what } in dangling(object) {
            found.add(&REFERENCE, item, path, what);
        }
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
