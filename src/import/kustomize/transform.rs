//! What a kustomization changes in all its objects.

use super::building::Found;
use super::referrer::Referrer;
use crate::import::world::WORKLOADS;
use crate::kubernetes::is_namespaced;
use crate::yaml::{Map, Value};

/// References to names of other objects: the field that holds the name, and the kind.
const NAMED: [(&str, &str, &str); 6] = [
    ("configMapRef", "name", "ConfigMap"),
    ("configMapKeyRef", "name", "ConfigMap"),
    ("configMap", "name", "ConfigMap"),
    ("secretRef", "name", "Secret"),
    ("secretKeyRef", "name", "Secret"),
    ("persistentVolumeClaim", "claimName", "PersistentVolumeClaim"),
];

/// Applies everything but patches.
pub(super) fn all(map: &Map, referrers: &[Referrer], own: &mut [Found]) {
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    let list = |key: &str| map.get(key).and_then(Value::as_seq).unwrap_or_default();
    for image in list("images") {
        for (object, _) in own.iter_mut() {
            images(object.value_mut(), image);
        }
    }
    for replica in list("replicas") {
        let (Some(name), Some(count)) = (replica.str_at(&["name"]), replica.get("count")) else {
            continue;
        };
        let scaled = ["Deployment", "StatefulSet", "ReplicaSet"];
        for (object, _) in own.iter_mut() {
            if object.name() == name && scaled.contains(&object.kind()) {
                object.body_mut().map_at("spec").insert("replicas", count.clone());
            }
        }
    }
    if let Some(namespace) = text("namespace") {
        for (object, _) in own.iter_mut() {
            if is_namespaced(object.api_version(), object.kind()) {
                object.metadata_mut().insert("namespace", namespace);
            } else if object.kind() == "Namespace" {
                object.metadata_mut().insert("name", namespace);
            }
            if let Some(subjects) =
                object.body_mut().get_mut("subjects").and_then(Value::as_seq_mut)
            {
                for subject in subjects.iter_mut().filter_map(Value::as_map_mut) {
                    subject.insert("namespace", namespace);
                }
            }
        }
    }
    let affixes = [text("namePrefix"), text("nameSuffix")].map(Option::unwrap_or_default);
    names(affixes, referrers, own);
    if let Some(labels) = map.get("commonLabels").and_then(Value::as_map) {
        for (object, _) in own.iter_mut() {
            labelled(object, labels, true, true);
        }
    }
    for entry in list("labels") {
        let is = |key: &str| entry.get(key).is_some_and(Value::is_true);
        if let Some(pairs) = entry.get("pairs").and_then(Value::as_map) {
            let (selectors, templates) = (is("includeSelectors"), is("includeTemplates"));
            for (object, _) in own.iter_mut() {
                labelled(object, pairs, selectors, selectors || templates);
            }
        }
    }
    if let Some(pairs) = map.get("commonAnnotations").and_then(Value::as_map) {
        for (object, _) in own.iter_mut() {
            put(object.metadata_mut().map_at("annotations"), pairs);
            if let Some(template) = template(object) {
                put(template.map_at("metadata").map_at("annotations"), pairs);
            }
        }
    }
}

fn put(into: &mut Map, pairs: &Map) {
    for (key, value) in pairs.iter() {
        into.insert(key, value.clone());
    }
}

fn template(object: &mut crate::kubernetes::Object) -> Option<&mut Map> {
    let is_program = WORKLOADS[..5].contains(&(object.group(), object.kind()));
    let keys: &[&str] = match object.kind() {
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        _ => &["spec", "template"],
    };
    if !is_program {
        return None;
    }
    crate::import::reach::reach(object.body_mut(), keys)
}

fn labelled(object: &mut crate::kubernetes::Object, pairs: &Map, selectors: bool, templates: bool) {
    put(object.metadata_mut().map_at("labels"), pairs);
    let kind = object.kind().to_owned();
    if templates && let Some(template) = template(object) {
        put(template.map_at("metadata").map_at("labels"), pairs);
    }
    if !selectors {
        return;
    }
    let spec = object.body_mut();
    match kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "PodDisruptionBudget" => {
            put(spec.map_at("spec").map_at("selector").map_at("matchLabels"), pairs);
        }
        "Service" => put(spec.map_at("spec").map_at("selector"), pairs),
        "NetworkPolicy" => {
            put(spec.map_at("spec").map_at("podSelector").map_at("matchLabels"), pairs);
        }
        _ => {}
    }
}

/// The image of each container with that name.
fn images(value: &mut Value, image: &Value) {
    match value {
        Value::Seq(items) => items.iter_mut().for_each(|item| images(item, image)),
        Value::Map(map) => {
            if let (Some(Value::Str(text)), true) =
                (map.get("image").cloned(), map.contains_key("name"))
            {
                let digest = text.split_once('@').map(|(name, _)| name);
                let bare = digest.unwrap_or(&text);
                let cut = bare.rfind(':').filter(|cut| !bare[*cut..].contains('/'));
                let (name, tag) = cut.map_or((bare, ""), |cut| (&bare[..cut], &bare[cut..]));
                if image.str_at(&["name"]) == Some(name) {
                    let new = image.str_at(&["newName"]).unwrap_or(name);
                    let text = |key: &str| {
                        image.get(key).map(|value| {
                            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                        })
                    };
                    let end = match (text("digest"), text("newTag")) {
                        (Some(digest), _) => format!("@{digest}"),
                        (None, Some(tag)) => format!(":{tag}"),
                        (None, None) => tag.to_owned(),
                    };
                    map.insert("image", format!("{new}{end}"));
                }
            }
            map.iter_mut().for_each(|(_, value)| images(value, image));
        }
        _ => {}
    }
}

/// Names with a prefix and a suffix, wherever they stand.
fn names([prefix, suffix]: [&str; 2], referrers: &[Referrer], own: &mut [Found]) {
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    let renamed = |name: &str| format!("{prefix}{name}{suffix}");
    let is_renamed = |kind: &str| !matches!(kind, "Namespace" | "CustomResourceDefinition");
    let known: Vec<(String, String)> = own
        .iter()
        .filter(|(object, _)| is_renamed(object.kind()))
        .map(|(object, _)| (object.kind().to_owned(), object.name().to_owned()))
        .collect();
    let has = |kind: &str, name: &str| known.iter().any(|(of, it)| of == kind && it == name);
    for (object, _) in own.iter_mut() {
        let name = object.name().to_owned();
        if is_renamed(object.kind()) {
            object.metadata_mut().insert("name", renamed(&name));
        }
        let new = |kind: &str, name: &str| has(kind, name).then(|| renamed(name));
        let kind = object.kind().to_owned();
        for referrer in referrers.iter().filter(|one| one.is_in(&kind)) {
            referrer.rename(object.value_mut(), &new);
        }
        references(object.value_mut(), &new);
    }
}

fn references(value: &mut Value, new: &dyn Fn(&str, &str) -> Option<String>) {
    let set = |map: &mut Map, key: &str, kind: &str| {
        if let Some(name) = map.get(key).and_then(Value::as_str).and_then(|name| new(kind, name)) {
            map.insert(key, name);
        }
    };
    match value {
        Value::Seq(items) => items.iter_mut().for_each(|item| references(item, new)),
        Value::Map(map) => {
            set(map, "serviceAccountName", "ServiceAccount");
            set(map, "serviceName", "Service");
            for (key, value) in map.iter_mut() {
                if let Value::Map(inner) = value {
                    for (field, name, kind) in NAMED {
                        if key == field {
                            set(inner, name, kind);
                        }
                    }
                    match key {
                        "secret" => set(inner, "secretName", "Secret"),
                        "service" => set(inner, "name", "Service"),
                        "scaleTargetRef" | "roleRef" => {
                            let kind = inner
                                .get("kind")
                                .and_then(Value::as_str)
                                .unwrap_or_default()
                                .to_owned();
                            set(inner, "name", &kind);
                        }
                        _ => {}
                    }
                }
                if key == "subjects" || key == "backendRefs" {
                    for item in
                        value.as_seq_mut().into_iter().flatten().filter_map(Value::as_map_mut)
                    {
                        let kind = if key == "subjects" { "ServiceAccount" } else { "Service" };
                        set(item, "name", kind);
                    }
                }
                references(value, new);
            }
        }
        _ => {}
    }
}
