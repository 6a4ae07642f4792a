//! Finishes an interrupted run, if its journal lists only changes that gen would make now.
//!
//! Everything is verified before anything is changed: each staged file against the staged record, each deletion against the record
//! on disk, each overwritten file against the content that gen wrote.

use super::apply::{Turn, apply};
use super::compare::read_record;
use super::cursor::Cursor;
use super::journal::{self, Entry, JOURNAL, bad};
use super::place::{Content, Found, Place, link};
use super::stage::STAGE;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::tree::{Record, hash, refusal};

const LARGEST: u64 = 16 * 1024 * 1024;

/// Rolls an interrupted publication forward. True if there was one.
pub(super) fn roll_forward(
    root: &Place,
    gen_folder: &Place,
    force: bool,
) -> Result<bool, Diagnostics> {
    let Some(entries) = journal::read(gen_folder)? else {
        return Ok(false);
    };
    let stage = gen_folder.ensure(STAGE)?;
    let mut refused = Diagnostics::default();
    for entry in &entries {
        refused.extend(verify(root, &stage, entry, force)?);
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut tree = Cursor::new(root);
    for entry in &entries {
        apply(root, &mut tree, &stage, entry, Turn::Again)?;
    }
    gen_folder.remove_file(JOURNAL)?;
    Ok(true)
}

/// Checks one folder of a journal. Returns files that were edited since, which need force.
fn verify(
    root: &Place,
    stage: &Place,
    entry: &Entry,
    force: bool,
) -> Result<Diagnostics, Diagnostics> {
    let place = root.open(&entry.folder)?;
    let disk = place.as_ref().map(|place| read_record(place, &entry.record)).transpose()?.flatten();
    let Some(sha256) = &entry.sha256 else {
        if let Some((disk, _)) = &disk {
            check_deletions(entry, disk)?;
        }
        return Ok(Diagnostics::default());
    };
    let staged = stage.open(&entry.stage.to_string())?;
    let new = new_record(entry, sha256, staged.as_ref(), disk.as_ref())?;
    let is_done = disk.as_ref().is_some_and(|(_, file)| hash(&file.bytes) == *sha256);
    if !is_done && !entry.delete.is_empty() {
        let (disk, _) = disk.as_ref().ok_or_else(|| bad("it deletes where there is no record"))?;
        check_deletions(entry, disk)?;
    }
    let mut refused = Diagnostics::default();
    for path in entry.write.iter().filter(|path| **path != entry.record) {
        let wanted = new.files.get(path);
        let wanted = wanted.ok_or_else(|| bad("it writes a file that its record does not list"))?;
        let staged = staged.as_ref().map(|staged| Cursor::new(staged).read(path, LARGEST));
        let is_staged = match staged.transpose()? {
            None | Some(Found::Absent) => false,
            Some(Found::File(content)) if hash(&content.bytes) == *wanted => true,
            Some(_) => return Err(bad("a staged file differs from its record")),
        };
        let current = place.as_ref().map(|place| Cursor::new(place).read(path, LARGEST));
        let current = match current.transpose()? {
            None | Some(Found::Absent) if is_staged => continue,
            None | Some(Found::Absent) => return Err(bad("missing staged file")),
            Some(Found::File(content)) => hash(&content.as_written()),
            Some(Found::Link) => return Err(link(&format!("{}/{path}", entry.folder))),
            Some(Found::Large(_) | Found::Irregular) => String::new(),
        };
        let named = disk.as_ref().and_then(|(disk, _)| disk.files.get(path));
        if current != *wanted && named == Some(&current) && !is_staged {
            return Err(bad("missing staged file"));
        }
        if current != *wanted && named != Some(&current) && !force {
            let path = format!("{}/{path}", entry.folder);
            refused.push(Diagnostic::error(refusal(path, named.is_some())));
        }
    }
    Ok(refused)
}

/// The record that completes a folder: staged, or already in its place.
fn new_record(
    entry: &Entry,
    sha256: &str,
    staged: Option<&Place>,
    disk: Option<&(Record, Content)>,
) -> Result<Record, Diagnostics> {
    let staged = match staged {
        Some(staged) if entry.write.contains(&entry.record) => read_record(staged, &entry.record)?,
        _ => None,
    };
    let (found, file) = staged.as_ref().or(disk).ok_or_else(|| bad("missing record"))?;
    if hash(&file.bytes) != sha256 {
        return Err(bad("a record is not the expected one"));
    }
    Ok(found.clone())
}

fn check_deletions(entry: &Entry, record: &Record) -> Result<(), Diagnostics> {
    if entry.delete.iter().all(|path| record.files.contains_key(path)) {
        Ok(())
    } else {
        Err(bad("it deletes a file that no record lists"))
    }
}
