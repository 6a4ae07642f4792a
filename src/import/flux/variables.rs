//! The values of a Kustomization's variables: `postBuild.substitute`, and what `substituteFrom` names, if it is in the input. Values of
//! Secrets are not looked at: their keys are known, or not even these.

use std::collections::{BTreeMap, BTreeSet};

use super::envsubst::{Known, Lookup};
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// What is known of a variable's value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Value(String),
    /// A Secret has it.
    Secret(String),
}

/// The variables of a Kustomization.
#[derive(Debug, Default)]
pub(super) struct Variables {
    known: BTreeMap<String, Source>,
    /// What is not in the input and may define any variable.
    open: Vec<String>,
    /// Whether Flux substitutes anything.
    pub(super) is_on: bool,
    /// What is to be told of where values are from.
    pub(super) notes: Vec<String>,
}

/// An object that variables are from: its kind, its name, and whether it may be missing.
pub(super) fn sources(spec: &Value) -> impl Iterator<Item = (&str, &str, bool)> {
    spec.list_at(&["postBuild", "substituteFrom"]).iter().filter_map(|one| {
        let is_optional = one.get("optional").is_some_and(Value::is_true);
        Some((one.str_at(&["kind"])?, one.str_at(&["name"])?, is_optional))
    })
}

impl Variables {
    /// Those of a `spec`. `find` finds a ConfigMap or Secret in the Kustomization's namespace.
    pub(super) fn new<'o>(spec: &Value, find: impl Fn(&str, &str) -> Option<&'o Object>) -> Self {
        let mut out = Self::default();
        let Some(post) = spec.get("postBuild").and_then(Value::as_map) else { return out };
        for (kind, name, _) in sources(spec) {
            let source = format!("{kind} {name}");
            let Some(object) = find(kind, name) else {
                if !out.known.is_empty() {
                    let note = format!(
                        "{source} is not in the input, and its values could replace those of the sources before it"
                    );
                    out.notes.push(note);
                }
                out.open.push(source);
                continue;
            };
            // Values that are encrypted are as secret in a ConfigMap.
            let is_secret = kind == "Secret" || object.at(&["sops"]).is_some();
            for field in ["data", "stringData"] {
                let pairs = object.at(&[field]).and_then(Value::as_map);
                for (name, value) in pairs.into_iter().flat_map(Map::iter) {
                    let value = match (is_secret, value) {
                        (true, _) => Source::Secret(source.clone()),
                        (false, Value::Str(text)) if field == "data" => Source::Value(plain(text)),
                        _ => continue,
                    };
                    out.set(name, value);
                }
            }
        }
        for (name, value) in
            post.get("substitute").and_then(Value::as_map).into_iter().flat_map(Map::iter)
        {
            match value {
                Value::Str(text) => out.set(name, Source::Value(plain(text))),
                _ => out.notes.push(format!("`postBuild.substitute.{name}` is not a string")),
            }
        }
        let is_always = post.get("substituteStrategy").and_then(Value::as_str) == Some("Always");
        out.is_on = is_always || !out.known.is_empty() || !out.open.is_empty();
        for key in post.keys() {
            if !["substitute", "substituteFrom", "substituteStrategy"].contains(&key) {
                out.notes.push(format!("`postBuild.{key}` is not understood"));
            }
        }
        out
    }

    fn set(&mut self, name: &str, value: Source) {
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
        if name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit()) {
            self.known.insert(name.to_owned(), value);
        } else {
            self.notes.push(format!("`{name}` is not a valid variable name: Flux applies nothing"));
        }
    }

    /// Where an unknown value is.
    pub(super) fn source(&self, name: &str) -> String {
        match self.known.get(name) {
            Some(Source::Secret(source)) => source.clone(),
            _ => self.open.join(" or "),
        }
    }
}

/// Flux drops line breaks.
fn plain(text: &str) -> String {
    text.replace('\n', "")
}

/// The values during one object.
pub(super) struct Reading<'v>(pub(super) &'v Variables);

impl Lookup for Reading<'_> {
    fn find(&self, name: &str) -> Known<'_> {
        match self.0.known.get(name) {
            Some(Source::Value(value)) => Known::Value(value),
            None if self.0.open.is_empty() => Known::Unset,
            Some(Source::Secret(_)) | None => Known::Unknown,
        }
    }

    fn kept(&mut self, _: &str) {}

    fn emptied(&mut self, _: &str) {}
}

/// Names and where they stand, in words: `A` and `B`.
pub(super) fn listed(names: &BTreeSet<String>) -> String {
    let all: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::documents;

    fn objects() -> Vec<Object> {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {one: \"a\\nb\", two: from-a, both: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {two: from-b}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {token: hidden, both: hidden}\n";
        let all = documents(text).expect("YAML").into_iter();
        all.map(|value| Object::new(value).expect("an object")).collect()
    }

    fn variables(post: &str) -> Variables {
        let spec = documents(&format!("postBuild: {post}\n")).expect("YAML").pop().expect("one");
        let objects = objects();
        Variables::new(&spec, |kind, name| {
            objects.iter().find(|object| object.kind() == kind && object.name() == name)
        })
    }

    #[test]
    fn later_sources_win_and_inline_values_win_over_all() {
        let all = variables(
            "{substituteFrom: [{kind: ConfigMap, name: a}, {kind: ConfigMap, name: b}, {kind: Secret, name: s}], substitute: {both: inline}}",
        );
        let reading = Reading(&all);
        for (name, known) in [
            ("one", Known::Value("ab")),
            ("two", Known::Value("from-b")),
            ("both", Known::Value("inline")),
            ("token", Known::Unknown),
            ("gone", Known::Unset),
        ] {
            assert_eq!(reading.find(name), known, "{name}");
        }
        assert_eq!(all.source("token"), "Secret s");
        assert!(!format!("{all:?}").contains("hidden"));
    }

    #[test]
    fn what_is_not_in_the_input_may_have_any_value() {
        let all = variables(
            "{substituteFrom: [{kind: ConfigMap, name: a}, {kind: Secret, name: other, optional: true}]}",
        );
        assert_eq!(Reading(&all).find("gone"), Known::Unknown);
        assert_eq!(Reading(&all).find("one"), Known::Value("ab"));
        assert_eq!(all.source("gone"), "Secret other");
        assert_eq!(all.notes.len(), 1);
    }

    #[test]
    fn without_variables_nothing_is_substituted() {
        assert!(!variables("{}").is_on);
        assert!(!variables("{substitute: {}}").is_on);
        assert!(variables("{substituteStrategy: Always}").is_on);
        let all = variables("{substitute: {bad-name: x, n: 3}, other: x}");
        assert_eq!((all.is_on, all.notes.len()), (false, 3));
    }
}
