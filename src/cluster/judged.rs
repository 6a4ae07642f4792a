//! What is known of a live object without asking the server about it.

use serde_json::Value;

use super::entry::Outcome;
use super::shared::Shared;
use super::slim;
use crate::change::Class;
use crate::change::live::{Verdict, bare, is_taken_over, judge, overlay};

/// The state of an object after it was read.
#[derive(Debug)]
pub(super) enum Step {
    /// It is decided.
    Done(Outcome),
    /// Needs a dry run; the live object as text, with managed fields only if they are read, and whether it is certain that
    /// something changes.
    Ask(Box<str>, bool),
    /// It does not exist.
    Absent,
}

/// The verdict on an object that was read.
pub(super) fn judged(shared: &Shared, place: usize, live: Value) -> Step {
    let entry = &shared.entries[place];
    let desired = entry.desired(Some(&live));
    // A Secret's values must be known in order to hide them in all other output.
    let known = |live: Value| entry.is_secret().then(|| bare(live));
    if entry.is_encrypted {
        let outcome = Outcome::because(Class::Opaque, "encrypted with SOPS");
        return Step::Done(outcome.with(known(live), None));
    }
    match judge(&desired, &live) {
        Verdict::Unchanged => Step::Done(Outcome::plain(Class::Unchanged).with(known(live), None)),
        Verdict::Kept(reason) => Step::Done(
            Outcome::because(Class::Kept, reason).with(Some(bare(live)), Some(bare(desired))),
        ),
        Verdict::Ask { differs } => {
            // Managed fields are half of it, and read only if Flux takes fields over, or if no dry run is sent.
            let kept = if shared.read_only || is_taken_over(&live) {
                live
            } else {
                slim::without_owners(live)
            };
            Step::Ask(kept.to_string().into_boxed_str(), differs)
        }
    }
}

/// Without a dry run: a plain difference is reported, the rest is unknown.
pub(super) fn unasked(shared: &Shared, place: usize, live: &str, differs: bool) -> Outcome {
    let live: Value = serde_json::from_str(live).unwrap_or_default();
    let desired = shared.entries[place].desired(Some(&live));
    if differs {
        let after = overlay(&live, &desired);
        Outcome::because(Class::Changed, "not verified by a dry run (`--read-only`)")
            .with(Some(bare(live)), Some(bare(after)))
    } else {
        Outcome::because(
            Class::NotCompared,
            "only a dry run can tell, and `--read-only` sends none",
        )
    }
}
