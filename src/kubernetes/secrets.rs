//! The Secrets that objects need. gen never handles secret values; it can only list what must exist.

use std::collections::BTreeSet;

use super::Object;
use crate::yaml::Value;

/// A Secret used by an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretUse {
    /// The namespace that it must be in.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The key, if only one is read.
    pub key: Option<String>,
}

/// All Secrets that the object needs, except for optional ones.
#[must_use]
pub fn secrets(object: &Object) -> BTreeSet<SecretUse> {
    let mut found = BTreeSet::new();
    // cert-manager creates the Secret of an Ingress with an issuer.
    let issued = object
        .at(&["metadata", "annotations"])
        .and_then(Value::as_map)
        .is_some_and(|map| map.keys().any(|key| key.starts_with("cert-manager.io/")));
    if let (Some(namespace), false) = (object.namespace(), issued) {
        walk(object.value(), namespace, &mut found);
    }
    found
}

fn walk(value: &Value, namespace: &str, found: &mut BTreeSet<SecretUse>) {
    match value {
        Value::Seq(items) => items.iter().for_each(|item| walk(item, namespace, found)),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let optional = || {
                    value.get("optional").is_some_and(Value::is_true)
                        || map.get("optional").is_some_and(Value::is_true)
                };
                let name = |value: &Value| {
                    value
                        .str_at(&["name"])
                        .or_else(|| value.str_at(&["secretName"]))
                        .map(str::to_owned)
                };
                let mut add = |name: Option<String>, key: Option<&str>| {
                    if let Some(name) = name.filter(|_| !optional()) {
                        found.insert(SecretUse {
                            namespace: namespace.to_owned(),
                            name,
                            key: key.map(str::to_owned),
                        });
                    }
                };
                match key {
                    "secretKeyRef" => add(name(value), value.str_at(&["key"])),
                    "secretRef" => add(name(value), None),
                    "certSecretRef" => add(name(value), Some("ca.crt")),
                    // Tekton's interceptors have the key next to the Secret.
                    "secretName" => add(
                        value.as_str().map(str::to_owned),
                        map.get("secretKey").and_then(Value::as_str),
                    ),
                    "imagePullSecrets" => value
                        .as_seq()
                        .unwrap_or_default()
                        .iter()
                        .for_each(|item| add(name(item), None)),
                    _ => {}
                }
                walk(value, namespace, found);
            }
        }
        _ => {}
    }
}
