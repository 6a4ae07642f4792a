//! Puts the values into a skeleton: one pass, allocating only the result.

use minijinja::value::ValueKind;

use super::convert::{Converter, describe};
use super::literal::{is_expanded, literal, literal_in};
use super::skeleton::{Chomp, Key, Part, Skeleton, Text};
use crate::diagnostics::TemplateError;
use crate::yaml::{Map, Value};

/// An error, and the value that caused it, if any.
pub(super) type Misfit = (TemplateError, Option<usize>);

/// Fills skeletons with the values of one render.
pub(super) struct Filler<'v> {
    pub(super) values: &'v [minijinja::Value],
    pub(super) converter: Converter,
    /// For a Task: variables of its containers that values can refer to. Otherwise values are written as they are.
    pub(super) variables: Option<&'v [&'v str]>,
    /// The kubelet expands what is filled now.
    expanded: bool,
}

impl<'v> Filler<'v> {
    /// For the values of a render.
    pub(super) fn new(
        values: &'v [minijinja::Value],
        converter: Converter,
        variables: Option<&'v [&'v str]>,
    ) -> Self {
        Self { values, converter, variables, expanded: false }
    }

    /// One document or a part of it.
    pub(super) fn fill(&mut self, skeleton: &Skeleton) -> Result<Value, Misfit> {
        match skeleton {
            Skeleton::Fixed(value) => Ok(value.clone()),
            Skeleton::Typed(index) => self.typed(*index),
            Skeleton::Text(text) => self.text(text).map(Value::Str),
            Skeleton::Seq(items) => {
                let mut seq = Vec::with_capacity(items.len());
                for item in items {
                    seq.push(self.fill(item)?);
                }
                Ok(Value::Seq(seq))
            }
            Skeleton::Map(entries) => self.map(entries),
        }
    }

    /// A value with its type.
    fn typed(&mut self, index: usize) -> Result<Value, Misfit> {
        let value = self.at(index)?;
        let mut value = self.converter.value(value).map_err(|e| (e, Some(index)))?;
        if let Some(variables) = self.variables {
            literal_in(&mut value, variables, self.expanded);
        }
        Ok(value)
    }

    fn map(&mut self, entries: &[(Key, Skeleton)]) -> Result<Value, Misfit> {
        let mut map = Map::with_capacity(entries.len());
        for (key, value) in entries {
            let key = match key {
                Key::Fixed(key) => key.clone(),
                Key::Typed(index) => self.key(*index)?.into(),
                Key::Text(text) => self.text(text)?.into(),
            };
            let outside = self.expanded;
            self.expanded = is_expanded(key.as_ref(), outside);
            let filled = self.fill(value);
            self.expanded = outside;
            map.push(key, filled?);
        }
        // Literal keys were compared when the text was parsed.
        if entries.iter().any(|(key, _)| key.value().is_some()) {
            refuse_duplicates(&map, entries)?;
        }
        Ok(Value::Map(map))
    }

    fn key(&mut self, index: usize) -> Result<String, Misfit> {
        let value = self.at(index)?;
        if value.kind() != ValueKind::String {
            let found = describe(value).to_owned();
            return Err((TemplateError::KeyNotText { found }, Some(index)));
        }
        let text = self.converter.text(value).map_err(|e| (e, Some(index)))?;
        Ok(text.into_owned())
    }

    /// A string with its values joined in, and the line breaks of its block scalar.
    pub(super) fn text(&mut self, text: &Text) -> Result<String, Misfit> {
        let mut out = String::with_capacity(text.fixed + 16 * text.parts.len());
        let variables = self.variables.filter(|_| self.expanded);
        for (place, part) in text.parts.iter().enumerate() {
            match part {
                Part::Fixed(fixed) => out.push_str(fixed),
                Part::Value(index) => {
                    let value = self.at(*index)?;
                    let value = self.converter.text(value).map_err(|e| (e, Some(*index)))?;
                    match variables {
                        Some(known) => {
                            out.push_str(&literal(&value, known, place + 1 < text.parts.len()));
                        }
                        None => out.push_str(&value),
                    }
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

    /// The value with an index. Every printed marker has one; any other marker is a forgery.
    fn at(&self, index: usize) -> Result<&'v minijinja::Value, Misfit> {
        let value = self.values.get(index);
        value.ok_or((TemplateError::ReservedCharacter {}, Some(index)))
    }
}

/// The second of two equal keys may be a literal; then the location is that of the rendered one.
fn refuse_duplicates(map: &Map, entries: &[(Key, Skeleton)]) -> Result<(), Misfit> {
    let mut seen = std::collections::HashMap::with_capacity(entries.len());
    for (key, (made, _)) in map.keys().zip(entries) {
        if let Some(first) = seen.insert(key, made.value()) {
            let key = key.to_owned();
            return Err((TemplateError::DuplicateKey { key }, made.value().or(first)));
        }
    }
    Ok(())
}
