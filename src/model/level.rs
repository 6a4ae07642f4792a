//! The levels of Pod Security.

use serde::{Deserialize, Serialize};

/// The levels of Pod Security, from the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For containers without special needs.
    Restricted,
    /// For ordinary images.
    Baseline,
    /// For containers that need access to the node.
    Privileged,
}

impl Level {
    /// The word for it on a namespace.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Baseline => "baseline",
            Self::Privileged => "privileged",
        }
    }
}
