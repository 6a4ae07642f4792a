//! A value that knows where each of its parts was written.

use super::{Map, Value, is_read_otherwise, resolve_as_kubernetes, resolve_plain};
use crate::diagnostics::Span;

/// A value with its place. Merging layers keeps each part's own place, so a merged app still says for every value which
/// file it came from.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub data: Data,
}

/// What a node is. Scalars keep their text: only who reads one knows whether `1.20` is a number or a version.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Data {
    /// A text, number, truth value or null, as written.
    Scalar(Scalar),
    /// A list.
    Seq(Vec<Node>),
    /// A mapping, in the order in which it was written, each key once.
    Map(Vec<Entry>),
}

/// A scalar as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scalar {
    /// Its text, without quotes and escapes.
    pub text: String,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes: may be a number, a truth value or null.
    Plain,
    /// In quotes: always a text.
    Quoted,
    /// `|` or `>`: always a text.
    Block,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// What is under it.
    pub value: Node,
}

impl Entry {
    /// Whether the key was written without quotes, which would make its place longer than its text.
    fn has_plain_key(&self) -> bool {
        let Span { start, end, .. } = self.key_span;
        let width = end.column.saturating_sub(start.column) as usize;
        start.line == end.line && width == self.key.chars().count()
    }
}

impl Node {
    /// The scalars and keys without quotes that Kubernetes' reader takes for something else ([`super::is_read_otherwise`]).
    #[must_use]
    pub fn read_otherwise(&self) -> Vec<(&str, Span)> {
        let mut found = Vec::new();
        self.collect_read_otherwise(&mut found);
        found
    }

    fn collect_read_otherwise<'n>(&'n self, found: &mut Vec<(&'n str, Span)>) {
        match &self.data {
            Data::Scalar(scalar) => {
                if scalar.style == Style::Plain && is_read_otherwise(&scalar.text) {
                    found.push((&scalar.text, self.span));
                }
            }
            Data::Seq(items) => items.iter().for_each(|item| item.collect_read_otherwise(found)),
            Data::Map(entries) => {
                for entry in entries {
                    if entry.has_plain_key() && is_read_otherwise(&entry.key) {
                        found.push((&entry.key, entry.key_span));
                    }
                    entry.value.collect_read_otherwise(found);
                }
            }
        }
    }

    /// A mapping without entries.
    #[must_use]
    pub fn empty_map(span: Span) -> Self {
        Self { span, data: Data::Map(Vec::new()) }
    }

    /// A text that gen supplies.
    #[must_use]
    pub fn text(span: Span, text: impl Into<String>) -> Self {
        Self { span, data: Data::Scalar(Scalar { text: text.into(), style: Style::Quoted }) }
    }

    /// The entries, where it is a mapping.
    #[must_use]
    pub fn entries(&self) -> Option<&[Entry]> {
        if let Data::Map(entries) = &self.data { Some(entries) } else { None }
    }

    /// The items, where it is a list.
    #[must_use]
    pub fn items(&self) -> Option<&[Self]> {
        if let Data::Seq(items) = &self.data { Some(items) } else { None }
    }

    /// The scalar, where it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        if let Data::Scalar(scalar) = &self.data { Some(scalar) } else { None }
    }

    /// The text, where it is a scalar.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// The items; what is no list stands for a list of itself.
    #[must_use]
    pub fn one_or_more(&self) -> &[Self] {
        self.items().unwrap_or(std::slice::from_ref(self))
    }

    /// The texts of a list, or the one of a scalar.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let items = self.one_or_more().iter();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// The entry under a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value under a key, unless it is null.
    #[must_use]
    pub fn written(&self, key: &str) -> Option<&Self> {
        self.get(key).filter(|node| !node.is_null())
    }

    /// Whether it is null: nothing written, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar(s) if s.style == Style::Plain && resolve_plain(&s.text) == Value::Null)
    }

    /// Whether nothing is written, as in `KEY:`.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.is_null() && self.as_str() == Some("")
    }

    /// The plain value, with plain scalars resolved as YAML 1.2's core schema does.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.resolved(resolve_plain)
    }

    /// The plain value as Kubernetes reads it ([`super::resolve_as_kubernetes`]).
    #[must_use]
    pub fn to_value_as_kubernetes(&self) -> Value {
        self.resolved(resolve_as_kubernetes)
    }

    fn resolved(&self, plain: fn(&str) -> Value) -> Value {
        match &self.data {
            Data::Scalar(scalar) if scalar.style == Style::Plain => plain(&scalar.text),
            Data::Scalar(scalar) => Value::Str(scalar.text.clone()),
            Data::Seq(items) => Value::Seq(items.iter().map(|item| item.resolved(plain)).collect()),
            Data::Map(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for entry in entries {
                    map.push(entry.key.clone(), entry.value.resolved(plain));
                }
                Value::Map(map)
            }
        }
    }

    /// Its type, for messages.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.data {
            Data::Scalar(scalar) if scalar.style == Style::Plain => {
                resolve_plain(&scalar.text).describe()
            }
            Data::Scalar(_) => "a string",
            Data::Seq(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }
}
