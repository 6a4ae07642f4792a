//! A change of one value.

use crate::yaml::Value;

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
