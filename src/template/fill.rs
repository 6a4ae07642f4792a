//! Puts the values into a skeleton: one pass, and nothing is made but the result.

use minijinja::value::ValueKind;

use super::convert::{Converter, describe};
use super::place::START;
use super::skeleton::{Chomp, Key, Part, Skeleton, Spot, Text};
use crate::error::TemplateError;
use crate::source::Position;
use crate::yaml::{Map, Value};

/// What is wrong with a value, and where in the rendered text its place is.
pub(super) type Misplaced = (TemplateError, Position);

/// Fills skeletons with the values of one render.
pub(super) struct Filler<'v> {
    pub(super) values: &'v [minijinja::Value],
    pub(super) converter: Converter,
}

impl<'v> Filler<'v> {
    /// One document or a part of it.
    pub(super) fn fill(&mut self, skeleton: &Skeleton) -> Result<Value, Misplaced> {
        match skeleton {
            Skeleton::Fixed(value) => Ok(value.clone()),
            Skeleton::Typed(spot) => {
                let value = self.at(spot.index, spot.at)?;
                self.converter.value(value).map_err(|e| (e, spot.at))
            }
            Skeleton::Text(text) => self.text(text).map(Value::Str),
            Skeleton::Seq(items) => {
                let items = items.iter().map(|item| self.fill(item));
                Ok(Value::Seq(items.collect::<Result<_, _>>()?))
            }
            Skeleton::Map(entries) => self.map(entries),
        }
    }

    fn map(&mut self, entries: &[(Key, Skeleton)]) -> Result<Value, Misplaced> {
        let mut map = Map::with_capacity(entries.len());
        // Keys as written were compared when the text was read.
        let some_key_is_made = entries.iter().any(|(key, _)| !matches!(key, Key::Fixed(_)));
        let mut seen = std::collections::HashSet::new();
        for (key, value) in entries {
            let (key, at) = match key {
                Key::Fixed(key) => (key.clone(), None),
                Key::Typed(spot) => (self.key(spot)?, Some(spot.at)),
                Key::Text(text) => (self.text(text)?, Some(text.at)),
            };
            if some_key_is_made && !seen.insert(key.clone()) {
                // A written key can be the second one; the made one before it is then named by the value's own place.
                let at = at.or_else(|| made_key(entries)).unwrap_or(START);
                return Err((TemplateError::DuplicateKey { key }, at));
            }
            map.push(key, self.fill(value)?);
        }
        Ok(Value::Map(map))
    }

    fn key(&mut self, spot: &Spot) -> Result<String, Misplaced> {
        let value = self.at(spot.index, spot.at)?;
        if value.kind() != ValueKind::String {
            let found = describe(value).to_owned();
            return Err((TemplateError::KeyNotText { found }, spot.at));
        }
        let text = self.converter.text(value).map_err(|e| (e, spot.at))?;
        Ok(text.into_owned())
    }

    /// A text with its values joined in, and its end as the block scalar says.
    pub(super) fn text(&mut self, text: &Text) -> Result<String, Misplaced> {
        let mut out = String::with_capacity(text.fixed + 16 * text.parts.len());
        for part in &text.parts {
            match part {
                Part::Fixed(fixed) => out.push_str(fixed),
                Part::Value(index) => {
                    let value = self.at(*index, text.at)?;
                    let value = self.converter.text(value).map_err(|e| (e, text.at))?;
                    out.push_str(&value);
                }
            }
        }
        if text.chomp != Chomp::Keep {
            out.truncate(out.trim_end_matches('\n').len());
            if text.chomp == Chomp::Clip && !out.is_empty() {
                out.push('\n');
            }
        }
        Ok(out)
    }

    /// The value with an index. There is one for every marker that the formatter wrote; any other marker is a forgery.
    fn at(&self, index: usize, at: Position) -> Result<&'v minijinja::Value, Misplaced> {
        let value = self.values.get(index);
        value.ok_or((TemplateError::ReservedCharacter {}, at))
    }
}

fn made_key(entries: &[(Key, Skeleton)]) -> Option<Position> {
    entries.iter().find_map(|(key, _)| match key {
        Key::Fixed(_) => None,
        Key::Typed(spot) => Some(spot.at),
        Key::Text(text) => Some(text.at),
    })
}
