//! What a person or a program reads: results on stdout, talk on stderr.

mod commit;
mod diff;
mod failure;
mod log;
mod pins;
mod screen;
mod secrets;
mod summary;
mod unified;

pub use commit::{CommitReport, PinMoved, PushReport};
pub use diff::{Against, Asked, DiffReport, EnvironmentDiff, SCHEMA as DIFF_SCHEMA, counts};
pub use failure::failure_json;
pub use log::{LogEntry, LogReport, Moved};
pub use pins::{PinChange, PinField, PinReport, StageDifference};
pub use screen::{Colour, Screen};
pub use secrets::{SecretEntry, SecretsReport};
pub use summary::{EnvironmentReport, RenderReport};
pub use unified::unified;
