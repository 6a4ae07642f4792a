//! Whether a live object already has everything that Flux would apply, and Flux owns nothing else in it: then applying changes
//! nothing, and no dry-run is needed to know it.
//!
//! The structure of lists is not guessed: what Flux owns, as the server wrote it into `managedFields`, says whether a list is
//! merged by keys (`k:`), is a set (`v:`) or belongs to its manager as a whole (a leaf). If this is not enough to decide, the
//! result is unsure, never the same.

use serde_json::{Map, Value};

use super::fields::{Fields, below, children, is_leaf, item};
use crate::change::quantity;

/// The verdict on a part of an object, without asking the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cover {
    /// Applying changes nothing here.
    Same,
    /// It may change something.
    Unsure,
    /// It changes something.
    Differs,
}

/// The object compared, for rules that depend on it.
#[derive(Clone, Copy)]
pub(super) struct Kind<'k> {
    pub(super) group: &'k str,
    pub(super) kind: &'k str,
}

impl Kind<'_> {
    /// Kinds built into the API server: it normalizes their quantities.
    fn is_built_in(self) -> bool {
        !self.group.contains('.') || self.group.ends_with(".k8s.io")
    }
}

/// The whole object.
pub(super) fn cover(kind: Kind<'_>, desired: &Value, live: &Value, owned: &Fields) -> Cover {
    let (Some(desired), Some(live)) = (desired.as_object(), live.as_object()) else {
        return Cover::Unsure;
    };
    let mut worst = Cover::Same;
    for (key, value) in desired {
        worst = worst.max(match key.as_str() {
            "apiVersion" | "kind" => Cover::Same,
            "metadata" => metadata(kind, value, live.get("metadata"), below(owned, "f:metadata")),
            _ => field(kind, (key, ""), value, live.get(key), below(owned, &format!("f:{key}"))),
        });
    }
    let forgotten = children(owned)
        .any(|(key, _)| !desired.contains_key(key.strip_prefix("f:").unwrap_or_default()));
    if forgotten {
        worst = worst.max(Cover::Unsure);
    }
    worst
}

/// Name and namespace identify the object, and are in nobody's fields.
fn metadata(
    kind: Kind<'_>,
    desired: &Value,
    live: Option<&Value>,
    owned: Option<&Fields>,
) -> Cover {
    let (Some(desired), Some(live)) = (desired.as_object(), live.and_then(Value::as_object)) else {
        return Cover::Unsure;
    };
    let mut worst = Cover::Same;
    for (key, value) in desired {
        if key != "name" && key != "namespace" {
            let owned = owned.and_then(|owned| below(owned, &format!("f:{key}")));
            worst = worst.max(field(kind, (key, "metadata"), value, live.get(key), owned));
        }
    }
    let forgotten = owned.is_some_and(|owned| {
        children(owned)
            .any(|(key, _)| !desired.contains_key(key.strip_prefix("f:").unwrap_or_default()))
    });
    worst.max(if forgotten { Cover::Unsure } else { Cover::Same })
}

/// One field, with its name and that of its parent.
fn field(
    kind: Kind<'_>,
    names: (&str, &str),
    desired: &Value,
    live: Option<&Value>,
    owned: Option<&Fields>,
) -> Cover {
    let Some(live) = live else {
        // A default of the type, such as an empty text, is left out by the server. Of an empty struct that is ours it is known.
        let is_ours = owned.is_some_and(is_leaf);
        let is_empty = desired.as_object().is_some_and(Map::is_empty);
        return if is_ours && is_empty {
            Cover::Same
        } else if is_zero(desired) {
            Cover::Unsure
        } else {
            Cover::Differs
        };
    };
    let Some(owned) = owned else {
        return foreign(kind, names, desired, live);
    };
    if is_leaf(owned) {
        return whole(kind, names, desired, live);
    }
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            let mut worst = Cover::Same;
            for (key, value) in desired {
                let owned = below(owned, &format!("f:{key}"));
                worst = worst.max(field(kind, (key, names.0), value, live.get(key), owned));
            }
            let forgotten = children(owned)
                .any(|(key, _)| !desired.contains_key(key.strip_prefix("f:").unwrap_or_default()));
            worst.max(if forgotten { Cover::Unsure } else { Cover::Same })
        }
        (Value::Array(desired), Value::Array(live)) => list(kind, names, desired, live, owned),
        _ => Cover::Differs,
    }
}

/// A field that is not ours yet, or no longer: the structure of its lists is unknown.
fn foreign(kind: Kind<'_>, names: (&str, &str), desired: &Value, live: &Value) -> Cover {
    match (desired, live) {
        _ if desired == live => Cover::Same,
        (Value::Object(desired), Value::Object(live)) => desired
            .iter()
            .map(|(key, value)| match live.get(key) {
                Some(live) => foreign(kind, (key, names.0), value, live),
                None if is_zero(value) => Cover::Unsure,
                None => Cover::Differs,
            })
            .max()
            // Other fields in it stay, or are removed if it belongs together.
            .map_or(Cover::Unsure, |worst| worst.max(Cover::Unsure)),
        (Value::Array(_), _) | (_, Value::Array(_)) => Cover::Unsure,
        _ => whole(kind, names, desired, live),
    }
}

/// A list merged by item. Its order matters: applying sorts our items into our order.
fn list(
    kind: Kind<'_>,
    names: (&str, &str),
    desired: &[Value],
    live: &[Value],
    owned: &Fields,
) -> Cover {
    let mut worst = Cover::Same;
    let mut places = vec![None; desired.len()];
    for (element, node) in children(owned) {
        let Some(ours) = item(desired, element) else {
            // Ours, and no longer wanted.
            return Cover::Unsure;
        };
        let Some(theirs) = item(live, element) else {
            return Cover::Differs;
        };
        if places[ours].replace(theirs).is_some() {
            return Cover::Unsure;
        }
        worst = worst.max(if is_leaf(node) {
            whole(kind, names, &desired[ours], &live[theirs])
        } else {
            field(kind, names, &desired[ours], Some(&live[theirs]), Some(node))
        });
    }
    let known: Option<Vec<usize>> = places.into_iter().collect();
    match known {
        Some(places) if places.is_sorted() => worst,
        // Another order; or an item that we do not own yet, whose key is unknown.
        _ => worst.max(Cover::Unsure),
    }
}

/// A value that belongs to its manager as a whole. Only defaults can be added to what we wrote.
fn whole(kind: Kind<'_>, names: (&str, &str), desired: &Value, live: &Value) -> Cover {
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            // An owned empty mapping does not exclude fields of others in it: `emptyDir: {}`, `strategy: {}`.
            if desired.is_empty() {
                return Cover::Same;
            }
            let mut worst = Cover::Same;
            for (key, value) in desired {
                worst = worst.max(match live.get(key) {
                    Some(live) => whole(kind, (key, names.0), value, live),
                    None if is_zero(value) => Cover::Unsure,
                    None => Cover::Differs,
                });
            }
            for (key, value) in live {
                if !desired.contains_key(key) && !is_default(kind, names, key, value) {
                    worst = worst.max(Cover::Unsure);
                }
            }
            worst
        }
        (Value::Array(desired), Value::Array(live)) => {
            if desired.len() != live.len() {
                return Cover::Differs;
            }
            desired
                .iter()
                .zip(live)
                .map(|(desired, live)| whole(kind, names, desired, live))
                .max()
                .unwrap_or(Cover::Same)
        }
        _ if desired == live => Cover::Same,
        (Value::String(left), Value::String(right)) if quantity::same(left, right) => {
            quantity_written_otherwise(kind, names)
        }
        (Value::Number(left), Value::String(right)) if quantity::same(&left.to_string(), right) => {
            quantity_written_otherwise(kind, names)
        }
        _ => Cover::Differs,
    }
}

/// The same quantity in another text: nothing if the API server writes it its own way, else for the server to say.
fn quantity_written_otherwise(kind: Kind<'_>, (key, parent): (&str, &str)) -> Cover {
    let is_quantity = ["limits", "requests", "hard", "default", "defaultRequest", "min", "max"]
        .contains(&parent)
        || ["sizeLimit", "averageValue", "divisor"].contains(&key);
    if is_quantity && kind.is_built_in() { Cover::Same } else { Cover::Unsure }
}

/// Values equivalent to their absence in types of the API.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) => false,
    }
}

/// Defaults that the server or Tekton's webhook writes into what belongs to us as a whole: the field's name, in what, its value.
fn is_default(kind: Kind<'_>, (key, parent): (&str, &str), field: &str, value: &Value) -> bool {
    let is = |expected: &str| value.as_str() == Some(expected);
    match (kind.group, key, field) {
        // core/v1 defaults.go, SetDefaults_ObjectFieldSelector
        (_, "fieldRef", "apiVersion") => kind.is_built_in() && is("v1"),
        // networking/v1 defaults.go, SetDefaults_NetworkPolicyPort
        ("networking.k8s.io", "ports", "protocol") => is("TCP") && kind.kind == "NetworkPolicy",
        // Tekton pipeline_defaults.go and param_types.go
        ("tekton.dev", "taskRef", "kind") => is("Task"),
        ("tekton.dev", "params", "type") => is("string") && parent != "properties",
        _ => false,
    }
}
