//! Why something fails: reads what is pasted or what a cluster has, and names the first cause.

mod fix;
mod input;
mod limits;
mod live;
mod rights;
mod spec;
mod suggestion;
mod wanted;

pub use fix::{FixReport, FixState, FixedFile, along, fix, push, write};
pub use input::{Input, input};
pub use live::{WhyOptions, why, why_object};
pub use suggestion::Suggestion;

use super::Context;
use crate::diagnose::{Report, diagnose, read};
use crate::diagnostics::Diagnostics;

/// The answer.
#[derive(Debug)]
pub struct WhyReport {
    /// What was found.
    pub report: Report,
    /// Number of requests to a cluster.
    pub requests: usize,
    /// The changes of the spec that mend it.
    pub suggestions: Vec<Suggestion>,
    /// The change that was asked for.
    pub fix: Option<FixReport>,
    /// Why the change was not made.
    pub errors: Diagnostics,
}

/// Reads what somebody pasted.
#[must_use]
pub fn why_text(input: &Input) -> WhyReport {
    let snapshot = read(&input.text, input.left_out);
    let report = diagnose(&snapshot, None);
    WhyReport {
        report,
        requests: 0,
        suggestions: Vec::new(),
        fix: None,
        errors: Diagnostics::default(),
    }
}

/// The same, with the changes of the spec that mend it; of an environment, if that is known.
#[must_use]
pub fn why_text_in(
    context: &mut Context<'_>,
    input: &Input,
    environment: Option<&str>,
) -> WhyReport {
    let snapshot = read(&input.text, input.left_out);
    let mut report = diagnose(&snapshot, None);
    let suggestions = spec::trace(context, &snapshot, environment, &mut report);
    WhyReport { report, requests: 0, suggestions, fix: None, errors: Diagnostics::default() }
}
