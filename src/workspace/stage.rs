//! Writing beside: every new content first lies in `.gen/stage/<number>/`, whole, before anything of the tree is touched.

use super::cursor::Cursor;
use super::disk::Stamp;
use super::lock::GEN;
use super::place::Place;
use crate::diagnostics::Diagnostics;
use crate::tree::Folder;

/// The folder in `.gen/` that holds what is not published yet.
pub(super) const STAGE: &str = "stage";

/// Empties the stage. Nobody's work is in it: without a journal it is what an interrupted run did not finish.
pub(super) fn renew(gen_folder: &Place) -> Result<Place, Diagnostics> {
    debug_assert_eq!(gen_folder.path, GEN);
    gen_folder.remove_all(STAGE)?;
    gen_folder.ensure(STAGE)
}

/// Writes some files of a folder, `text` being that of its record, and returns what they are on disk.
pub(super) fn write<'a>(
    stage: &Place,
    number: usize,
    folder: &Folder,
    text: &str,
    paths: impl Iterator<Item = &'a str>,
) -> Result<Vec<Stamp>, Diagnostics> {
    let place = stage.make(&number.to_string())?;
    let mut cursor = Cursor::new(&place);
    let mut stamps = Vec::new();
    for path in paths {
        let (place, name) = cursor.make(path)?;
        let content = folder.files.get(path).map_or(text, String::as_str);
        stamps.push(place.create(name, content.as_bytes())?);
    }
    Ok(stamps)
}
