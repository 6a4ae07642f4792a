//! What a comparison takes and gives.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::change::Change;
use crate::diagnostics::ClusterError;

/// How to ask.
#[derive(Debug, Clone)]
pub struct Options {
    /// Send no dry-run: only what plain reads show is decided, and the rest is said to be not compared.
    pub read_only: bool,
    /// How many requests are under way at most.
    pub concurrency: usize,
    /// How long all of it may take, repeated requests and their pauses included.
    pub deadline: Duration,
    /// How long one request may take.
    pub request_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            read_only: false,
            concurrency: 16,
            deadline: Duration::from_mins(5),
            request_timeout: Duration::from_secs(30),
        }
    }
}

/// Which part of the tree is compared, so that what is gone from it can be told from what was not asked for.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The environments that are compared. All must live in the cluster that is asked.
    pub environments: Vec<Kustomizations>,
    /// Only these apps are compared; none for all.
    pub apps: Option<BTreeSet<String>>,
}

/// The Flux Kustomizations that the tree holds for an environment, whatever part of it is compared. One that the cluster has beside
/// them is one that would be pruned, with all that it applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kustomizations {
    /// The environment.
    pub environment: String,
    /// Where its Flux objects live: `flux-system`.
    pub namespace: String,
    /// Their names.
    pub names: BTreeSet<String>,
}

/// What would change, and how far that is known.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Every object that was given, and every one that would be pruned, in a stable order. Unchanged ones carry no bodies, but for Secrets. Bodies
    /// and reasons are as the server gave them: values of Secrets are still in them, and have to be masked before they are shown.
    pub changes: Vec<Change>,
    /// Whether everything was compared. False where an object is not compared, or what would be pruned could not be learned.
    pub complete: bool,
    /// What a reader should know beside it: where the pruned ones were learned from, what is suspended. Lower case, no full stop.
    pub notes: Vec<String>,
    /// What failed, each cause once.
    pub problems: Vec<ClusterError>,
    /// The smallest ClusterRole with which everything could have been asked, as YAML; only where rights are missing.
    pub role: Option<String>,
    /// What was asked.
    pub requests: Requests,
}

/// How many requests were sent, repeated ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    /// Questions about which kinds there are.
    pub discoveries: usize,
    /// Pages of lists.
    pub lists: usize,
    /// Reads of one object.
    pub gets: usize,
    /// Server-side dry-runs.
    pub dry_runs: usize,
    /// Those among all of these that had failed before.
    pub retries: usize,
}

impl Requests {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.discoveries + self.lists + self.gets + self.dry_runs
    }
}

/// Somebody who watches.
pub trait Progress: Sync {
    /// So many more objects were decided.
    fn advance(&self, objects: usize);
}

/// Nobody who watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn advance(&self, _objects: usize) {}
}
