//! What annotations and labels tell Flux to do with an object. Values are compared without regard to case, and labels count like
//! annotations (SSA utils/meta.go, `AnyInMetadata`).

use serde_json::Value;

use super::{GROUP, Kustomization};
use crate::kubernetes::json::text;

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
        if either(desired, live, "reconcile", "disabled") {
            Some(Self::Skip("`reconcile: disabled`"))
        } else if either(desired, live, "ssa", "ignore") {
            Some(Self::Skip("`ssa: Ignore`"))
        } else {
            (live.is_some() && says(desired, "ssa", "ifnotpresent")).then_some(Self::Once)
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
fn says(object: &Value, key: &str, value: &str) -> bool {
    let key = format!("{GROUP}/{key}");
    let is = |place: &&str| text(object, &["metadata", place, &key]).eq_ignore_ascii_case(value);
    ["labels", "annotations"].iter().any(is)
}

fn either(desired: &Value, live: Option<&Value>, key: &str, value: &str) -> bool {
    says(desired, key, value) || live.is_some_and(|live| says(live, key, value))
}

/// Whether Flux keeps other managers' fields (`ssa: Merge` on either side; SSA manager_apply.go, `cleanupMetadata`).
pub(super) fn merges(desired: &Value, live: &Value) -> bool {
    either(desired, Some(live), "ssa", "merge")
}

/// Whether Flux deletes and recreates an object if a field is immutable (`force: enabled`; SSA manager_apply.go,
/// `shouldForceApply`).
#[must_use]
pub fn recreates(desired: &Value, live: Option<&Value>) -> bool {
    either(desired, live, "force", "enabled")
}

/// Whether Flux deletes a live object that is gone from its inventory (KC, `deleteObjects`; SSA manager_delete.go, `Delete`: it
/// must still carry the Kustomization's labels, and nothing that excludes it).
///
/// # Errors
/// The reason why it stays.
pub fn is_pruned(live: &Value, of: &Kustomization) -> Result<(), String> {
    let label = |key: &str| text(live, &["metadata", "labels", &format!("{GROUP}/{key}")]);
    if label("name") != of.name || label("namespace") != of.namespace {
        let Kustomization { namespace, name, .. } = of;
        return Err(format!("it no longer has the labels of Kustomization {namespace}/{name}"));
    }
    never_deleted(live).map_or(Ok(()), |annotation| Err(annotation.to_owned()))
}

/// The annotation that keeps Flux from deleting an object, if any.
pub(in crate::change) fn never_deleted(object: &Value) -> Option<&'static str> {
    let all = [
        ("prune", "disabled", "`prune: disabled`"),
        ("reconcile", "disabled", "`reconcile: disabled`"),
        ("ssa", "ignore", "`ssa: Ignore`"),
    ];
    let found = all.into_iter().find(|(key, value, _)| says(object, key, value));
    found.map(|(.., annotation)| annotation)
}
