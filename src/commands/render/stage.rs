//! From what was selected to what can be published: the same for `gen render` and `gen commit`.

use super::show_changes;
use super::work::{Done, Work};
use crate::cli::Progress;
use crate::commands::Session;
use crate::commands::removals::{self, Request};
use crate::diagnostics::Diagnostics;
use crate::rendering::Rendering;
use crate::workspace::{Publication, Workspace, records};

/// What is rendered beside the tree.
pub(in crate::commands) struct Staging<'a> {
    pub(in crate::commands) rendering: Rendering<'a>,
    pub(in crate::commands) workspace: &'a Workspace,
    /// Holds the lock: an interrupted render's rest was finished, so that the records are read whole.
    pub(in crate::commands) publication: &'a Publication,
    /// Nobody chose among the environments, so one whose file is gone goes too.
    pub(in crate::commands) everything: bool,
    /// Retired apps whose last traces go.
    pub(in crate::commands) forget: &'a [String],
    /// More than one app, an environment or a pinned workload may go.
    pub(in crate::commands) allow_removals: bool,
}

impl Staging<'_> {
    /// Renders it. Edits that stand in the way are shown.
    ///
    /// # Errors
    /// What templates, patches and raw manifests are wrong about; refused hand edits and removals.
    pub(in crate::commands) fn run(self, session: &Session) -> Result<Done, Diagnostics> {
        let selected = self.rendering.environments;
        let records = records(self.workspace.root())?;
        let request = Request {
            fleet: self.rendering.fleet,
            selected,
            everything: self.everything,
            forget: self.forget,
            allowed: self.allow_removals,
        };
        let gone = removals::plan(&request, &records)?;
        let steps = selected.iter().map(|prepared| prepared.apps.len()).sum();
        let progress = Progress::new(steps, session.screen.shows_progress());
        let work = Work {
            rendering: self.rendering,
            workspace: self.workspace,
            publication: self.publication,
            gone: &gone,
        };
        let done = work.run(&records, &progress);
        drop(progress);
        done.map_err(|failure| {
            show_changes(session, &failure.changes);
            failure.found
        })
    }
}
