//! Exact changes of a file that a person wrote: only the lines that change are touched, and comments and layout stay.
//!
//! The place comes from the reader's positions. The new text is read again and compared with what it should mean, so that a layout
//! that is not understood ends in no change, and never in a wrong one.

mod change;
mod meaning;
mod place;
mod text;

pub use change::{Change, Edit, Step};
pub use place::find;

use crate::diagnostics::FileId;
use crate::yaml::read_one;

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
