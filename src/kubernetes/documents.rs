//! The objects of a text, as kubectl and kustomize read it: empty documents are passed over, lists are taken apart.

use crate::yaml::Value;

/// The documents of a text of YAML or JSON.
///
/// # Errors
/// What the reader says of text that is neither.
pub fn documents(text: &str) -> Result<Vec<Value>, String> {
    // Windows' editors write a byte order mark; kubectl and kustomize pass over it, too.
    let text = text.trim_start_matches('\u{feff}');
    let mut all = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let value: serde_json::Value =
            serde::Deserialize::deserialize(document).map_err(|error| error.to_string())?;
        if !value.is_null() {
            all.push(Value::from(value));
        }
    }
    Ok(all)
}

/// The items of a `List`, or of a typed one such as `ConfigMapList`; the object itself where it is none.
#[must_use]
pub fn items(value: Value) -> Vec<Value> {
    let is_list = value.str_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"));
    match value.get("items").and_then(Value::as_seq) {
        Some(items) if is_list => items.iter().cloned().flat_map(self::items).collect(),
        _ => vec![value],
    }
}
