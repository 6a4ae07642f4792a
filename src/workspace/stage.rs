//! Staging: new content is first written as a whole to `.gen/stage/<number>/`, before anything in the tree is touched.

use super::cursor::Cursor;
use super::disk::Stamp;
use super::place::Place;
use crate::diagnostics::Diagnostics;
use crate::tree::Folder;

/// The folder in `.gen/` for files that are not published yet.
pub(super) const STAGE: &str = "stage";

/// Writes some files of a folder, whose record has the text `record`, and returns their states on disk.
pub(super) fn write<'a>(
    stage: &Place,
    number: usize,
    folder: &Folder,
    record: &str,
    paths: impl Iterator<Item = &'a str>,
) -> Result<Vec<Stamp>, Diagnostics> {
    let place = stage.make(&number.to_string())?;
    let mut cursor = Cursor::new(&place);
    let mut stamps = Vec::new();
    for path in paths {
        let (place, name) = cursor.make(path)?;
        let content = folder.files.get(path).map_or(record, String::as_str);
        stamps.push(place.create(name, content.as_bytes())?);
    }
    Ok(stamps)
}
