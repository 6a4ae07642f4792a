//! A Kubernetes object: what it is, what is in it, how it is changed by patches.

mod kinds;
mod object;
pub mod patch;
mod secrets;

pub use kinds::{is_namespaced, plural};
pub use object::{Identity, Object};
pub use secrets::{SecretUse, secrets};
