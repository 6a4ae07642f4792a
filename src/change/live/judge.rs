//! The verdict on an object without a dry run.

use serde_json::{Map, Value};

use super::cover::{Cover, Kind, cover};
use super::directives::{Directive, merges};
use super::managers::{Entry, entries, is_taken_over};
use super::predict::cleaned;
use crate::kubernetes::json::text;
use crate::kubernetes::split_api;

/// The verdict on an object after reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Applying it changes nothing.
    Unchanged,
    /// Flux leaves it as it is, for this reason.
    Kept(String),
    /// Only a dry run can tell.
    Ask {
        /// Something changes for certain, possibly more than known.
        differs: bool,
    },
}

/// Judges an object of the tree, as Flux sends it, by the live one.
#[must_use]
pub fn judge(desired: &Value, live: &Value) -> Verdict {
    match (apply(desired, live), Directive::of(desired, Some(live))) {
        (Verdict::Ask { .. }, Some(directive)) => Verdict::Kept(format!(
            "{} in its metadata: Flux leaves it as it is",
            directive.annotation()
        )),
        (verdict, _) => verdict,
    }
}

/// The verdict on a missing object: the reason why Flux does not create it, if any.
#[must_use]
pub fn without_live(desired: &Value) -> Option<String> {
    Directive::of(desired, None).map(|directive| {
        format!("{} in its metadata: Flux does not create it", directive.annotation())
    })
}

fn apply(desired: &Value, live: &Value) -> Verdict {
    let api_version = text(desired, &["apiVersion"]);
    let kind = Kind { group: split_api(api_version).0, kind: text(desired, &["kind"]) };
    let mut ours = entries(live).filter(Entry::is_ours);
    let (owned, others) = (ours.next(), ours.next());
    let nothing = Map::new();
    let fields = owned.as_ref().and_then(|entry| entry.fields);
    let found = cover(kind, desired, live, fields.unwrap_or(&nothing));
    // One entry of ours, in the version that we apply, and no manager whose fields Flux takes over.
    let is_settled = owned.is_some_and(|entry| entry.api_version == api_version)
        && others.is_none()
        && fields.is_some()
        && (merges(desired, live) || (!is_taken_over(live) && cleaned(live).next().is_none()));
    match found {
        Cover::Same if is_settled => Verdict::Unchanged,
        found => Verdict::Ask { differs: found == Cover::Differs },
    }
}
