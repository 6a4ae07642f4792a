//! Options and result of a comparison.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::change::Change;
use crate::diagnostics::ClusterError;

/// Options of a comparison.
#[derive(Debug, Clone)]
pub struct Options {
    /// Send no dry runs: only plain reads decide, and the rest is reported as not compared.
    pub read_only: bool,
    /// Maximum number of concurrent requests.
    pub concurrency: usize,
    /// The overall time limit, including retries and their delays.
    pub deadline: Duration,
    /// The time limit of one request.
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

/// The compared part of the tree, to distinguish removed objects from those out of scope.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The environments to compare, all in this cluster.
    pub environments: Vec<Kustomizations>,
    /// Compare only these apps; none for all.
    pub apps: Option<BTreeSet<String>>,
}

impl Scope {
    /// Whether the objects of an app are compared, or those of none.
    pub(super) fn has(&self, app: Option<&str>) -> bool {
        self.apps.as_ref().is_none_or(|apps| app.is_some_and(|app| apps.contains(app)))
    }
}

/// All Flux Kustomizations of an environment in the tree, regardless of scope. Any other one in the cluster
/// would be pruned, with everything it applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kustomizations {
    /// The environment.
    pub environment: String,
    /// The namespace of its Flux objects: `flux-system`.
    pub namespace: String,
    /// Their names.
    pub names: BTreeSet<String>,
}

/// The changes, and whether they are complete.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// All given objects, and those that would be pruned, in a stable order. Unchanged ones have no bodies, except for Secrets. Bodies
    /// and reasons are as sent by the server: they contain values of Secrets, and must be masked before display.
    pub changes: Vec<Change>,
    /// Whether everything was compared. False if an object was not compared, or if pruning is unknown.
    pub complete: bool,
    /// Remarks: the source of pruned objects, suspended Kustomizations. Lower case, no full stop.
    pub notes: Vec<String>,
    /// The failures, each cause once.
    pub problems: Vec<ClusterError>,
    /// The smallest sufficient ClusterRole, as YAML, if permissions are missing.
    pub role: Option<String>,
    /// The requests.
    pub requests: Requests,
}

impl Comparison {
    /// Takes in what another cluster's comparison found. The first role stays.
    pub(crate) fn extend(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.complete &= other.complete;
        self.notes.extend(other.notes);
        self.problems.extend(other.problems);
        self.role = self.role.take().or(other.role);
        self.requests += other.requests;
    }
}

/// Number of requests, including retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    /// Discovery of kinds.
    pub discoveries: usize,
    /// Pages of lists.
    pub lists: usize,
    /// Reads of one object.
    pub gets: usize,
    /// Server-side dry runs.
    pub dry_runs: usize,
    /// Reviews of rights.
    pub reviews: usize,
    /// Retries among all of these.
    pub retries: usize,
}

impl Requests {
    /// Their sum.
    #[must_use]
    pub fn total(&self) -> usize {
        self.discoveries + self.lists + self.gets + self.dry_runs + self.reviews
    }
}

impl std::ops::AddAssign for Requests {
    fn add_assign(&mut self, other: Self) {
        self.discoveries += other.discoveries;
        self.lists += other.lists;
        self.gets += other.gets;
        self.dry_runs += other.dry_runs;
        self.reviews += other.reviews;
        self.retries += other.retries;
    }
}

/// An observer of the progress.
pub trait Progress: Sync {
    /// This many more objects were decided.
    fn advance(&self, objects: usize);
}

/// No observer.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn advance(&self, _objects: usize) {}
}
