//! The types of the key table.

use std::sync::Arc;

use crate::name::Check;
use crate::yaml::{Data, Node};

/// A mapping with named keys.
#[derive(Debug, Clone)]
pub struct Object {
    /// A description, in a sentence.
    pub doc: String,
    /// Its keys, in the order of the documentation.
    pub fields: Vec<Field>,
}

/// One key.
#[derive(Debug, Clone)]
pub struct Field {
    /// The key.
    pub key: String,
    /// The shape of its value.
    pub shape: Shape,
    /// A description, in a sentence or two.
    pub doc: String,
    /// The default, in YAML or words.
    pub default: Option<String>,
    /// An example.
    pub example: Option<String>,
    /// Whether some layer must set it.
    pub required: bool,
}

/// An allowed word and its meaning.
pub type Word = (String, String);

/// The shape of a value.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A string in some format.
    Text(Check),
    /// Any scalar, taken as written: `8080`, `1.20` and `yes` stay what they look like.
    Literal,
    /// `true` or `false`.
    Bool,
    /// An integer within inclusive bounds.
    Int(i64, i64),
    /// One of some words.
    Word(Vec<Word>),
    /// One of some words from a task template.
    Choice(Vec<String>),
    /// A list.
    List(Box<Shape>),
    /// A mapping from free keys to values of one shape.
    Map(Check, Box<Shape>),
    /// A mapping with named keys.
    Object(Arc<Object>),
    /// A mapping with named keys, or a string as the value of the first of them.
    Short(Arc<Object>),
    /// One of several mappings, each under its word; the word alone stands for the mapping without keys, and a string under the word for
    /// the first of its keys.
    Variant(Vec<(String, Arc<Object>)>),
    /// A literal string, or a mapping with its source. Replaced as a whole by a later layer.
    Reference(Arc<Object>),
    /// The tasks of a pipeline: names, names with settings, nested lists.
    Tasks,
    /// Either of two, distinguished by the type of the value.
    Either(Box<Shape>, Box<Shape>),
    /// Anything, checked by its reader.
    Free,
}

impl Object {
    /// A mapping with its description.
    #[must_use]
    pub fn new(doc: &str, fields: Vec<Field>) -> Arc<Self> {
        Arc::new(Self { doc: doc.to_owned(), fields })
    }

    /// The shape of a word's settings.
    #[must_use]
    pub fn settings(self: &Arc<Self>) -> Shape {
        let object = Arc::clone(self);
        if self.fields.is_empty() { Shape::Object(object) } else { Shape::Short(object) }
    }

    /// The key of that name.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

impl Field {
    /// A key as a file of keys or a task template declares it; `doc` is its description, if that is shared.
    #[must_use]
    pub fn read(key: &str, node: &Node, shape: Shape, doc: &str) -> Self {
        let text = |key: &str| {
            node.get(key).map(|node| match node.as_str() {
                Some(text) => text.to_owned(),
                None => node.to_value().to_string(),
            })
        };
        Self {
            key: key.to_owned(),
            shape,
            doc: doc.to_owned(),
            default: text("default"),
            example: text("example"),
            required: text("required").is_some_and(|text| text == "true"),
        }
    }
}

impl Shape {
    /// A mapping of names to strings, or to strings and their sources.
    #[must_use]
    pub fn is_strings(&self) -> bool {
        let Self::Map(_, value) = self else { return false };
        matches!(**value, Self::Literal | Self::Reference(_))
    }

    /// A list of this shape.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// Which of two alternatives a value is meant as: by its type, and where the first can be a string, by the word of the second.
    pub(super) fn meant<'s>(first: &'s Self, second: &'s Self, node: &Node) -> &'s Self {
        let is_first = match (first, &node.data) {
            (Self::List(_), Data::Seq(_))
            | (Self::Object(_) | Self::Short(_) | Self::Map(..), Data::Map(_)) => true,
            (Self::Short(_), Data::Scalar(scalar)) => {
                !matches!(second, Self::Word(words) if words.iter().any(|(word, _)| *word == scalar.text))
            }
            _ => false,
        };
        if is_first { first } else { second }
    }

    /// The mapping that it is, or that it can be.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<Object>> {
        match self {
            Self::Object(object) | Self::Short(object) | Self::Reference(object) => Some(object),
            Self::Either(first, second) => first.object().or_else(|| second.object()),
            _ => None,
        }
    }

    /// Its name in messages and docs.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Text(check) => check.describe().to_owned(),
            Self::Literal => "string, number or boolean".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Int(low, high) => format!("whole number from {low} to {high}"),
            Self::Word(words) => join(words.iter().map(|(word, _)| word.as_str())),
            Self::Choice(words) => join(words.iter().map(String::as_str)),
            Self::List(item) => format!("list of {}", item.plural()),
            Self::Map(key, value) => {
                format!("mapping from {} to {}", plural(key.describe()), value.plural())
            }
            Self::Object(_) => "mapping".to_owned(),
            Self::Short(object) => format!("mapping, or just its `{}`", object.fields[0].key),
            Self::Variant(words) => format!(
                "{}, or one of them with settings",
                join(words.iter().map(|(word, _)| word.as_str()))
            ),
            Self::Reference(_) => "string, or a reference".to_owned(),
            Self::Tasks => "list of tasks".to_owned(),
            Self::Either(first, second) => {
                format!("{}, or {}", first.describe(), second.describe())
            }
            Self::Free => "anything".to_owned(),
        }
    }

    /// The same in the plural; words and alternatives stay as they are.
    fn plural(&self) -> String {
        match self {
            Self::Text(check) => plural(check.describe()),
            Self::Literal => "strings, numbers or booleans".to_owned(),
            Self::Object(_) => "mappings".to_owned(),
            Self::Reference(_) => "strings, or references".to_owned(),
            Self::List(item) => format!("lists of {}", item.plural()),
            _ => self.describe(),
        }
    }
}

/// The plural of a [`Check`]'s noun, also with words after it.
fn plural(noun: &str) -> String {
    let (noun, rest) = noun.split_at(noun.find(" with ").unwrap_or(noun.len()));
    match noun.strip_suffix('y') {
        Some(stem) if !noun.ends_with("key") => format!("{stem}ies{rest}"),
        _ => format!("{noun}s{rest}"),
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.join(""),
    }
}
