//! A value with its place in an object, so that rules need not carry paths about.

use std::fmt::Write as _;

use crate::yaml::Value;

static NOTHING: Value = Value::Null;

/// A part of an object. Its path is made only when something is said of it.
pub(super) struct Part<'v, 'p> {
    value: &'v Value,
    up: Option<&'p Part<'v, 'p>>,
    step: Step<'v>,
}

enum Step<'v> {
    Root,
    Key(&'v str),
    At(usize),
}

impl<'v> Part<'v, '_> {
    /// The whole of an object.
    pub(super) fn root(value: &'v Value) -> Self {
        Self { value, up: None, step: Step::Root }
    }

    /// The part under a key; one that is not set if there is none.
    pub(super) fn get<'s>(&'s self, key: &'v str) -> Part<'v, 's> {
        let value = self.value.get(key).unwrap_or(&NOTHING);
        Part { value, up: Some(self), step: Step::Key(key) }
    }

    /// The items of a list.
    pub(super) fn items<'s>(&'s self) -> impl Iterator<Item = Part<'v, 's>> {
        let items = self.value.as_seq().unwrap_or_default();
        let part = move |(at, value)| Part { value, up: Some(self), step: Step::At(at) };
        items.iter().enumerate().map(part)
    }

    /// The entries of a mapping that are set.
    pub(super) fn entries<'s>(&'s self) -> impl Iterator<Item = (&'v str, Part<'v, 's>)> {
        let entries = self.value.as_map().into_iter().flat_map(crate::yaml::Map::iter);
        let part = move |(key, value)| (key, Part { value, up: Some(self), step: Step::Key(key) });
        entries.map(part).filter(|(_, part): &(&str, Part<'v, 's>)| part.is_set())
    }

    /// The value.
    pub(super) fn value(&self) -> &'v Value {
        self.value
    }

    /// The text; an empty one where it is none.
    pub(super) fn text(&self) -> &'v str {
        self.value.as_str().unwrap_or_default()
    }

    /// The whole number, where it is one.
    pub(super) fn int(&self) -> Option<i64> {
        self.value.as_int()
    }

    /// Whether it is `true`.
    pub(super) fn is_true(&self) -> bool {
        self.value.is_true()
    }

    /// Whether it is `false`.
    pub(super) fn is_false(&self) -> bool {
        *self.value == Value::Bool(false)
    }

    /// Whether there is something, and be it empty.
    pub(super) fn is_set(&self) -> bool {
        *self.value != Value::Null
    }

    /// Whether there is nothing, or an empty text, list or mapping: what Go cannot tell from nothing.
    pub(super) fn is_empty(&self) -> bool {
        match self.value {
            Value::Null => true,
            Value::Str(text) => text.is_empty(),
            Value::Seq(items) => items.is_empty(),
            Value::Map(map) => map.is_empty(),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
        }
    }

    /// Its path, as in `spec.containers[0].image`.
    pub(super) fn path(&self) -> String {
        let mut path = self.up.map(Part::path).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => {
                let _ = write!(path, ".{key}");
            }
            Step::At(at) => {
                let _ = write!(path, "[{at}]");
            }
        }
        path
    }
}
