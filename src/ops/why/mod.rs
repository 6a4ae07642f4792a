//! Why something fails: reads what is pasted or what a cluster has, and names the first cause.

mod input;
mod live;
mod spec;

pub use input::{Input, input};
pub use live::{WhyOptions, why, why_object};

use super::Context;
use crate::diagnose::{Report, diagnose, read};

/// The answer.
#[derive(Debug)]
pub struct WhyReport {
    /// What was found.
    pub report: Report,
    /// Number of requests to a cluster.
    pub requests: usize,
}

/// Reads what somebody pasted.
#[must_use]
pub fn why_text(input: &Input) -> WhyReport {
    let snapshot = read(&input.text, input.left_out);
    WhyReport { report: diagnose(&snapshot, None), requests: 0 }
}

/// The same, with the changes of the spec that mend it.
#[must_use]
pub fn why_text_in(context: &mut Context<'_>, input: &Input) -> WhyReport {
    let mut report = why_text(input);
    spec::trace(context, &mut report.report);
    report
}
