//! Objects against their definitions, as the API server decodes what Flux applies: an unknown field is an error, not a warning.

use std::fmt::Write as _;

use super::{Definitions, Known, Type};
use crate::name::billionths;
use crate::yaml::Value;

/// What an object has that its kind does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The path of the value, as in `spec.containers[0].image`.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
}

/// Everything in an object that its kind does not take. Nothing is known of a kind without fields.
#[must_use]
pub fn check(known: Known<'_>, object: &Value) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    if let Some((definitions, root)) = known.fields {
        let mut path = String::new();
        judge(&Judge { all: definitions, decodes: false }, root, object, &mut path, &mut misfits);
    }
    misfits
}

/// Everything in a part of an object that a webhook cannot decode: unknown fields and other types. The part is of the type that is at
/// the keys in the kind, or an item of the list there. What is required, and which words are taken, is not for a decoder.
#[must_use]
pub fn decode(known: Known<'_>, keys: &[&str], value: &Value) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let Some((all, root)) = known.fields else { return misfits };
    let mut of = root;
    for key in keys {
        while let Type::List(item) = of {
            of = item;
        }
        let Type::Object(place) = of else { return misfits };
        let field = all.fields(*place).and_then(|fields| {
            fields.fields.iter().find_map(|(name, _, of)| (name == key).then_some(of))
        });
        let Some(field) = field else { return misfits };
        of = field;
    }
    if let (Type::List(item), Value::Map(_)) = (of, value) {
        of = item;
    }
    judge(&Judge { all, decodes: true }, of, value, &mut String::new(), &mut misfits);
    misfits
}

/// Every `null` in an object of a custom kind where its definition has a type: the API server takes it for a value, and a wrong one.
#[must_use]
pub fn nulls(known: Known<'_>, object: &Value) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    if let Some((all, root)) = known.fields
        && has_null(object)
    {
        find_nulls(all, root, object, &mut String::new(), &mut misfits);
    }
    misfits
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Seq(items) => items.iter().any(has_null),
        Value::Map(map) => map.iter().any(|(_, value)| has_null(value)),
        _ => false,
    }
}

fn find_nulls(
    all: &Definitions,
    of: &Type,
    value: &Value,
    path: &mut String,
    out: &mut Vec<Misfit>,
) {
    match (of, value) {
        (Type::Any, _) => {}
        (_, Value::Null) => {
            out.push(Misfit { path: path.clone(), what: "is `null`".to_owned() });
        }
        (Type::List(item), Value::Seq(items)) => {
            for (index, value) in items.iter().enumerate() {
                in_item(path, index, |path| find_nulls(all, item, value, path, out));
            }
        }
        (Type::Map(of), Value::Map(map)) => {
            for (key, value) in map.iter() {
                in_key(path, key, |path| find_nulls(all, of, value, path, out));
            }
        }
        (Type::Object(place), Value::Map(map)) => {
            let fields = all.fields(*place).map(|fields| &fields.fields).into_iter().flatten();
            for (name, _, of) in fields {
                if let Some(value) = map.get(name) {
                    in_key(path, name, |path| find_nulls(all, of, value, path, out));
                }
            }
        }
        _ => {}
    }
}

/// How a value is judged.
struct Judge<'a> {
    all: &'a Definitions,
    /// As Go decodes JSON, not as the schema has it.
    decodes: bool,
}

fn judge(by: &Judge<'_>, of: &Type, value: &Value, path: &mut String, out: &mut Vec<Misfit>) {
    let misfit = |what: String, path: &str| Misfit { path: path.to_owned(), what };
    let wrong = |wanted: &str| format!("must be {wanted}, not {}", describe(value));
    match (of, value) {
        (Type::Any, _)
        | (_, Value::Null)
        | (Type::Bool, Value::Bool(_))
        | (Type::IntOrText, Value::Str(_) | Value::Int(_))
        | (Type::Int, Value::Int(_))
        | (Type::Quantity | Type::Number, Value::Int(_) | Value::Float(_)) => {}
        (Type::Quantity, Value::Str(text)) => {
            // What Flux puts in is not known yet.
            if !by.decodes && !text.contains("${") && billionths(text).is_none() {
                let what = format!("must be a quantity such as `500m` or `1Gi`, not `{text}`");
                out.push(misfit(what, path));
            }
        }
        (Type::Text(words), Value::Str(text)) => {
            if !by.decodes && !words.is_empty() && !words.contains(text) {
                let all = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>();
                out.push(misfit(format!("must be one of {}", all.join(", ")), path));
            }
        }
        (Type::Pattern(pattern), Value::Str(text)) => {
            // What Flux puts in is not known yet.
            if !by.decodes && !text.contains("${") {
                out.extend(pattern.problem(text).map(|what| misfit(what, path)));
            }
        }
        (Type::List(item), Value::Seq(items)) => {
            for (index, value) in items.iter().enumerate() {
                in_item(path, index, |path| judge(by, item, value, path, out));
            }
        }
        (Type::Map(of), Value::Map(map)) => {
            for (key, value) in map.iter() {
                in_key(path, key, |path| judge(by, of, value, path, out));
            }
        }
        (Type::Object(place), Value::Map(map)) => {
            let Some(fields) = by.all.fields(*place) else { return };
            for (key, value) in map.iter() {
                let at = fields.fields.binary_search_by(|(name, _, _)| name.as_str().cmp(key));
                // Go's decoder takes a name in any case.
                let in_any_case = || {
                    let is_it =
                        |(name, _, _): &(String, bool, Type)| name.eq_ignore_ascii_case(key);
                    fields.fields.iter().position(is_it).filter(|_| by.decodes)
                };
                let at = at.or_else(|at| in_any_case().ok_or(at));
                in_key(path, key, |path| match at {
                    Ok(at) => judge(by, &fields.fields[at].2, value, path, out),
                    Err(_) if fields.open => {}
                    Err(_) => {
                        let names = fields.fields.iter().map(|(name, _, _)| name.as_str());
                        out.push(misfit(unknown(key, names), path));
                    }
                });
            }
            // Where anything is taken, `null` is, too.
            let missing = |name: &str, of: &Type| match map.get(name) {
                Some(Value::Null) => *of != Type::Any,
                other => other.is_none(),
            };
            let is_missing = |(name, is, of): &&(String, bool, Type)| *is && missing(name, of);
            for (name, _, _) in fields.fields.iter().filter(|_| !by.decodes).filter(is_missing) {
                in_key(path, name, |path| {
                    out.push(misfit("is required".to_owned(), path));
                });
            }
        }
        (Type::Text(_) | Type::Pattern(_), _) => out.push(misfit(wrong("a string"), path)),
        (Type::Quantity, _) => out.push(misfit(wrong("a quantity"), path)),
        (Type::IntOrText, _) => out.push(misfit(wrong("a whole number or a string"), path)),
        (Type::Int, _) => out.push(misfit(wrong("a whole number"), path)),
        (Type::Number, _) => out.push(misfit(wrong("a number"), path)),
        (Type::Bool, _) => out.push(misfit(wrong("a boolean"), path)),
        (Type::List(_), _) => out.push(misfit(wrong("a list"), path)),
        (Type::Map(_) | Type::Object(_), _) => out.push(misfit(wrong("a mapping"), path)),
    }
}

fn unknown<'a>(key: &str, names: impl Iterator<Item = &'a str>) -> String {
    let near = crate::kubernetes::near::nearest(key, names);
    near.map_or_else(
        || "is an unknown field".to_owned(),
        |near| format!("is an unknown field, did you mean `{near}`?"),
    )
}

/// Works with the path of a key, and takes what was added away again.
fn in_key(path: &mut String, key: &str, work: impl FnOnce(&mut String)) {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(key);
    work(path);
    path.truncate(length);
}

/// The same with that of an item.
fn in_item(path: &mut String, index: usize, work: impl FnOnce(&mut String)) {
    let length = path.len();
    let _ = write!(path, "[{index}]");
    work(path);
    path.truncate(length);
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::Str(_) => "a string",
        Value::Seq(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}
