//! An object as somebody saw it. Whatever is missing or has another form reads as empty.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::moment::{Time, time};
use crate::kubernetes::json::{at, list, text};

/// A condition of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its type.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// The reason.
    pub reason: String,
    /// The message.
    pub message: String,
    /// Since when.
    pub since: Option<Time>,
}

/// An object.
#[derive(Debug, Clone)]
pub struct Thing {
    /// Version of its API.
    pub api: String,
    /// Kind.
    pub kind: String,
    /// Namespace; empty if it is in none, or nobody says.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// All of it; of a Secret without the values.
    pub body: Value,
    /// The values of a Secret, by key.
    pub(super) secrets: BTreeMap<String, String>,
}

impl Thing {
    /// From the object.
    #[must_use]
    pub fn read(mut body: Value) -> Self {
        let secrets = secrets(&mut body);
        let name = match text(&body, &["metadata", "name"]) {
            "" => text(&body, &["metadata", "generateName"]),
            name => name,
        };
        Self {
            api: text(&body, &["apiVersion"]).to_owned(),
            kind: text(&body, &["kind"]).to_owned(),
            namespace: text(&body, &["metadata", "namespace"]).to_owned(),
            name: name.to_owned(),
            conditions: conditions(&body),
            secrets,
            body,
        }
    }

    /// The group of its API.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api.split_once('/').map_or("", |(group, _)| group)
    }

    /// A string in it.
    #[must_use]
    pub fn text(&self, keys: &[&str]) -> &str {
        text(&self.body, keys)
    }

    /// A list in it.
    #[must_use]
    pub fn list(&self, keys: &[&str]) -> &[Value] {
        list(&self.body, keys)
    }

    /// A boolean in it; false if there is none.
    #[must_use]
    pub fn is(&self, keys: &[&str]) -> bool {
        at(&self.body, keys).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A label.
    #[must_use]
    pub fn label(&self, key: &str) -> &str {
        text(&self.body, &["metadata", "labels", key])
    }

    /// A condition.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|one| one.kind == kind)
    }

    /// When it was made.
    #[must_use]
    pub fn created(&self) -> Option<Time> {
        time(self.text(&["metadata", "creationTimestamp"]))
    }

    /// Whether another object made it.
    #[must_use]
    pub fn is_owned_by(&self, owner: &Self) -> bool {
        if self.namespace != owner.namespace && !owner.namespace.is_empty() {
            return false;
        }
        let is_it = |reference: &Value| {
            let uid = text(reference, &["uid"]);
            let of = owner.text(&["metadata", "uid"]);
            text(reference, &["kind"]) == owner.kind
                && text(reference, &["name"]) == owner.name
                && (uid.is_empty() || of.is_empty() || uid == of)
        };
        self.list(&["metadata", "ownerReferences"]).iter().any(is_it)
    }
}

/// Conditions are a list; `kubectl describe` does not show that a list of one is one.
fn conditions(body: &Value) -> Vec<Condition> {
    let one = |value: &Value| {
        let of = |key: &str| text(value, &[key]).to_owned();
        // Boolean where somebody wrote it without quotes.
        let status = match value.get("status") {
            Some(Value::Bool(true)) => "True".to_owned(),
            Some(Value::Bool(false)) => "False".to_owned(),
            _ => of("status"),
        };
        Condition {
            kind: of("type"),
            status,
            reason: of("reason"),
            message: of("message"),
            since: time(text(value, &["lastTransitionTime"])),
        }
    };
    match at(body, &["status", "conditions"]) {
        Some(Value::Array(all)) => all.iter().map(one).collect(),
        Some(single @ Value::Object(_)) => vec![one(single)],
        _ => Vec::new(),
    }
}

/// Takes the values out of a Secret.
fn secrets(body: &mut Value) -> BTreeMap<String, String> {
    let mut secrets = BTreeMap::new();
    if text(body, &["kind"]) != "Secret" {
        return secrets;
    }
    for place in ["data", "stringData"] {
        let Some(Value::Object(map)) = body.get_mut(place).map(Value::take) else { continue };
        for (key, value) in map {
            let value = value.as_str().unwrap_or_default();
            let decoded = STANDARD.decode(value.trim()).ok().filter(|_| place == "data");
            if let Some(text) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
                secrets.insert(format!("{key} (decoded)"), text);
            }
            secrets.insert(key, value.to_owned());
        }
    }
    secrets
}
