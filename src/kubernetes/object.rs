//! One object and its identity.

use std::fmt;

use crate::yaml::{Map, Value};

/// The identity of an object to the API server: two objects with the same identity are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace; none if cluster-scoped.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl fmt::Display for Identity {
    /// `Deployment demo-app-dev/demo-app`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// Group and version of an `apiVersion`; the core group is empty.
pub(crate) fn split_api(api: &str) -> (&str, &str) {
    api.rsplit_once('/').unwrap_or(("", api))
}

/// The `apiVersion` of a group and a version: `apps/v1`, or `v1` for the core group.
pub(crate) fn join_api(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

/// An object with apiVersion, kind and a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Always a mapping.
    value: Value,
}

impl Object {
    /// Converts a mapping to an object.
    ///
    /// # Errors
    /// What is missing.
    pub fn new(value: Value) -> Result<Self, String> {
        if value.as_map().is_none() {
            return Err(format!("it is {}, not a mapping", value.describe()));
        }
        let is_missing = |keys: &[&str]| value.str_at(keys).is_none_or(str::is_empty);
        for key in ["apiVersion", "kind"] {
            if is_missing(&[key]) {
                return Err(format!("missing `{key}`"));
            }
        }
        if is_missing(&["metadata", "name"]) && is_missing(&["metadata", "generateName"]) {
            return Err("missing `metadata.name`".to_owned());
        }
        Ok(Self { value })
    }

    /// The whole object.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The whole object, mutable. apiVersion, kind and name must stay.
    pub fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }

    /// Its mapping, mutable.
    ///
    /// # Panics
    /// Never: an object is always a mapping.
    pub fn body_mut(&mut self) -> &mut Map {
        self.value.as_map_mut().expect("an object is a mapping")
    }

    /// The value at the end of a chain of keys.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<&Value> {
        self.value.at(keys)
    }

    fn text(&self, keys: &[&str]) -> &str {
        self.at(keys).and_then(Value::as_str).unwrap_or_default()
    }

    /// `apps/v1`, or `v1` for the core group.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.text(&["apiVersion"])
    }

    /// The API group; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        split_api(self.api_version()).0
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text(&["kind"])
    }

    /// The name; for `generateName`, the prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.text(&["metadata", "name"]);
        if name.is_empty() { self.text(&["metadata", "generateName"]) } else { name }
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.at(&["metadata", "namespace"]).and_then(Value::as_str)
    }

    /// Its identity.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            group: self.group().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }

    /// `metadata`, mutable.
    pub fn metadata_mut(&mut self) -> &mut Map {
        self.body_mut().map_at("metadata")
    }

    /// Sets an annotation.
    pub fn annotate(&mut self, key: &str, value: &str) {
        self.metadata_mut().map_at("annotations").insert(key, value);
    }

    /// Sorts keys in the conventional order: apiVersion, kind, metadata; name and namespace first.
    pub fn order_keys(&mut self) {
        self.body_mut().lead_with(&["apiVersion", "kind", "metadata"]);
        self.metadata_mut().lead_with(&[
            "name",
            "generateName",
            "namespace",
            "labels",
            "annotations",
        ]);
    }
}
