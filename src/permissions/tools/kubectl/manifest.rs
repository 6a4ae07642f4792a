//! Manifests in a here-document: which objects they are. Unknown parts may stand anywhere but in what identifies an object.

use crate::diagnostics::FileId;
use crate::permissions::tools::need::{ANYTHING, Kind, UNKNOWN, known};
use crate::yaml::{Limits, Value, read_documents};

/// What identifies an object of a manifest.
#[derive(Debug)]
pub(super) struct Object {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its name; none if the server makes it.
    pub(super) name: Option<String>,
    /// Its namespace, if the manifest says it.
    pub(super) namespace: Option<String>,
}

/// The objects of a text.
pub(super) fn read(text: &str) -> Result<Vec<Object>, String> {
    let marks = [UNKNOWN, ANYTHING];
    // A line that is nothing else may be a whole document.
    if text.lines().any(|line| line.contains(marks) && line.trim().chars().count() == 1) {
        return Err("a line of its manifest is only known when it runs".to_owned());
    }
    let limits = Limits { depth: 64, nodes: 20_000 };
    let documents = read_documents(FileId::BUILT_IN, text, limits).map_err(|problems| {
        let first = problems.iter().next().map(|problem| problem.kind.to_string());
        format!("its manifest cannot be read: {}", first.unwrap_or_default())
    })?;
    let mut objects = Vec::new();
    for document in &documents {
        if !document.is_null() {
            object(&document.to_value(), &mut objects)?;
        }
    }
    if objects.is_empty() {
        return Err("its manifest holds no object".to_owned());
    }
    Ok(objects)
}

fn object(value: &Value, objects: &mut Vec<Object>) -> Result<(), String> {
    let text = |keys: &[&str]| -> Result<Option<String>, String> {
        match value.at(keys) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Str(text)) if known(text).is_some() => Ok(Some(text.clone())),
            Some(Value::Str(_)) => {
                Err(format!("`{}` of its manifest is only known when it runs", keys.join(".")))
            }
            Some(_) => Err(format!("`{}` of its manifest is no text", keys.join("."))),
        }
    };
    let map = value.as_map().ok_or("its manifest holds something that is no object")?;
    if map.iter().any(|(key, _)| known(key).is_none()) {
        return Err("a key of its manifest is only known when it runs".to_owned());
    }
    let (Some(version), Some(kind)) = (text(&["apiVersion"])?, text(&["kind"])?) else {
        return Err("its manifest has no `apiVersion` or no `kind`".to_owned());
    };
    if value.get("metadata").is_some_and(|metadata| metadata.as_map().is_none()) {
        return Err("`metadata` of its manifest is no mapping that gen can read".to_owned());
    }
    if kind == "List" && version == "v1" {
        let Some(items) = value.get("items").and_then(Value::as_seq) else {
            return Err("`items` of its manifest is no list that gen can read".to_owned());
        };
        return items.iter().try_for_each(|item| object(item, objects));
    }
    objects.push(Object {
        kind: Kind::of_manifest(&version, &kind)?,
        name: text(&["metadata", "name"])?,
        namespace: text(&["metadata", "namespace"])?,
    });
    Ok(())
}
