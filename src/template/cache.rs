//! Skeletons by their source text, shared by all threads, with a size limit.
//!
//! Two generations: when the young one is full, it becomes the old one, and the old one is dropped. A used entry
//! moves back to the young one. So memory is bounded, and a lookup never waits for a cleanup.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::skeleton::Skeleton;

/// Texts in one generation.
const TEXTS: usize = 2_048;
/// Bytes of text in one generation.
const BYTES: usize = 8 << 20;

/// The documents of one rendered text.
pub(super) type Documents = Arc<[Skeleton]>;

/// See the module.
#[derive(Default)]
pub(super) struct Cache {
    generations: RwLock<Generations>,
}

/// Keyed by whole texts of some kilobytes, so hashing speed matters.
type ByText = HashMap<Arc<str>, Documents, foldhash::quality::RandomState>;

#[derive(Default)]
struct Generations {
    young: ByText,
    young_bytes: usize,
    old: ByText,
}

impl Cache {
    /// The documents of a text, if cached.
    pub(super) fn get(&self, text: &str) -> Option<Documents> {
        let read = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = read.young.get(text) {
            return Some(found.clone());
        }
        let (key, found) = read.old.get_key_value(text)?;
        let (key, found) = (key.clone(), found.clone());
        drop(read);
        self.insert(key, found.clone());
        Some(found)
    }

    /// Caches the documents of a text.
    pub(super) fn insert(&self, text: Arc<str>, documents: Documents) {
        if text.len() > BYTES / 16 {
            return;
        }
        let mut write = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if write.young.len() >= TEXTS || write.young_bytes + text.len() > BYTES {
            write.old = std::mem::take(&mut write.young);
            write.young_bytes = 0;
        }
        let bytes = text.len();
        if write.young.insert(text, documents).is_none() {
            write.young_bytes += bytes;
        }
    }

    /// The number of cached texts.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let read = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        read.young.len() + read.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> Documents {
        Arc::from(Vec::new())
    }

    #[test]
    fn stays_within_its_limits_and_keeps_what_is_used() {
        let cache = Cache::default();
        cache.insert(Arc::from("used"), documents());
        for n in 0..10 * TEXTS {
            cache.insert(Arc::from(n.to_string()), documents());
            assert!(cache.get("used").is_some());
            assert!(cache.len() <= 2 * TEXTS);
        }
        assert!(cache.get("0").is_none());
        let long = "x".repeat(BYTES / 16);
        for n in 0..64 {
            cache.insert(Arc::from(format!("{n}{}", &long[10..])), documents());
        }
        assert!(cache.len() <= 32 + 2, "{}", cache.len());
    }
}
