//! The documentation of keys, tasks and errors, from the tables.

use crate::decode;
use crate::diagnostics::{Diagnostics, Sources};
use crate::spec::explain as docs;
use crate::template::Library;

/// The documentation of a key path or an error code; everything if none is given.
///
/// # Errors
/// An unknown key path or error code.
pub fn explain(path: Option<&str>) -> Result<String, Diagnostics> {
    match path {
        None => Ok(docs::everything()),
        Some(code) if code.to_ascii_uppercase().starts_with("GEN") => Ok(docs::error(code)?),
        Some(path) => match setting(path)? {
            Some(text) => Ok(text),
            None => Ok(docs::key(path)?),
        },
    }
}

/// A task of the catalogue, as in `task.build-image`, or a setting of it, shown in errors as `build-image.builder`.
fn setting(path: &str) -> Result<Option<String>, Diagnostics> {
    let steps = docs::steps(path);
    let (name, rest) = match steps.as_slice() {
        ["task", name, rest @ ..] | [name, rest @ ..] => (*name, rest),
        [] => return Ok(None),
    };
    let (library, _) = Library::new(Vec::new(), &mut Sources::default());
    let catalogue = decode::catalogue(library.tasks())?;
    Ok(catalogue.get(name).and_then(|task| docs::setting(&task.settings, rest)))
}
