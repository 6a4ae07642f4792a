//! Whether a live object already has everything that Flux would apply, and Flux owns nothing else in it: then applying changes
//! nothing, and no dry run is needed to know it.
//!
//! The structure of lists is not guessed: what Flux owns, as the server wrote it into `managedFields`, says whether a list is
//! merged by keys (`k:`), is a set (`v:`) or belongs to its manager as a whole (a leaf). If this is not enough to decide, the
//! result is unsure, never the same.

use serde_json::{Map, Value};

use super::fields::{Fields, below, children, is_leaf, item};
use crate::change::quantity;
use crate::kubernetes::json::map;

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

/// The whole object. What identifies it is in nobody's fields.
pub(super) fn cover(kind: Kind<'_>, desired: &Value, live: &Value, owned: &Fields) -> Cover {
    let parts = (map(desired, &[]), map(live, &[]));
    let metadata = (map(desired, &["metadata"]), map(live, &["metadata"]));
    let ((Some(desired), Some(live)), (Some(ours), Some(theirs))) = (parts, metadata) else {
        return Cover::Unsure;
    };
    let (top, inner) = (["apiVersion", "kind", "metadata"], ["name", "namespace"]);
    let metadata = mapping(kind, "metadata", &inner, ours, theirs, below(owned, "f:metadata"));
    mapping(kind, "", &top, desired, live, Some(owned)).max(metadata)
}

/// The fields of a mapping, but for those named in `apart`; and whether we own one that is no longer wanted.
fn mapping(
    kind: Kind<'_>,
    name: &str,
    apart: &[&str],
    desired: &Fields,
    live: &Fields,
    owned: Option<&Fields>,
) -> Cover {
    let is_wanted = |key: &str| desired.contains_key(key.strip_prefix("f:").unwrap_or_default());
    let is_forgotten = owned.into_iter().flat_map(children).any(|(key, _)| !is_wanted(key));
    let fields = desired.iter().filter(|(key, _)| !apart.contains(&key.as_str()));
    let covers = fields.map(|(key, value)| {
        let owned = owned.and_then(|owned| below(owned, &format!("f:{key}")));
        field(kind, (key, name), value, live.get(key), owned)
    });
    covers.chain(is_forgotten.then_some(Cover::Unsure)).max().unwrap_or(Cover::Same)
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
        // The server leaves out a type's default, such as an empty string. It is certain only for an empty struct that is ours.
        let is_ours = owned.is_some_and(is_leaf);
        let is_empty = desired.as_object().is_some_and(Map::is_empty);
        return if is_ours && is_empty { Cover::Same } else { absent(desired) };
    };
    let Some(owned) = owned else {
        return foreign(kind, names, desired, live);
    };
    match (desired, live) {
        _ if is_leaf(owned) => whole(kind, names, desired, live),
        (Value::Object(desired), Value::Object(live)) => {
            mapping(kind, names.0, &[], desired, live, Some(owned))
        }
        (Value::Array(desired), Value::Array(live)) => list(kind, names, desired, live, owned),
        _ => Cover::Differs,
    }
}

/// A field that is not ours yet, or no longer: the structure of its lists is unknown.
fn foreign(kind: Kind<'_>, names: (&str, &str), desired: &Value, live: &Value) -> Cover {
    match (desired, live) {
        _ if desired == live => Cover::Same,
        (Value::Object(desired), Value::Object(live)) => {
            let covers = desired.iter().map(|(key, value)| {
                let live = live.get(key);
                live.map_or_else(
                    || absent(value),
                    |live| foreign(kind, (key, names.0), value, live),
                )
            });
            // Other fields in it stay, or are removed if it belongs together.
            covers.chain([Cover::Unsure]).max().unwrap_or(Cover::Unsure)
        }
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
        worst = worst.max(field(kind, names, &desired[ours], Some(&live[theirs]), Some(node)));
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
        // An owned empty mapping does not exclude fields of others in it: `emptyDir: {}`, `strategy: {}`.
        (Value::Object(desired), Value::Object(_)) if desired.is_empty() => Cover::Same,
        (Value::Object(desired), Value::Object(live)) => {
            let is_added = |(key, value): (&String, &Value)| {
                !desired.contains_key(key) && !is_default(kind, names, key, value)
            };
            let covers = desired.iter().map(|(key, value)| {
                let live = live.get(key);
                live.map_or_else(|| absent(value), |live| whole(kind, (key, names.0), value, live))
            });
            let added = live.iter().any(is_added).then_some(Cover::Unsure);
            covers.chain(added).max().unwrap_or(Cover::Same)
        }
        (Value::Array(desired), Value::Array(live)) if desired.len() == live.len() => {
            let pairs = desired.iter().zip(live);
            let covers = pairs.map(|(desired, live)| whole(kind, names, desired, live));
            covers.max().unwrap_or(Cover::Same)
        }
        _ if desired == live => Cover::Same,
        // The same quantity in another notation: no change if the API server writes it its own way, otherwise up to the server.
        (_, Value::String(_)) if quantity::same_values(desired, live) => {
            let is_normalized = kind.is_built_in() && quantity::is_quantity(names.0, names.1);
            if is_normalized { Cover::Same } else { Cover::Unsure }
        }
        _ => Cover::Differs,
    }
}

/// A value that the live object lacks: some values are equivalent to their absence in types of the API.
fn absent(value: &Value) -> Cover {
    let is_zero = match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    };
    if is_zero { Cover::Unsure } else { Cover::Differs }
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
