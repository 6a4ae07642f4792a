//! What a comparison found, as it may be shown: secret values are hidden in it.

use std::collections::BTreeMap;

use crate::change::{Change, Class, Finding, PermissionChange};
use crate::diagnostics::Diagnostics;

/// What the rendered tree was compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// Live clusters: the kube contexts that were asked; none for the kubeconfig's current one.
    Cluster(Vec<String>),
    /// A git revision: as it was named, and the commit.
    Revision(String, String),
    /// A folder with a tree.
    Folder(String),
}

/// How many requests the clusters were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Pages of lists.
    pub lists: usize,
    /// Reads of one object.
    pub gets: usize,
    /// Dry-runs.
    pub dry_runs: usize,
    /// All, with questions about kinds and rights.
    pub total: usize,
}

/// One environment of a comparison.
#[derive(Debug, Clone)]
pub struct EnvironmentDiff {
    /// Its name.
    pub name: String,
    /// Its folder below clusters/.
    pub cluster: String,
    /// How many objects are in each class.
    pub counts: BTreeMap<Class, usize>,
    /// Every object that is not unchanged.
    pub findings: Vec<Finding>,
}

/// A comparison, as it may be shown.
#[derive(Debug, Clone)]
pub struct DiffReport {
    /// With what.
    pub against: Against,
    /// Whether everything was compared.
    pub complete: bool,
    /// Along the chain of promotion; environments that only the other side knows come last.
    pub environments: Vec<EnvironmentDiff>,
    /// Who gains or loses what.
    pub permissions: Vec<PermissionChange>,
    /// What a reader should know beside it. Lower case, no full stop.
    pub notes: Vec<String>,
    /// What failed.
    pub problems: Diagnostics,
    /// The ClusterRole with which everything could have been asked, as YAML, where rights are missing.
    pub role: Option<String>,
    /// What the clusters were asked, where they were.
    pub asked: Option<Asked>,
}

/// Counts classes.
#[must_use]
pub fn counts<'a>(changes: impl IntoIterator<Item = &'a Change>) -> BTreeMap<Class, usize> {
    let mut counts = BTreeMap::new();
    for change in changes {
        *counts.entry(change.class).or_default() += 1;
    }
    counts
}

impl DiffReport {
    /// How many objects are in each class, in all environments.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Class, usize> {
        let mut counts = BTreeMap::new();
        for (class, count) in self.environments.iter().flat_map(|environment| &environment.counts) {
            *counts.entry(*class).or_default() += count;
        }
        counts
    }

    /// Whether the cluster would be another one afterwards, or an apply would fail.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.counts().keys().any(|class| class.is_difference())
    }

    /// Every object that is not unchanged, in all environments.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.environments.iter().flat_map(|environment| &environment.findings)
    }

    /// How many objects were compared.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts().values().sum()
    }
}
