//! Which Secrets the rendered objects expect, what each is for, and how it is made. gen never sees a value.
//!
//! What is expected is read out of the rendered tree itself, so nothing that is rendered is forgotten; what a Secret means is
//! known from the app.

mod command;
mod live;
mod read;
mod role;

pub use command::command;
pub use live::{State, role, state};
pub use read::expected;

use std::collections::{BTreeMap, BTreeSet};

/// A Secret that must be in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The environment that expects it.
    pub environment: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// The kube context, where the environment names one.
    pub context: Option<String>,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type, as in `kubernetes.io/tls`.
    pub kind: &'static str,
    /// Its keys, each with what it holds.
    pub keys: BTreeMap<String, String>,
    /// Keys that may be missing.
    pub optional: BTreeMap<String, String>,
    /// Objects that name it: kind and name.
    pub users: BTreeSet<String>,
    /// What does not work without it.
    pub breaks: BTreeSet<&'static str>,
    /// What is still to be done once it is there.
    pub then: BTreeSet<String>,
}
