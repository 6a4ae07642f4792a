//! What a folder needs, and a last look before the journal: did somebody write while gen was rendering?

use super::compare::Compared;
use super::cursor::Cursor;
use super::disk::Stamp;
use super::journal::Entry;
use super::outcome::Outcome;
use super::place::Place;
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};

/// The plan for one folder.
#[derive(Debug)]
pub(super) struct Plan {
    pub entry: Entry,
    /// Nothing was there, so the staged folder can take its place at once.
    pub whole: bool,
    /// In the order of the entry's paths to write, then of those to delete: what each was when it was compared.
    before: Vec<Option<Stamp>>,
}

impl Plan {
    /// Completes an entry with what the comparison found; none where there is nothing to do.
    pub fn new(mut entry: Entry, compared: Compared) -> (Option<Self>, Outcome) {
        let Compared { outcome, write, delete, whole, .. } = compared;
        if write.is_empty() && delete.is_empty() {
            return (None, outcome);
        }
        let mut before = Vec::with_capacity(write.len() + delete.len());
        for (path, stamp) in write {
            entry.write.push(path);
            before.push(stamp);
        }
        for (path, stamp) in delete {
            // A record goes by the entry's own rule.
            if path != entry.record {
                entry.delete.push(path);
                before.push(Some(stamp));
            }
        }
        let plan = Self { entry, whole, before };
        (Some(plan), outcome)
    }
}

/// Refuses what changed since it was compared. The journal is not written yet, so the tree stays as it is.
pub(super) fn preflight(root: &Place, plan: &Plan, force: bool) -> Result<(), Diagnostics> {
    let entry = &plan.entry;
    let Some(place) = root.open(&entry.folder)? else {
        return match plan.before.iter().position(Option::is_some) {
            Some(number) if !force => Err(changed(plan, number)),
            _ => Ok(()),
        };
    };
    let mut cursor = Cursor::new(&place);
    let paths = entry.write.iter().chain(&entry.delete);
    for (number, (path, before)) in paths.zip(&plan.before).enumerate() {
        let (folder, name) = cursor.find(path)?;
        let status = folder.map(|folder| folder.status(name)).transpose()?.flatten();
        if status.map(|status| status.stamp) != *before && !force {
            return Err(changed(plan, number));
        }
    }
    Ok(())
}

fn changed(plan: &Plan, number: usize) -> Diagnostics {
    let mut paths = plan.entry.write.iter().chain(&plan.entry.delete);
    let path = paths.nth(number).map_or("", String::as_str);
    let path = format!("{}/{path}", plan.entry.folder);
    let kind = match plan.before[number] {
        Some(_) => TreeError::HandEdited { path },
        None => TreeError::ForeignInTheWay { path },
    };
    Diagnostic::error(kind).into()
}
