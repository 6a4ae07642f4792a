//! The template engine: values travel beside the text.
//!
//! A template is minijinja over YAML, but what an expression prints never enters the text. `marker` writes a marker and
//! keeps the value; `skeleton` parses the text, now only structure and markers, once; `fill` puts the values into the
//! parsed tree. So no value can change the structure, whatever it holds, and nothing has to be quoted or indented for it.
//!
//! - A plain scalar that is one expression takes the value with its type; in quotes it is a text; among other text it is
//!   joined. A block scalar's indicator decides its final line break. Keys are texts.
//! - Texts that differ only in values are equal, so their parse is kept (`cache`).
//! - What blocks and macros return is text with markers in it: it can be printed, joined, indented, trimmed and passed on;
//!   `capture` refuses all else before anything renders.
//! - `library` says which templates there are: built in, replaced or added by the user.

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
mod marker;
mod nearest;
mod place;
mod skeleton;
mod syntax;
#[cfg(test)]
mod tests;

pub use built_in::{BUILT_IN, CI, INIT};
pub use engine::{Engine, TemplateSource};
pub use library::{Entry, Library, Origin};
