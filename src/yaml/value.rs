//! A plain value: what JSON can say, with the order of keys kept.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::Map;

/// A value without a place: the body of an object, a setting, an argument.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; Kubernetes knows none beyond 64 bits.
    Int(i64),
    /// Any other number. Never NaN or infinite: JSON has neither.
    Float(f64),
    /// A text.
    Str(String),
    /// A list.
    Seq(Vec<Value>),
    /// A mapping, in the order in which it was written.
    Map(Map),
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Bool(value) => value.hash(state),
            Self::Int(number) => number.hash(state),
            Self::Float(number) => number.to_bits().hash(state),
            Self::Str(text) => text.hash(state),
            Self::Seq(items) => items.hash(state),
            Self::Map(map) => map.hash(state),
        }
    }
}

impl Value {
    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// The whole number, where it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// Whether it is `true`; nothing else is.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// The list, where it is one.
    #[must_use]
    pub fn as_seq(&self) -> Option<&[Self]> {
        if let Self::Seq(items) = self { Some(items) } else { None }
    }

    /// The list, to change.
    pub fn as_seq_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Self::Seq(items) = self { Some(items) } else { None }
    }

    /// The mapping, where it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// The mapping, to change.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// Puts a value over this one: mappings merge, and all else is replaced.
    pub fn overlay(&mut self, over: Self) {
        match (self, over) {
            (Self::Map(under), Self::Map(over)) => {
                for (key, value) in over.iter() {
                    match under.get_mut(key) {
                        Some(below) => below.overlay(value.clone()),
                        None => under.push(key, value.clone()),
                    }
                }
            }
            (under, over) => *under = over,
        }
    }

    /// The value under a key, where this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The value at the end of a chain of keys.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The list at the end of a chain of keys; an empty one if there is none.
    #[must_use]
    pub fn list_at(&self, keys: &[&str]) -> &[Self] {
        self.at(keys).and_then(Self::as_seq).unwrap_or_default()
    }

    /// The text at the end of a chain of keys.
    #[must_use]
    pub fn str_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.as_str()
    }

    /// Lets all copies made from now on share the mappings in it; see [`Map`].
    pub fn share(&mut self) {
        match self {
            Self::Seq(items) => items.iter_mut().for_each(Self::share),
            Self::Map(map) => map.share(),
            _ => {}
        }
    }

    /// What kind of value it is, for messages: `a text`, `a list`, …
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Str(_) => "a string",
            Self::Seq(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// Canonical JSON: keys sorted, no white space. What is hashed is written so.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        fn sorted(value: &Value) -> Value {
            match value {
                Value::Seq(items) => Value::Seq(items.iter().map(sorted).collect()),
                Value::Map(map) => {
                    let mut map: Map = map.iter().map(|(k, v)| (k, sorted(v))).collect();
                    map.sort();
                    Value::Map(map)
                }
                other => other.clone(),
            }
        }
        sorted(self).to_string()
    }
}

impl fmt::Display for Value {
    /// Compact JSON in the order of the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Str(value) => serializer.serialize_str(value),
            Self::Seq(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:expr),+ $(,)?) => {
        $( impl From<$type> for Value { fn from(value: $type) -> Self { $variant(value) } } )+
    };
}

from!(
    bool => Value::Bool,
    i64 => Value::Int,
    String => Value::Str,
    Vec<Value> => Value::Seq,
    Map => Value::Map,
);

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Str(value.to_owned())
    }
}

/// A list of texts.
impl From<&[String]> for Value {
    fn from(texts: &[String]) -> Self {
        Self::Seq(texts.iter().map(|text| text.as_str().into()).collect())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl<const N: usize> From<[(&str, Value); N]> for Value {
    fn from(entries: [(&str, Value); N]) -> Self {
        Self::Map(entries.into_iter().collect())
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Self::Float(number.as_f64().unwrap_or_default()), Self::Int),
            serde_json::Value::String(text) => Self::Str(text),
            serde_json::Value::Array(items) => {
                Self::Seq(items.into_iter().map(Self::from).collect())
            }
            serde_json::Value::Object(map) => {
                Self::Map(map.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
        }
    }
}
