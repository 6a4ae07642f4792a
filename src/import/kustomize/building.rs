//! A kustomization while it is built.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::kubernetes::Object;

/// Texts by path.
pub type Texts = BTreeMap<String, Arc<str>>;

/// An object, and the file that it is from.
pub type Found = (Object, Arc<str>);

/// What is read, and how deep it has led.
pub(super) struct Building<'t> {
    pub(super) texts: &'t Texts,
    pub(super) read: BTreeSet<String>,
    pub(super) depth: usize,
    /// What is left out, with the reason.
    pub(super) unread: Vec<(String, String)>,
}
