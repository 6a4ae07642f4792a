//! The objects of a text, as kubectl and kustomize read it: empty documents are passed over, lists are taken apart.

use crate::diagnostics::FileId;
use crate::yaml::{Limits, Node, Value, read_documents};

/// How much of a text of others is read: aliases cannot make more of it.
const LIMITS: Limits = Limits { depth: 200, nodes: 2_000_000 };

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

/// The documents of a text that are not empty, as Kubernetes' reader has them: `0755` is a number in octal, and `yes` is true. The reader with positions knows which scalars were written without quotes, and refuses
/// merge keys and tags, which kubectl takes: so what it refuses is left to the other one.
///
/// # Errors
/// Text that is neither YAML nor JSON, and a key that a mapping has twice.
pub fn documents_as_applied(text: &str) -> Result<Vec<Value>, String> {
    if let Ok(nodes) = read_documents(FileId::BUILT_IN, text, LIMITS) {
        let nodes = nodes.iter().filter(|node| !node.is_null());
        return Ok(nodes.map(Node::to_value_as_kubernetes).collect());
    }
    refuse_repeated(text)?;
    documents(text)
}

/// kubectl and kustomize refuse a key that is in a mapping twice, where other readers take the last.
fn refuse_repeated(text: &str) -> Result<(), String> {
    for document in serde_yaml::Deserializer::from_str(text.trim_start_matches('\u{feff}')) {
        let read: Result<serde_yaml::Value, _> = serde::Deserialize::deserialize(document);
        // Behind an error there may be no end: the reader gives the same one again and again.
        let Err(error) = read else { continue };
        let is_repeated = error.to_string().contains("duplicate entry");
        return if is_repeated { Err(error.to_string()) } else { Ok(()) };
    }
    Ok(())
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
