//! What outlives a unit's objects: how many there were, which Secrets they name, and which patches met one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kubernetes::{Object, SecretUse, images, made_secrets, secrets};
use crate::name::image_parts;
use crate::permissions::Rule;

/// What is known of a unit after its objects are gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Objects by kind.
    pub kinds: BTreeMap<String, usize>,
    /// Secrets that must exist: namespace, name, key.
    pub secrets: BTreeSet<(String, String, Option<String>)>,
    /// Images without a digest.
    pub by_tag: BTreeSet<String>,
    /// Secrets that come of objects: namespace and name.
    pub made: BTreeSet<(String, String)>,
    /// For each patch of the environment, whether it meant an object here.
    pub patched: Vec<bool>,
    /// Kind and name of every object, for the hint of a patch that meets nothing; only where there are patches.
    pub names: Vec<(String, String)>,
    /// What each Task was declared to ask the API server for, and in which namespaces. Only known while it is rendered.
    #[serde(skip)]
    pub declared: Vec<(String, Vec<(String, Rule)>)>,
    /// The objects and their files in the folder, as they are written; only where [`super::Unit::keep`] asks for them.
    #[serde(skip)]
    pub objects: Vec<(&'static str, Object)>,
    /// The app, where rights of it are kept only so that Flux can prune.
    pub retires: Option<String>,
}

impl Facts {
    /// Of objects that belong to no app.
    pub(super) fn of<'o>(objects: impl IntoIterator<Item = &'o Object>) -> Self {
        let mut facts = Self::default();
        for object in objects {
            facts.count(object);
        }
        facts
    }

    /// Adds which patches were meant for another's objects, and their names.
    pub(super) fn add_patched(&mut self, other: Self) {
        self.patched.resize(self.patched.len().max(other.patched.len()), false);
        for (met, also) in self.patched.iter_mut().zip(other.patched) {
            *met |= also;
        }
        self.names.extend(other.names);
    }

    pub(super) fn count(&mut self, object: &Object) {
        *self.kinds.entry(object.kind().to_owned()).or_default() += 1;
        self.note_images(object, None);
        self.note_secrets(object);
        self.made.extend(made_secrets(object));
    }

    /// Notes images without a digest, except for one.
    pub(super) fn note_images(&mut self, object: &Object, except: Option<&str>) {
        let by_tag = |image: &String| {
            image_parts(image).is_some_and(|parts| parts.digest.is_none())
                && Some(image.as_str()) != except
        };
        self.by_tag.extend(images(object).into_iter().filter(by_tag));
    }

    pub(super) fn note_secrets(&mut self, object: &Object) {
        for SecretUse { namespace, name, key } in secrets(object) {
            self.secrets.insert((namespace, name, key));
        }
    }
}
