//! What comes of a question.

use std::collections::BTreeSet;

/// What a registry says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is there, for these of the wanted platforms that it has.
    Found {
        /// The wanted platforms that it lacks.
        lacks: BTreeSet<String>,
    },
    /// It is not there.
    Missing,
    /// The registry did not say. Lower case, no full stop.
    Unknown(String),
}
