//! The target of a patch.

use std::fmt::Write as _;

use crate::diagnostics::{Diagnostics, SpecError};
use crate::kubernetes::near;
use crate::kubernetes::split_api;
use crate::yaml::{Map, Node, Value};

/// The conditions for a patch to apply to an object. Anything not set matches all; names can contain `*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The API group; empty for Kubernetes' core.
    pub group: Option<String>,
    /// The version within the group.
    pub version: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The required labels.
    pub labels: Vec<Requirement>,
}

/// One condition on labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// The label exists.
    Has(String),
    /// The label has this value.
    Is(String, String),
}

const KEYS: [&str; 6] = ["group", "version", "kind", "name", "namespace", "labels"];

impl Target {
    /// Reads the mapping under `target:`.
    pub(super) fn read(node: &Node, problems: &mut Diagnostics) -> Self {
        let mut target = Self::default();
        let Some(entries) = node.entries() else {
            wrong_type(problems, node, "patches.target", "a mapping");
            return target;
        };
        for entry in entries {
            let slot = match entry.key.as_str() {
                "group" => &mut target.group,
                "version" => &mut target.version,
                "kind" => &mut target.kind,
                "name" => &mut target.name,
                "namespace" => &mut target.namespace,
                "labels" => {
                    target.labels = read_labels(&entry.value, problems);
                    continue;
                }
                unknown => {
                    let error = SpecError::UnknownKey {
                        key: unknown.to_owned(),
                        place: "the target of a patch".to_owned(),
                        hint: near::hint(unknown, &KEYS),
                    };
                    problems.error(entry.key_span, error);
                    continue;
                }
            };
            *slot = text(&entry.value);
            if slot.is_none() {
                let path = format!("patches.target.{}", entry.key);
                wrong_type(problems, &entry.value, &path, "a string");
            }
        }
        // A target without conditions on the object itself would patch all of them, which nobody intends.
        let says_what = ["kind", "name", "labels"].iter().any(|key| node.get(key).is_some());
        if !says_what && problems.is_empty() {
            let error = SpecError::Missing {
                path: "patches.target.kind".to_owned(),
                place: "this target, which has neither `name` nor `labels`".to_owned(),
            };
            problems.error(node.span, error);
        }
        target
    }

    /// Whether an object matches.
    #[must_use]
    pub fn matches(
        &self,
        api: &str,
        kind: &str,
        namespace: &str,
        name: &str,
        labels: Option<&Map>,
    ) -> bool {
        let (group, version) = split_api(api);
        let wanted = [
            (&self.group, group),
            (&self.version, version),
            (&self.kind, kind),
            (&self.namespace, namespace),
            (&self.name, name),
        ];
        let agrees = |(pattern, text): (&Option<String>, &str)| {
            pattern.as_deref().is_none_or(|pattern| glob(pattern, text))
        };
        wanted.into_iter().all(agrees)
            && self.labels.iter().all(|requirement| match requirement {
                Requirement::Has(key) => labels.is_some_and(|labels| labels.contains_key(key)),
                Requirement::Is(key, value) => {
                    let found = labels.and_then(|labels| labels.get(key)?.as_str());
                    found.is_some_and(|found| glob(value, found))
                }
            })
    }

    /// The same for an object as it will be written.
    #[must_use]
    pub fn matches_object(&self, object: &Value) -> bool {
        self.matches_named(object, object.str_at(&["metadata", "name"]).unwrap_or_default())
    }

    /// The same for an object that gets this name.
    pub(super) fn matches_named(&self, object: &Value, name: &str) -> bool {
        let text = |keys: &[&str]| object.str_at(keys).unwrap_or_default();
        let labels = object.at(&["metadata", "labels"]).and_then(Value::as_map);
        self.matches(
            text(&["apiVersion"]),
            text(&["kind"]),
            text(&["metadata", "namespace"]),
            name,
            labels,
        )
    }

    /// Whether an object of a kind can match.
    #[must_use]
    pub fn allows_kind(&self, kind: &str) -> bool {
        self.kind.as_deref().is_none_or(|pattern| glob(pattern, kind))
    }

    /// A description of the target: ``a Deployment named `orders` ``.
    #[must_use]
    pub fn describe(&self) -> String {
        let kind = self.kind.as_deref().unwrap_or("object");
        let article = if kind.starts_with(['A', 'E', 'I', 'O', 'o']) { "an" } else { "a" };
        let mut out = format!("{article} {kind}");
        let api: Vec<&str> = [&self.group, &self.version]
            .into_iter()
            .filter_map(Option::as_deref)
            .filter(|part| !part.is_empty())
            .collect();
        if !api.is_empty() {
            let _ = write!(out, " of `{}`", api.join("/"));
        }
        if let Some(name) = &self.name {
            let verb = if name.contains('*') { "named like" } else { "named" };
            let _ = write!(out, " {verb} `{name}`");
        }
        if let Some(namespace) = &self.namespace {
            let _ = write!(out, " in the namespace `{namespace}`");
        }
        if !self.labels.is_empty() {
            let labels: Vec<String> = self.labels.iter().map(ToString::to_string).collect();
            let _ = write!(out, " with the labels `{}`", labels.join(","));
        }
        out
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Has(key) => f.write_str(key),
            Self::Is(key, value) => write!(f, "{key}={value}"),
        }
    }
}

/// Labels as a mapping, or as a kubectl selector: `tier=web,canary`.
fn read_labels(node: &Node, problems: &mut Diagnostics) -> Vec<Requirement> {
    const WANT: &str = "a mapping of labels, or `key=value` and `key` separated by commas";
    let mut requirements = Vec::new();
    if let Some(entries) = node.entries() {
        for entry in entries {
            match text(&entry.value) {
                Some(value) => requirements.push(Requirement::Is(entry.key.clone(), value)),
                None => wrong_type(problems, &entry.value, "patches.target.labels", "strings"),
            }
        }
        return requirements;
    }
    for part in text(node).as_deref().unwrap_or_default().split(',') {
        let (key, value) = match part.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim_start_matches('=').trim())),
            None => (part.trim(), None),
        };
        let legal = |c: char| c.is_ascii_alphanumeric() || "-_./*".contains(c);
        if key.is_empty() || !key.chars().chain(value.unwrap_or_default().chars()).all(legal) {
            wrong_type(problems, node, "patches.target.labels", WANT);
            return Vec::new();
        }
        requirements.push(match value {
            Some(value) => Requirement::Is(key.to_owned(), value.to_owned()),
            None => Requirement::Has(key.to_owned()),
        });
    }
    requirements
}

fn text(node: &Node) -> Option<String> {
    match node.to_value() {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

pub(super) fn wrong_type(problems: &mut Diagnostics, node: &Node, path: &str, want: &str) {
    let found = text(node)
        .map_or_else(|| node.describe().to_owned(), |text| format!("the string `{text}`"));
    let error = SpecError::WrongType { path: path.to_owned(), want: want.to_owned(), found };
    problems.error(node.span, error);
}

/// Whether a string matches a pattern, in which `*` matches any characters.
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
