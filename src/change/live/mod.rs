//! Interprets the API server's responses: what Flux would do with a live object if the tree were committed.
//!
//! Pure. The rules are those of kustomize-controller 1.9 and its library fluxcd/pkg/ssa 0.76, cited beside each: `KC` is
//! `internal/controller/kustomization_controller.go`, `SSA` a file of `ssa/`. A live object is first judged without asking: where
//! every field of ours has its value and no manager is there that Flux removes, applying changes nothing ([`judge`]). If that
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

pub(in crate::change) use directives::never_deleted;
pub use directives::{Directive, is_pruned, recreates};
pub use inventory::{Deletion, InventoryEntry, Kustomization};
pub use judge::{Verdict, judge, without_live};
pub use managers::is_taken_over;
pub use normalize::{as_flux_sends, is_encrypted};
pub use overlay::overlay;
pub use predict::{Prediction, drifted, predict};
pub use refusal::{NOT_TYPED, Refusal, refusal};
pub use strip::bare;

/// Why a change is one, where the API server refuses it and Flux then deletes the object.
pub const RECREATED: &str =
    "immutable field: with `force: enabled`, Flux deletes and recreates the object";

/// Flux's field manager (KC, `ControllerName` in main.go).
pub const MANAGER: &str = "kustomize-controller";

/// The group of Flux's own labels and annotations (KC, `kustomizev1.GroupVersion.Group`).
pub const GROUP: &str = "kustomize.toolkit.fluxcd.io";
