//! What a person or a program reads: results on stdout, talk on stderr.

mod diff;
mod failure;
mod log;
mod pins;
mod screen;
mod summary;

pub use diff::unified;
pub use failure::failure_json;
pub use log::{LogEntry, LogReport, Moved};
pub use pins::{PinChange, PinField, PinReport, StageDifference};
pub use screen::{Colour, Screen};
pub use summary::{EnvironmentReport, RenderReport};
