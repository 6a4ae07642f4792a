//! From text to objects, as kubectl reads it.

use std::sync::Arc;

use super::finding::Within;
use super::objects::Item;
use crate::kubernetes::{Object, documents_as_applied};
use crate::yaml::Value;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its objects.
    pub items: Vec<Item>,
    /// Documents that are no object of Kubernetes, with their places in the file, from 0.
    pub others: Vec<(usize, Value)>,
    /// What is wrong with documents that are meant to be one.
    pub problems: Vec<String>,
}

/// Reads the objects of a file.
///
/// # Errors
/// Text that is neither YAML nor JSON.
pub fn parse(file: &Arc<str>, text: &str) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    for (document, value) in documents_as_applied(text)?.into_iter().enumerate() {
        take(&mut parsed, file, value, Within { document, path: String::new() });
    }
    Ok(parsed)
}

fn take(parsed: &mut Parsed, file: &Arc<str>, value: Value, within: Within) {
    let is_text = |key: &str| value.str_at(&[key]).is_some_and(|text| !text.is_empty());
    if !is_text("apiVersion") || !is_text("kind") {
        // A chart has a version of an API and no kind; what has a body, too, was meant to be an object.
        let is_meant = ["metadata", "spec"].iter().any(|key| value.get(key).is_some());
        let lacks = if is_text("kind") { "apiVersion" } else { "kind" };
        if is_meant && (is_text("kind") || is_text("apiVersion")) {
            parsed.problems.push(format!("document {}: missing `{lacks}`", within.document + 1));
        } else {
            parsed.others.push((within.document, value));
        }
        return;
    }
    // What kustomize reads is for it, and has no name.
    if value.str_at(&["apiVersion"]).is_some_and(|api| api.starts_with("kustomize.config.k8s.io/"))
    {
        parsed.others.push((within.document, value));
        return;
    }
    let is_list = value.str_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"));
    if let Some(items) = value.get("items").and_then(Value::as_seq).filter(|_| is_list) {
        for (index, item) in items.iter().enumerate() {
            let dot = if within.path.is_empty() { "" } else { "." };
            let path = format!("{}{dot}items[{index}]", within.path);
            take(parsed, file, item.clone(), Within { document: within.document, path });
        }
        return;
    }
    match Object::new(value) {
        Ok(object) => parsed.items.push(Item { object, file: file.clone(), within }),
        Err(problem) => {
            parsed.problems.push(format!("document {}: {problem}", within.document + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_yaml_has_an_end() {
        for text in [
            "{{ template }}: [\n",
            "{{- if .Values.x }}\nkind: Pod\n{{- end }}\n",
            "a: [\n---\nb: 1\n",
        ] {
            assert!(parse(&Arc::from("x.yaml"), text).is_err(), "{text}");
        }
    }
}
