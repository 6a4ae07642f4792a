//! The templates, the user's laid over the built-in ones: listed, shown, and copied to be changed.

use anyhow::Context as _;

use super::Context;
use super::init::write_new;
use crate::diagnostics::{Diagnostics, UsageError};
use crate::fleet;
use crate::spec::nearest;
use crate::template::Library;

/// All templates. Warnings go to whoever watches.
///
/// # Errors
/// A template of the user's that overrides nothing, or cannot be read.
pub fn library(context: &mut Context<'_>) -> Result<Library, Diagnostics> {
    let (library, warnings) = fleet::library(context.workspace, context.sources)?;
    context.warn(&warnings);
    Ok(library)
}

/// The text of a template.
///
/// # Errors
/// A name that no template has.
pub fn show(context: &mut Context<'_>, name: &str) -> anyhow::Result<String> {
    let library = library(context)?;
    let found = library.get(&found(&library, name)?);
    Ok(found.context("just found")?.text.to_string())
}

/// Copies a built-in template to templates/, and gives its path there.
///
/// # Errors
/// A name that no built-in template has; a file that is there already.
pub fn eject(context: &mut Context<'_>, name: &str) -> anyhow::Result<String> {
    let library = library(context)?;
    let name = found(&library, name)?;
    let text = library
        .eject(&name)
        .with_context(|| format!("`{name}` is your own template, there is nothing to eject"))?;
    let path = format!("templates/{name}");
    write_new(context.workspace.root(), &path, text.as_bytes())?;
    Ok(path)
}

fn found(library: &Library, name: &str) -> Result<String, UsageError> {
    let names = || library.list().iter().map(|entry| entry.name.as_str());
    let full = [name.to_owned(), format!("{name}.yaml"), format!("tasks/{name}.yaml")];
    if let Some(found) = full.iter().find(|full| names().any(|known| known == full.as_str())) {
        return Ok(found.clone());
    }
    let hint = nearest(&full[1], names()).map_or_else(
        || "`gen template list` lists them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err(UsageError::UnknownTemplate { name: name.to_owned(), hint })
}
