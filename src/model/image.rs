//! Which image runs.

use serde::Serialize;

use crate::name::image_parts;

/// An image: its name, and what exactly runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Image {
    /// Registry and path.
    pub name: String,
    /// What the workload runs: a pinned or written digest, or a tag from the spec. Nothing if the pipeline has yet to build the
    /// first image.
    pub reference: Option<String>,
    /// Its digest, if known.
    pub digest: Option<String>,
    /// It comes from a pin, so patches are not allowed to change it.
    pub pinned: bool,
    /// The spec names a tag or digest: the image is there already, and nothing builds it.
    pub ready: bool,
}

impl Image {
    /// From the image in the spec and the pin. `builds`: a task of the pipeline tells which image runs, so a tag in the spec does
    /// not.
    #[must_use]
    pub fn new(written: &str, pin: Option<&str>, builds: bool) -> Self {
        let parts = image_parts(written);
        let name = parts.map_or(written, |parts| parts.name).to_owned();
        let ready = parts.is_some_and(|parts| parts.tag.is_some() || parts.digest.is_some());
        let digest_of =
            |text: &str| image_parts(text).and_then(|parts| parts.digest).map(str::to_owned);
        if let Some(pin) = pin {
            return Self {
                name,
                reference: Some(pin.to_owned()),
                digest: digest_of(pin),
                pinned: true,
                ready,
            };
        }
        let digest = digest_of(written);
        let known = digest.is_some() || (ready && !builds);
        Self { name, reference: known.then(|| written.to_owned()), digest, pinned: false, ready }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_a_digest_or_a_tag_that_nobody_builds() {
        let digest = format!("r/a@sha256:{}", "0".repeat(64));
        assert_eq!(Image::new("r/a", None, true).reference, None);
        assert_eq!(Image::new("r/a:1", None, true).reference, None);
        assert_eq!(Image::new("r/a:1", None, false).reference.as_deref(), Some("r/a:1"));
        assert_eq!(Image::new("r/a", Some(&digest), true).reference, Some(digest.clone()));
        assert!(Image::new("r/a", Some(&digest), true).pinned);
        assert_eq!(Image::new(&digest, None, true).name, "r/a");
    }
}
