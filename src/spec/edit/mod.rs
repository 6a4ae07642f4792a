//! Exact changes of a file that a person wrote: only the lines that change are touched, and comments and layout stay.
//!
//! The place comes from the reader's positions. The new text is read again and compared with what it should mean, so that a layout
//! that is not understood ends in no change, and never in a wrong one.

mod meaning;
mod place;
mod text;

pub use place::find;

use crate::diagnostics::FileId;
use crate::yaml::{Value, read_one};

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key of a mapping.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
}

impl Step {
    /// Keys, one below the other.
    #[must_use]
    pub fn keys(keys: &[&str]) -> Vec<Self> {
        keys.iter().map(|&key| Self::Key(key.to_owned())).collect()
    }
}

/// What becomes of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It goes, with its key.
    Remove,
    /// It is this; mappings above that are missing are made.
    Set(Value),
    /// A list gets these items at its end; one that is missing is made.
    Append(Vec<Value>),
}

/// A change of one value. An item of a list that is a word, such as a task, becomes a mapping with that word if something is set in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Where.
    pub path: Vec<Step>,
    /// What.
    pub change: Change,
}

impl Edit {
    /// The text with the change; none if its layout is not one that can be changed exactly.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let root = read_one(FileId::BUILT_IN, text).ok()?;
        let wanted = meaning::changed(root.to_value(), &self.path, &self.change)?;
        let new = text::changed(text, &root, self)?;
        let read = read_one(FileId::BUILT_IN, &new).ok()?;
        (read.to_value() == wanted).then_some(new)
    }
}

#[cfg(test)]
mod tests;
