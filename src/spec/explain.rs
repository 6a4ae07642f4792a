//! Documentation of keys and errors, from the tables that check and print them.

use std::fmt::Write as _;

use super::nearest;
use super::table::{Field, Object, Shape};
use crate::diagnostics::{UsageError, all};

/// The files, each with its table.
#[must_use]
pub fn roots() -> Vec<(&'static str, &'static Object)> {
    vec![
        ("gen.yaml", super::root()),
        ("environments/NAME.yaml", super::environment()),
        ("environments/NAME.pins.yaml", super::pins_object()),
        ("apps/*.yaml", super::included()),
        ("a task of a pipeline", super::task_common()),
    ]
}

/// All files with their keys, one per line.
#[must_use]
pub fn everything() -> String {
    let mut out = String::new();
    let mut all = roots();
    all.push(("an app, under `apps`", super::app()));
    for (file, object) in all {
        let _ = writeln!(out, "{file}\n  {}\n", object.doc);
        keys(&mut out, object, 2);
        out.push('\n');
    }
    out.push_str("`gen explain KEY.PATH` shows one key in detail, as in `gen explain apps.NAME.source.url`,\n`gen explain app.pipeline` or `gen explain task.retries`; `gen explain task.build-image` lists its settings.\n");
    out
}

/// The documentation of an error, by its code.
///
/// # Errors
/// An unknown code.
pub fn error(code: &str) -> Result<String, UsageError> {
    let wanted = code.to_ascii_uppercase();
    let Some(entry) = all().into_iter().find(|entry| entry.code.to_string() == wanted) else {
        return Err(UsageError::UnknownKeyPath {
            path: code.to_owned(),
            hint: "docs/reference/errors.md lists every error".to_owned(),
        });
    };
    let mut out = format!("{}: {}\n\n{}\n", entry.code, plain(entry.message), entry.doc.trim());
    if !entry.help.is_empty() {
        let _ = writeln!(out, "\nhelp: {}", plain(entry.help));
    }
    let _ = writeln!(out, "{}", entry.status());
    Ok(out)
}

/// A message's pattern for readers: facts in capitals.
#[must_use]
pub fn plain(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        if rest[at + 1..].starts_with(brace) {
            out.push_str(brace);
            rest = &rest[at + 2..];
        } else {
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end);
            out.push_str(&rest[at + 1..end].to_uppercase());
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }
    out + rest
}

/// The documentation of one setting of a task, or of all; the steps start at the task's table.
#[must_use]
pub fn setting(table: &Object, steps: &[&str]) -> Option<String> {
    walk(table, steps).ok()
}

/// The steps of a path, without the indices of list items, which have the same documentation.
#[must_use]
pub fn steps(path: &str) -> Vec<&str> {
    let is_number = |step: &str| step.bytes().all(|byte| byte.is_ascii_digit());
    path.split(['.', '[', ']']).filter(|step| !is_number(step)).collect()
}

/// The documentation of a key, with everything below it.
///
/// # Errors
/// An unknown path, with the closest key.
pub fn key(path: &str) -> Result<String, UsageError> {
    let steps = steps(path);
    let (start, steps): (Vec<(&str, &Object)>, _) = match steps.split_first() {
        Some((&"app", rest)) => (vec![("an app", super::app())], rest),
        Some((&"task", rest)) => (vec![("a task", super::task_common())], rest),
        Some((&"environment", rest)) => (vec![("an environment", super::environment())], rest),
        _ => {
            let mut all = roots();
            all.push(("an app", super::app()));
            (all, steps.as_slice())
        }
    };
    let (mut texts, mut tried) = (Vec::<(&str, String)>::new(), Vec::new());
    for (file, object) in start {
        match walk(object, steps) {
            Ok(text) if texts.iter().all(|(_, other)| *other != text) => texts.push((file, text)),
            Ok(_) => {}
            Err(near) => tried.extend(near),
        }
    }
    match texts.as_slice() {
        [] => {}
        [(_, text)] => return Ok(text.clone()),
        several => {
            let parts = several.iter().map(|(file, text)| format!("In {file}:\n\n{text}"));
            return Ok(parts.collect::<Vec<_>>().join("\n"));
        }
    }
    // Errors use the task's own name in the path of its keys.
    if let [_, rest @ ..] = steps
        && !rest.is_empty()
        && let Ok(text) = walk(super::task_common(), rest)
    {
        return Ok(text);
    }
    let hint = match tried.first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`gen explain` lists all keys".to_owned(),
    };
    Err(UsageError::UnknownKeyPath { path: path.to_owned(), hint })
}

fn walk(object: &Object, steps: &[&str]) -> Result<String, Option<String>> {
    let Some((first, rest)) = steps.split_first() else {
        let mut out = format!("{}\n\n", object.doc);
        keys(&mut out, object, 2);
        return Ok(out);
    };
    let Some(field) = object.field(first) else {
        let near = nearest(first, object.fields.iter().map(|field| field.key.as_str()));
        return Err(near.map(str::to_owned));
    };
    below(field, &field.shape, rest)
}

fn below(field: &Field, shape: &Shape, steps: &[&str]) -> Result<String, Option<String>> {
    match (shape, steps) {
        (_, []) => Ok(describe(field)),
        (Shape::List(item), _) => below(field, item, steps),
        (Shape::Map(_, value), [_, rest @ ..]) => {
            if rest.is_empty() {
                return Ok(describe_shape(value).unwrap_or_else(|| describe(field)));
            }
            below(field, value, rest)
        }
        (Shape::Object(object) | Shape::Short(object) | Shape::Reference(object), _) => {
            walk(object, steps)
        }
        (Shape::Variant(variants), [word, rest @ ..]) => {
            match variants.iter().find(|(known, _)| known == word) {
                Some((_, object)) => walk(object, rest),
                None => Err(nearest(word, variants.iter().map(|(known, _)| known.as_str()))
                    .map(str::to_owned)),
            }
        }
        (Shape::Either(first, second), _) => {
            below(field, first, steps).or_else(|_| below(field, second, steps))
        }
        (Shape::Tasks, [_, rest @ ..]) => walk(super::task_common(), rest),
        _ => Err(None),
    }
}

fn describe(field: &Field) -> String {
    let mut out = format!("{}: {}\n\n{}\n", field.key, field.shape.describe(), field.doc);
    if field.required {
        out.push_str("required\n");
    }
    if let Some(default) = &field.default {
        let _ = writeln!(out, "default: {default}");
    }
    if let Some(example) = &field.example {
        let _ = writeln!(out, "example: {}: {example}", field.key);
    }
    if let Some(more) = describe_shape(&field.shape) {
        out.push('\n');
        out.push_str(&more);
    }
    out
}

fn describe_shape(shape: &Shape) -> Option<String> {
    let mut out = String::new();
    match shape {
        Shape::Word(words) => {
            for (word, doc) in words {
                let _ = writeln!(out, "  {word}  {doc}");
            }
        }
        Shape::Object(object) | Shape::Short(object) | Shape::Reference(object) => {
            keys(&mut out, object, 2);
        }
        Shape::Variant(variants) => {
            for (word, object) in variants {
                let _ = writeln!(out, "  {word}");
                keys(&mut out, object, 6);
            }
        }
        Shape::List(item) | Shape::Map(_, item) => return describe_shape(item),
        Shape::Tasks => {
            out.push_str(
                "an entry is a name, a name with settings, or a list of parallel entries:\n",
            );
            keys(&mut out, super::task_common(), 2);
        }
        Shape::Either(first, second) => {
            return describe_shape(first).or_else(|| describe_shape(second));
        }
        _ => return None,
    }
    Some(out)
}

fn keys(out: &mut String, object: &Object, indent: usize) {
    let width = object.fields.iter().map(|field| field.key.len()).max().unwrap_or(0);
    for field in &object.fields {
        let default =
            field.default.as_ref().map_or(String::new(), |default| format!(" Default: {default}."));
        let required = if field.required { " Required." } else { "" };
        let _ =
            writeln!(out, "{:indent$}{:width$}  {}{required}{default}", "", field.key, field.doc);
    }
}
