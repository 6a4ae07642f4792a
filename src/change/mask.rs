//! Hides secret values in all output, by location and by value.
//!
//! By location: `data` and `stringData` of a Secret, the last-applied annotation, variables and keys whose name or value looks like
//! a secret. By value: the values of a Secret are hidden wherever they appear, in other objects and in the server's messages. A
//! marker shows only whether two values differ, not their length or similarity.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Change, Field, Step};
use crate::diagnostics::looks_secret;

/// The marker of a hidden value.
pub const HIDDEN: &str = "<secret>";

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
        let bodies = changes
            .iter()
            .filter(|change| is_secret(&change.identity.kind))
            .flat_map(|change| [&change.before, &change.after]);
        for body in bodies.flatten() {
            for (_, text) in entries(body, "data") {
                learn(text, &mut values);
                if let Some(decoded) = decoded(text) {
                    learn(&decoded, &mut values);
                }
            }
            for (_, text) in entries(body, "stringData") {
                learn(text, &mut values);
            }
        }
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
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
        without_invalid_values(&text, |value| is_secret(kind) || looks_secret("", value))
    }

    /// A field, with values hidden. If both sides then look the same, markers show that they differ.
    #[must_use]
    pub fn field(&self, kind: &str, mut field: Field) -> Field {
        if self.shows {
            return field;
        }
        let context = Context::at(kind, &field.path.0);
        let differs = field.before.is_some() && field.after.is_some();
        for side in [&mut field.before, &mut field.after].into_iter().flatten() {
            self.hide(side, &context);
        }
        if differs && field.before == field.after {
            if let Some(value) = &mut field.before {
                mark(value, "before");
            }
            if let Some(value) = &mut field.after {
                mark(value, "after");
            }
        }
        field
    }

    fn hide(&self, value: &mut Value, context: &Context) {
        match value {
            Value::Object(map) => {
                let name = map.get("name").and_then(Value::as_str).map(str::to_owned);
                for (key, value) in map.iter_mut() {
                    self.hide(value, &context.below(key, name.as_deref()));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item, context)),
            Value::Null => {}
            scalar if context.holds_secrets => *scalar = HIDDEN.into(),
            Value::String(text) => {
                let option = |text: &str| {
                    let (name, value) = text.trim_start_matches('-').split_once('=')?;
                    looks_secret(&name.replace('-', "_"), value)
                        .then(|| format!("{}={HIDDEN}", &text[..text.len() - value.len() - 1]))
                };
                if looks_secret(&context.name, text) {
                    HIDDEN.clone_into(text);
                } else if let Some(hidden) = option(text) {
                    *text = hidden;
                } else {
                    *text = self.by_value(text);
                }
            }
            _ => {}
        }
    }

    fn by_value(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in self.values.iter().filter(|_| !self.shows) {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), HIDDEN);
            }
        }
        text
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
        let mut context = Self { is_secret: is_secret(kind), ..Self::default() };
        let mut item = None;
        for step in path {
            match step {
                Step::Key(key) => {
                    context = context.below(key, item.take());
                }
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

/// Adds a word to every marker.
fn mark(value: &mut Value, word: &str) {
    match value {
        Value::String(text) => *text = text.replace(HIDDEN, &format!("<secret, {word}>")),
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, word)),
        Value::Object(map) => map.values_mut().for_each(|value| mark(value, word)),
        _ => {}
    }
}

fn is_secret(kind: &str) -> bool {
    kind == "Secret"
}

fn entries<'v>(body: &'v Value, key: &str) -> impl Iterator<Item = (&'v str, &'v str)> {
    let map = body.get(key).and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
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

/// The text encoded in base64, if any.
fn decoded(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    String::from_utf8(bytes).ok()
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
