//! A Kubernetes object: its identity, its content, and patches.

pub mod definitions;
mod documents;
mod images;
pub(crate) mod json;
mod kinds;
mod made;
mod near;
mod object;
pub mod patch;
pub mod references;
pub mod release;
mod secrets;
pub mod security;

pub use documents::{documents, documents_as_applied, items};
pub use images::images;
pub use kinds::{is_namespaced, plural};
pub use made::made_secrets;
pub use object::{Identity, Object};
pub(crate) use object::{join_api, split_api};
pub use secrets::{SecretUse, secrets};

/// The ends of the names of an app's Kustomizations, behind its instance, in the order in which Flux applies them.
pub const KUSTOMIZATIONS: [&str; 5] = ["-access", "-before", "", "-run", "-after"];
