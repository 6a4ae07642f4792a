//! The steps by which an object is made, for `gen blame`.

use crate::diagnostics::Span;
use crate::template::Trace;
use crate::yaml::Value;

/// What changes an object while it is made.
#[derive(Debug, Clone)]
pub enum Maker {
    /// A template, by its name, with the places of its fields.
    Template(String, Trace),
    /// A manifest or Task that was there.
    Manifest(Span),
    /// Labels and annotations of the spec, and the recommended ones.
    Labels,
    /// A patch, at this place.
    Patch(Span),
    /// gen itself: what no patch takes away.
    Gen,
}

/// An object after a step.
#[derive(Debug, Clone)]
pub struct Step {
    /// What was done.
    pub maker: Maker,
    /// What came of it.
    pub value: Value,
}
