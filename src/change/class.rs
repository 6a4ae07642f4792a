//! What becomes of one object.

use std::sync::Arc;

use serde_json::Value;

use super::{Desired, Origin};
use crate::kubernetes::Identity;

/// What Flux would do with an object if the rendered tree were committed. Every object ends in exactly one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Flux would delete it: it stands in the inventory, and no longer in the tree.
    Pruned,
    /// The API server would refuse it: an immutable field, admission, a missing right.
    Blocked,
    /// Fields differ.
    Changed,
    /// It does not exist yet.
    Created,
    /// Flux leaves it as it is although it differs or is gone from the tree: `ssa: IfNotPresent`, `prune: disabled`, `reconcile: disabled`.
    Kept,
    /// Its content is encrypted; only its metadata could be compared.
    Opaque,
    /// Nothing is known of it. The only class that makes a result incomplete.
    NotCompared,
    /// Applying it changes nothing.
    Unchanged,
}

impl Class {
    /// Every class, in the order in which a report shows them.
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

    /// The word for it in texts and in JSON.
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

    /// Whether the cluster would be another one afterwards, or the apply would fail.
    #[must_use]
    pub fn is_difference(self) -> bool {
        matches!(
            self,
            Self::Pruned | Self::Blocked | Self::Changed | Self::Created
        )
    }
}

/// One object and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which object.
    pub identity: Identity,
    /// What becomes of it.
    pub class: Class,
    /// Why it is in this class, where that needs words: the server's answer to what is blocked, the annotation that keeps it, what
    /// could not be asked. As the server said it: [`super::findings`] hides secret values in it.
    pub reason: Option<String>,
    /// The environment in whose tree it stands or stood.
    pub environment: Arc<str>,
    /// The app whose it is; none for what an environment's apps share.
    pub app: Option<Arc<str>>,
    /// The file of the tree, relative to the repository; none for what is in no tree any more.
    pub path: Option<String>,
    /// Where in the spec it comes from.
    pub origin: Option<Origin>,
    /// What is there, without the server's bookkeeping and what nobody here sets. Secret values stand in it in clear, so that
    /// [`super::findings`] can tell whether they differ: it is never printed itself. None for what is created.
    pub before: Option<Value>,
    /// What would be there, likewise. None for what is pruned.
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
            environment: object.environment.clone(),
            app: object.app.clone(),
            path: Some(object.path.to_string()),
            origin: object.origin.clone(),
            before: None,
            after: None,
        }
    }
}
