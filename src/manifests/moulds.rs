//! Which apps are alike, and the moulds of those that are more than one.
//!
//! The first app of its like is rendered by itself; the second one by itself too, and once more with tokens for its words, for a
//! mould. A mould is kept only where its cast for that app is what the app was rendered to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::likeness::Key;
use super::mould::Mould;

/// So many moulds there are at most: those of the first that are alike. The others are rendered each by itself.
const MOST: usize = 256;

/// See the module. Shared by threads.
#[derive(Debug, Default)]
pub(super) struct Moulds {
    known: RwLock<HashMap<Key, Known>>,
    casts: AtomicUsize,
}

/// What is known of apps that are alike.
#[derive(Debug, Clone)]
pub(super) enum Known {
    /// One was rendered.
    One,
    /// Several, and there is a mould of them.
    Mould(Arc<Mould>),
    /// Each has to be rendered by itself.
    Unlike,
}

impl Moulds {
    /// What is known of apps of this like; none where this is the first.
    pub(super) fn get(&self, key: &Key) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(key).cloned()
    }

    /// Whether there may be more.
    pub(super) fn is_full(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let is_mould = |known: &&Known| matches!(known, Known::Mould(_));
        known.values().filter(is_mould).count() >= MOST
    }

    /// How many units were cast.
    pub(super) fn casts(&self) -> usize {
        self.casts.load(Ordering::Relaxed)
    }

    /// Takes note of one more.
    pub(super) fn note_cast(&self) {
        self.casts.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note of it.
    pub(super) fn note(&self, key: Key, what: Known) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, what);
    }
}
