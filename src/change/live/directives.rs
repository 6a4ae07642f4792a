//! What annotations and labels tell Flux to do with an object. Values are compared without regard to case, and a label counts as
//! an annotation does (SSA utils/meta.go, `AnyInMetadata`).

use serde_json::Value;

use super::{GROUP, Kustomization, metadata, text};

/// Directives that keep Flux from applying an object as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    /// `reconcile: disabled` or `ssa: Ignore`, on either side: never created, never changed.
    Skip(&'static str),
    /// `ssa: IfNotPresent` in the tree: created once, never changed.
    Once,
}

impl Directive {
    /// The directive that prevents applying, if any (KC, `ExclusionSelector` and `IfNotPresentSelector`; SSA
    /// manager_apply.go, `shouldSkipApply`).
    #[must_use]
    pub fn of(desired: &Value, live: Option<&Value>) -> Option<Self> {
        let either = |key, value| {
            says(desired, key, value) || live.is_some_and(|live| says(live, key, value))
        };
        if either("reconcile", "disabled") {
            Some(Self::Skip("`reconcile: disabled`"))
        } else if either("ssa", "ignore") {
            Some(Self::Skip("`ssa: Ignore`"))
        } else if live.is_some() && says(desired, "ssa", "ifnotpresent") {
            Some(Self::Once)
        } else {
            None
        }
    }

    /// The annotation in words.
    #[must_use]
    pub fn annotation(self) -> &'static str {
        match self {
            Self::Skip(annotation) => annotation,
            Self::Once => "`ssa: IfNotPresent`",
        }
    }
}

/// Whether an annotation or a label of Flux's group has that value.
pub(in crate::change) fn says(object: &Value, key: &str, value: &str) -> bool {
    let key = format!("{GROUP}/{key}");
    ["labels", "annotations"].iter().any(|place| {
        metadata(object, place)
            .and_then(|map| map.get(&key))
            .and_then(Value::as_str)
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    })
}

/// Whether Flux keeps other managers' fields (`ssa: Merge` on either side; SSA manager_apply.go, `cleanupMetadata`).
pub(super) fn merges(desired: &Value, live: &Value) -> bool {
    says(desired, "ssa", "merge") || says(live, "ssa", "merge")
}

/// Whether Flux deletes and recreates an object if a field is immutable (`force: enabled`; SSA manager_apply.go,
/// `shouldForceApply`).
#[must_use]
pub fn recreates(desired: &Value, live: Option<&Value>) -> bool {
    says(desired, "force", "enabled") || live.is_some_and(|live| says(live, "force", "enabled"))
}

/// Whether Flux deletes a live object that is gone from its inventory; else why it stays (KC, `deleteObjects`; SSA
/// manager_delete.go, `Delete`: it must still carry the Kustomization's labels, and nothing that excludes it).
///
/// # Errors
/// The reason why it stays.
pub fn is_pruned(live: &Value, of: &Kustomization) -> Result<(), String> {
    let owner = |key: &str| text_of_label(live, key);
    if owner("name") != of.name || owner("namespace") != of.namespace {
        return Err(format!(
            "it no longer has the labels of Kustomization {}/{}",
            of.namespace, of.name
        ));
    }
    for (key, value, words) in [
        ("prune", "disabled", "`prune: disabled`"),
        ("reconcile", "disabled", "`reconcile: disabled`"),
        ("ssa", "ignore", "`ssa: Ignore`"),
    ] {
        if says(live, key, value) {
            return Err(words.to_owned());
        }
    }
    Ok(())
}

fn text_of_label<'v>(object: &'v Value, key: &str) -> &'v str {
    let key = format!("{GROUP}/{key}");
    text(object, &["metadata", "labels", &key])
}
