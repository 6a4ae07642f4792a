//! Lists, shows and ejects templates: the built-in ones, overridden by the user's.

use anyhow::Context as _;

use super::Context;
use crate::diagnostics::{Diagnostics, UsageError};
use crate::fleet;
use crate::spec::hint;
use crate::template::Library;
use crate::workspace::{Workspace, create, rewrite};

/// All templates. Warnings go to the observer.
///
/// # Errors
/// A user's template that overrides nothing, or cannot be read.
pub fn library(context: &mut Context<'_>) -> Result<Library, Diagnostics> {
    let (library, warnings) = fleet::library(context.workspace, context.sources)?;
    context.warn(&warnings);
    Ok(library)
}

/// The text of a template.
///
/// # Errors
/// An unknown name.
pub fn show(context: &mut Context<'_>, name: &str) -> anyhow::Result<String> {
    let library = library(context)?;
    let found = library.get(&found(&library, name)?);
    Ok(found.context("just found")?.text.to_string())
}

/// Copies a built-in template to templates/, and returns its path there. `force` overwrites a file.
///
/// # Errors
/// An unknown name; an existing file.
pub fn eject(context: &mut Context<'_>, typed: &str, force: bool) -> anyhow::Result<String> {
    let library = library(context)?;
    let name = found(&library, typed)?;
    let text = library
        .eject(&name)
        .with_context(|| format!("`{name}` is your own template, there is nothing to eject"))?;
    let path = format!("templates/{name}");
    let root = context.workspace.root();
    if root.join(&path).symlink_metadata().is_err() {
        create(root, std::iter::once((path.as_str(), text.as_bytes())))?;
    } else if force {
        rewrite(root, &path, Workspace::LARGEST_SPEC, |_| Ok(text.clone()))?;
    } else {
        return Err(UsageError::TemplateExists { path, name: typed.to_owned() }.into());
    }
    Ok(path)
}

fn found(library: &Library, name: &str) -> Result<String, UsageError> {
    let names = || library.list().iter().map(|entry| entry.name.as_str());
    let full = [name.to_owned(), format!("{name}.yaml"), format!("tasks/{name}.yaml")];
    if let Some(found) = full.iter().find(|full| names().any(|known| known == full.as_str())) {
        return Ok(found.clone());
    }
    let list = || "`gen template list` lists them".to_owned();
    let hint = hint(&full[1], names(), list);
    Err(UsageError::UnknownTemplate { name: name.to_owned(), hint })
}
