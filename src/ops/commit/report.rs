//! The report of a commit and a push.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::message::Told;
use crate::git::Update;
use crate::tree::GEN_VERSION;

/// A commit, made or only planned.
#[derive(Debug, Clone, Default)]
pub struct CommitReport {
    /// Nothing is written.
    pub dry_run: bool,
    /// The commit, if one was made.
    pub commit: Option<String>,
    /// Its local branch; none if it is only on the remote.
    pub branch: Option<String>,
    /// The whole message.
    pub message: String,
    /// Environments, with their changed apps.
    pub environments: BTreeMap<String, BTreeSet<String>>,
    /// Changed pins.
    pub pins: Vec<PinMoved>,
    /// The numbers of files and objects, in a line.
    pub counts: String,
    /// The numbers of created, changed and removed objects.
    pub objects: [usize; 3],
    /// Every changed path, and whether it is removed.
    pub paths: Vec<(String, bool)>,
    /// The push, if any.
    pub pushed: Option<PushReport>,
    /// The pull request to open for the branch on the remote, pushed now or earlier.
    pub open: Option<PullRequest>,
    /// Remarks, a line each.
    pub notes: Vec<String>,
    /// The reason why there is nothing to commit, if so.
    pub nothing: Option<String>,
}

/// A key of a pin, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PinMoved {
    /// The environment.
    pub environment: String,
    /// The app.
    pub app: String,
    /// `image`, `tag`, `revision` or `nonce`.
    pub key: &'static str,
    /// The old value.
    pub before: Option<String>,
    /// The new value.
    pub after: Option<String>,
}

/// A push.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushReport {
    /// The remote's name.
    pub remote: String,
    /// The branch there.
    pub branch: String,
    /// The web page of the commit.
    pub url: Option<String>,
    /// The web page for opening one.
    pub pull_request: Option<String>,
    /// The number of tries.
    pub tries: usize,
}

/// A pull request that is still to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// The branch on the remote.
    pub branch: String,
    /// The web page for opening it.
    pub url: Option<String>,
}

impl CommitReport {
    /// Adds the changes of the commit.
    pub(super) fn describe(&mut self, told: &Told, changes: &[Update]) {
        self.environments.clone_from(&told.environments);
        self.pins.clone_from(&told.pins);
        self.counts = told.counts();
        let objects = &told.objects;
        self.objects = [objects.created, objects.changed, objects.removed];
        self.paths =
            changes.iter().map(|update| (update.path.clone(), update.content.is_none())).collect();
        self.notes.extend(told.versions.iter().map(|version| {
            format!("rendered by gen {version} before, by {GEN_VERSION} now: check the changes")
        }));
    }
}
