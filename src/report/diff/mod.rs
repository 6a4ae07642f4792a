//! What `gen diff` says: to people, to programs, to a pull request.
//!
//! All three are made from the same findings, in which secret values are hidden already. What is not complete says so first.

mod json;
mod markdown;
mod sparse;
mod text;

use std::collections::BTreeMap;

use crate::change::{Change, Class, Finding, PermissionChange};
use crate::diagnostics::{Diagnostic, Diagnostics};

/// The JSON schema of what `-o json` prints.
pub const SCHEMA: &str = include_str!("schema.json");

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
        for (class, count) in self
            .environments
            .iter()
            .flat_map(|environment| &environment.counts)
        {
            *counts.entry(*class).or_default() += count;
        }
        counts
    }

    /// Whether the cluster would be another one afterwards, or an apply would fail.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.counts().keys().any(|class| class.is_difference())
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.environments
            .iter()
            .flat_map(|environment| &environment.findings)
    }

    fn total(&self) -> usize {
        self.counts().values().sum()
    }

    /// `1 pruned, 2 changed, 36 unchanged`; classes without objects are left out.
    fn counted(counts: &BTreeMap<Class, usize>) -> String {
        let parts: Vec<String> = Class::ALL
            .iter()
            .filter_map(|class| Some((class, counts.get(class)?)))
            .map(|(class, count)| format!("{count} {}", class.word()))
            .collect();
        if parts.is_empty() {
            "no objects".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// Why it is not complete, in a sentence.
    fn incomplete(&self) -> Option<String> {
        if self.complete {
            return None;
        }
        let missing = self
            .counts()
            .get(&Class::NotCompared)
            .copied()
            .unwrap_or_default();
        Some(match missing {
            0 => "what would be pruned could not be learned for all objects".to_owned(),
            1 => "1 object was not compared, and may differ".to_owned(),
            number => format!("{number} objects were not compared, and may differ"),
        })
    }
}

impl Against {
    /// In a sentence: `against the cluster (context kind-homelab)`.
    fn words(&self) -> String {
        match self {
            Self::Cluster(contexts) => match contexts.as_slice() {
                [] => "the live cluster (the current kube context)".to_owned(),
                [one] => format!("the live cluster (context {one})"),
                many => format!("the live clusters (contexts {})", many.join(", ")),
            },
            Self::Revision(name, commit) => {
                let short: String = commit.chars().take(12).collect();
                if commit.starts_with(name.as_str()) {
                    format!("commit {short}")
                } else {
                    format!("{name} (commit {short})")
                }
            }
            Self::Folder(path) => format!("the folder {path}"),
        }
    }
}

/// A diagnostic in one line, without its place in a text.
fn told(diagnostic: &Diagnostic) -> String {
    format!("{}: {}", diagnostic.kind.entry().code, diagnostic.kind)
}
