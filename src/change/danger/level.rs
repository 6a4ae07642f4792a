//! How much is at stake.

/// How much is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something is given up that may be missed: a guard, an alert, a permission more.
    Caution,
    /// Data is lost, something stops serving, or an account or pod gets power over others.
    Danger,
}

impl Level {
    /// All levels, the worst first.
    pub const ALL: [Self; 2] = [Self::Danger, Self::Caution];

    /// The word for it in text and JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Caution => "caution",
            Self::Danger => "danger",
        }
    }
}
