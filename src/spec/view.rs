//! Reads a checked mapping by key.
//!
//! A view knows its table: asking for an unknown key is a bug found by the first test, so code and
//! documentation have the same keys.

use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::table::{Field, Object, Shape};
use crate::diagnostics::{Diagnostics, Span, SpecError};
use crate::name::word;
use crate::yaml::{Entry, Node, Value};

/// A mapping that passed [`super::check`] and [`super::expand`], with its table.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The mapping, or nothing if not set.
    node: Option<&'a Node>,
    object: &'a Object,
}

impl<'a> View<'a> {
    /// Views a mapping; null and nothing count as an empty one.
    #[must_use]
    pub fn new(node: Option<&'a Node>, object: &'a Object) -> Self {
        Self { node: node.filter(|node| !node.is_null()), object }
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.node.is_some()
    }

    /// Its location.
    #[must_use]
    pub fn span(&self) -> Span {
        self.node.map_or(Span::BUILT_IN, |node| node.span)
    }

    /// The location of a key's value, or of the mapping if it is missing.
    #[must_use]
    pub fn span_of(&self, key: &str) -> Span {
        self.get(key).map_or_else(|| self.span(), |node| node.span)
    }

    /// The string that stands in place of a mapping; empty if nothing does.
    #[must_use]
    pub fn scalar(&self) -> Option<&'a str> {
        self.node.map_or(Some(""), Node::as_str)
    }

    /// The value of a key; null counts as not set.
    ///
    /// # Panics
    /// If the table has no such key, which is a bug of the caller.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.field(key);
        self.node?.written(key)
    }

    /// A string.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    /// A string, owned.
    #[must_use]
    pub fn string(&self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    /// A text; the table's default if it is not written.
    ///
    /// # Panics
    /// Where the table has no default, as for all that ends in `_or_default`: a bug of the caller.
    #[must_use]
    pub fn string_or_default(&self, key: &str) -> String {
        self.string(key).unwrap_or_else(|| self.default_of(key))
    }

    /// A word, as the value of an enum.
    #[must_use]
    pub fn word<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.text(key).and_then(word)
    }

    /// A string that must be set; `path` is the path of the mapping.
    #[must_use]
    pub fn required(&self, path: &str, key: &str, problems: &mut Diagnostics) -> Option<String> {
        let text = self.string(key);
        if text.is_none() {
            let (path, place) = (format!("{path}.{key}"), format!("`{path}`"));
            problems.error(self.span(), SpecError::Missing { path, place });
        }
        text
    }

    /// A boolean; false if not set.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        self.bool(key).unwrap_or_default()
    }

    /// A boolean, if set.
    #[must_use]
    pub fn bool(&self, key: &str) -> Option<bool> {
        if let Value::Bool(value) = self.get(key)?.to_value() { Some(value) } else { None }
    }

    /// A whole number; its bounds were checked against the table.
    #[must_use]
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key)?.to_value().as_int()
    }

    /// A whole number that fits 32 bits because its bounds say so.
    #[must_use]
    pub fn u32(&self, key: &str) -> Option<u32> {
        self.int(key).and_then(|number| u32::try_from(number).ok())
    }

    /// The same, or the table's default if it is not written.
    #[must_use]
    pub fn u32_or_default(&self, key: &str) -> u32 {
        self.u32(key).unwrap_or_else(|| self.default_of(key))
    }

    fn default_of<T: FromStr>(&self, key: &str) -> T {
        let default = self.field(key).default.as_deref();
        let default = default.and_then(|text| text.parse().ok());
        default.unwrap_or_else(|| panic!("the table has no such default for `{key}`"))
    }

    fn field(&self, key: &str) -> &'a Field {
        let field = self.object.field(key);
        field.unwrap_or_else(|| panic!("the table has no key `{key}`"))
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self, key: &str) -> &'a [Node] {
        self.get(key).and_then(Node::items).unwrap_or_default()
    }

    /// The texts of a list, or the one text that stands for a list of it.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.get(key).map(Node::texts).unwrap_or_default()
    }

    /// The entries of a free mapping, without those that a layer set to null. Among strings, a value that is not written is empty.
    #[must_use]
    pub fn entries(&self, key: &str) -> Vec<&'a Entry> {
        let entries = self.get(key).and_then(Node::entries).unwrap_or_default();
        let of_strings = self.object.field(key).is_some_and(|field| field.shape.is_strings());
        let is_set = |value: &Node| !value.is_null() || (of_strings && value.is_blank());
        entries.iter().filter(|entry| is_set(&entry.value)).collect()
    }

    /// A free mapping of strings.
    #[must_use]
    pub fn pairs(&self, key: &str) -> Vec<(String, String)> {
        let entries = self.entries(key).into_iter();
        entries
            .filter_map(|entry| Some((entry.key.clone(), entry.value.as_str()?.to_owned())))
            .collect()
    }

    /// The mapping of a key; if not set, all its keys are missing.
    ///
    /// # Panics
    /// If the table has no mapping there.
    #[must_use]
    pub fn view(&self, key: &str) -> View<'a> {
        let object = self.field(key).shape.object();
        View::new(self.get(key), object.unwrap_or_else(|| panic!("`{key}` is not a mapping")))
    }

    /// The mappings in a list, also in one that has an alternative.
    ///
    /// # Panics
    /// If the table has no list of mappings there.
    #[must_use]
    pub fn views(&self, key: &str) -> Vec<View<'a>> {
        let shape = match &self.field(key).shape {
            Shape::Either(first, _) => first,
            shape => shape,
        };
        let Shape::List(item) = shape else { panic!("`{key}` is not a list") };
        let object = item.object().unwrap_or_else(|| panic!("`{key}` does not contain mappings"));
        self.items(key).iter().map(|node| View::new(Some(node), object)).collect()
    }

    /// The mappings in a free mapping, by key, without those that a layer set to null.
    ///
    /// # Panics
    /// If the table has no mapping to mappings there.
    #[must_use]
    pub fn mappings(&self, key: &str) -> Vec<(&'a Entry, View<'a>)> {
        let Shape::Map(_, item) = &self.field(key).shape else { panic!("`{key}` is not free") };
        let object = item.object().unwrap_or_else(|| panic!("`{key}` does not contain mappings"));
        let entries = self.entries(key).into_iter();
        entries.map(|entry| (entry, View::new(Some(&entry.value), object))).collect()
    }

    /// The chosen word of several, and its mapping.
    ///
    /// # Panics
    /// If the table has no words with settings there.
    #[must_use]
    pub fn variant(&self, key: &str) -> Option<(&'a str, View<'a>)> {
        let Shape::Variant(variants) = &self.field(key).shape else {
            panic!("`{key}` has no variants")
        };
        let entry = self.entries(key).into_iter().next()?;
        let (word, object) = variants.iter().find(|(word, _)| *word == entry.key)?;
        Some((word, View::new(Some(&entry.value), object)))
    }
}
