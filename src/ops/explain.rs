//! The documentation of keys, tasks and errors, from the tables.

use crate::check;
use crate::decode;
use crate::diagnose;
use crate::diagnostics::{Diagnostics, Sources, UsageError};
use crate::spec::explain as docs;
use crate::template::Library;

/// The documentation of a key path, an error code, a rule of `gen check` or a failure that `gen why` knows; everything if none is
/// given.
///
/// # Errors
/// An unknown key path, error code or rule.
pub fn explain(path: Option<&str>) -> Result<String, Diagnostics> {
    match path {
        None => Ok(docs::everything()),
        Some("failures") => Ok(diagnose::reference::list()),
        Some("checks") => Ok(check::reference::list()),
        Some(name) if check::rule(name).is_some() => {
            Ok(check::rule(name).map(check::reference::explain).unwrap_or_default())
        }
        Some(id) if diagnose::signature(id).is_some() => {
            Ok(diagnose::signature(id).map(diagnose::reference::explain).unwrap_or_default())
        }
        Some(code) if code.to_ascii_uppercase().starts_with("CHK") => {
            let hint = "`gen explain checks` lists every rule".to_owned();
            Err(UsageError::UnknownRule { name: code.to_owned(), hint }.into())
        }
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
