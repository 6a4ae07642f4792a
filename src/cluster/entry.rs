//! The compared objects, as kept during requests.

use serde_json::Value;

use crate::change::live::{GROUP, as_flux_sends, is_encrypted};
use crate::change::{Applier, Change, Class, Desired};
use crate::kubernetes::json::text;

/// An object of the tree. Its body is kept as text, which takes a tenth of the memory.
pub(super) struct Entry {
    /// The object, without its body.
    pub(super) object: Desired,
    pub(super) is_encrypted: bool,
    /// The kind that the object, a CustomResourceDefinition, defines: its group and its name.
    pub(super) brings: Option<(String, String)>,
    body: Box<str>,
}

impl Entry {
    pub(super) fn new(mut object: Desired) -> Self {
        let body = std::mem::take(&mut object.body);
        let brings = (object.identity.kind == "CustomResourceDefinition").then(|| {
            let text = |keys| text(&body, keys).to_owned();
            (text(&["spec", "group"]), text(&["spec", "names", "kind"]))
        });
        Self {
            brings,
            is_encrypted: is_encrypted(&body),
            body: as_flux_sends(body, object.applier.as_deref()).to_string().into_boxed_str(),
            object,
        }
    }

    /// Whether its values must be hidden in all output.
    pub(super) fn is_secret(&self) -> bool {
        self.object.identity.kind == "Secret"
    }

    /// The object as Flux sends it. The Kustomization of Flux's own entry comes from the live object's labels.
    pub(super) fn desired(&self, live: Option<&Value>) -> Value {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        match live.and_then(applier_of) {
            Some(applier) if self.object.applier.is_none() => as_flux_sends(body, Some(&applier)),
            _ => body,
        }
    }

    /// The object with its outcome, for a report.
    pub(super) fn change(&self, outcome: Outcome) -> Change {
        let Outcome { class, reason, before, after } = outcome;
        Change { reason, before, after, ..Change::of(&self.object, class) }
    }

    /// Its stage in Flux's order of application: prerequisites first
    /// (fluxcd/pkg ssa/manager_apply.go, `ApplyAllStaged`).
    pub(super) fn stage(&self) -> u8 {
        match self.object.identity.kind.as_str() {
            "CustomResourceDefinition" | "Namespace" | "ClusterRole" => 0,
            kind if kind.ends_with("Class") => 1,
            _ => 2,
        }
    }
}

/// The Kustomization that applied a live object, by its labels.
pub(super) fn applier_of(live: &Value) -> Option<Applier> {
    let labels = live.get("metadata")?.get("labels")?;
    let label = |key| Some(labels.get(format!("{GROUP}/{key}"))?.as_str()?.to_owned());
    Some(Applier { namespace: label("namespace")?, name: label("name")? })
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

    pub(super) fn with(self, before: Option<Value>, after: Option<Value>) -> Self {
        Self { before, after, ..self }
    }
}
