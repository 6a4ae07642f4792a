//! What Flux does to the objects of an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::yaml::Map;

/// What Flux says of the objects of an environment.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// What is to be known of each Kustomization: settings that are not kept, and the like.
    pub(super) notes: BTreeMap<Arc<str>, Vec<String>>,
    /// What each Kustomization waits for.
    pub(super) waits: BTreeMap<Arc<str>, Vec<String>>,
    /// How files are decrypted, as the spec has it.
    pub(super) decryption: Option<Map>,
    /// Variables that are left, with their fields.
    pub(super) kept: BTreeMap<String, BTreeSet<String>>,
    /// What defines these variables.
    pub(super) sources: BTreeMap<String, BTreeSet<String>>,
}
