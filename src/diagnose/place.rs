//! Where something was seen.

use serde::Deserialize;

/// Where a sign was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A condition of the object.
    Condition,
    /// An event about the object.
    Event,
    /// A container that waits.
    Waiting,
    /// A container that ended, now or the last time.
    Terminated,
    /// A line of a log.
    Log,
    /// Found by comparing objects.
    Computed,
}

impl Place {
    /// In words, before the name of what it belongs to.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Event => "event",
            Self::Waiting => "waiting container",
            Self::Terminated => "ended container",
            Self::Log => "log",
            Self::Computed => "comparison",
        }
    }
}
