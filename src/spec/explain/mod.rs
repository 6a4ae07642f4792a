//! Documentation of keys and errors, from the tables that check and print them.

mod search;
mod tree;

use std::fmt::Write as _;

use super::table::{Field, Object, Shape};
use super::{nearest, words};
use crate::diagnostics::{UsageError, all};

pub use search::search;
pub use tree::{each, everything};

/// A part of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text in lines; each is a paragraph.
    Words(String),
    /// Text whose lines stay as they are.
    Lines(String),
    /// Names, each with what it is about.
    Rows(Vec<Row>),
}

/// A name and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// How far it is below the first names.
    pub depth: usize,
    /// A key, a word or a code.
    pub name: String,
    /// What it is about, in a sentence or more; may be empty.
    pub about: String,
}

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
pub fn setting(table: &Object, steps: &[&str]) -> Option<Vec<Part>> {
    walk(table, steps).ok()
}

/// The steps of a path, without the indices of list items, which have the same documentation.
#[must_use]
pub fn steps(path: &str) -> Vec<&str> {
    let is_number = |step: &str| step.bytes().all(|byte| byte.is_ascii_digit());
    path.split(['.', '[', ']']).filter(|step| !is_number(step)).collect()
}

/// The documentation of a key, with everything below it; of a word that other tools use, that of the key here which says it.
///
/// # Errors
/// An unknown path, with the closest key.
pub fn key(path: &str) -> Result<Vec<Part>, UsageError> {
    let near = match known(path) {
        Ok(parts) => return Ok(parts),
        Err(near) => near,
    };
    if let Some(parts) = steps(path).last().and_then(|word| meant(word)) {
        return Ok(parts);
    }
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`gen explain` lists all keys, and `gen explain -s WORD` those about something"
            .to_owned(),
    };
    Err(UsageError::UnknownKeyPath { path: path.to_owned(), hint })
}

/// The documentation of a key that there is; otherwise the closest one.
pub(super) fn known(path: &str) -> Result<Vec<Part>, Option<String>> {
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
    let (mut found, mut tried) = (Vec::<(&str, Vec<Part>)>::new(), Vec::new());
    for (file, object) in start {
        match walk(object, steps) {
            Ok(parts) if found.iter().all(|(_, other)| *other != parts) => {
                found.push((file, parts));
            }
            Ok(_) => {}
            Err(near) => tried.extend(near),
        }
    }
    if found.len() > 1 {
        let heading = |file| Part::Words(format!("In {file}:"));
        let parts =
            found.into_iter().flat_map(|(file, parts)| std::iter::once(heading(file)).chain(parts));
        return Ok(parts.collect());
    }
    if let Some((_, parts)) = found.pop() {
        return Ok(parts);
    }
    // Errors use the task's own name in the path of its keys.
    if let [_, rest @ ..] = steps
        && !rest.is_empty()
        && let Ok(parts) = walk(super::task_common(), rest)
    {
        return Ok(parts);
    }
    Err(tried.into_iter().next())
}

/// Where the keys that words lead to stand, as the beginning of a key's path.
const STARTS: [&str; 8] = [
    "app.",
    "task.",
    "environment.",
    "",
    "app.ready.",
    "app.volumes.",
    "app.storage.",
    "app.rollout.",
];

/// The paths from the table that each starts at, as `gen explain` takes them.
pub(super) fn whole(paths: &[String]) -> Vec<String> {
    let whole = |path: &String| {
        let mut all = STARTS.iter().map(|start| format!("{start}{path}"));
        all.find(|path| known(path).is_ok())
    };
    paths.iter().filter_map(whole).collect()
}

/// What a word of another tool is here, with the documentation of each key that says it.
fn meant(word: &str) -> Option<Vec<Part>> {
    let (word, paths) = words::elsewhere(word)?;
    let mut parts = Vec::new();
    for path in whole(paths) {
        parts.push(Part::Words(format!("`{word}` is the key `{path}` here.")));
        parts.extend(known(&path).unwrap_or_default());
    }
    (!parts.is_empty()).then_some(parts)
}

fn walk(object: &Object, steps: &[&str]) -> Result<Vec<Part>, Option<String>> {
    let Some((first, rest)) = steps.split_first() else {
        return Ok(vec![Part::Words(object.doc.clone()), rows(object, 1)]);
    };
    let Some(field) = object.field(first) else {
        let near = nearest(first, object.fields.iter().map(|field| field.key.as_str()));
        return Err(near.map(str::to_owned));
    };
    below(field, &field.shape, rest)
}

fn below(field: &Field, shape: &Shape, steps: &[&str]) -> Result<Vec<Part>, Option<String>> {
    match (shape, steps) {
        (_, []) => Ok(describe(field)),
        (Shape::List(item), _) => below(field, item, steps),
        (Shape::Map(_, value), [_, rest @ ..]) => {
            if rest.is_empty() {
                let parts = describe_shape(value);
                return Ok(if parts.is_empty() { describe(field) } else { parts });
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

fn describe(field: &Field) -> Vec<Part> {
    let mut more = String::new();
    if field.required {
        more.push_str("required\n");
    }
    if let Some(default) = &field.default {
        let _ = writeln!(more, "default: {default}");
    }
    if let Some(example) = &field.example {
        let _ = writeln!(more, "example: {}: {example}", field.key);
    }
    let heading = format!("{}: {}", field.key, field.shape.describe());
    let mut parts = vec![Part::Words(heading), Part::Words(format!("{}\n{more}", field.doc))];
    parts.extend(describe_shape(&field.shape));
    parts
}

fn describe_shape(shape: &Shape) -> Vec<Part> {
    match shape {
        Shape::Word(words) => {
            let row = |(word, doc): &(String, String)| Row {
                depth: 1,
                name: word.clone(),
                about: doc.clone(),
            };
            vec![Part::Rows(words.iter().map(row).collect())]
        }
        Shape::Object(object) | Shape::Short(object) | Shape::Reference(object) => {
            vec![rows(object, 1)]
        }
        Shape::Variant(variants) => {
            let mut all = Vec::new();
            for (word, object) in variants {
                all.push(Row { depth: 1, name: word.clone(), about: object.doc.clone() });
                all.extend(object.fields.iter().map(|field| row(field, 2)));
            }
            vec![Part::Rows(all)]
        }
        Shape::List(item) | Shape::Map(_, item) => describe_shape(item),
        Shape::Tasks => {
            let entries =
                "an entry is a name, a name with settings, or a list of parallel entries:";
            vec![Part::Words(entries.to_owned()), rows(super::task_common(), 1)]
        }
        Shape::Either(first, second) => {
            let parts = describe_shape(first);
            if parts.is_empty() { describe_shape(second) } else { parts }
        }
        _ => Vec::new(),
    }
}

fn rows(object: &Object, depth: usize) -> Part {
    Part::Rows(object.fields.iter().map(|field| row(field, depth)).collect())
}

fn row(field: &Field, depth: usize) -> Row {
    let required = if field.required { " Required." } else { "" };
    let default =
        field.default.as_ref().map_or(String::new(), |default| format!(" Default: {default}."));
    Row { depth, name: field.key.clone(), about: format!("{}{required}{default}", field.doc) }
}
