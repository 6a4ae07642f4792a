//! Interprets the API server's responses: what Flux would do with a live object if the tree were committed.
//!
//! Pure. The rules are those of kustomize-controller 1.9 and its library fluxcd/pkg/ssa 0.76, cited beside each: `KC` is
//! `internal/controller/kustomization_controller.go`, `SSA` a file of `ssa/`. A live object is first judged without asking: where
//! every field of ours has its value and nobody stands there whom Flux removes, applying changes nothing ([`judge`]). Where that
//! does not decide, the server is asked for a dry run, and [`predict`] adds what that cannot show: the fields removed
//! when Flux takes over other managers' fields.

mod cover;
mod directives;
mod fields;
mod inventory;
mod judge;
mod managers;
mod normalize;
mod overlay;
mod predict;
mod refusal;
mod strip;
#[cfg(test)]
mod tests;

pub(in crate::change) use directives::says;
pub use directives::{Directive, is_pruned, recreates};
pub use inventory::{Deletion, InventoryEntry, Kustomization};
pub use judge::{Verdict, judge, without_live};
pub use managers::is_taken_over;
pub use normalize::{as_flux_sends, is_encrypted};
pub use overlay::overlay;
pub use predict::{Prediction, drifted, predict};
pub use refusal::{NOT_TYPED, Refusal, refusal};
pub use strip::bare;

/// Flux's field manager (KC, `ControllerName` in main.go).
pub const MANAGER: &str = "kustomize-controller";

/// The group of Flux's own labels and annotations (KC, `kustomizev1.GroupVersion.Group`).
pub const GROUP: &str = "kustomize.toolkit.fluxcd.io";

use serde_json::{Map, Value};

/// The value at the end of a chain of keys.
pub(crate) fn at<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

/// The string at the end of a chain of keys; empty if there is none.
pub(crate) fn text<'v>(value: &'v Value, keys: &[&str]) -> &'v str {
    at(value, keys).and_then(Value::as_str).unwrap_or_default()
}

/// `metadata.labels` or `metadata.annotations`, if it is a mapping.
fn metadata<'v>(value: &'v Value, key: &str) -> Option<&'v Map<String, Value>> {
    at(value, &["metadata", key]).and_then(Value::as_object)
}
