//! What a table of keys is made of.

use std::sync::Arc;

use crate::name::Check;

/// A mapping with named keys.
#[derive(Debug, Clone)]
pub struct Object {
    /// What it is, in a sentence.
    pub doc: String,
    /// Its keys, in the order in which they are documented.
    pub fields: Vec<Field>,
}

/// One key.
#[derive(Debug, Clone)]
pub struct Field {
    /// The key.
    pub key: String,
    /// What its value may be.
    pub shape: Shape,
    /// What it does, in a sentence or two.
    pub doc: String,
    /// What holds where it is not written, as one would write it.
    pub default: Option<String>,
    /// One way to write it.
    pub example: Option<String>,
    /// Whether something must be written in some layer.
    pub required: bool,
}

/// A word that a key may hold, and what it means.
pub type Word = (&'static str, &'static str);

/// What a value may be.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A text of some kind.
    Text(Check),
    /// Any scalar, taken as the text that was written: `8080`, `1.20` and `yes` stay what they look like.
    Literal,
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds, ends included.
    Int(i64, i64),
    /// One of some words.
    Word(Vec<Word>),
    /// One of some words that a task template lists.
    Choice(Vec<String>),
    /// A list.
    List(Box<Shape>),
    /// A mapping from free keys to values of one shape.
    Map(Check, Box<Shape>),
    /// A mapping with named keys.
    Object(Arc<Object>),
    /// A mapping with named keys, or a text that stands for the first of them.
    Short(Arc<Object>),
    /// One of several mappings, each under its word; the word alone stands for the mapping without keys.
    Variant(Vec<(&'static str, Arc<Object>)>),
    /// A literal text, or a mapping that names where the text comes from. Replaced as a whole by a later layer.
    Reference(Arc<Object>),
    /// The tasks of a pipeline: names, names with settings, nested lists.
    Tasks,
    /// Either of two, told apart by what kind of value is written.
    Either(Box<Shape>, Box<Shape>),
    /// Free, checked by whoever reads it.
    Free,
}

impl Object {
    /// A mapping with a sentence about it.
    #[must_use]
    pub fn new(doc: &str, fields: Vec<Field>) -> Arc<Self> {
        Arc::new(Self {
            doc: doc.to_owned(),
            fields,
        })
    }

    /// The key of that name.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// A key with its shape and its documentation.
#[must_use]
pub fn key(key: &str, shape: Shape, doc: &str) -> Field {
    Field {
        key: key.to_owned(),
        shape,
        doc: doc.to_owned(),
        default: None,
        example: None,
        required: false,
    }
}

impl Field {
    /// What holds where it is not written.
    #[must_use]
    pub fn default(mut self, text: &str) -> Self {
        self.default = Some(text.to_owned());
        self
    }

    /// One way to write it.
    #[must_use]
    pub fn example(mut self, text: &str) -> Self {
        self.example = Some(text.to_owned());
        self
    }

    /// Something must be written.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

impl Shape {
    /// A list of this shape.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// What the docs call it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Text(check) => check.describe().to_owned(),
            Self::Literal => "text, number or truth value".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Int(low, high) => format!("whole number from {low} to {high}"),
            Self::Word(words) => join(words.iter().map(|(word, _)| *word)),
            Self::Choice(words) => join(words.iter().map(String::as_str)),
            Self::List(item) => format!("list of {}", item.describe()),
            Self::Map(key, value) => {
                format!("mapping from {} to {}", key.describe(), value.describe())
            }
            Self::Object(_) => "mapping".to_owned(),
            Self::Short(object) => format!("mapping, or its `{}`", object.fields[0].key),
            Self::Variant(words) => format!(
                "{}, or one of them with settings",
                join(words.iter().map(|(word, _)| *word))
            ),
            Self::Reference(_) => "text, or where it comes from".to_owned(),
            Self::Tasks => "list of tasks".to_owned(),
            Self::Either(first, second) => {
                format!("{}, or {}", first.describe(), second.describe())
            }
            Self::Free => "anything".to_owned(),
        }
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.join(""),
    }
}
