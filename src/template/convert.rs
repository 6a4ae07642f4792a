//! Converts values of the template language to plain values and back.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Object, ObjectExt as _, ValueKind};

use super::marker::holds_reserved;
use crate::diagnostics::TemplateError;
use crate::yaml::{self, Map, Value};

/// Maximum nesting of a printed value.
const DEPTH: usize = 64;
/// The cost of a value besides its text, in bytes, so that a million empty lists are not free.
const NODE: usize = 16;

/// Converts printed values to plain ones, up to a total number of bytes.
pub(super) struct Converter {
    limit: usize,
    left: usize,
    /// Whether a string contained a marker character.
    pub(super) met_reserved: bool,
}

impl Converter {
    /// A converter for a result of `limit` bytes, of which `used` are taken.
    pub(super) fn new(limit: usize, used: usize) -> Self {
        Self { limit, left: limit.saturating_sub(used), met_reserved: false }
    }

    /// Counts bytes of the result.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), TemplateError> {
        let limit = self.limit;
        self.left = self.left.checked_sub(bytes).ok_or(TemplateError::TooLarge { limit })?;
        Ok(())
    }

    /// A value with its type.
    pub(super) fn value(&mut self, value: &minijinja::Value) -> Result<Value, TemplateError> {
        self.nested(value, 0)
    }

    fn nested(&mut self, value: &minijinja::Value, depth: usize) -> Result<Value, TemplateError> {
        self.spend(NODE)?;
        match value.kind() {
            ValueKind::None => Ok(Value::Null),
            ValueKind::Bool => Ok(Value::Bool(value.is_true())),
            ValueKind::Number => number(value),
            ValueKind::String => Ok(Value::Str(self.string(value)?.to_owned())),
            ValueKind::Seq | ValueKind::Iterable if depth < DEPTH => {
                let items = iterate(value)?.map(|item| self.nested(&item, depth + 1));
                Ok(Value::Seq(items.collect::<Result<_, _>>()?))
            }
            ValueKind::Map if depth < DEPTH => self.map(value, depth),
            ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => Err(too_deep()),
            _ => Err(unprintable(describe(value))),
        }
    }

    fn map(&mut self, value: &minijinja::Value, depth: usize) -> Result<Value, TemplateError> {
        if let Some(Mapping(map)) = value.downcast_object_ref() {
            self.weigh_entries(map, depth)?;
            return Ok(Value::Map(map.clone()));
        }
        let mut map = Map::with_capacity(value.len().unwrap_or_default());
        let pairs = value.as_object().and_then(DynObject::try_iter_pairs);
        for (key, item) in pairs.into_iter().flatten() {
            if key.kind() != ValueKind::String {
                let found = describe(&key).to_owned();
                return Err(TemplateError::KeyNotText { found });
            }
            let key = yaml::Key::new(self.string(&key)?);
            map.push(key, self.nested(&item, depth + 1)?);
        }
        // To minijinja a macro is a mapping of these three.
        if map.keys().eq(["name", "arguments", "caller"]) && value.to_string().starts_with('<') {
            return Err(unprintable("an uncalled macro"));
        }
        Ok(Value::Map(map))
    }

    /// Counts a value of ours, as if it were converted.
    fn weigh(&mut self, value: &Value, depth: usize) -> Result<(), TemplateError> {
        self.spend(NODE)?;
        match value {
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => Ok(()),
            Value::Str(text) => self.weigh_text(text),
            Value::Seq(_) | Value::Map(_) if depth >= DEPTH => Err(too_deep()),
            Value::Seq(items) => {
                let mut items = items.iter();
                items.try_for_each(|item| self.weigh(item, depth + 1))
            }
            Value::Map(map) => self.weigh_entries(map, depth),
        }
    }

    fn weigh_entries(&mut self, map: &Map, depth: usize) -> Result<(), TemplateError> {
        for (key, value) in map.iter() {
            self.weigh_text(key)?;
            self.weigh(value, depth + 1)?;
        }
        Ok(())
    }

    fn weigh_text(&mut self, text: &str) -> Result<(), TemplateError> {
        self.met_reserved |= holds_reserved(text);
        self.spend(text.len())
    }

    /// The text of a string.
    fn string<'v>(&mut self, value: &'v minijinja::Value) -> Result<&'v str, TemplateError> {
        if value.is_safe() {
            let how = "put into a list or a mapping".to_owned();
            return Err(TemplateError::CapturedText { how });
        }
        let text = value.as_str().unwrap_or_default();
        self.weigh_text(text)?;
        Ok(text)
    }

    /// A value as part of a string.
    pub(super) fn text<'v>(
        &mut self,
        value: &'v minijinja::Value,
    ) -> Result<Cow<'v, str>, TemplateError> {
        if value.kind() == ValueKind::String {
            return self.string(value).map(Cow::Borrowed);
        }
        let text = text_of(value)?;
        self.spend(text.len())?;
        Ok(text)
    }
}

/// A string, number or boolean as printed in JSON and YAML: `true`, not `True`.
pub(super) fn text_of(value: &minijinja::Value) -> Result<Cow<'_, str>, TemplateError> {
    match value.kind() {
        ValueKind::String => Ok(Cow::Borrowed(value.as_str().unwrap_or_default())),
        ValueKind::Bool => Ok(Cow::Borrowed(if value.is_true() { "true" } else { "false" })),
        ValueKind::Number => number(value).map(|number| Cow::Owned(number.to_string())),
        _ => Err(TemplateError::NotText { found: describe(value).to_owned() }),
    }
}

fn number(value: &minijinja::Value) -> Result<Value, TemplateError> {
    let refused = || TemplateError::NotANumber { found: value.to_string() };
    if value.is_integer() {
        return value.as_i64().map(Value::Int).ok_or_else(refused);
    }
    let number = f64::try_from(value.clone()).map_err(|_| refused())?;
    number.is_finite().then_some(Value::Float(number)).ok_or_else(refused)
}

fn iterate(value: &minijinja::Value) -> Result<minijinja::value::ValueIter, TemplateError> {
    value.try_iter().map_err(|_| unprintable(describe(value)))
}

fn too_deep() -> TemplateError {
    unprintable(&format!("a value nested more than {DEPTH} levels deep"))
}

fn unprintable(found: &str) -> TemplateError {
    TemplateError::Unprintable { found: found.to_owned() }
}

/// Its type, for messages.
pub(super) fn describe(value: &minijinja::Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "an undefined value",
        ValueKind::None => "null",
        ValueKind::Bool => "a boolean",
        ValueKind::Number => "a number",
        ValueKind::String => "a string",
        ValueKind::Bytes => "a sequence of bytes",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a mapping",
        _ if value.as_object().is_some() => "a macro or a function",
        _ => "a value that failed",
    }
}

/// A mapping of ours, as seen by templates. Accessed values are converted on access; printed ones are shared.
#[derive(Debug)]
struct Mapping(Map);

impl Object for Mapping {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<minijinja::Value> {
        self.0.get(key).map(minijinja::Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_key_value_enumerator(|this| {
            let entries = this.0.iter();
            Box::new(entries.map(|(key, value)| (key.into(), value.into())))
        })
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.len())
    }
}

impl From<&Value> for minijinja::Value {
    /// For contexts: a value as seen by templates. The order of keys is kept.
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::from(()),
            Value::Bool(value) => Self::from(*value),
            Value::Int(value) => Self::from(*value),
            Value::Float(value) => Self::from(*value),
            Value::Str(value) => Self::from(value.as_str()),
            Value::Seq(items) => Self::from(items.iter().map(Self::from).collect::<Vec<_>>()),
            Value::Map(map) => Self::from(map.clone()),
        }
    }
}

impl From<Value> for minijinja::Value {
    /// The same for an owned value.
    fn from(value: Value) -> Self {
        match value {
            Value::Seq(items) => Self::from(items.into_iter().map(Self::from).collect::<Vec<_>>()),
            Value::Map(map) => Self::from(map),
            other => Self::from(&other),
        }
    }
}

impl From<Map> for minijinja::Value {
    fn from(mut map: Map) -> Self {
        map.share();
        Self::from_object(Mapping(map))
    }
}
