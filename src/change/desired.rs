//! An object as the tree says it should be.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::kubernetes::Identity;

/// An object of the tree, with what is known of where it comes from and who applies it.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Which object.
    pub identity: Identity,
    /// `apps/v1`.
    pub api_version: String,
    /// The whole object, as Flux would read it from the tree.
    pub body: Value,
    /// The environment in whose tree it stands.
    pub environment: Arc<str>,
    /// The app whose it is; none for what an environment's apps share.
    pub app: Option<Arc<str>>,
    /// The file of the tree, relative to the repository.
    pub path: Arc<str>,
    /// Where in the spec it comes from.
    pub origin: Option<Origin>,
    /// The Flux Kustomization that applies it; none for what Flux's own entry holds.
    pub applier: Option<Arc<Applier>>,
}

/// A Flux Kustomization, as it applies a folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Applier {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A place in the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, relative to the repository.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    /// `gen.yaml:12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
