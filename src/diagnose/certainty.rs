//! How sure a cause is.

use serde::Deserialize;

/// How sure a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The message can mean nothing else.
    Sure,
    /// It nearly always is that.
    Likely,
    /// It may be something else.
    Possible,
}

impl Certainty {
    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}
