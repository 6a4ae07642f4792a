//! The data that everything here is made of: plain values, values with places, reading and writing them as YAML.
//!
//! `value` is what an object holds; `node` is a value that knows where each part was written; `read` makes nodes out of
//! text and holds the limits; `resolve` says what a plain scalar means; `emit` writes values so that every reader agrees.

mod emit;
mod map;
mod node;
mod read;
mod resolve;
mod serialize;
mod value;

pub use emit::{emit_document, emit_into};
pub use map::{Key, Map};
pub use node::{Data, Entry, Node, Scalar, Style};
pub use read::{Limits, read_documents, read_one};
pub use resolve::{is_ambiguous, is_read_otherwise, resolve_as_kubernetes, resolve_plain};
pub use serialize::to_value;
pub use value::Value;
