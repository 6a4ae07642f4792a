//! `gen template`: list, show, eject.

use anyhow::Context as _;

use crate::cli::args::{Template, TemplateAction};
use crate::commands::Session;
use crate::diagnostics::{Exit, UsageError};
use crate::fleet::library;
use crate::spec::nearest;
use crate::template::{Library, Origin};

/// Lists, shows or ejects templates.
///
/// # Errors
/// A name that no template has; a file that is there already.
pub fn template(session: &mut Session, args: &Template) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    let (library, warnings) = library(&workspace, &mut session.sources)?;
    session.warn(&warnings);
    match &args.action {
        TemplateAction::List => {
            session.screen.data(&list(&library));
        }
        TemplateAction::Show { name } => {
            let entry = library.get(&found(&library, name)?).context("just found")?;
            session.screen.data(&entry.text);
        }
        TemplateAction::Eject { name } => {
            let name = found(&library, name)?;
            let text = library.eject(&name).with_context(|| {
                format!("`{name}` is your own template, there is nothing to eject")
            })?;
            let path = format!("templates/{name}");
            super::init::write_new(workspace.root(), &path, text.as_bytes())?;
            session.screen.talk(&format!(
                "wrote {path}; change it there, `gen render` uses it from now on\n"
            ));
        }
    }
    Ok(Exit::Done)
}

fn found(library: &Library, name: &str) -> Result<String, UsageError> {
    let names = || library.list().iter().map(|entry| entry.name.as_str());
    let full = [
        name.to_owned(),
        format!("{name}.yaml"),
        format!("tasks/{name}.yaml"),
    ];
    if let Some(found) = full
        .iter()
        .find(|full| names().any(|known| known == full.as_str()))
    {
        return Ok(found.clone());
    }
    let hint = nearest(&full[1], names()).map_or_else(
        || "`gen template list` lists them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err(UsageError::UnknownTemplate {
        name: name.to_owned(),
        hint,
    })
}

fn list(library: &Library) -> String {
    let width = library
        .list()
        .iter()
        .map(|entry| entry.name.len())
        .max()
        .unwrap_or(0);
    let line = |entry: &crate::template::Entry| {
        let origin = match entry.origin {
            Origin::BuiltIn => "         ",
            Origin::Override => "replaced ",
            Origin::Added => "added    ",
        };
        format!(
            "{:width$}  {origin}{}\n",
            entry.name,
            entry.description.as_deref().unwrap_or_default()
        )
        .replace(" \n", "\n")
    };
    library
        .list()
        .iter()
        .filter(|entry| !entry.name.starts_with("init/"))
        .map(line)
        .collect()
}
