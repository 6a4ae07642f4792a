//! The outcome for one object.

use std::sync::Arc;

use serde_json::Value;

use super::{Desired, Origin};
use crate::kubernetes::Identity;

/// What Flux would do with an object if the rendered tree were committed. Every object has exactly one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Flux would delete it: it is in the inventory, but no longer in the tree.
    Pruned,
    /// The API server would reject it: an immutable field, admission, a missing permission.
    Blocked,
    /// Fields differ.
    Changed,
    /// It does not exist yet.
    Created,
    /// Flux leaves it as it is although it differs or is not in the tree: `ssa: IfNotPresent`, `prune: disabled`, `reconcile: disabled`.
    Kept,
    /// Its content is encrypted; only its metadata could be compared.
    Opaque,
    /// Unknown. The only class that makes a result incomplete.
    NotCompared,
    /// Applying it changes nothing.
    Unchanged,
}

impl Class {
    /// All classes, in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Pruned,
        Self::Blocked,
        Self::Changed,
        Self::Created,
        Self::Kept,
        Self::Opaque,
        Self::NotCompared,
        Self::Unchanged,
    ];

    /// The word for it in text and JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pruned => "pruned",
            Self::Blocked => "blocked",
            Self::Changed => "changed",
            Self::Created => "created",
            Self::Kept => "kept",
            Self::Opaque => "opaque",
            Self::NotCompared => "not compared",
            Self::Unchanged => "unchanged",
        }
    }

    /// Whether the cluster would change, or the apply would fail.
    #[must_use]
    pub fn is_difference(self) -> bool {
        matches!(self, Self::Pruned | Self::Blocked | Self::Changed | Self::Created)
    }
}

/// An object and its outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The object.
    pub identity: Identity,
    /// The outcome.
    pub class: Class,
    /// The reason for the class, if it needs one: the server's error, the annotation that keeps it, what
    /// could not be asked. As sent by the server: [`super::findings`] hides secret values in it.
    pub reason: Option<String>,
    /// The environment that has or had it in its tree.
    pub environment: Arc<str>,
    /// The owning app; none for objects shared by an environment's apps.
    pub app: Option<Arc<str>>,
    /// The file in the tree, relative to the repository; none if it is no longer in a tree.
    pub path: Option<String>,
    /// Its origin in the spec.
    pub origin: Option<Origin>,
    /// The current state, without the server's bookkeeping and unmanaged fields. It contains plain secret values, so that
    /// [`super::findings`] can compare them: it is never printed itself. None for a created object.
    pub before: Option<Value>,
    /// The new state, likewise. None for a pruned object.
    pub after: Option<Value>,
}

impl Change {
    /// Of a rendered object, without bodies and a reason.
    #[must_use]
    pub fn of(object: &Desired, class: Class) -> Self {
        Self {
            identity: object.identity.clone(),
            class,
            reason: None,
            environment: Arc::clone(&object.environment),
            app: object.app.clone(),
            path: Some(object.path.to_string()),
            origin: object.origin.clone(),
            before: None,
            after: None,
        }
    }
}
