//! Why something fails: reads what is pasted or what a cluster has, and names the first cause.

mod input;

pub use input::{Input, input};

use crate::diagnose::{Report, diagnose, read};

/// The answer.
#[derive(Debug)]
pub struct WhyReport {
    /// What was found.
    pub report: Report,
    /// Whether it was read from a text, and not from a cluster.
    pub is_text: bool,
}

/// Reads what somebody pasted.
#[must_use]
pub fn why_text(input: &Input) -> WhyReport {
    let snapshot = read(&input.text, input.left_out);
    WhyReport { report: diagnose(&snapshot, None), is_text: true }
}
