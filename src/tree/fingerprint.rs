//! A digest of everything that a folder is rendered from.

use std::hash::{Hash, Hasher};

use sha2::{Digest as _, Sha256};

use super::record::hash_text;

/// A digest of everything fed to it. A type that derives `Hash` feeds every field, so that one which is added later cannot be
/// forgotten; locations feed nothing. SHA-256, because with a forged collision one of two inputs would not be rendered.
#[derive(Debug, Clone, Default)]
pub struct Fingerprint {
    digest: Sha256,
}

impl Fingerprint {
    /// Feeds something.
    pub fn add(&mut self, what: impl Hash) {
        what.hash(self);
    }

    /// In the format of records.
    #[must_use]
    pub fn text(self) -> String {
        hash_text(&self.digest.finalize())
    }
}

impl Hasher for Fingerprint {
    fn write(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    /// Not used.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(what: impl Hash) -> String {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(what);
        fingerprint.text()
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_eq!(of(["a", "b"]), of(["a", "b"]));
        assert_ne!(of(["ab", ""]), of(["a", "b"]));
        assert_ne!(of(("a", None::<&str>)), of(("a", Some(""))));
        assert_ne!(of(vec![vec!["a"], vec![]]), of(vec![vec![], vec!["a"]]));
    }
}
