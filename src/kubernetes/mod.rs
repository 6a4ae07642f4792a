//! A Kubernetes object: its identity, its content, and patches.

pub(crate) mod json;
mod kinds;
mod object;
pub mod patch;
mod secrets;

pub use kinds::{is_namespaced, plural};
pub use object::{Identity, Object};
pub(crate) use object::{join_api, split_api};
pub use secrets::{SecretUse, secrets};
