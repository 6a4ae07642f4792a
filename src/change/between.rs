//! The differences between two trees, object by object: the changes in the cluster if one replaced the other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::live::{Directive, is_encrypted, says};
use super::{Change, Class, Desired, same};
use crate::kubernetes::Identity;

/// The folder of a cluster and an object in it: the same object on two clusters is two objects.
type Key = (String, Identity);

/// Compares two trees. Every object of either has exactly one change: one in both trees counts once, one that a tree contains
/// twice counts twice. Sorted by cluster and identity.
#[must_use]
pub fn between(before: Vec<Desired>, after: Vec<Desired>) -> Vec<Change> {
    let mut all: BTreeMap<Key, (Vec<Desired>, Vec<Desired>)> = BTreeMap::new();
    for object in before {
        all.entry(key(&object)).or_default().0.push(object);
    }
    for object in after {
        all.entry(key(&object)).or_default().1.push(object);
    }
    let mut changes = Vec::with_capacity(all.len());
    for (before, after) in all.into_values() {
        let mut before = before.into_iter();
        changes.extend(after.into_iter().map(|after| match before.next() {
            Some(before) => both(before, after),
            None => created(after),
        }));
        changes.extend(before.map(gone));
    }
    changes
}

fn key(object: &Desired) -> Key {
    let cluster = object.path.split('/').nth(1).unwrap_or_default();
    (cluster.to_owned(), object.identity.clone())
}

fn both(before: Desired, after: Desired) -> Change {
    let mut change = Change::of(&after, Class::Created);
    if same(&after.identity, &before.body, &after.body) {
        change.class = Class::Unchanged;
    } else if let Some(directive) = Directive::of(&after.body, Some(&before.body)) {
        let annotation = directive.annotation();
        change.class = Class::Kept;
        change.reason = Some(format!("{annotation}: Flux leaves existing objects as they are"));
    } else if is_encrypted(&after.body) || is_encrypted(&before.body) {
        let (one, other) = (bare(before.body.clone()), bare(after.body.clone()));
        if same(&after.identity, &one, &other) {
            change.class = Class::Opaque;
            change.reason = Some("encrypted content, encrypted again".to_owned());
        } else {
            change.class = Class::Changed;
            (change.before, change.after) = (Some(one), Some(other));
            return change;
        }
    } else {
        change.class = Class::Changed;
    }
    change.before = Some(before.body);
    change.after = Some(after.body);
    change
}

fn created(after: Desired) -> Change {
    let mut change = Change::of(&after, Class::Created);
    if let Some(directive) = Directive::of(&after.body, None) {
        let annotation = directive.annotation();
        change.class = Class::Kept;
        change.reason = Some(format!("{annotation}: Flux does not create it"));
    }
    change.after = Some(after.body);
    change
}

fn gone(before: Desired) -> Change {
    let mut change = Change::of(&before, Class::Created);
    change.class = Class::Pruned;
    let keeps = [
        ("prune", "disabled", "`prune: disabled`"),
        ("reconcile", "disabled", "`reconcile: disabled`"),
        ("ssa", "ignore", "`ssa: Ignore`"),
    ];
    let is_said = |(key, value, _): &&(&str, &str, &str)| says(&before.body, key, value);
    if let Some((.., annotation)) = keeps.iter().find(is_said) {
        change.class = Class::Kept;
        change.reason = Some(format!("{annotation}: Flux does not delete it"));
    }
    change.path = None;
    change.before = Some(before.body);
    change
}

/// The fields that SOPS never encrypts.
fn bare(mut body: Value) -> Value {
    if let Some(map) = body.as_object_mut() {
        map.retain(|key, _| {
            ["apiVersion", "kind", "metadata", "type", "immutable"].contains(&key.as_str())
        });
    }
    body
}
