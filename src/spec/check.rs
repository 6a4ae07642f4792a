//! Checks a layer against the table: finds all unknown keys, wrong types and invalid values at once.
//!
//! A layer is one source of a mapping (an app in gen.yaml, its override in an environment), so nothing is required yet, and
//! `null` is allowed everywhere: it removes the value of a lower layer.

use super::table::{Field, Object, Shape};
use crate::diagnostics::{Diagnostics, SpecError};
use crate::name::Check;
use crate::yaml::{Data, Node, Style, Value, resolve_plain};

/// Checks one value. `path` is its path in messages, as in `apps.demo-app.source.url`.
pub fn check(node: &Node, shape: &Shape, path: &str, problems: &mut Diagnostics) {
    if node.is_null() {
        return;
    }
    // Variables, arguments and file names cannot contain one, and the API server would reject it far from here.
    if node.scalar().is_some_and(|scalar| scalar.text.contains('\0')) {
        let (path, found) = (path.to_owned(), "one with them".to_owned());
        let want = "a string without NUL characters".to_owned();
        problems.error(node.span, SpecError::WrongType { path, want, found });
        return;
    }
    match (shape, &node.data) {
        (Shape::Free, _) | (Shape::Reference(_), Data::Scalar(_)) => {}
        (
            Shape::Text(_)
            | Shape::Literal
            | Shape::Bool
            | Shape::Int(..)
            | Shape::Word(_)
            | Shape::Choice(_),
            Data::Scalar(_),
        ) => {
            check_scalar(node, shape, path, problems);
        }
        (Shape::List(item), Data::Seq(items)) => {
            for (index, node) in items.iter().enumerate() {
                check(node, item, &format!("{path}[{index}]"), problems);
            }
        }
        (Shape::Map(key_check, value), Data::Map(entries)) => {
            for entry in entries {
                key_check.check(&entry.key, entry.key_span, problems);
                check(&entry.value, value, &join(path, &entry.key), problems);
            }
        }
        (Shape::Object(object) | Shape::Short(object) | Shape::Reference(object), Data::Map(_)) => {
            check_object(node, object, path, problems);
        }
        (Shape::Short(object), Data::Scalar(_)) => {
            let first = &object.fields[0];
            check(node, &first.shape, &join(path, &first.key), problems);
        }
        (Shape::Variant(variants), Data::Scalar(scalar)) => {
            if !variants.iter().any(|(word, _)| *word == scalar.text) {
                let words = variants.iter().map(|(word, _)| word.as_str());
                problems.error(node.span, not_one_of(path, &scalar.text, words));
            }
        }
        (Shape::Variant(variants), Data::Map(entries)) => {
            check_variant(node, variants, entries, path, problems);
        }
        (Shape::Tasks, Data::Seq(items)) => {
            for item in items {
                check_task(item, problems);
            }
        }
        (Shape::Either(first, second), _) => {
            let mut as_first = Diagnostics::default();
            check(node, first, path, &mut as_first);
            if as_first.is_empty() {
                return;
            }
            let meant = Shape::meant(first, second, node);
            if std::ptr::eq(meant, &raw const **first) {
                problems.extend(as_first);
            } else {
                check(node, second, path, problems);
            }
        }
        _ => wrong_type(node, shape, path, problems),
    }
}

fn wrong_type(node: &Node, shape: &Shape, path: &str, problems: &mut Diagnostics) {
    let want = with_article(shape.describe());
    problems.error(
        node.span,
        SpecError::WrongType { path: path.to_owned(), want, found: node.describe().to_owned() },
    );
}

/// Words and `true or false` take no article; all else is a noun.
fn with_article(noun: String) -> String {
    if noun.starts_with('`') || noun == "true or false" {
        noun
    } else if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        format!("an {noun}")
    } else {
        format!("a {noun}")
    }
}

fn check_scalar(node: &Node, shape: &Shape, path: &str, problems: &mut Diagnostics) {
    let Data::Scalar(scalar) = &node.data else {
        return;
    };
    let text = &scalar.text;
    let plain = (scalar.style == Style::Plain).then(|| resolve_plain(text));
    match shape {
        Shape::Text(kind) => kind.check(text, node.span, problems),
        Shape::Bool if !matches!(plain, Some(Value::Bool(_))) => {
            problems
                .error(node.span, SpecError::NotBool { path: path.to_owned(), text: text.clone() });
        }
        Shape::Int(min, max) => match plain {
            Some(Value::Int(number)) if (*min..=*max).contains(&number) => {}
            Some(Value::Int(_) | Value::Float(_)) => {
                problems.error(
                    node.span,
                    SpecError::OutOfRange {
                        path: path.to_owned(),
                        number: text.clone(),
                        min: *min,
                        max: *max,
                    },
                );
            }
            _ => wrong_type(node, shape, path, problems),
        },
        Shape::Word(words) if !words.iter().any(|(word, _)| word == text) => {
            problems.error(
                node.span,
                not_one_of(path, text, words.iter().map(|(word, _)| word.as_str())),
            );
        }
        Shape::Choice(words) if !words.contains(text) => {
            problems.error(node.span, not_one_of(path, text, words.iter().map(String::as_str)));
        }
        _ => {}
    }
}

fn check_object(node: &Node, object: &Object, path: &str, problems: &mut Diagnostics) {
    for entry in node.entries().unwrap_or_default() {
        if let Some(Field { shape, .. }) = object.field(&entry.key) {
            check(&entry.value, shape, &join(path, &entry.key), problems);
        } else {
            let known = object.fields.iter().map(|field| field.key.as_str());
            let hint = match super::words::meant(&entry.key, object) {
                Some(meant) => format!("that is `{meant}` here"),
                None => {
                    hint(&entry.key, known.clone(), || format!("known keys: {}", listed(known)))
                }
            };
            let place = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
            problems.error(
                entry.key_span,
                SpecError::UnknownKey { key: entry.key.clone(), place, hint },
            );
        }
    }
}

fn check_variant(
    node: &Node,
    variants: &[(String, std::sync::Arc<Object>)],
    entries: &[crate::yaml::Entry],
    path: &str,
    problems: &mut Diagnostics,
) {
    let words = || variants.iter().map(|(word, _)| word.as_str());
    for entry in entries {
        match variants.iter().find(|(word, _)| *word == entry.key) {
            Some((word, object)) if !entry.value.is_null() => {
                check(&entry.value, &object.settings(), &join(path, word), problems);
            }
            Some(_) => {}
            None => problems.error(entry.key_span, not_one_of(path, &entry.key, words())),
        }
    }
    if let [first, second, ..] = entries {
        let why = format!("`{path}` takes one of {}", listed(words()));
        problems.error(
            node.span,
            SpecError::Excludes { first: first.key.clone(), second: second.key.clone(), why },
        );
    }
}

fn check_task(node: &Node, problems: &mut Diagnostics) {
    let bad = |problems: &mut Diagnostics| {
        problems.error(node.span, SpecError::BadTask { found: node.describe().to_owned() });
    };
    match &node.data {
        Data::Scalar(scalar) if node.describe() == "a string" => {
            Check::Label.check(&scalar.text, node.span, problems);
        }
        Data::Seq(items) if !items.is_empty() => {
            for item in items {
                check_task(item, problems);
            }
        }
        Data::Map(entries) => match entries.as_slice() {
            [entry] if matches!(entry.value.data, Data::Map(_)) || entry.value.is_null() => {
                Check::Label.check(&entry.key, entry.key_span, problems);
            }
            _ => bad(problems),
        },
        _ => bad(problems),
    }
}

fn not_one_of<'a>(
    path: &str,
    text: &str,
    words: impl Iterator<Item = &'a str> + Clone,
) -> SpecError {
    let hint = hint(text, words.clone(), || format!("expected one of {}", listed(words)));
    SpecError::NotOneOf { path: path.to_owned(), text: text.to_owned(), hint }
}

/// Words in backticks, separated by commas.
#[must_use]
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// The help for an unknown word: the known one that was probably meant, or other advice.
#[must_use]
pub fn hint<'a>(
    text: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(text, known).map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The known word closest to a misspelt one, if any is close.
#[must_use]
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = text.to_lowercase();
    let length = lower.chars().count();
    let distance_of = |word: &'a str| {
        let allowed = 1 + word.len().min(text.len()) / 4;
        let other = word.to_lowercase();
        // Words differ at least by their lengths, which costs nothing to know.
        let is_near = other.chars().count().abs_diff(length) <= allowed;
        let distance = is_near.then(|| strsim::damerau_levenshtein(&lower, &other))?;
        (distance <= allowed).then_some((distance, word))
    };
    known
        .into_iter()
        .filter_map(distance_of)
        .min_by_key(|(distance, word)| (*distance, *word))
        .map(|(_, word)| word)
}
