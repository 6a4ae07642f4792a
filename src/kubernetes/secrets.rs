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
                    "secretRef" | "nodePublishSecretRef" => add(name(value), None),
                    "projected" => {
                        let sources = value.get("sources").and_then(Value::as_seq);
                        let secrets = sources.unwrap_or_default().iter();
                        for secret in secrets.filter_map(|source| source.get("secret")) {
                            let is_optional = secret.get("optional").is_some_and(Value::is_true);
                            for key in keys(secret.get("items"), None) {
                                add(name(secret).filter(|_| !is_optional), key);
                            }
                        }
                    }
                    // Of a HelmRelease.
                    "valuesFrom" => {
                        for from in value.as_seq().unwrap_or_default() {
                            let is_optional = from.get("optional").is_some_and(Value::is_true);
                            if from.str_at(&["kind"]) == Some("Secret") && !is_optional {
                                let key = from.str_at(&["valuesKey"]).unwrap_or("values.yaml");
                                add(name(from), Some(key));
                            }
                        }
                    }
                    "certSecretRef" => add(name(value), Some("ca.crt")),
                    "secretName" => {
                        // Tekton's interceptors have the key next to the Secret.
                        let own = map.get("secretKey").and_then(Value::as_str);
                        for key in keys(map.get("items"), own) {
                            add(value.as_str().map(str::to_owned), key);
                        }
                    }
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

/// The keys of a Secret that a volume's `items` name; without any, the key beside the name, if there is one.
fn keys<'v>(items: Option<&'v Value>, own: Option<&'v str>) -> Vec<Option<&'v str>> {
    let items = items.and_then(Value::as_seq).unwrap_or_default();
    let keys = items.iter().map(|item| item.str_at(&["key"]));
    if items.is_empty() { vec![own] } else { keys.collect() }
}
