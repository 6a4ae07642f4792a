//! Reads an object as the API server gives it, by chains of keys.

use serde_json::{Map, Value};

/// The value at the end of a chain of keys.
pub(crate) fn at<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

/// The same, mutable.
pub(crate) fn at_mut<'v>(value: &'v mut Value, keys: &[&str]) -> Option<&'v mut Value> {
    keys.iter().try_fold(value, |value, key| value.get_mut(key))
}

/// The string there; empty if there is none.
pub(crate) fn text<'v>(value: &'v Value, keys: &[&str]) -> &'v str {
    at(value, keys).and_then(Value::as_str).unwrap_or_default()
}

/// The items of the list there; none if there is no list.
pub(crate) fn list<'v>(value: &'v Value, keys: &[&str]) -> &'v [Value] {
    at(value, keys).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The mapping there.
pub(crate) fn map<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Map<String, Value>> {
    at(value, keys).and_then(Value::as_object)
}

/// The same, mutable.
pub(crate) fn map_mut<'v>(
    value: &'v mut Value,
    keys: &[&str],
) -> Option<&'v mut Map<String, Value>> {
    at_mut(value, keys).and_then(Value::as_object_mut)
}
