//! What a Flux Kustomization has applied, by its inventory, and what it would delete.

use serde_json::Value;

use crate::kubernetes::json::{at, list, text};
use crate::kubernetes::{Identity, join_api};

/// A live Kustomization: the fields relevant to pruning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kustomization {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// `spec.prune`.
    pub prune: bool,
    /// `spec.suspend`: Flux does nothing with it until it is resumed.
    pub suspended: bool,
    /// `spec.deletionPolicy`; empty if it is not set.
    pub deletion_policy: String,
    /// Whether its status has an inventory.
    pub has_inventory: bool,
}

/// The fate of a Kustomization's objects if it is deleted itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// It is deleted too.
    Deletes,
    /// It stays, for this reason.
    Orphans(&'static str),
}

impl Kustomization {
    /// Reads a live object.
    #[must_use]
    pub fn read(object: &Value) -> Self {
        let spec = |key: &str| at(object, &["spec", key]).and_then(Value::as_bool);
        Self {
            namespace: text(object, &["metadata", "namespace"]).to_owned(),
            name: text(object, &["metadata", "name"]).to_owned(),
            prune: spec("prune").unwrap_or_default(),
            suspended: spec("suspend").unwrap_or_default(),
            deletion_policy: text(object, &["spec", "deletionPolicy"]).to_owned(),
            has_inventory: at(object, &["status", "inventory", "entries"]).is_some(),
        }
    }

    /// The fate of its objects if it is deleted (KC, `finalizerShouldDeleteResources`; the policy's default is
    /// `MirrorPrune`, api/v1/kustomization_types.go `GetDeletionPolicy`).
    #[must_use]
    pub fn on_deletion(&self) -> Deletion {
        if self.suspended {
            return Deletion::Orphans("its Kustomization is suspended");
        }
        match self.deletion_policy.as_str() {
            "" | "MirrorPrune" if self.prune => Deletion::Deletes,
            "" | "MirrorPrune" => Deletion::Orphans("its Kustomization does not prune"),
            "Delete" | "WaitForTermination" => Deletion::Deletes,
            _ => Deletion::Orphans("`deletionPolicy: Orphan` of its Kustomization"),
        }
    }
}

/// An object of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryEntry {
    /// The object.
    pub identity: Identity,
    /// The version of its API, without the group.
    pub version: String,
}

impl InventoryEntry {
    /// The entries in the status of a Kustomization; invalid ones as they are.
    pub fn of(object: &Value) -> impl Iterator<Item = Result<Self, String>> {
        list(object, &["status", "inventory", "entries"]).iter().map(|entry| {
            let id = text(entry, &["id"]);
            Self::parse(id, text(entry, &["v"])).ok_or_else(|| id.to_owned())
        })
    }

    /// `NAMESPACE_NAME_GROUP_KIND`, where a colon in a name is written `__` (fluxcd/cli-utils pkg/object/objmetadata.go,
    /// `ParseObjMetadata`).
    #[must_use]
    pub fn parse(id: &str, version: &str) -> Option<Self> {
        let (namespace, rest) = id.split_once('_')?;
        let (rest, kind) = rest.rsplit_once('_')?;
        let (name, group) = rest.rsplit_once('_')?;
        if name.is_empty() || kind.is_empty() {
            return None;
        }
        Some(Self {
            identity: Identity {
                group: group.to_owned(),
                kind: kind.to_owned(),
                namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
                name: name.replace("__", ":"),
            },
            version: version.to_owned(),
        })
    }

    /// `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        join_api(&self.identity.group, &self.version)
    }
}
