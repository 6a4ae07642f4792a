//! The desired state of an object, from the tree.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::kubernetes::Identity;

/// An object of the tree, with its origin and its Kustomization.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The object.
    pub identity: Identity,
    /// `apps/v1`.
    pub api_version: String,
    /// The whole object, as read by Flux.
    pub body: Value,
    /// The environment that has it in its tree.
    pub environment: Arc<str>,
    /// The owning app; none for objects shared by an environment's apps.
    pub app: Option<Arc<str>>,
    /// The file of the tree, relative to the repository.
    pub path: Arc<str>,
    /// Its origin in the spec.
    pub origin: Option<Origin>,
    /// The Flux Kustomization that applies it; none for the objects of Flux's own entry.
    pub applier: Option<Arc<Applier>>,
}

impl Desired {
    /// The cluster's folder in the tree.
    pub(super) fn cluster(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }
}

/// The Flux Kustomization that applies a folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Applier {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// A location in the spec.
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
