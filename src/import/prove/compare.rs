//! The fields in which an original and what is rendered in its place differ.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Side, canon};
use crate::change::{Field, FieldPath, Step, difference};
use crate::import::defaults;
use crate::kubernetes::{Identity, Object};
use crate::yaml::Value;

/// An original beside what is rendered.
#[derive(Debug, Default)]
pub struct Compared {
    /// Fields that the original has and that are otherwise, or missing.
    pub lost: Vec<Field>,
    /// Fields that only the rendered object has.
    pub new: Vec<Field>,
    /// The number of fields of the original.
    pub fields: usize,
}

/// Compares an object with what is rendered in its place.
#[must_use]
pub fn compare(
    originals: &Side<'_>,
    one: &Object,
    rendered: &Side<'_>,
    other: &Object,
) -> Compared {
    let identity = one.identity();
    let (before, after) = (canon::canonical(originals, one), canon::canonical(rendered, other));
    let usual_before = usual(&identity, originals, one, &before);
    let usual_after = usual(&identity, rendered, other, &after);
    let mut compared = Compared { fields: leaves(&json!(before)), ..Compared::default() };
    for field in difference(&identity, Some(&json!(before)), Some(&json!(after))) {
        let is_usual = |all: &BTreeSet<FieldPath>| {
            all.iter().any(|path| field.path.0.starts_with(&path.0) || path.0 == field.path.0)
        };
        match (&field.before, &field.after) {
            (Some(_), None) if is_usual(&usual_before) => {}
            (None, _) if is_usual(&usual_after) => {}
            (None, Some(value)) if is_nothing(value) => {}
            (Some(value), None) if is_nothing(value) => {}
            (None, _) => compared.new.push(field),
            (Some(_), _) => compared.lost.push(field),
        }
    }
    compared
}

fn is_nothing(value: &serde_json::Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty)
        || value.as_array().is_some_and(Vec::is_empty)
}

/// Paths of what says only what holds anyway.
fn usual(
    identity: &Identity,
    side: &Side<'_>,
    object: &Object,
    canonical: &Value,
) -> BTreeSet<FieldPath> {
    let mut bare = object.clone();
    defaults::strip(object.group(), object.kind(), bare.body_mut());
    let bare = canon::canonical(side, &bare);
    let stripped = difference(identity, Some(&json!(canonical)), Some(&json!(bare)));
    stripped.into_iter().map(|field| field.path).collect()
}

/// The number of scalars in a value.
pub(super) fn leaves(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Object(map) => map.values().map(leaves).sum(),
        serde_json::Value::Array(items) => items.iter().map(leaves).sum(),
        serde_json::Value::Null => 0,
        _ => 1,
    }
}

/// A path as dotted keys.
pub(super) fn dotted(path: &FieldPath) -> Vec<String> {
    path.0
        .iter()
        .map(|step| match step {
            Step::Key(key) => key.clone(),
            Step::Item { value, .. } => value.clone(),
            Step::Order => "order".to_owned(),
        })
        .collect()
}
