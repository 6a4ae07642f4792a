//! What outlives a unit's objects: how many there were, which Secrets they name, and which patches met one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kubernetes::{Object, SecretUse, images_by_tag, secrets};

/// What is known of a unit after its objects are gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Objects by kind.
    pub kinds: BTreeMap<String, usize>,
    /// Secrets that must exist: namespace, name, key.
    pub secrets: BTreeSet<(String, String, Option<String>)>,
    /// Images without a digest.
    pub by_tag: BTreeSet<String>,
    /// For each patch of the environment, whether it meant an object here.
    pub patched: Vec<bool>,
    /// Kind and name of every object, for the hint of a patch that meets nothing; only where there are patches.
    pub names: Vec<(String, String)>,
    /// The app, where rights of it are kept only so that Flux can prune.
    pub retires: Option<String>,
}

impl Facts {
    /// Of objects that belong to no app.
    pub(super) fn of(objects: &[Object]) -> Self {
        let mut facts = Self::default();
        for object in objects {
            facts.count(object);
        }
        facts
    }

    pub(super) fn count(&mut self, object: &Object) {
        *self.kinds.entry(object.kind().to_owned()).or_default() += 1;
        self.by_tag.extend(images_by_tag(object));
        self.note_secrets(object);
    }

    pub(super) fn note_secrets(&mut self, object: &Object) {
        for SecretUse { namespace, name, key } in secrets(object) {
            self.secrets.insert((namespace, name, key));
        }
    }
}
