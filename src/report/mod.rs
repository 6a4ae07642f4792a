//! What a person or a program reads: results on stdout, talk on stderr.

mod diff;
mod screen;
mod summary;

pub use diff::unified;
pub use screen::{Colour, Screen};
pub use summary::{EnvironmentReport, RenderReport};
