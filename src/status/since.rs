//! Times in short.

use crate::diagnose::Time;

/// How long ago a moment was, in short: `3m ago`.
#[must_use]
pub fn ago(time: Time, now: Time) -> String {
    format!("{} ago", lasting(between(time, now)))
}

/// A time in short, in its largest unit: `45s`, `3m`, `5h`, `2d`.
#[must_use]
pub fn lasting(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Seconds from one moment to another.
pub(super) fn between(from: Time, to: Time) -> u64 {
    u64::try_from(to.as_second() - from.as_second()).unwrap_or(0)
}
