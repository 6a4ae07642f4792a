//! `gen explain` and `gen schema`: the documentation that is in the tables.

use crate::cli::args::Explain;
use crate::commands::Session;
use crate::error::Exit;
use crate::spec::{explain as docs, json_schema};

/// Explains a key, an error, or everything.
///
/// # Errors
/// A path that names no key.
pub fn explain(session: &mut Session, args: &Explain) -> anyhow::Result<Exit> {
    let text = match args.path.as_deref() {
        None => docs::everything(),
        Some(code) if code.to_ascii_uppercase().starts_with("GEN") => docs::error(code)?,
        Some(path) => docs::key(path)?,
    };
    session.screen.data(&text);
    Ok(Exit::Done)
}

/// Prints the JSON schema.
///
/// # Errors
/// Never.
pub fn schema(session: &mut Session) -> anyhow::Result<Exit> {
    session.screen.data(&json_schema::schema_text());
    Ok(Exit::Done)
}
