//! Variables in an object, in the order of kustomize-controller: the object is written as YAML, variables are substituted in that text,
//! and it is read again. So a text that is not quoted there, such as `${replicas}`, may become a number, a mapping or nothing.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::import::flux::envsubst::{Known, Lookup, Refusal, substituted};
use crate::import::flux::style::{Style, style};
use crate::kubernetes::{Object, documents};
use crate::yaml::{Map, Value, resolve_as_kubernetes};

/// The annotation or label that turns substitution off.
const SWITCH: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// What became of the variables of an object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Variables that stay, with the field.
    pub(super) kept: BTreeSet<(String, String)>,
    /// Variables that became an empty text, with the field.
    pub(super) emptied: BTreeSet<(String, String)>,
}

/// Substitutes the variables of an object.
///
/// # Errors
/// The field that Flux refuses, and why: it applies none of the objects then. The object is as it was.
pub(super) fn substitute(
    object: &mut Object,
    lookup: &mut dyn Lookup,
    is_strict: bool,
    work: &mut usize,
) -> Result<Told, String> {
    let is_off = ["labels", "annotations"]
        .iter()
        .any(|field| object.value().str_at(&["metadata", field, SWITCH]) == Some("disabled"));
    // What is encrypted is substituted once it is decrypted.
    if is_off || object.at(&["sops"]).is_some() || !has_dollar(object.value()) {
        return Ok(Told::default());
    }
    let mut names = Names { lookup, kept: Vec::new(), emptied: Vec::new() };
    let mut walking =
        Walking { names: &mut names, is_strict, work, path: Vec::new(), told: Told::default() };
    let value = walking.value(object.value(), Context::Value)?;
    let told = walking.told;
    *object = Object::new(value)?;
    Ok(told)
}

fn has_dollar(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.contains('$'),
        Value::Seq(items) => items.iter().any(has_dollar),
        Value::Map(map) => map.iter().any(|(key, value)| key.contains('$') || has_dollar(value)),
        _ => false,
    }
}

/// The values, with the names that were met in one text.
struct Names<'l> {
    lookup: &'l mut dyn Lookup,
    kept: Vec<String>,
    emptied: Vec<String>,
}

impl Lookup for Names<'_> {
    fn find(&self, name: &str) -> Known<'_> {
        self.lookup.find(name)
    }

    fn kept(&mut self, name: &str) {
        self.kept.push(name.to_owned());
    }

    fn emptied(&mut self, name: &str) {
        self.emptied.push(name.to_owned());
    }
}

/// Where a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Key,
    Value,
    Item,
}

struct Walking<'w, 'l> {
    names: &'w mut Names<'l>,
    is_strict: bool,
    work: &'w mut usize,
    path: Vec<String>,
    told: Told,
}

impl Walking<'_, '_> {
    fn value(&mut self, value: &Value, context: Context) -> Result<Value, String> {
        match value {
            Value::Str(text) if text.contains('$') => self.text(text, context),
            Value::Seq(items) => {
                let mut all = Vec::with_capacity(items.len());
                for (number, item) in items.iter().enumerate() {
                    self.path.push(number.to_string());
                    all.push(self.value(item, Context::Item)?);
                    self.path.pop();
                }
                Ok(Value::Seq(all))
            }
            Value::Map(map) => {
                let mut all = Map::default();
                for (key, value) in map.iter() {
                    self.path.push(key.to_owned());
                    let name = match self.value(&Value::from(key), Context::Key)? {
                        Value::Str(name) => name,
                        other => other.to_string(),
                    };
                    all.insert(name, self.value(value, Context::Value)?);
                    self.path.pop();
                }
                Ok(Value::Map(all))
            }
            other => Ok(other.clone()),
        }
    }

    fn text(&mut self, text: &str, context: Context) -> Result<Value, String> {
        let style = style(text, context == Context::Key);
        let written = style.written(text);
        let found = substituted(&written, self.names, self.is_strict, self.work);
        let found = found.map_err(|why| self.refused(&why))?;
        let field = self.path.join(".");
        for name in self.names.kept.drain(..) {
            self.told.kept.insert((name, field.clone()));
        }
        for name in self.names.emptied.drain(..) {
            self.told.emptied.insert((name, field.clone()));
        }
        if found == written {
            return Ok(Value::from(text));
        }
        if style == Style::Literal {
            return Ok(Value::from(found));
        }
        read(&style.quoted(&found), context).ok_or_else(|| {
            let why = Refusal::Malformed("the substituted text is not valid YAML");
            self.refused(&why)
        })
    }

    fn refused(&self, why: &Refusal) -> String {
        format!("`{}`: {why}", self.path.join("."))
    }
}

/// Reads a text as what stands at its place.
fn read(text: &str, context: Context) -> Option<Value> {
    let document = match context {
        Context::Key => format!("{text}: x\n"),
        Context::Value => format!("x: {text}\n"),
        Context::Item => format!("- {text}\n"),
    };
    let mut all = documents(&document).ok()?;
    let whole = all.pop().filter(|_| all.is_empty())?;
    let value = match (context, whole) {
        (Context::Item, Value::Seq(items)) => single(items),
        (Context::Value, Value::Map(map)) => {
            let mut pairs = map.iter();
            let found = pairs.next().filter(|(key, _)| *key == "x").map(|(_, value)| value.clone());
            found.filter(|_| pairs.len() == 0)
        }
        (Context::Key, Value::Map(map)) => {
            let mut keys = map.keys();
            let found = keys.next().map(Value::from);
            found.filter(|_| keys.len() == 0)
        }
        _ => None,
    }?;
    Some(match value {
        // A plain text, of which Kubernetes' reader may make something else.
        Value::Str(plain) if plain == text.trim() => whole_number(resolve_as_kubernetes(&plain)),
        value => whole_number(value),
    })
}

/// A whole number is one in JSON, in which objects travel, however it was written.
fn whole_number(value: Value) -> Value {
    match &value {
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}").parse().map_or(value, Value::Int)
        }
        _ => value,
    }
}

fn single(items: Vec<Value>) -> Option<Value> {
    let mut items = items.into_iter();
    items.next().filter(|_| items.len() == 0)
}
