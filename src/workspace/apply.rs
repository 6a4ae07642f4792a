//! Doing what the journal says, once or again: each step may have been done already.

use std::collections::BTreeSet;
use std::io;

use super::compare::{find_owned, read_record};
use super::cursor::Cursor;
use super::journal::Entry;
use super::place::{Found, Place, failed, is_occupied, split};
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};
use crate::tree::{TREE, hash};

/// Whether this run staged the files itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It did, and into a folder that is not there yet: the staged folder takes its place in one step.
    Whole,
    /// It did: every file must be there.
    First,
    /// An earlier run did, and may have come any way. Never a whole folder, which could hold what no record names.
    Again,
}

/// Publishes one folder. `tree` finds the folders above folders, which are the same for many.
pub(super) fn apply(
    root: &Place,
    tree: &mut Cursor<'_>,
    stage: &Place,
    entry: &Entry,
    turn: Turn,
) -> Result<(), Diagnostics> {
    if entry.sha256.is_none() {
        return remove(root, entry);
    }
    if turn == Turn::Whole && move_whole(tree, stage, entry)? {
        return Ok(());
    }
    let place = root.ensure(&entry.folder)?;
    delete_owned(&place, entry)?;
    let number = entry.stage.to_string();
    let Some(staged) = stage.open(&number)? else {
        return match turn {
            _ if entry.write.is_empty() => Ok(()),
            Turn::Again => Ok(()),
            Turn::Whole | Turn::First => {
                Err(failed(&stage.at(&number), &io::ErrorKind::NotFound.into()))
            }
        };
    };
    let mut from = Cursor::new(&staged);
    let mut to = Cursor::new(&place);
    let files = entry.write.iter().filter(|path| **path != entry.record);
    let record = entry.write.iter().filter(|path| **path == entry.record);
    // The record last: until it is the new one, the folder is not done.
    for path in files.chain(record) {
        let (Some(source), name) = from.find(path)? else {
            continue;
        };
        let (target, _) = to.make(path)?;
        // Nothing was here when it was compared; what came since is somebody's.
        if turn == Turn::Whole && target.status(name)?.is_some() {
            let path = target.at(name);
            return Err(Diagnostic::error(TreeError::ForeignInTheWay { path }).into());
        }
        match root.disk.rename(&source.fd, name, &target.fd, name) {
            Ok(()) => {}
            Err(error) if turn == Turn::Again && error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&target.at(name), &error)),
        }
    }
    Ok(())
}

/// Renames the staged folder to where nothing is. False where something came there in the meantime.
fn move_whole(tree: &mut Cursor<'_>, stage: &Place, entry: &Entry) -> Result<bool, Diagnostics> {
    if split(&entry.folder).0.is_none() {
        return Ok(false);
    }
    let (parent, name) = tree.make(&entry.folder)?;
    let number = entry.stage.to_string();
    match parent.disk.rename(&stage.fd, &number, &parent.fd, name) {
        Ok(()) => Ok(true),
        Err(error) if is_occupied(&error) => Ok(false),
        Err(error) => Err(failed(&parent.at(name), &error)),
    }
}

/// Removes what a record names, the record, and the folders that this leaves empty.
fn remove(root: &Place, entry: &Entry) -> Result<(), Diagnostics> {
    if let Some(place) = root.open(&entry.folder)? {
        delete_owned(&place, entry)?;
        if read_record(&place, &entry.record)?.is_some() {
            place.remove_file(&entry.record)?;
        }
    }
    let below = entry.folder.strip_prefix(TREE).map_or("", |rest| rest.trim_start_matches('/'));
    match root.open(TREE)? {
        Some(tree) => prune(&tree, below),
        None => Ok(()),
    }
}

/// Deletes files, but only those that the record on disk names, with the content that it names.
fn delete_owned(place: &Place, entry: &Entry) -> Result<(), Diagnostics> {
    if entry.delete.is_empty() {
        return Ok(());
    }
    let Some((old, _)) = read_record(place, &entry.record)? else {
        return Ok(());
    };
    for path in &entry.delete {
        let (Some(named), Found::File(content)) = (old.files.get(path), find_owned(place, path)?)
        else {
            continue;
        };
        if *named != hash(&content.as_written()) {
            continue;
        }
        let (folder, name) = split(path);
        match folder.map(|folder| place.open(folder)).transpose()? {
            None => place.remove_file(name)?,
            Some(Some(folder)) => folder.remove_file(name)?,
            Some(None) => {}
        }
    }
    let left: BTreeSet<&str> = entry.delete.iter().filter_map(|path| split(path).0).collect();
    left.into_iter().rev().try_for_each(|folder| prune(place, folder))
}

/// Removes a folder below `base` and those above it, as long as they are empty.
fn prune(base: &Place, mut path: &str) -> Result<(), Diagnostics> {
    loop {
        let (parent, name) = split(path);
        let gone = match parent.map(|parent| base.open(parent)).transpose()? {
            None => base.remove_if_empty(name)?,
            Some(Some(parent)) => parent.remove_if_empty(name)?,
            Some(None) => true,
        };
        match parent {
            Some(parent) if gone => path = parent,
            _ => return Ok(()),
        }
    }
}
