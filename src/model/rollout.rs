//! How new pods replace old ones.

use serde::Serialize;

/// A number of pods, or a share of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// A number.
    Count(u32),
    /// A share, as in `25%`.
    Share(String),
}

impl Amount {
    /// Whether it is no pod.
    #[must_use]
    pub fn is_none(&self) -> bool {
        match self {
            Self::Count(count) => *count == 0,
            Self::Share(share) => share.trim_end_matches('%').bytes().all(|digit| digit == b'0'),
        }
    }
}

/// How new pods replace old ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// All old pods end before a new one starts.
    pub recreate: bool,
    /// Additional pods during a rollout.
    pub surge: Amount,
    /// Missing pods during a rollout.
    pub unavailable: Amount,
    /// Seconds that a new pod must be ready to count.
    pub min_ready: Option<u64>,
    /// Seconds after which a rollout without progress has failed.
    pub deadline: u64,
    /// Number of old versions kept.
    pub history: u32,
    /// The first pod of a StatefulSet that is updated.
    pub partition: Option<u32>,
    /// A StatefulSet's pods start one after the other.
    pub ordered: bool,
}
