//! A Kubernetes object: its identity, its content, and patches.

mod kinds;
mod object;
pub mod patch;
mod secrets;

pub use kinds::{is_namespaced, plural};
pub use object::{Identity, Object};
pub use secrets::{SecretUse, secrets};
