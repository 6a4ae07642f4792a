//! Words that all formats share.

use std::fmt::Write as _;

use crate::diagnose::{Diagnosis, Evidence, Place, State, Unseen, Weight};
use crate::diagnostics::visible;
use crate::ops::why::WhyReport;
use crate::report::counted;

/// How something stands, in words.
pub(super) fn stands(weight: Weight) -> &'static str {
    match weight {
        Weight::Failed => "failed",
        Weight::Stuck => "stuck",
        Weight::Waits => "waiting",
        Weight::Note => "note",
    }
}

/// The first line of a diagnosis: its weight with the signature, and what failed.
pub(super) fn head(one: &Diagnosis) -> (String, String) {
    let id = one.signature.map(|signature| format!("[{}]", signature.id)).unwrap_or_default();
    let word = match one.stands {
        Weight::Failed | Weight::Stuck => "error",
        Weight::Waits => "waiting",
        Weight::Note => "note",
    };
    let state = match one.stands {
        // What only comparing shows, no controller calls a failure.
        Weight::Stuck if one.evidence.first().is_some_and(|one| one.place == Place::Computed) => "",
        Weight::Stuck => " is stuck",
        Weight::Failed if !one.what.kind.is_empty() => " failed",
        _ => "",
    };
    (format!("{word}{id}"), format!("{}{state}: {}", one.what, one.title))
}

/// Where evidence was seen.
pub(super) fn title(evidence: &Evidence) -> String {
    let of = evidence.of.to_string();
    let mut title = match evidence.place {
        Place::Log => of,
        place => format!("{} of {of}", place.word()),
    };
    if !evidence.container.is_empty() && evidence.place != Place::Log {
        let _ = write!(title, ", container {}", evidence.container);
    }
    if !evidence.reason.is_empty() {
        let _ = write!(title, ", {}", evidence.reason);
    }
    if let Some(time) = evidence.time {
        let _ = write!(title, ", {time}");
    }
    title
}

/// What could not be seen, why, and the right that lets it.
pub(super) fn unseen(one: &Unseen) -> String {
    let right = match one.right.as_str() {
        "" => String::new(),
        right => format!("; needs: {right}"),
    };
    visible(&format!("{}: {}{right}", one.what, one.why))
}

/// What came of it, and whether that is good.
pub(super) fn verdict(report: &WhyReport) -> (String, bool) {
    let found = &report.report;
    let wrong = found.diagnoses.iter().filter(|one| one.stands < Weight::Waits).count();
    match found.state {
        State::Well if found.is_text_alone() => ("no failure that gen knows".to_owned(), true),
        State::Well => ("nothing is wrong".to_owned(), true),
        State::Busy => ("nothing is wrong, and something is in progress".to_owned(), true),
        State::Found => (counted(wrong, "cause"), false),
        State::Unknown => ("the cause was not found".to_owned(), false),
        State::Nothing => ("there is nothing to look at".to_owned(), false),
    }
}
