//! The approximate new state of an object, without asking the server: the live one with our fields laid over it.
//!
//! Only to show a known difference if no dry run is allowed: defaults and removed fields are missing.

use serde_json::Value;

use super::fields::{Fields, below, children, is_leaf, is_list, item};
use super::managers::{Entry, entries, union};

/// The live object with the fields of `desired` laid over it. Lists are merged if Flux's own fields in the live object have their
/// keys, and replaced otherwise.
#[must_use]
pub fn overlay(live: &Value, desired: &Value) -> Value {
    let owned = union(entries(live).filter(Entry::is_ours));
    let mut after = live.clone();
    lay(&mut after, desired, Some(&owned));
    after
}

fn lay(live: &mut Value, desired: &Value, owned: Option<&Fields>) {
    let is_whole = owned.is_some_and(|owned| !owned.is_empty() && is_leaf(owned));
    match (&mut *live, desired) {
        (Value::Object(map), Value::Object(wanted)) if !is_whole => {
            for (key, value) in wanted {
                let owned = owned.and_then(|owned| below(owned, &format!("f:{key}")));
                match map.get_mut(key) {
                    Some(inner) => lay(inner, value, owned),
                    None => {
                        map.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(items), Value::Array(wanted)) if owned.is_some_and(is_list) => {
            let mut laid = Vec::with_capacity(wanted.len());
            for (element, node) in owned.into_iter().flat_map(children) {
                if let (Some(ours), Some(theirs)) = (item(wanted, element), item(items, element)) {
                    lay(&mut items[theirs], &wanted[ours], Some(node));
                    laid.push(ours);
                }
            }
            for (place, value) in wanted.iter().enumerate() {
                if !laid.contains(&place) {
                    items.push(value.clone());
                }
            }
        }
        _ => live.clone_from(desired),
    }
}
