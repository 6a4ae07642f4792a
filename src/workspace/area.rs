//! `.gen/`, as long as this run holds it.

use std::os::fd::OwnedFd;

use super::journal::JOURNAL;
use super::lock::{self, GEN};
use super::place::Place;
use super::recover;
use super::stage::STAGE;
use crate::diagnostics::{Diagnostics, TreeError};
use crate::tree::TREE;

/// `.gen/`, locked. The stage is removed with it, unless a journal still needs it.
#[derive(Debug)]
pub(super) struct Area {
    pub place: Place,
    pub stage: Place,
    _lock: OwnedFd,
}

impl Area {
    /// Takes the lock, finishes an interrupted run (true if there was one), and empties the stage.
    pub fn enter(root: &Place, force: bool) -> Result<(Self, bool), Diagnostics> {
        let (place, lock) = lock::exclusive(root)?;
        refuse_other_device(root, &place)?;
        let rolled_forward = recover::roll_forward(root, &place, force)?;
        // Without a journal it holds only what an interrupted run did not finish.
        place.remove_all(STAGE)?;
        let stage = place.ensure(STAGE)?;
        Ok((Self { place, stage, _lock: lock }, rolled_forward))
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // With a journal the stage is the next run's; without one it is of no use, and the next run would empty it too.
        if self.place.status(JOURNAL).is_ok_and(|journal| journal.is_none()) {
            let _ = self.place.remove_all(STAGE);
        }
    }
}

/// Stops after an interrupted render.
pub(super) fn refuse_unfinished(root: &Place) -> Result<(), Diagnostics> {
    match root.open(GEN)? {
        Some(place) if place.status(JOURNAL)?.is_some() => Err(TreeError::Unfinished {}.into()),
        _ => Ok(()),
    }
}

/// Renaming replaces a file whole only within one file system.
fn refuse_other_device(root: &Place, gen_folder: &Place) -> Result<(), Diagnostics> {
    let Some(tree) = root.status(TREE)? else {
        return Ok(());
    };
    if root.status(GEN)?.is_some_and(|status| status.device == tree.device) {
        return Ok(());
    }
    let path = gen_folder.path.clone();
    let problem =
        "not on the file system of clusters/, so files there cannot be replaced atomically";
    Err(TreeError::Io { path, problem: problem.to_owned() }.into())
}
