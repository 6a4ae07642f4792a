//! The result of a comparison for display, with secret values hidden.

use std::collections::BTreeMap;

use crate::change::{Change, Class, Danger, Finding, Level, PermissionChange};
use crate::cluster::Requests;
use crate::diagnostics::Diagnostics;
use crate::graph::Graph;

/// The other side of a comparison with the rendered tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// Live clusters: their kube contexts; none for the kubeconfig's current one.
    Cluster(Vec<String>),
    /// A git revision: as given, and its commit.
    Revision(String, String),
    /// A folder with a tree.
    Folder(String),
}

/// One environment of a comparison.
#[derive(Debug, Clone)]
pub struct EnvironmentDiff {
    /// Its name.
    pub name: String,
    /// Its folder below clusters/.
    pub cluster: String,
    /// The number of objects in each class.
    pub counts: BTreeMap<Class, usize>,
    /// Every object that is not unchanged.
    pub findings: Vec<Finding>,
}

/// A comparison for display.
#[derive(Debug, Clone)]
pub struct DiffReport {
    /// The other side.
    pub against: Against,
    /// Whether everything was compared.
    pub complete: bool,
    /// In the order of promotion; environments that only the other side has come last.
    pub environments: Vec<EnvironmentDiff>,
    /// What could lose data, stop what serves or give power away, the worst first.
    pub dangers: Vec<Danger>,
    /// Pipelines whose tasks or their order change, as they would be.
    pub pipelines: Vec<Graph>,
    /// Gained and lost permissions.
    pub permissions: Vec<PermissionChange>,
    /// Remarks. Lower case, no full stop.
    pub notes: Vec<String>,
    /// The failures.
    pub problems: Diagnostics,
    /// The smallest sufficient ClusterRole, as YAML, if permissions are missing.
    pub role: Option<String>,
    /// The requests, if the other side is a cluster.
    pub requests: Option<Requests>,
}

/// The number of changes in each class.
#[must_use]
pub fn counts(changes: &[Change]) -> BTreeMap<Class, usize> {
    let mut counts = BTreeMap::new();
    for change in changes {
        *counts.entry(change.class).or_default() += 1;
    }
    counts
}

impl DiffReport {
    /// The number of objects in each class, in all environments.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Class, usize> {
        let mut counts = BTreeMap::new();
        for (class, count) in self.environments.iter().flat_map(|environment| &environment.counts) {
            *counts.entry(*class).or_default() += count;
        }
        counts
    }

    /// Whether the cluster would change, or an apply would fail.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.counts().keys().any(|class| class.is_difference())
    }

    /// Whether something at least that bad would happen.
    #[must_use]
    pub fn risks(&self, level: Level) -> bool {
        self.dangers.iter().any(|danger| danger.level >= level)
    }

    /// Every object that is not unchanged, in all environments.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.environments.iter().flat_map(|environment| &environment.findings)
    }

    /// The number of compared objects.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts().values().sum()
    }
}
