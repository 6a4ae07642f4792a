//! What a check says.

use std::collections::BTreeMap;

use super::{LiveReport, Since};
use crate::check::{Finding, Level, Owned};

/// A file that was not judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Its path.
    pub file: String,
    /// Why.
    pub why: String,
}

/// The outcome of a check.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// What was found, by file and line.
    pub findings: Vec<Finding>,
    /// Number of files with objects.
    pub files: usize,
    /// Number of objects.
    pub objects: usize,
    /// Kinds that nothing is known of, with the number of their objects. Their fields were not judged.
    pub unknown: BTreeMap<String, usize>,
    /// Files that could not be judged.
    pub unread: Vec<Unread>,
    /// Number of findings that exceptions of the spec cover.
    pub ignored: usize,
    /// Documents that are no object of Kubernetes.
    pub other: Vec<String>,
    /// Keys of kustomizations that were not applied before objects were judged.
    pub unapplied: Vec<Unread>,
    /// What the clusters were asked, if they were.
    pub live: Option<LiveReport>,
    /// What was left out because it is not new, if only that was asked for.
    pub since: Option<Since>,
    /// What Flux applies by what, by environment; only where a revision is compared.
    pub(super) owned: BTreeMap<String, Owned>,
}

impl CheckReport {
    /// Number of findings of a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// Whether everything was judged.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_answered =
            |live: &LiveReport| live.unasked.is_empty() && !live.problems.has_errors();
        self.unread.is_empty() && self.live.as_ref().is_none_or(is_answered)
    }

    /// Takes in another part of the same check.
    pub(super) fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.files += other.files;
        self.objects += other.objects;
        for (kind, count) in other.unknown {
            *self.unknown.entry(kind).or_default() += count;
        }
        self.unread.extend(other.unread);
        self.ignored += other.ignored;
        self.other.extend(other.other);
        self.unapplied.extend(other.unapplied);
        self.owned.extend(other.owned);
    }
}
