//! New files, where nothing may be there yet.

use std::path::Path;

use super::place::Place;
use crate::diagnostics::Diagnostics;

/// The first of these paths below a folder at which there is something already.
///
/// # Errors
/// A folder that cannot be read.
pub fn occupied<'p>(
    root: &Path,
    mut paths: impl Iterator<Item = &'p str>,
) -> Result<Option<&'p str>, Diagnostics> {
    if root.symlink_metadata().is_err() {
        return Ok(None);
    }
    let place = Place::root(root)?;
    for path in paths.by_ref() {
        if place.status(path)?.is_some() {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Writes files below a folder, which is made if it is missing. No link below it is followed, and no file is replaced.
///
/// # Errors
/// A link or a file in the way; errors of the disk.
pub fn create<'f>(
    root: &Path,
    files: impl Iterator<Item = (&'f str, &'f [u8])>,
) -> Result<(), Diagnostics> {
    // An error of making it is told better by opening it.
    let _ = std::fs::create_dir_all(root);
    let place = Place::root(root)?;
    for (path, bytes) in files {
        match path.rsplit_once('/') {
            Some((folder, name)) => place.ensure(folder)?.create(name, bytes)?,
            None => place.create(path, bytes)?,
        };
    }
    Ok(())
}
