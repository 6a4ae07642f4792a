//! The state of an object after Flux applied it, from the server's dry run and the managers that Flux takes over.
//!
//! Before it applies, Flux gives the fields of kubectl and its like to itself (SSA patch.go, `PatchReplaceFieldsManagers`) and
//! removes their annotations (SSA manager_apply.go, `cleanupMetadata`). What then is Flux's, not in what it applies, and nobody
//! else's, falls: that is server-side apply's own rule (structured-merge-diff merge/update.go, `prune`). A dry run cannot show it,
//! because ownership is taken over by a separate request, which is not sent here; so it is worked out from the same data.

use serde_json::{Map, Value};

use super::directives::merges;
use super::fields::{Fields, below, children, is_leaf, is_member, item};
use super::managers::{Entry, entries, union};
use crate::kubernetes::json::{at, map, map_mut, text};

/// Annotations and labels that Flux removes (KC, `ApplyCleanupOptions`).
const CLEANED: [(&str, &str); 4] = [
    ("annotations", "kubectl.kubernetes.io/last-applied-configuration"),
    ("annotations", "kustomize.toolkit.fluxcd.io/checksum"),
    ("annotations", "fluxcd.io/sync-checksum"),
    ("labels", "fluxcd.io/sync-gc-mark"),
];

/// The predicted state of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The object, with the server's bookkeeping from the dry run.
    pub after: Value,
    /// Fields were removed that the server may fill with defaults: only another dry run, of this object, shows them.
    pub needs_defaults: bool,
    /// The managers that Flux takes over.
    pub taken_over: Vec<String>,
    /// Flux writes to the object even if only its bookkeeping changes (SSA manager_apply.go, `patched`).
    pub writes: bool,
}

/// The state of the object after Flux applied `desired`; `answer` is the response to the dry run.
#[must_use]
pub fn predict(desired: &Value, live: &Value, answer: Value) -> Prediction {
    let mut prediction =
        Prediction { after: answer, needs_defaults: false, taken_over: Vec::new(), writes: false };
    let after = &mut prediction.after;
    if !merges(desired, live) {
        let gone: Vec<_> = cleaned(live).collect();
        prediction.writes = !gone.is_empty();
        for (place, key) in gone {
            // What we apply ourselves comes back with the apply.
            if map(desired, &["metadata", place]).is_none_or(|map| !map.contains_key(key))
                && let Some(map) = map_mut(after, &["metadata", place])
            {
                map.shift_remove(key);
            }
        }
        let mut names: Vec<String> = entries(live)
            .filter(Entry::is_taken_over)
            .map(|entry| entry.manager.to_owned())
            .collect();
        names.sort();
        names.dedup();
        if !names.is_empty() {
            let last =
                union(entries(live).filter(|entry| entry.is_ours() || entry.is_taken_over()));
            let kept = union(entries(after).filter(|entry| !entry.is_taken_over()));
            let before = after.clone();
            fall(after, &last, &kept);
            prediction.needs_defaults = before != *after;
        }
        prediction.writes |= !names.is_empty();
        prediction.taken_over = names;
    }
    if let Some(metadata) = map_mut(after, &["metadata"]) {
        let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        metadata.retain(|key, value| {
            !["labels", "annotations"].contains(&key.as_str()) || !is_empty(value)
        });
    }
    prediction
}

/// The annotations and labels of the live object that Flux removes.
pub(super) fn cleaned(live: &Value) -> impl Iterator<Item = (&'static str, &'static str)> {
    CLEANED.into_iter().filter(|(place, key)| at(live, &["metadata", place, key]).is_some())
}

/// Whether Flux would write the object: labels, annotations and everything outside metadata and status count
/// (SSA manager_diff.go, `hasDrifted`).
#[must_use]
pub fn drifted(before: &Value, after: &Value) -> bool {
    let empty = Map::new();
    let differs = |place: &str| {
        let [before, after] = [before, after].map(|object| map(object, &["metadata", place]));
        before.unwrap_or(&empty) != after.unwrap_or(&empty)
    };
    if differs("labels") || differs("annotations") {
        return true;
    }
    let rest = |value: &'_ Value, other: &Value| -> bool {
        value.as_object().is_some_and(|map| {
            map.iter().any(|(key, value)| {
                key != "metadata" && key != "status" && other.get(key) != Some(value)
            })
        })
    };
    text(before, &["kind"]) != text(after, &["kind"]) || rest(before, after) || rest(after, before)
}

/// Removes what is in `last` but not in `kept`.
fn fall(value: &mut Value, last: &Fields, kept: &Fields) {
    match value {
        Value::Object(map) => {
            for (element, node) in children(last) {
                if let Some(name) = element.strip_prefix("f:")
                    && let Some(inner) = map.get_mut(name)
                    && !remains(inner, node, below(kept, element))
                {
                    // `shift` keeps the order of the rest.
                    map.shift_remove(name);
                }
            }
        }
        Value::Array(items) => {
            for (element, node) in children(last) {
                let Some(place) = item(items, element) else {
                    continue;
                };
                // An item without an owner is removed, even if a field in it has one.
                let kept = below(kept, element);
                let goes = is_member(node) && !kept.is_some_and(is_member);
                if goes || !remains(&mut items[place], node, kept) {
                    items.remove(place);
                }
            }
        }
        _ => {}
    }
}

/// Removes unowned fields below a value; returns whether the value itself remains.
fn remains(inner: &mut Value, node: &Fields, kept: Option<&Fields>) -> bool {
    let Some(kept) = kept else {
        // Nobody else's, neither it nor anything below it. A struct of the API goes with its last owned field, defaults and all;
        // so does an item of a list, and what is owned as a whole.
        return false;
    };
    // Owned as a whole on the one side and by somebody on the other.
    if is_leaf(node) {
        return true;
    }
    fall(inner, node, kept);
    // An empty struct may be what is kept: `emptyDir: {}`.
    if is_member(kept) {
        return true;
    }
    match inner {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}
