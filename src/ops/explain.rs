//! The documentation of keys, tasks and errors, from the tables.

use super::Context;
use super::templates::library;
use crate::check;
use crate::decode;
use crate::diagnose;
use crate::diagnostics::{Diagnostics, Sources, UsageError, all};
use crate::model::Catalogue;
use crate::spec::explain as docs;
use crate::template::Library;

pub use crate::spec::explain::{Part, Row};

/// The documentation of a key path, an error code, a rule of `gen check` or a failure that `gen why` knows; everything if none is
/// given. Tasks are gen's, and those of a repository's own templates.
///
/// # Errors
/// An unknown key path, error code or rule; a template that cannot be read, if it may be what is asked for.
pub fn explain(path: Option<&str>, own: Option<Context<'_>>) -> Result<Vec<Part>, Diagnostics> {
    let lines = |text| Ok(vec![Part::Lines(text)]);
    match path {
        None => Ok(docs::everything()),
        Some("failures") => lines(diagnose::reference::list()),
        Some("checks") => lines(check::reference::list()),
        Some(name) if check::rule(name).is_some() => {
            lines(check::rule(name).map(check::reference::explain).unwrap_or_default())
        }
        Some(id) if diagnose::signature(id).is_some() => {
            lines(diagnose::signature(id).map(diagnose::reference::explain).unwrap_or_default())
        }
        Some(code) if code.to_ascii_uppercase().starts_with("CHK") => {
            let hint = "`gen explain checks` lists every rule".to_owned();
            Err(UsageError::UnknownRule { name: code.to_owned(), hint }.into())
        }
        Some(code) if code.to_ascii_uppercase().starts_with("GEN") => lines(docs::error(code)?),
        // A task of the catalogue, as in `task.build-image`, or a setting of it, shown in errors as `build-image.builder`.
        Some(path) => {
            let steps = docs::steps(path);
            let (name, rest) = match steps.as_slice() {
                ["task", name, rest @ ..] | [name, rest @ ..] => (*name, rest),
                [] => return Ok(docs::key(path)?),
            };
            let (catalogue, broken) = catalogue(own, |task| task == name)?;
            let task = catalogue.get(name).and_then(|task| docs::setting(&task.settings, rest));
            let Some(parts) = task else {
                return docs::key(path).map_err(|unknown| broken.unwrap_or_else(|| unknown.into()));
            };
            Ok(parts)
        }
    }
}

/// What there is about something: keys, tasks, rules, failures and errors with these words in their name or description.
///
/// # Errors
/// Nothing is about it; a template that cannot be read, if nothing else is.
pub fn find(wanted: &str, own: Option<Context<'_>>) -> Result<Vec<Part>, Diagnostics> {
    let small = wanted.to_lowercase();
    let is_in =
        |row: &Row| [&row.name, &row.about].iter().any(|text| text.to_lowercase().contains(&small));
    let row = |name: String, about: String| Row { depth: 1, name, about };
    let (keys, words) = docs::search(wanted);
    let (catalogue, broken) = catalogue(own, |_| true)?;
    let rules = check::rules();
    let rules =
        rules.iter().map(|rule| row(rule.id.to_owned(), format!("{}: {}", rule.name, rule.holds)));
    let failures = diagnose::signatures().iter();
    let failures = failures.map(|one| row(one.id.clone(), docs::plain(&one.title)));
    let errors = all().into_iter();
    let errors = errors.map(|one| row(one.code.to_string(), docs::plain(one.message)));
    let groups = [
        ("keys", keys),
        ("words of other tools", words),
        ("tasks", settings(&catalogue).into_iter().filter(is_in).collect()),
        ("rules of `gen check`", rules.filter(is_in).collect()),
        ("failures that `gen why` knows", failures.filter(is_in).collect()),
        ("errors", errors.filter(is_in).collect()),
    ];
    let mut parts = Vec::new();
    for (title, rows) in groups {
        if !rows.is_empty() {
            parts.push(Part::Words(format!("{title}:")));
            parts.push(Part::Rows(rows));
        }
    }
    if parts.is_empty() {
        let nothing = UsageError::NothingAbout { word: wanted.to_owned() };
        return Err(broken.unwrap_or_else(|| nothing.into()));
    }
    Ok(parts)
}

/// The tasks of the catalogue and their settings.
fn settings(catalogue: &Catalogue) -> Vec<Row> {
    let mut rows = Vec::new();
    for task in catalogue.iter() {
        let name = format!("task.{}", task.name);
        rows.push(Row { depth: 1, name: name.clone(), about: task.about.clone() });
        docs::each(&task.settings, &mut |path, field| {
            let name = format!("{name}.{}", path.join("."));
            rows.push(Row { depth: 1, name, about: field.doc.clone() });
        });
    }
    rows
}

/// Some of the tasks of a repository with its own templates. Those of gen alone if they cannot be read, and why.
fn catalogue(
    own: Option<Context<'_>>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<(Catalogue, Option<Diagnostics>), Diagnostics> {
    let decoded =
        |library: &Library| decode::catalogue(library.tasks().filter(|(name, ..)| is_wanted(name)));
    let broken = match own.map(|mut context| decoded(&library(&mut context)?)) {
        Some(Ok(catalogue)) => return Ok((catalogue, None)),
        Some(Err(broken)) => Some(broken),
        None => None,
    };
    let (library, _) = Library::new(Vec::new(), &mut Sources::default());
    Ok((decoded(&library)?, broken))
}
