//! The plan for a folder, and a last check before the journal is written: did somebody write while gen was rendering?

use super::compare::Compared;
use super::cursor::Cursor;
use super::disk::Stamp;
use super::journal::Entry;
use super::outcome::Outcome;
use super::place::Place;
use crate::diagnostics::Diagnostics;
use crate::tree::refusal;

/// The plan for one folder.
#[derive(Debug)]
pub(super) struct Plan {
    pub entry: Entry,
    /// Nothing was there, so the staged folder can be renamed as a whole.
    pub whole: bool,
    /// The state of each path when it was compared: those to write, then those to delete.
    before: Vec<Option<Stamp>>,
}

impl Plan {
    /// Completes an entry with the result of the comparison; none if there is nothing to do.
    pub fn new(mut entry: Entry, compared: Compared) -> (Option<Self>, Outcome) {
        let Compared { outcome, write, delete, whole, .. } = compared;
        if write.is_empty() && delete.is_empty() {
            return (None, outcome);
        }
        let (write, mut before): (_, Vec<_>) = write.into_iter().unzip();
        entry.write = write;
        // A record is deleted by the entry's own rule.
        for (path, stamp) in delete.into_iter().filter(|(path, _)| *path != entry.record) {
            entry.delete.push(path);
            before.push(Some(stamp));
        }
        (Some(Self { entry, whole, before }), outcome)
    }
}

/// Refuses files that changed since they were compared. The journal is not written yet, so the tree stays as it is.
pub(super) fn preflight(root: &Place, plan: &Plan, force: bool) -> Result<(), Diagnostics> {
    let entry = &plan.entry;
    let place = root.open(&entry.folder)?;
    let mut cursor = place.as_ref().map(Cursor::new);
    let paths = entry.write.iter().chain(&entry.delete);
    for (path, before) in paths.zip(&plan.before) {
        let status = match cursor.as_mut().map(|cursor| cursor.find(path)).transpose()? {
            Some((Some(folder), name)) => folder.status(name)?,
            _ => None,
        };
        if status.map(|status| status.stamp) != *before && !force {
            return Err(refusal(format!("{}/{path}", entry.folder), before.is_some()).into());
        }
    }
    Ok(())
}
