//! What was committed and pushed.

use serde::Serialize;

use super::message::Told;
use crate::git::Update;
use crate::tree::GEN_VERSION;

/// A commit that was made, or would be.
#[derive(Debug, Clone, Default)]
pub struct CommitReport {
    /// Nothing was written because nothing was to be.
    pub dry_run: bool,
    /// The commit; none where there was nothing to commit, or none was to be made.
    pub commit: Option<String>,
    /// The branch it is on here; none where it is only on the remote.
    pub branch: Option<String>,
    /// The whole message.
    pub message: String,
    /// Environments, and the apps of each whose files change.
    pub environments: Vec<(String, Vec<String>)>,
    /// Pins that move.
    pub pins: Vec<PinMoved>,
    /// Files and objects, in a line.
    pub counts: String,
    /// Objects that are created, changed and removed.
    pub objects: [usize; 3],
    /// Every path that changes, and whether it goes.
    pub paths: Vec<(String, bool)>,
    /// Where it was pushed.
    pub pushed: Option<PushReport>,
    /// What else should be known, a line each.
    pub notes: Vec<String>,
    /// Why there is nothing to commit, where there is nothing.
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
    /// What it was.
    pub before: Option<String>,
    /// What it is now.
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
    /// Where the commit is looked at on the web.
    pub url: Option<String>,
    /// A pull request is wanted.
    #[serde(skip)]
    pub for_pull_request: bool,
    /// Where it is opened.
    pub pull_request: Option<String>,
    /// How often it was tried.
    pub tries: usize,
}

impl CommitReport {
    /// Takes over what a commit changes.
    pub(super) fn describe(&mut self, told: &Told, changes: &[Update]) {
        self.environments = told
            .environments
            .iter()
            .map(|(name, apps)| (name.clone(), apps.iter().cloned().collect()))
            .collect();
        self.pins.clone_from(&told.pins);
        self.counts = told.counts();
        let objects = &told.objects;
        self.objects = [objects.created, objects.changed, objects.removed];
        self.paths =
            changes.iter().map(|update| (update.path.clone(), update.content.is_none())).collect();
        for version in &told.versions {
            self.notes.push(format!(
                "rendered by gen {version} before, by {GEN_VERSION} now: look at what that changes"
            ));
        }
    }
}
