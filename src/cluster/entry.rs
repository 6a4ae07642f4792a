//! The compared objects, as kept during requests.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::change::live::{GROUP, as_flux_sends, is_encrypted};
use crate::change::{Applier, Change, Class, Desired, Origin};
use crate::kubernetes::Identity;

/// An object of the tree. Its body is kept as text, which takes a tenth of the memory.
pub(super) struct Entry {
    pub(super) identity: Identity,
    pub(super) api_version: String,
    pub(super) environment: Arc<str>,
    pub(super) app: Option<Arc<str>>,
    path: Arc<str>,
    origin: Option<Origin>,
    pub(super) applier: Option<Arc<Applier>>,
    pub(super) is_encrypted: bool,
    /// The kind that the object, a CustomResourceDefinition, defines: its group and its name.
    pub(super) brings: Option<(String, String)>,
    body: Box<str>,
}

impl Entry {
    pub(super) fn new(desired: Desired) -> Self {
        let brings = (desired.identity.kind == "CustomResourceDefinition").then(|| {
            let text = |path: &str| {
                let found = desired.body.pointer(path).and_then(Value::as_str);
                found.unwrap_or_default().to_owned()
            };
            (text("/spec/group"), text("/spec/names/kind"))
        });
        let is_encrypted = is_encrypted(&desired.body);
        let body = as_flux_sends(desired.body, desired.applier.as_deref());
        Self {
            identity: desired.identity,
            api_version: desired.api_version,
            environment: desired.environment,
            app: desired.app,
            path: desired.path,
            origin: desired.origin,
            applier: desired.applier,
            is_encrypted,
            brings,
            body: body.to_string().into_boxed_str(),
        }
    }

    /// The object as Flux sends it. The Kustomization of Flux's own entry comes from the live object's labels.
    pub(super) fn desired(&self, live: Option<&Value>) -> Value {
        let mut body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        if let (None, Some(live)) = (&self.applier, live) {
            let label = |key: &str| {
                live.pointer(&format!("/metadata/labels/{GROUP}~1{key}"))
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            if let (Some(name), Some(namespace)) = (label("name"), label("namespace")) {
                body = as_flux_sends(body, Some(&Applier { namespace, name }));
            }
        }
        body
    }

    /// The object with its outcome, for a report.
    pub(super) fn change(&self, outcome: Outcome) -> Change {
        Change {
            identity: self.identity.clone(),
            class: outcome.class,
            reason: outcome.reason,
            environment: Arc::clone(&self.environment),
            app: self.app.clone(),
            path: Some(self.path.to_string()),
            origin: self.origin.clone(),
            before: outcome.before,
            after: outcome.after,
        }
    }

    /// Its stage in Flux's order of application: prerequisites first
    /// (fluxcd/pkg ssa/manager_apply.go, `ApplyAllStaged`).
    pub(super) fn stage(&self) -> u8 {
        match self.identity.kind.as_str() {
            "CustomResourceDefinition" | "Namespace" | "ClusterRole" => 0,
            kind if kind.ends_with("Class") => 1,
            _ => 2,
        }
    }
}

/// The outcome for an object.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) class: Class,
    pub(super) reason: Option<String>,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Outcome {
    pub(super) fn plain(class: Class) -> Self {
        Self { class, reason: None, before: None, after: None }
    }

    pub(super) fn because(class: Class, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::plain(class) }
    }

    pub(super) fn with(mut self, before: Option<Value>, after: Option<Value>) -> Self {
        self.before = before;
        self.after = after;
        self
    }
}

/// The objects by identity, to find those in a list.
pub(super) struct Index(HashMap<(String, String, String, String), usize>);

impl Index {
    pub(super) fn new(entries: &[Entry]) -> Self {
        let key = |entry: &Entry| {
            let identity = &entry.identity;
            key(&identity.group, &identity.kind, identity.namespace.as_deref(), &identity.name)
        };
        Self(entries.iter().enumerate().rev().map(|(place, entry)| (key(entry), place)).collect())
    }

    pub(super) fn find(
        &self,
        group: &str,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<usize> {
        self.0.get(&key(group, kind, namespace, name)).copied()
    }

    pub(super) fn has(&self, identity: &Identity) -> bool {
        self.find(&identity.group, &identity.kind, identity.namespace.as_deref(), &identity.name)
            .is_some()
    }
}

fn key(
    group: &str,
    kind: &str,
    namespace: Option<&str>,
    name: &str,
) -> (String, String, String, String) {
    (group.to_owned(), kind.to_owned(), namespace.unwrap_or_default().to_owned(), name.to_owned())
}
