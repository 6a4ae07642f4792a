//! Checked strings: names, paths, references, quantities.
//!
//! The grammars are Kubernetes' (DNS labels, quantities), git's (refs) and the distribution spec's (images). A spec
//! is checked here first, so that no later step has to check again.

mod check;
mod grammar;
mod network;
mod order;
mod parts;
mod path;
mod quantity;
mod schedule;
mod standards;

pub use check::{Check, word};
pub use grammar::{ImageParts, image_parts, is_container_resource, milliseconds, mode, seconds};
pub use order::{natural, naturally};
pub use quantity::billionths;
pub use standards::{BASELINE_CAPABILITIES, SAFE_SYSCTLS};

/// Kubernetes' limit for a label value and for most names: 63 characters.
pub const LABEL_LIMIT: usize = 63;
