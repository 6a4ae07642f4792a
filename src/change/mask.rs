//! Hides secret values in all output, by location and by value.
//!
//! By location: `data` and `stringData` of a Secret, the last-applied annotation, variables and keys whose name or value looks like
//! a secret. By value: the values of a Secret are hidden wherever they appear, in other objects and in the server's messages. A
//! marker shows only whether two values differ, not their length or similarity.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Change, Field, Step};
use crate::diagnostics::{before_secret, is_secret_of, looks_secret, named_secret};
use crate::kubernetes::json::map;

/// The marker of a hidden value.
pub const HIDDEN: &str = "<secret>";

/// The kind whose content is hidden.
const SECRET: &str = "Secret";

/// Shorter values may appear elsewhere by chance: `yes`, `80`.
const SHORTEST: usize = 4;

/// The annotation with the whole object, from `kubectl apply`.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The values to hide.
#[derive(Debug, Clone, Default)]
pub struct Masker {
    /// Values of Secrets, the longest first.
    values: Vec<String>,
    shows: bool,
}

impl Masker {
    /// Collects the values of all Secrets on both sides.
    #[must_use]
    pub fn of(changes: &[Change]) -> Self {
        let mut values = BTreeSet::new();
        let secrets = changes.iter().filter(|change| change.identity.kind == SECRET);
        for body in secrets.flat_map(|change| [&change.before, &change.after]).flatten() {
            for place in ["data", "stringData"] {
                for value in map(body, &[place]).into_iter().flat_map(|map| map.values()) {
                    let text = value.as_str().unwrap_or_default();
                    learn(text, &mut values);
                    if place == "data"
                        && let Ok(bytes) = STANDARD.decode(text.trim())
                        && let Ok(decoded) = String::from_utf8(bytes)
                    {
                        learn(&decoded, &mut values);
                    }
                }
            }
        }
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort_by_key(|value| Reverse(value.len()));
        Self { values, shows: false }
    }

    /// Hides nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self { values: Vec::new(), shows: true }
    }

    /// A message of the server, with values hidden.
    #[must_use]
    pub fn message(&self, kind: &str, text: &str) -> String {
        if self.shows {
            return text.to_owned();
        }
        let text = self.by_value(text);
        without_invalid_values(&text, |value| kind == SECRET || looks_secret("", value))
    }

    /// A field, with values hidden. If both sides then look the same, markers show that they differ.
    #[must_use]
    pub fn field(&self, kind: &str, mut field: Field) -> Field {
        if self.shows {
            return field;
        }
        for side in [&mut field.before, &mut field.after].into_iter().flatten() {
            self.value(kind, &field.path.0, side);
        }
        if let (Some(before), Some(after)) = (&mut field.before, &mut field.after) {
            tell_apart(before, after);
        }
        field
    }

    /// Hides what is secret in a value at a path of an object.
    pub fn value(&self, kind: &str, path: &[Step], value: &mut Value) {
        if !self.shows {
            self.hide(value, &Context::at(kind, path));
        }
    }

    fn hide(&self, value: &mut Value, context: &Context) {
        match value {
            Value::Object(map) => {
                let name = map.get("name").and_then(Value::as_str).map(str::to_owned);
                for (key, value) in map.iter_mut() {
                    self.hide(value, &context.below(key, name.as_deref()));
                }
            }
            Value::Array(items) => {
                // `--token VALUE` are two items.
                let mut before = None;
                for item in items {
                    let text = item.as_str().map(str::to_owned);
                    match (before.as_deref(), text.as_deref()) {
                        (Some(option), Some(text)) if is_secret_of(option, text) => {
                            *item = HIDDEN.into();
                        }
                        _ => self.hide(item, context),
                    }
                    before = text;
                }
            }
            Value::Null => {}
            scalar if context.holds_secrets => *scalar = HIDDEN.into(),
            Value::String(text) => {
                if named_secret(&context.name, text) {
                    HIDDEN.clone_into(text);
                    return;
                }
                *text = without_options(text);
                if looks_secret("", text) {
                    HIDDEN.clone_into(text);
                } else {
                    *text = self.by_value(text);
                }
            }
            _ => {}
        }
    }

    fn by_value(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, value| {
            if text.contains(value.as_str()) { text.replace(value.as_str(), HIDDEN) } else { text }
        })
    }
}

/// The context of a value in an object.
#[derive(Clone, Default)]
struct Context {
    /// The variable or key of this value.
    name: String,
    /// Everything here is secret.
    holds_secrets: bool,
    /// The root of a Secret.
    is_secret: bool,
}

impl Context {
    fn at(kind: &str, path: &[Step]) -> Self {
        let mut context = Self { is_secret: kind == SECRET, ..Self::default() };
        let mut item = None;
        for step in path {
            match step {
                Step::Key(key) => context = context.below(key, item.take()),
                Step::Item { key, value } => item = (*key == "name").then_some(value.as_str()),
                Step::Order => {}
            }
        }
        context
    }

    fn below(&self, key: &str, item: Option<&str>) -> Self {
        let of_secret = self.is_secret && ["data", "stringData"].contains(&key);
        Self {
            // `value` is the value of the variable in the sibling `name`.
            name: item.filter(|_| ["value", "default"].contains(&key)).unwrap_or(key).to_owned(),
            holds_secrets: self.holds_secrets || of_secret || key == LAST_APPLIED,
            is_secret: false,
        }
    }
}

/// A text without the values of options and properties whose name makes them secret: lines as in a file of properties, and words
/// of a script that begin with `--`.
fn without_options(text: &str) -> String {
    // What the shell puts there is no secret.
    let hidden = |part: &str| {
        let before = before_secret(part.trim_end())?;
        let value = part[before.len()..].trim_start_matches(['"', '\'']);
        let end = &part[part.trim_end().len()..];
        (!value.starts_with('$')).then(|| format!("{before}{HIDDEN}{end}"))
    };
    let word = |word: &str| {
        hidden(word).filter(|_| word.starts_with("--")).unwrap_or_else(|| word.to_owned())
    };
    let line = |line: &str| {
        hidden(line)
            .unwrap_or_else(|| line.split_inclusive(char::is_whitespace).map(word).collect())
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Marks two different values that look the same once they are hidden.
pub fn tell_apart(before: &mut Value, after: &mut Value) {
    if before == after {
        mark(before, "before");
        mark(after, "after");
    }
}

/// Adds a word to every marker.
fn mark(value: &mut Value, word: &str) {
    match value {
        Value::String(text) => *text = text.replace(HIDDEN, &format!("<secret, {word}>")),
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, word)),
        Value::Object(map) => map.values_mut().for_each(|value| mark(value, word)),
        _ => {}
    }
}

/// A value, and its longer lines: a single line of a key or a configuration reveals enough.
fn learn(text: &str, values: &mut BTreeSet<String>) {
    const LINE: usize = 8;
    let whole = text.trim();
    if whole.chars().count() >= SHORTEST {
        values.insert(whole.to_owned());
    }
    let lines = whole.lines().map(str::trim).filter(|line| line.chars().count() >= LINE);
    values.extend(lines.map(str::to_owned));
}

/// The API server repeats what it rejects: `Invalid value: "…": must be …` (apimachinery field.Error).
fn without_invalid_values(text: &str, hides: impl Fn(&str) -> bool) -> String {
    const BEFORE: &str = "Invalid value: ";
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEFORE) {
        let (before, value) = rest.split_at(at + BEFORE.len());
        out.push_str(before);
        let end = if let Some(quoted) = value.strip_prefix('"') {
            let mut escaped = false;
            let close = quoted.find(|c: char| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            close.map_or(value.len(), |close| close + 2)
        } else {
            value.find(": ").unwrap_or(value.len())
        };
        let (value, after) = value.split_at(end);
        out.push_str(if hides(value.trim_matches('"')) { HIDDEN } else { value });
        rest = after;
    }
    out.push_str(rest);
    out
}
