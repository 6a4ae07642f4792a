//! What is to be said of a Kustomization's settings: those that the new tree does not have.

use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// Settings that are applied to the objects, or that say where they are.
const APPLIED: [&str; 13] = [
    "commonMetadata",
    "components",
    "dependsOn",
    "ignoreMissingComponents",
    "images",
    "namePrefix",
    "nameSuffix",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "path",
    "sourceRef",
    "targetNamespace",
];
/// Settings that gen's own Kustomizations have, with its values.
const OWN: [&str; 5] = ["interval", "prune", "retryInterval", "timeout", "wait"];
/// Settings that are looked at by themselves.
const OTHERS: [&str; 4] = ["decryption", "kubeConfig", "postBuild", "suspend"];
/// Settings that the spec has no word for.
const LOST: [&str; 8] = [
    "buildMetadata",
    "deletionPolicy",
    "force",
    "healthCheckExprs",
    "healthChecks",
    "ignore",
    "serviceAccountName",
    "validation",
];

/// The settings that are not kept or not understood.
pub(super) fn notes(spec: &Value) -> Vec<String> {
    let mut notes = Vec::new();
    if spec.get("suspend").is_some_and(Value::is_true) {
        notes.push("suspended: Flux does not apply it at present".to_owned());
    }
    let keys: Vec<&str> = spec.as_map().into_iter().flat_map(Map::keys).collect();
    let is_false = |key: &str| spec.get(key) == Some(&Value::Bool(false));
    let lost = keys.iter().filter(|key| LOST.contains(key) && !is_false(key));
    let lost: Vec<String> = lost.map(|key| format!("`{key}`")).collect();
    if !lost.is_empty() {
        notes.push(format!("not kept: {}", lost.join(", ")));
    }
    let is_known = |key: &str| {
        APPLIED.contains(&key) || OWN.contains(&key) || OTHERS.contains(&key) || LOST.contains(&key)
    };
    let unknown = keys.iter().filter(|key| !is_known(key)).map(|key| format!("`{key}`"));
    let unknown: Vec<String> = unknown.collect();
    if !unknown.is_empty() {
        notes.push(format!("not understood: {}", unknown.join(", ")));
    }
    notes
}

/// How a Kustomization decrypts, in the spec's words.
pub(super) fn decryption(spec: &Value, notes: &mut Vec<String>) -> Option<Map> {
    let decryption = spec.get("decryption")?;
    let provider = decryption.str_at(&["provider"]).unwrap_or_default();
    if provider != "sops" {
        notes.push(format!("not understood: `decryption` with provider `{provider}`"));
        return None;
    }
    let keys = decryption.as_map().into_iter().flat_map(Map::keys);
    let lost = keys.filter(|key| !["provider", "secretRef"].contains(key));
    let lost: Vec<String> = lost.map(|key| format!("`decryption.{key}`")).collect();
    if !lost.is_empty() {
        notes.push(format!("not kept: {}", lost.join(", ")));
    }
    let mut map = Map::default();
    match decryption.str_at(&["secretRef", "name"]) {
        Some(secret) => map.push("secret", secret),
        None => map.push("provider", provider),
    }
    Some(map)
}

/// What is said of the Secret that files are decrypted with.
pub(super) fn decrypts(secret: &Value) -> String {
    let secret = secret.as_str().unwrap_or_default();
    format!(
        "decrypts with Secret `{secret}`, and so does what gen renders (`flux.decryption`): it has to stay"
    )
}

/// The Kustomizations that one waits for.
pub(super) fn waits(object: &Object) -> Vec<String> {
    let own = object.namespace().unwrap_or_default();
    let listed = object.value().list_at(&["spec", "dependsOn"]).iter();
    listed
        .filter_map(|one| {
            let namespace = one.str_at(&["namespace"]).unwrap_or(own);
            let name = one.str_at(&["name"])?;
            let place = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
            Some(format!("Kustomization {place}{name}"))
        })
        .collect()
}
