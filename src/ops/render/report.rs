//! What a render did.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::workspace::FileDiff;

/// What a render did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RenderReport {
    /// By environment, along the chain of promotion.
    pub environments: Vec<EnvironmentReport>,
    /// Units that were rendered, and those that are what they were rendered from before.
    #[serde(default)]
    pub units: (usize, usize),
    /// Files new or changed.
    pub written: usize,
    /// Files as they were.
    pub unchanged: usize,
    /// Files that went.
    pub removed: usize,
    /// Files that are not gen's and stay.
    pub kept: usize,
    /// Apps that are gone from the spec and whose accounts stay.
    pub retired: BTreeSet<String>,
    /// What was left out and why: what, why, environments.
    pub left_out: BTreeSet<String>,
    /// Images by tag.
    pub by_tag: BTreeSet<String>,
    /// Secrets that must exist: cluster, then namespace, name and key.
    pub secrets: BTreeSet<(String, String, String, Option<String>)>,
    /// Nothing was written because nothing was to be: `--check`.
    pub check: bool,
    /// Files that differ, where nothing is written.
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
    /// Apps that were rendered.
    pub apps: usize,
    /// Objects by kind.
    pub kinds: BTreeMap<String, usize>,
}

impl EnvironmentReport {
    /// Objects of all kinds.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.kinds.values().sum()
    }
}
