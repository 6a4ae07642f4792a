//! Applies a journal, once or again: each step may have been done already.

use std::collections::BTreeSet;
use std::io;

use super::compare::{find_owned, read_record};
use super::cursor::Cursor;
use super::journal::Entry;
use super::place::{Found, Place, failed, is_occupied, split};
use crate::diagnostics::{Diagnostics, TreeError};
use crate::tree::{TREE, hash};

/// Whether this run staged the files itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It did, for a folder that does not exist yet: the staged folder is renamed as a whole.
    Whole,
    /// It did: every file must be there.
    First,
    /// An earlier run did, and may have got to any point. Never a whole folder, which could hold files that no record lists.
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
        if turn == Turn::Again || entry.write.is_empty() {
            return Ok(());
        }
        return Err(failed(&stage.at(&number), &io::ErrorKind::NotFound.into()));
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
        // Nothing was here during the comparison; anything that appeared since is not gen's.
        if turn == Turn::Whole && target.status(name)?.is_some() {
            return Err(TreeError::ForeignInTheWay { path: target.at(name) }.into());
        }
        match root.disk.rename(&source.fd, name, &target.fd, name) {
            Ok(()) => {}
            Err(error) if turn == Turn::Again && error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&target.at(name), &error)),
        }
    }
    Ok(())
}

/// Renames the staged folder to its unused name. False if something appeared there in the meantime.
fn move_whole(tree: &mut Cursor<'_>, stage: &Place, entry: &Entry) -> Result<bool, Diagnostics> {
    if split(&entry.folder).0.is_none() {
        return Ok(false);
    }
    let (parent, name) = tree.make(&entry.folder)?;
    match parent.disk.rename(&stage.fd, &entry.stage.to_string(), &parent.fd, name) {
        Ok(()) => Ok(true),
        Err(error) if is_occupied(&error) => Ok(false),
        Err(error) => Err(failed(&parent.at(name), &error)),
    }
}

/// Removes the files listed by a record, the record, and the folders that are empty then.
fn remove(root: &Place, entry: &Entry) -> Result<(), Diagnostics> {
    if let Some(place) = root.open(&entry.folder)? {
        delete_owned(&place, entry)?;
        if read_record(&place, &entry.record)?.is_some() {
            place.remove_file(&entry.record)?;
        }
    }
    let below = entry.folder.strip_prefix(TREE).map_or("", |rest| rest.trim_start_matches('/'));
    root.open(TREE)?.map_or(Ok(()), |tree| prune(&tree, below))
}

/// Deletes files, but only those that the record on disk lists, with the content that it lists.
fn delete_owned(place: &Place, entry: &Entry) -> Result<(), Diagnostics> {
    if entry.delete.is_empty() {
        return Ok(());
    }
    let Some((old, _)) = read_record(place, &entry.record)? else {
        return Ok(());
    };
    for path in &entry.delete {
        if let (Some(named), Found::File(content)) = (old.files.get(path), find_owned(place, path)?)
            && *named == hash(&content.as_written())
            && let (Some(folder), name) = Cursor::new(place).find(path)?
        {
            folder.remove_file(name)?;
        }
    }
    let left: BTreeSet<&str> = entry.delete.iter().filter_map(|path| split(path).0).collect();
    left.into_iter().rev().try_for_each(|folder| prune(place, folder))
}

/// Removes a folder below `base` and those above it, as long as they are empty.
fn prune(base: &Place, mut path: &str) -> Result<(), Diagnostics> {
    loop {
        let gone = match Cursor::new(base).find(path)? {
            (Some(parent), name) => parent.remove_if_empty(name)?,
            (None, _) => true,
        };
        match split(path).0 {
            Some(parent) if gone => path = parent,
            _ => return Ok(()),
        }
    }
}
