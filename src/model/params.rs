//! Parameters of a run: those declared in the spec, and built-in ones that some task uses.

use serde::{Deserialize, Serialize};

use crate::name::Check;
use crate::yaml::{Map, Value};

/// The type of a parameter, named as in Tekton.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// A string.
    String,
    /// A list of strings.
    Array,
    /// Strings by key.
    Object,
}

impl ParamKind {
    /// Tekton's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The type that fits a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Seq(_) => Self::Array,
            Value::Map(_) => Self::Object,
            _ => Self::String,
        }
    }
}

/// A parameter of a run.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct RunParam {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ParamKind,
    /// Its value if a run sets none.
    pub default: Option<Value>,
    /// The keys of an object.
    pub keys: Vec<String>,
    /// A description.
    pub doc: String,
    /// Built in: set by whatever starts the run.
    pub built_in: bool,
}

/// Parameters that gen sets itself: name and description. `revision` always exists, the others if a task uses them.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("revision", "The branch, tag or commit to build."),
    ("branch", "The branch that the run builds; empty for a tag."),
    ("event", "What started the run: push, tag, pull-request or manual."),
    ("before", "The commit to which changed paths are compared; empty: the one before."),
];

impl RunParam {
    /// Whether Kubernetes reads a value otherwise where the run puts it into a variable: `$$`, or `$(NAME)`.
    #[must_use]
    pub fn is_expanded(value: &Value) -> bool {
        let text = value.canonical_json();
        text.contains("$$") || text.split_once("$(").is_some_and(|(_, rest)| rest.contains(')'))
    }

    /// One of [`BUILT_IN`], with its default.
    #[must_use]
    pub fn built_in(name: &str, default: &str) -> Self {
        let doc = BUILT_IN.iter().find(|(other, _)| *other == name).map_or("", |(_, doc)| doc);
        Self {
            name: name.to_owned(),
            kind: ParamKind::String,
            default: Some(default.into()),
            keys: Vec::new(),
            doc: doc.to_owned(),
            built_in: true,
        }
    }

    /// As a Pipeline declares it.
    #[must_use]
    pub fn declaration(&self) -> Value {
        let mut map = Map::default();
        map.push("name", self.name.as_str());
        if !self.doc.is_empty() {
            map.push("description", self.doc.as_str());
        }
        map.push("type", self.kind.word());
        if self.kind == ParamKind::Object {
            let mut properties = Map::default();
            for key in &self.keys {
                properties.push(key.as_str(), Value::from([("type", "string".into())]));
            }
            map.push("properties", Value::Map(properties));
        }
        if let Some(default) = &self.default {
            map.push("default", default.clone());
        }
        Value::Map(map)
    }

    /// The value of an argument: a string as it is; a list as JSON or separated by commas; an object as JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let json = || serde_json::from_str::<serde_json::Value>(text).ok();
        let value = match self.kind {
            ParamKind::String => {
                match self.name.as_str() {
                    "event" if !["push", "tag", "pull-request", "manual"].contains(&text) => {
                        return Err("must be push, tag, pull-request or manual".to_owned());
                    }
                    "before" if !text.is_empty() && !is_commit(text) => {
                        return Err("must be a commit, as 40 hexadecimal digits".to_owned());
                    }
                    "revision" | "branch"
                        if self.built_in && !(text.is_empty() && self.name == "branch") =>
                    {
                        Check::GitRef
                            .test(text)
                            .map_err(|_| "must be a branch, tag or commit".to_owned())?;
                    }
                    _ => {}
                }
                Value::from(text)
            }
            ParamKind::Array if text.starts_with('[') => json()
                .map(Value::from)
                .ok_or("must be a JSON list of strings, or strings separated by commas")?,
            ParamKind::Array => {
                Value::Seq(text.split(',').map(|item| Value::from(item.trim())).collect())
            }
            ParamKind::Object => {
                json().map(Value::from).ok_or("must be a JSON object of strings")?
            }
        };
        self.check(&value)?;
        Ok(value)
    }

    /// Checks that a value has the type of this parameter.
    ///
    /// # Errors
    /// The problem, as the end of a sentence.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let is_text = |value: &Value| value.as_str().is_some();
        match (self.kind, value) {
            (ParamKind::String, Value::Str(_)) => Ok(()),
            (ParamKind::Array, Value::Seq(items)) if items.iter().all(is_text) => Ok(()),
            (ParamKind::Object, Value::Map(map)) if map.iter().all(|(_, value)| is_text(value)) => {
                if let Some(key) = map.keys().find(|key| !self.keys.iter().any(|k| k == key)) {
                    return Err(format!("has no key `{key}`"));
                }
                let given = |key: &String| {
                    map.contains_key(key)
                        || self.default.as_ref().is_some_and(|d| d.get(key).is_some())
                };
                match self.keys.iter().find(|key| !given(key)) {
                    Some(key) => Err(format!("requires the key `{key}`")),
                    None => Ok(()),
                }
            }
            (ParamKind::String, _) => Err("must be a string".to_owned()),
            (ParamKind::Array, _) => Err("must be a list of strings".to_owned()),
            (ParamKind::Object, _) => Err("must be a mapping of strings".to_owned()),
        }
    }
}

/// Whether a string is a full commit ID, by SHA-1 or SHA-256.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
