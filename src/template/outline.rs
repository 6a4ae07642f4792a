//! Documents before their values are put in: what is the same for all that fill a skeleton, and the values beside it.

use std::sync::Arc;

use super::fill::{Filler, Misfit};
use super::marker::holds_reserved;
use super::skeleton::{Key, Skeleton, Text};
use crate::yaml::{Map, Value, fill, place};

/// A document with places for values ([`crate::yaml::Form`]).
#[derive(Debug, PartialEq)]
pub struct Outline {
    value: Value,
    places: Vec<Place>,
}

/// What belongs in a place.
#[derive(Debug, PartialEq)]
enum Place {
    Typed(usize),
    Text(Text),
}

/// A document that was rendered.
#[derive(Debug)]
pub enum Draft {
    /// With everything in it.
    Whole(Value),
    /// As an outline, and the values that belong in its places, by number.
    Open(Arc<Outline>, Vec<Value>),
}

impl Draft {
    /// The document, with everything in it.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Whole(value) => value,
            Self::Open(outline, values) => fill(&outline.value, &values),
        }
    }

    /// The document, with places where values belong that are not in it.
    #[must_use]
    pub fn document(&self) -> &Value {
        match self {
            Self::Whole(value) => value,
            Self::Open(outline, _) => &outline.value,
        }
    }
}

impl Outline {
    /// The document with its places.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// How many places it has.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// The outline of a skeleton. Nothing where a key is a value, the whole document is one, or a fixed text could be taken for a
    /// place.
    pub(super) fn new(skeleton: &Skeleton) -> Option<Self> {
        let mut places = Vec::new();
        let value = outline(skeleton, &mut places)?;
        value.as_map()?;
        Some(Self { value, places })
    }
}

fn outline(skeleton: &Skeleton, places: &mut Vec<Place>) -> Option<Value> {
    let mut next = |what: Place| {
        places.push(what);
        place(places.len() - 1)
    };
    match skeleton {
        Skeleton::Fixed(value) => (!is_reserved(value)).then(|| value.clone()),
        Skeleton::Typed(index) => Some(next(Place::Typed(*index))),
        Skeleton::Text(text) => Some(next(Place::Text(text.clone()))),
        Skeleton::Seq(items) => {
            let items = items.iter().map(|item| outline(item, places));
            Some(Value::Seq(items.collect::<Option<_>>()?))
        }
        Skeleton::Map(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries {
                let Key::Fixed(key) = key else { return None };
                map.push(key.clone(), outline(value, places)?);
            }
            Some(Value::Map(map))
        }
    }
}

fn is_reserved(value: &Value) -> bool {
    match value {
        Value::Str(text) => holds_reserved(text),
        Value::Seq(items) => items.iter().any(is_reserved),
        Value::Map(map) => map.iter().any(|(_, value)| is_reserved(value)),
        _ => false,
    }
}

impl Filler<'_> {
    /// The values of an outline, in the order in which filling the skeleton would come upon them.
    pub(super) fn values(&mut self, outline: &Outline) -> Result<Vec<Value>, Misfit> {
        let one = |place: &Place| match place {
            Place::Typed(index) => self.typed(*index),
            Place::Text(text) => self.text(text).map(Value::Str),
        };
        outline.places.iter().map(one).collect()
    }
}
