//! The objects of an environment, as they are handed in.

use super::applied::Applied;
use super::original::Original;

/// The originals of an environment.
#[derive(Debug, Default)]
pub struct Input {
    /// Its name.
    pub environment: String,
    /// The objects, in the order of their files.
    pub originals: Vec<Original>,
    /// What Flux says of them, if it applies them.
    pub applied: Option<Applied>,
}
