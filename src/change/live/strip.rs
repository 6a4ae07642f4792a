//! Removes the server's bookkeeping from a live object.

use serde_json::Value;

use crate::kubernetes::json::map_mut;

/// Bookkeeping of the API server in an object's metadata.
const BOOKKEEPING: [&str; 8] = [
    "managedFields",
    "resourceVersion",
    "uid",
    "generation",
    "creationTimestamp",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
];

/// The object without the server's bookkeeping and without its status.
#[must_use]
pub fn bare(mut object: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.shift_remove("status");
    }
    if let Some(metadata) = map_mut(&mut object, &["metadata"]) {
        metadata.retain(|key, _| !BOOKKEEPING.contains(&key.as_str()));
    }
    object
}
