//! The template engine: values travel separately from the text.
//!
//! A template is minijinja over YAML, but the value of an expression never enters the text. `marker` writes a marker and
//! keeps the value; `skeleton` parses the text, now only structure and markers, once; `fill` puts the values into the
//! parsed tree. So no value can change the structure, whatever its content, and nothing needs quoting or indentation.
//!
//! - A plain scalar that is one expression takes the value with its type; in quotes it is a string; within other text it is
//!   joined. A block scalar's indicator decides its final line break. Keys are strings.
//! - Texts that differ only in values are equal, so their parse is kept (`cache`).
//! - Results of blocks and macros are text with markers: they can be printed, joined, indented, trimmed and passed on;
//!   `capture` rejects anything else before rendering.
//! - `library` has the templates: built in, overridden or added by the user.

mod built_in;
mod cache;
mod capture;
mod convert;
mod engine;
mod failure;
mod fill;
mod filters;
mod library;
mod limits;
mod lines;
mod literal;
mod marker;
mod nearest;
mod place;
mod skeleton;
mod syntax;
#[cfg(test)]
mod tests;
mod trace;

pub use built_in::{BUILT_IN, CI, INIT};
pub use engine::{Engine, TemplateSource};
pub use library::{Entry, Library, Origin};
pub use literal::literal_values;
pub use trace::Trace;
