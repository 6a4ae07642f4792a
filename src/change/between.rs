//! The differences between two trees, object by object: the changes in the cluster if one replaced the other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::live::{Directive, is_encrypted, never_deleted};
use super::{Change, Class, Desired, same};
use crate::kubernetes::Identity;

/// The folder of a cluster and an object in it: the same object on two clusters is two objects.
type Key = (String, Identity);

/// Compares two trees. Every object of either has exactly one change: one in both trees counts once, one that a tree contains
/// twice counts twice. Sorted by cluster and identity.
#[must_use]
pub fn between(before: Vec<Desired>, after: Vec<Desired>) -> Vec<Change> {
    let mut all: BTreeMap<Key, [Vec<Desired>; 2]> = BTreeMap::new();
    for (side, objects) in [before, after].into_iter().enumerate() {
        for object in objects {
            let key = (object.cluster().to_owned(), object.identity.clone());
            all.entry(key).or_default()[side].push(object);
        }
    }
    let mut changes = Vec::with_capacity(all.len());
    for [before, after] in all.into_values() {
        let mut before = before.into_iter();
        changes.extend(after.into_iter().map(|after| match before.next() {
            Some(before) => both(before, after),
            None => created(after),
        }));
        changes.extend(before.map(gone));
    }
    changes
}

fn both(before: Desired, after: Desired) -> Change {
    let mut change = Change::of(&after, Class::Changed);
    if same(&after.identity, &before.body, &after.body) {
        change.class = Class::Unchanged;
    } else if let Some(directive) = Directive::of(&after.body, Some(&before.body)) {
        let annotation = directive.annotation();
        change.class = Class::Kept;
        change.reason = Some(format!("{annotation}: Flux leaves existing objects as they are"));
    } else if is_encrypted(&after.body) || is_encrypted(&before.body) {
        let (one, other) = (bare(before.body.clone()), bare(after.body.clone()));
        if !same(&after.identity, &one, &other) {
            return Change { before: Some(one), after: Some(other), ..change };
        }
        change.class = Class::Opaque;
        change.reason = Some("encrypted content, encrypted again".to_owned());
    }
    Change { before: Some(before.body), after: Some(after.body), ..change }
}

fn created(after: Desired) -> Change {
    let mut change = Change::of(&after, Class::Created);
    if let Some(directive) = Directive::of(&after.body, None) {
        change.class = Class::Kept;
        change.reason = Some(format!("{}: Flux does not create it", directive.annotation()));
    }
    Change { after: Some(after.body), ..change }
}

fn gone(before: Desired) -> Change {
    let mut change = Change::of(&before, Class::Pruned);
    if let Some(annotation) = never_deleted(&before.body) {
        change.class = Class::Kept;
        change.reason = Some(format!("{annotation}: Flux does not delete it"));
    }
    Change { path: None, before: Some(before.body), ..change }
}

/// The fields that SOPS never encrypts.
fn bare(mut body: Value) -> Value {
    if let Some(map) = body.as_object_mut() {
        let plain = ["apiVersion", "kind", "metadata", "type", "immutable"];
        map.retain(|key, _| plain.contains(&key.as_str()));
    }
    body
}
