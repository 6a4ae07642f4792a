//! Finds the object and the field that a text means.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::fields::{is_within, leaves, shown};
use crate::diagnostics::{BlameError, Diagnostics};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::kubernetes::{Object, documents};
use crate::manifests::{Before, traced};
use crate::model::App;
use crate::ops::mounted::filled;
use crate::ops::raw::Raw;
use crate::ops::rendering::{Rendering, unit_of};
use crate::spec::{listed, nearest};
use crate::yaml::{Map, Value};

/// Most objects that an ambiguous name is answered with.
const NAMED: usize = 6;

/// What a text means.
pub(super) struct Found<'f> {
    /// The app.
    pub(super) app: &'f App,
    /// What it takes from files.
    pub(super) raw: Raw,
    /// The place of the object among those of the app.
    pub(super) index: usize,
    /// The path of the field as it was typed; empty for all fields.
    pub(super) path: &'f str,
}

/// An app with its objects.
type Made<'f> = (&'f App, Raw, Vec<Object>);

/// The object of one of these apps that a text means. Objects are made without a trace, which takes longer.
///
/// # Errors
/// Errors in templates, patches and raw manifests; no such object, or several.
pub(super) fn find<'f>(
    (fleet, prepared): (&Fleet, &'f Prepared),
    files: &dyn Files,
    app: Option<&str>,
    what: &'f str,
) -> Result<Found<'f>, Diagnostics> {
    let apps = prepared.apps.par_iter();
    let apps = apps.filter(|one| app.is_none_or(|name| name == one.name));
    let made = apps.map(|app| -> Result<Made<'f>, Diagnostics> {
        let raw = Rendering::new(fleet, files).manifests(app)?;
        let filled = filled(app, &raw.mounted)?;
        let unit = unit_of(fleet, prepared);
        let all = traced(unit, &filled, &raw.manifests, &Before::default())?;
        Ok((app, raw, all.into_iter().map(|one| one.object).collect()))
    });
    let (mut made, problems) = Diagnostics::partition(made.collect::<Vec<_>>());
    if problems.has_errors() {
        return Err(problems);
    }
    let mut found = Vec::new();
    for (at, (_, _, objects)) in made.iter().enumerate() {
        for (index, object) in objects.iter().enumerate() {
            found.extend(meant(object, what).map(|path| (at, index, path)));
        }
    }
    // `ConfigMap/shop.example.com` may begin with the name of `ConfigMap/shop`, too.
    let object = |at: usize, index: usize| -> &Object { &made[at].2[index] };
    let length = |(at, index, _): &(usize, usize, _)| object(*at, *index).name().len();
    let longest = found.iter().map(length).max();
    found.retain(|one| Some(length(one)) == longest);
    let environment = &prepared.environment.name;
    match found.as_slice() {
        [] => Err(missing(&made, environment, what).into()),
        [(at, index, path)] => {
            let (index, path) = (*index, *path);
            let (app, raw, _) = made.swap_remove(*at);
            Ok(Found { app, raw, index, path })
        }
        several => {
            let objects: Vec<_> = several
                .iter()
                .map(|(at, index, _)| (made[*at].0.name.as_str(), object(*at, *index)))
                .collect();
            Err(ambiguous(&objects, environment).into())
        }
    }
}

/// Refuses a path to no field.
///
/// # Errors
/// No such field.
pub(super) fn check_field(
    object: &Object,
    path: &str,
    environment: &str,
) -> Result<(), BlameError> {
    let value = object.value();
    let fields = leaves(value);
    if fields.iter().any(|(steps, _)| is_within(value, steps, path)) {
        return Ok(());
    }
    let path = path.trim_start_matches('.').to_owned();
    let fields: Vec<String> = fields.iter().map(|(path, _)| shown(value, path)).collect();
    let near = nearest(&path, fields.iter().map(String::as_str));
    let object = named(object);
    let hint = near.map_or_else(
        || format!("`gen blame {object} --env {environment}` lists its fields"),
        |near| format!("did you mean `{near}`?"),
    );
    Err(BlameError::NoSuchField { object, path, hint })
}

fn named(object: &Object) -> String {
    format!("{}/{}", object.kind(), object.name())
}

/// With its namespace, if it has one.
fn named_fully(object: &Object) -> String {
    match object.namespace() {
        Some(namespace) => format!("{}/{namespace}/{}", object.kind(), object.name()),
        None => named(object),
    }
}

/// The field that a text means, if it means this object: names can have dots, so the object decides where its own name ends.
fn meant<'t>(object: &Object, text: &'t str) -> Option<&'t str> {
    let (kind, rest) = text.split_once('/')?;
    if !kind.eq_ignore_ascii_case(object.kind()) {
        return None;
    }
    let namespace = object.namespace().unwrap_or_default();
    let rest = rest
        .strip_prefix(namespace)
        .and_then(|rest| rest.strip_prefix('/'))
        .filter(|_| !namespace.is_empty())
        .unwrap_or(rest);
    let field = rest.strip_prefix(object.name())?;
    (field.is_empty() || field.starts_with(['.', '['])).then_some(field)
}

fn missing(made: &[Made<'_>], environment: &str, what: &str) -> BlameError {
    let hint = carried(made, what).unwrap_or_else(|| {
        let objects = || made.iter().flat_map(|(_, _, objects)| objects);
        let names: Vec<String> =
            objects().map(named).chain(objects().map(named_fully)).collect();
        let near = |text: &str| nearest(text, names.iter().map(String::as_str));
        near(what).or_else(|| near(without_field(what))).map_or_else(
            || {
                "name it as in `gen blame Deployment/shop`; `gen render --stdout` prints all objects"
                    .to_owned()
            },
            |near| format!("did you mean `{near}`?"),
        )
    });
    BlameError::NoSuchObject { object: what.to_owned(), environment: environment.to_owned(), hint }
}

/// A text up to where a field begins, if its name has no dots.
fn without_field(what: &str) -> &str {
    let what = what.split('[').next().unwrap_or(what);
    let name = what.rfind('/').map_or(0, |at| at + 1);
    what[name..].find('.').map_or(what, |at| &what[..name + at])
}

/// Where the manifest is that a task of an app's pipeline applies, if it is the one that was meant.
fn carried(made: &[Made<'_>], what: &str) -> Option<String> {
    made.iter().filter(|(app, ..)| app.task_runs_workload()).find_map(|(app, _, objects)| {
        let carrier = objects.iter().filter(|one| one.kind() == "ConfigMap").find(|one| {
            let texts = one.at(&["data"]).and_then(Value::as_map);
            let texts = texts.into_iter().flat_map(Map::iter).map(|(_, text)| text);
            let manifests = texts.filter_map(Value::as_str).filter_map(|text| documents(text).ok());
            manifests
                .flatten()
                .filter_map(|one| Object::new(one).ok())
                .any(|one| meant(&one, what).is_some())
        })?;
        Some(format!(
            "a task of the pipeline of `{}` applies it from `{}`: blame that instead",
            app.name,
            named(carrier)
        ))
    })
}

fn ambiguous(found: &[(&str, &Object)], environment: &str) -> BlameError {
    let apps: BTreeSet<&str> = found.iter().map(|(app, _)| *app).collect();
    let names: BTreeSet<String> = found.iter().map(|(_, object)| named_fully(object)).collect();
    let some = listed(names.iter().take(NAMED).map(String::as_str));
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("\n    and {more} more"),
    };
    // Two names are longer than a line.
    let lines: Vec<String> = names.iter().take(NAMED).map(|name| format!("\n    {name}")).collect();
    let lines = lines.concat();
    let hint = match (names.len(), apps.len()) {
        (1, 1) => format!("{some} is of several API groups; `gen render --stdout` prints them all"),
        (1, _) => format!("choose one with `--app`: {}", listed(apps.iter().take(NAMED).copied())),
        (_, 1) => format!("use one of these names:{lines}{more}"),
        _ => format!("use `--app`, or one of these names:{lines}{more}"),
    };
    let object = found.first().map(|(_, object)| named(object)).unwrap_or_default();
    BlameError::Ambiguous { object, environment: environment.to_owned(), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_where_a_field_may_begin() {
        for (what, wanted) in [
            ("Deployment/shoop.spec.replicas", "Deployment/shoop"),
            ("Deployment/a.b/shoop.spec", "Deployment/a.b/shoop"),
            ("Service/shop.metadata.labels[\"a.b/c\"]", "Service/shop"),
            ("shop.spec", "shop"),
            ("shop", "shop"),
        ] {
            assert_eq!(without_field(what), wanted);
        }
    }
}
