//! Which objects a patch is for: expressions for kind, name and the like, and selectors of labels and annotations.

use std::collections::BTreeMap;

use regex::Regex;

use crate::import::world::pairs;
use crate::kubernetes::Object;
use crate::yaml::Value;

/// The target of a patch.
#[derive(Debug)]
pub(super) struct Target {
    fields: Vec<(Field, Regex)>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

type Field = fn(&Object) -> &str;

/// The fields that an expression may be for.
const FIELDS: [(&str, Field); 5] = [
    ("group", Object::group),
    ("version", |object| object.api_version().rsplit('/').next().unwrap_or_default()),
    ("kind", Object::kind),
    ("name", Object::name),
    ("namespace", |object| object.namespace().unwrap_or_default()),
];

impl Target {
    /// Reads a target.
    ///
    /// # Errors
    /// An expression that is none, a selector that is none, or a key that is not known.
    pub(super) fn new(target: &Value) -> Result<Self, String> {
        let mut out = Self { fields: Vec::new(), labels: Vec::new(), annotations: Vec::new() };
        for (key, value) in target.as_map().into_iter().flat_map(crate::yaml::Map::iter) {
            let text = value.as_str().unwrap_or_default();
            match key {
                "labelSelector" => out.labels = requirements(text)?,
                "annotationSelector" => out.annotations = requirements(text)?,
                key => {
                    let (_, field) = FIELDS
                        .iter()
                        .find(|(name, _)| *name == key)
                        .ok_or_else(|| format!("`target.{key}` is not understood"))?;
                    if !text.is_empty() {
                        // kustomize wants all of the text to match.
                        let whole = Regex::new(&format!("^(?:{text})$"))
                            .map_err(|_| format!("`{text}` in `target` is not an expression"))?;
                        out.fields.push((*field, whole));
                    }
                }
            }
        }
        Ok(out)
    }

    /// Whether an object is meant.
    pub(super) fn meets(&self, object: &Object) -> bool {
        let own = |field: &str| -> BTreeMap<String, String> {
            pairs(object.value(), &["metadata", field]).into_iter().collect()
        };
        let (labels, annotations) = (own("labels"), own("annotations"));
        self.fields.iter().all(|(field, whole)| whole.is_match(field(object)))
            && self.labels.iter().all(|one| one.meets(&labels))
            && self.annotations.iter().all(|one| one.meets(&annotations))
    }
}

/// A part of a selector.
#[derive(Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    /// The values of which it has one; none if any will do.
    values: Option<Vec<String>>,
    is_negated: bool,
}

impl Requirement {
    fn meets(&self, own: &BTreeMap<String, String>) -> bool {
        let found = own.get(&self.key);
        let is_met = match (&self.values, found) {
            (None, found) => found.is_some(),
            (Some(values), Some(found)) => values.contains(found),
            (Some(_), None) => false,
        };
        is_met != self.is_negated
    }
}

/// `a=b, c!=d, e in (f, g), h notin (i), j, !k`.
fn requirements(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            requirement(part).ok_or_else(|| format!("`{part}` in `target` is not understood"))
        })
        .collect()
}

fn requirement(part: &str) -> Option<Requirement> {
    let is_key = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    };
    let made = |key: &str, values: Option<Vec<String>>, is_negated: bool| {
        let key = key.trim().to_owned();
        is_key(&key).then_some(Requirement { key, values, is_negated })
    };
    if let Some((start, list)) = part.strip_suffix(')').and_then(|part| part.split_once('(')) {
        let (key, word) = start.trim().rsplit_once(char::is_whitespace)?;
        let values = list.split(',').map(|value| value.trim().to_owned()).collect();
        let is_negated = match word {
            "in" => false,
            "notin" => true,
            _ => return None,
        };
        return made(key, Some(values), is_negated);
    }
    if let Some((key, value)) = part.split_once("!=") {
        return made(key, Some(vec![value.trim().to_owned()]), true);
    }
    if let Some((key, value)) = part.split_once('=') {
        let value = value.trim_start_matches('=').trim();
        return made(key, Some(vec![value.to_owned()]), false);
    }
    match part.strip_prefix('!') {
        Some(key) => made(key, None, true),
        None => made(part, None, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::documents;

    fn meets(target: &str) -> Result<bool, String> {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-a, namespace: shop, labels: {app: web, tier: front}, annotations: {a/b: c}}\n";
        let value = documents(text).expect("YAML").pop().expect("one");
        let target = documents(target).expect("YAML").pop().expect("one");
        Ok(Target::new(&target)?.meets(&Object::new(value).expect("an object")))
    }

    #[test]
    fn targets_are_kustomize_s() {
        for (target, expected) in [
            ("{kind: Deployment}", true),
            ("{kind: Deploy}", false),
            ("{kind: \"Deploy.*\", name: \"(web|api)-a\"}", true),
            ("{name: web}", false),
            ("{group: apps, version: v1, namespace: sho.}", true),
            ("{group: batch}", false),
            ("{name: \"\"}", true),
            ("{labelSelector: \"app=web, tier == front\"}", true),
            ("{labelSelector: app!=web}", false),
            ("{labelSelector: gone!=web}", true),
            ("{labelSelector: \"tier in (back, front),app\"}", true),
            ("{labelSelector: \"tier notin (front)\"}", false),
            ("{labelSelector: \"gone notin (front)\"}", true),
            ("{labelSelector: \"!gone\"}", true),
            ("{labelSelector: \"!app\"}", false),
            ("{annotationSelector: a/b=c}", true),
        ] {
            assert_eq!(meets(target), Ok(expected), "{target}");
        }
        for target in [
            "{name: \"(\"}",
            "{labelSelector: \"a among (b)\"}",
            "{labelSelector: \"a b\"}",
            "{other: x}",
        ] {
            assert!(meets(target).is_err(), "{target}");
        }
    }
}
