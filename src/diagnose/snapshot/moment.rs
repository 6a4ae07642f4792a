//! Moments.

/// A moment.
pub type Time = jiff::Timestamp;

/// A moment as Kubernetes writes it; none for what is not one.
#[must_use]
pub fn time(text: &str) -> Option<Time> {
    text.parse().ok()
}
