//! The report of a render.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::workspace::FileDiff;

/// The report of a render.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RenderReport {
    /// By environment, in the order of promotion.
    pub environments: Vec<EnvironmentReport>,
    /// The number of units that were rendered, and of those whose input was unchanged.
    #[serde(default)]
    pub units: (usize, usize),
    /// New and changed files.
    pub written: usize,
    /// Unchanged files.
    pub unchanged: usize,
    /// Removed files.
    pub removed: usize,
    /// Files that are not gen's and are kept.
    pub kept: usize,
    /// Apps that were removed from the spec, and their environments; their accounts are kept.
    pub retired: BTreeMap<String, BTreeSet<String>>,
    /// Apps that keep rights to prune what is no longer rendered, and the environments.
    pub retiring: BTreeMap<String, BTreeSet<String>>,
    /// Left out features, with reasons.
    pub left_out: BTreeSet<String>,
    /// All rendered images without a digest.
    pub by_tag: BTreeSet<String>,
    /// Secrets that must exist: cluster, then namespace, name and key.
    pub secrets: BTreeSet<(String, String, String, Option<String>)>,
    /// Nothing was written because of `--check`.
    pub check: bool,
    /// Files that differ, for `--check`.
    #[serde(skip)]
    pub differs: Vec<FileDiff>,
    /// An interrupted render was finished first.
    pub rolled_forward: bool,
}

/// One environment of a render.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EnvironmentReport {
    /// Its name.
    pub name: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// The number of apps.
    pub apps: usize,
    /// The number of objects by kind.
    pub kinds: BTreeMap<String, usize>,
}

impl EnvironmentReport {
    /// The number of objects.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.kinds.values().sum()
    }
}
