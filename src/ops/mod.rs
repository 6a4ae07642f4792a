//! The work behind the commands. An operation joins the rooms below, does its work and returns a report, which the `report` room
//! shows. It prints nothing: warnings and progress go to whoever watches.

mod blame;
pub mod commit;
mod committed;
pub mod diff;
pub mod explain;
pub mod init;
pub mod log;
pub mod pins;
pub mod promote;
mod removals;
pub mod render;
pub mod rendering;
pub mod run;
pub mod secrets;
mod selection;
pub mod set;
pub mod templates;
pub mod trigger;
pub mod wait;

pub use crate::cluster::{Progress, Target};
pub use selection::{Selection, app_in};

use crate::diagnostics::{Diagnostics, Sources};
use crate::fleet::{Fleet, prepare};
use crate::workspace::{FileDiff, Workspace};

/// What every operation works with.
pub struct Context<'a> {
    /// The repository on disk.
    pub workspace: &'a Workspace,
    /// The texts that errors point into.
    pub sources: &'a mut Sources,
    /// Who watches.
    pub watch: &'a dyn Watch,
}

/// Somebody who watches an operation.
pub trait Watch {
    /// Warnings, and the texts that they point into.
    fn warn(&self, found: &Diagnostics, sources: &Sources);

    /// A line on what is going on.
    fn note(&self, line: &str);

    /// Files of the tree that were edited by hand and stop a render.
    fn edited(&self, files: &[FileDiff]);

    /// Work of so many steps begins. It ends when the progress is dropped.
    fn begin(&self, what: &'static str, steps: usize) -> Box<dyn Progress>;

    /// Whether warnings are wanted that the report sums up anyway.
    fn wants_details(&self) -> bool;
}

impl Context<'_> {
    /// Reads and decides everything. Warnings come beside the fleet.
    ///
    /// # Errors
    /// Everything that is wrong with the spec, its environments and the user's templates.
    fn fleet(&mut self) -> Result<(Fleet, Diagnostics), Diagnostics> {
        prepare(self.workspace, self.sources)
    }

    fn warn(&self, found: &Diagnostics) {
        self.watch.warn(found, self.sources);
    }
}
