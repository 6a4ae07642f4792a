//! Sets of fields as `managedFields` writes them (FieldsV1): a tree whose keys are `f:NAME` for a field, `k:{…}` for the item of a
//! list with those keys, `v:VALUE` for an item of a set; `.` stands for the node itself, and an empty node is a member.
//!
//! The sets are used as they come, as JSON: they are read once, and written never.

use serde_json::{Map, Value};

/// A node of such a tree.
pub(super) type Fields = Map<String, Value>;

/// Whether the node itself is in the set, and not only something below it.
pub(super) fn is_member(node: &Fields) -> bool {
    node.is_empty() || node.contains_key(".")
}

/// Whether the node is a leaf: what is there belongs to its manager as a whole.
pub(super) fn is_leaf(node: &Fields) -> bool {
    node.keys().all(|key| key == ".")
}

/// The node below, by its key.
pub(super) fn below<'f>(node: &'f Fields, key: &str) -> Option<&'f Fields> {
    node.get(key).and_then(Value::as_object)
}

/// The nodes below, with their keys.
pub(super) fn children(node: &Fields) -> impl Iterator<Item = (&str, &Fields)> {
    node.iter()
        .filter(|(key, _)| key.as_str() != ".")
        .filter_map(|(key, value)| Some((key.as_str(), value.as_object()?)))
}

/// Takes another set in (SSA patch.go, `mergeManagedFieldsV1`).
pub(super) fn unite(into: &mut Fields, other: &Fields) {
    // A leaf is a member; a node with something below it needs the mark.
    let both_leaves = into.is_empty() && other.is_empty();
    if !both_leaves && (is_member(into) || is_member(other)) {
        into.insert(".".to_owned(), Value::Object(Map::new()));
    }
    for (key, node) in children(other) {
        match into.get_mut(key).and_then(Value::as_object_mut) {
            Some(existing) => unite(existing, node),
            None => {
                into.insert(key.to_owned(), Value::Object(node.clone()));
            }
        }
    }
}

/// The index in a list of the item that an element of a path stands for.
pub(super) fn item(list: &[Value], element: &str) -> Option<usize> {
    match element.split_at_checked(2)? {
        ("k:", keys) => {
            let keys: Fields = serde_json::from_str(keys).ok()?;
            list.iter()
                .position(|item| keys.iter().all(|(key, value)| item.get(key) == Some(value)))
        }
        ("v:", value) => {
            let value: Value = serde_json::from_str(value).ok()?;
            list.iter().position(|item| *item == value)
        }
        ("i:", index) => index.parse().ok().filter(|index| *index < list.len()),
        _ => None,
    }
}

/// Whether the node's children are items of a list.
pub(super) fn is_list(node: &Fields) -> bool {
    children(node).any(|(key, _)| !key.starts_with("f:"))
}
