//! The levels of Pod Security.

use serde::Serialize;

/// The levels of Pod Security, from the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For what needs nothing.
    Restricted,
    /// For ordinary images.
    Baseline,
    /// For what takes the node's own rights.
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
