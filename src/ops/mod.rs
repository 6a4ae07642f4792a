//! The work behind the commands. An operation does its work with the modules below and returns a report, which the `report` module
//! shows. It prints nothing: warnings and progress go to a [`Watch`].

pub mod adopt;
mod blame;
pub mod check;
pub mod commit;
mod committed;
pub mod completion;
pub mod diff;
pub mod explain;
pub mod graph;
mod hidden;
pub mod import;
pub mod init;
pub mod log;
mod mounted;
pub mod names;
pub mod origin;
pub mod page;
pub mod pins;
pub mod promote;
mod propose;
pub mod raw;
mod removals;
pub mod render;
pub mod rendering;
pub mod rollback;
pub mod run;
pub mod secrets;
mod selection;
pub mod set;
pub mod status;
pub mod templates;
pub mod trigger;
pub mod wait;
pub mod why;

pub use crate::cluster::{Progress, Target};
pub use selection::{Selection, app_in};

use crate::diagnostics::{Diagnostics, Sources};
use crate::fleet::{Fleet, prepare};
use crate::workspace::{FileDiff, Workspace};

/// The context of every operation.
pub struct Context<'a> {
    /// The repository on disk.
    pub workspace: &'a Workspace,
    /// The texts for locations in errors.
    pub sources: &'a mut Sources,
    /// The observer.
    pub watch: &'a dyn Watch,
}

/// An observer of an operation.
pub trait Watch {
    /// Warnings, with the texts for their locations.
    fn warn(&self, found: &Diagnostics, sources: &Sources);

    /// A line about the current state.
    fn note(&self, line: &str);

    /// Hand-edited files of the tree that stop a render.
    fn edited(&self, files: &[FileDiff]);

    /// Starts work of this many steps. It ends when the progress is dropped.
    fn begin(&self, what: &'static str, steps: usize) -> Box<dyn Progress>;

    /// Whether to show warnings that are also in the summary.
    fn wants_details(&self) -> bool;
}

impl Context<'_> {
    /// Reads and decodes everything. Returns the fleet and warnings.
    fn fleet(&mut self) -> Result<(Fleet, Diagnostics), Diagnostics> {
        prepare(self.workspace, self.sources)
    }

    fn warn(&self, found: &Diagnostics) {
        self.watch.warn(found, self.sources);
    }
}
