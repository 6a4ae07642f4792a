//! Field managers, and those that Flux removes before applying.

use serde_json::{Map, Value};

use super::MANAGER;
use super::fields::{Fields, unite};
use crate::kubernetes::json::{list, map, text};

/// An entry of `metadata.managedFields`.
pub(super) struct Entry<'v> {
    pub(super) manager: &'v str,
    pub(super) operation: &'v str,
    pub(super) subresource: &'v str,
    pub(super) api_version: &'v str,
    pub(super) fields: Option<&'v Fields>,
}

impl Entry<'_> {
    /// Flux's own entry.
    pub(super) fn is_ours(&self) -> bool {
        self.manager == MANAGER && self.operation == "Apply" && self.subresource.is_empty()
    }

    /// Managers whose fields Flux takes over before applying, so that fields set only by them are removed (KC, `fieldManagers`; SSA
    /// patch.go, `matchFieldManager`: names are prefixes, and entries of a subresource are never meant).
    pub(super) fn is_taken_over(&self) -> bool {
        self.subresource.is_empty()
            && match self.operation {
                "Apply" => self.manager.starts_with("kubectl"),
                "Update" => ["kubectl", "before-first-apply", MANAGER]
                    .iter()
                    .any(|prefix| self.manager.starts_with(prefix)),
                _ => false,
            }
    }
}

/// Whether an object has managers whose fields Flux takes over. Only then does [`super::predict`] read field owners in the response to a
/// dry run.
#[must_use]
pub fn is_taken_over(live: &Value) -> bool {
    entries(live).any(|entry| entry.is_taken_over())
}

/// The entries of an object, in its order.
pub(super) fn entries(object: &Value) -> impl Iterator<Item = Entry<'_>> {
    list(object, &["metadata", "managedFields"]).iter().map(|entry| Entry {
        manager: text(entry, &["manager"]),
        operation: text(entry, &["operation"]),
        subresource: text(entry, &["subresource"]),
        api_version: text(entry, &["apiVersion"]),
        fields: map(entry, &["fieldsV1"]),
    })
}

/// The fields set by these managers together.
pub(super) fn union<'v>(entries: impl Iterator<Item = Entry<'v>>) -> Fields {
    let mut all = Map::new();
    for fields in entries.filter_map(|entry| entry.fields) {
        // An empty tree would count as a leaf: a set with nothing in it has no root either.
        if all.is_empty() {
            all.clone_from(fields);
        } else {
            unite(&mut all, fields);
        }
    }
    all
}
