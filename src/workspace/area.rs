//! `.gen/` while this run holds it.

use super::journal::JOURNAL;
use super::lock::{self, GEN, Lock};
use super::place::Place;
use super::recover;
use super::stage::{self, STAGE};
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};
use crate::tree::TREE;

/// `.gen/`, locked. The stage goes with it, unless a journal still needs it.
#[derive(Debug)]
pub(super) struct Area {
    pub place: Place,
    pub stage: Place,
    _lock: Lock,
}

impl Area {
    /// Takes the lock, finishes what an interrupted run left (true where there was something), and empties the stage.
    pub fn enter(root: &Place, force: bool) -> Result<(Self, bool), Diagnostics> {
        let (place, lock) = lock::exclusive(root)?;
        refuse_other_device(root, &place)?;
        let rolled_forward = recover::roll_forward(root, &place, force)?;
        let stage = stage::renew(&place)?;
        let area = Self { place, stage, _lock: lock };
        Ok((area, rolled_forward))
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

/// Refuses to go on after an interrupted render.
pub(super) fn refuse_unfinished(root: &Place) -> Result<(), Diagnostics> {
    match root.open(GEN)? {
        Some(place) if recover::is_unfinished(&place)? => {
            Err(Diagnostic::error(TreeError::Unfinished {}).into())
        }
        _ => Ok(()),
    }
}

/// Renaming replaces a file whole only within one file system.
fn refuse_other_device(root: &Place, gen_folder: &Place) -> Result<(), Diagnostics> {
    let device = |place: &Place, path: &str| {
        Ok::<_, Diagnostics>(place.status(path)?.map(|status| status.device))
    };
    let tree = device(root, TREE)?;
    if tree.is_none() || tree == device(root, GEN)? {
        return Ok(());
    }
    let path = gen_folder.path.clone();
    let problem =
        "not on the file system of clusters/, so no file there could be replaced atomically"
            .to_owned();
    Err(Diagnostic::error(TreeError::Io { path, problem }).into())
}
