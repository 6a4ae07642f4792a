//! `gen explain` and `gen schema`: the documentation that is in the tables.

use crate::cli::args::{Explain, Schema, SchemaOf};
use crate::commands::Session;
use crate::decode;
use crate::diagnostics::{Diagnostics, Exit, Sources};
use crate::report::DIFF_SCHEMA;
use crate::spec::{explain as docs, json_schema};
use crate::template::Library;

/// Explains a key, an error, or everything.
///
/// # Errors
/// A path that names no key.
pub fn explain(session: &mut Session, args: &Explain) -> anyhow::Result<Exit> {
    let text = match args.path.as_deref() {
        None => docs::everything(),
        Some(code) if code.to_ascii_uppercase().starts_with("GEN") => docs::error(code)?,
        Some(path) => match setting(path)? {
            Some(text) => text,
            None => docs::key(path)?,
        },
    };
    session.screen.data(&text);
    Ok(Exit::Done)
}

/// A task of the catalogue, as in `task.build-image`, or a setting of it, which errors call `build-image.builder`.
fn setting(path: &str) -> Result<Option<String>, Diagnostics> {
    let steps = docs::steps(path);
    let (name, rest) = match steps.as_slice() {
        ["task", name, rest @ ..] | [name, rest @ ..] => (*name, rest),
        [] => return Ok(None),
    };
    let (library, _) = Library::new(Vec::new(), &mut Sources::default());
    let catalogue = decode::catalogue(library.tasks())?;
    Ok(catalogue
        .get(name)
        .and_then(|task| docs::setting(&task.settings, rest)))
}

/// Prints a JSON schema.
///
/// # Errors
/// Never.
pub fn schema(session: &mut Session, args: &Schema) -> anyhow::Result<Exit> {
    match args.of {
        SchemaOf::Spec => session.screen.data(&json_schema::schema_text()),
        SchemaOf::Diff => session.screen.data(DIFF_SCHEMA),
    };
    Ok(Exit::Done)
}
