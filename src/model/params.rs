//! Parameters of a run: those that the spec declares, and those that gen needs where a task asks for them.

use serde::Serialize;

use super::decode::Decoder;
use crate::diagnostics::{Span, SpecError};
use crate::environment::Run;
use crate::name::Check;
use crate::yaml::{Data, Entry, Map, Node, Value};

/// What a parameter holds, as Tekton names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// A text.
    String,
    /// A list of texts.
    Array,
    /// Texts by key.
    Object,
}

impl ParamKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    fn of(value: &Value) -> Self {
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
    /// What it holds.
    pub kind: ParamKind,
    /// Its value where a run names none.
    pub default: Option<Value>,
    /// The keys of an object.
    pub keys: Vec<String>,
    /// What it is for.
    pub doc: String,
    /// gen's own: what started the run says it.
    pub built_in: bool,
}

/// Parameters that gen fills in itself: name, what it is for. `revision` is always there, the others where a task asks.
pub(super) const BUILT_IN: [(&str, &str); 4] = [
    ("revision", "The branch, tag or commit to build."),
    ("branch", "The branch that the run builds; empty for a tag."),
    (
        "event",
        "What started the run: push, tag, pull-request or manual.",
    ),
    (
        "before",
        "The commit to which changed paths are compared; empty: the one before.",
    ),
];

impl RunParam {
    pub(super) fn built_in(name: &str, default: &str) -> Self {
        let doc = BUILT_IN
            .iter()
            .find(|(other, _)| *other == name)
            .map_or("", |(_, doc)| doc);
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

    /// What a person typed, as the value that it stands for: a text as it is; a list as JSON, or with commas; an object as JSON.
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
                        return Err("must be a commit: 40 hexadecimal digits".to_owned());
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
                .ok_or("must be a JSON list of texts, or texts with commas between")?,
            ParamKind::Array => Value::Seq(
                text.split(',')
                    .map(|item| Value::from(item.trim()))
                    .collect(),
            ),
            ParamKind::Object => json()
                .map(Value::from)
                .ok_or("must be a JSON object of texts")?,
        };
        self.check(&value)?;
        Ok(value)
    }

    /// Whether a value is one for this parameter.
    fn check(&self, value: &Value) -> Result<(), String> {
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
                    Some(key) => Err(format!("needs the key `{key}`")),
                    None => Ok(()),
                }
            }
            (ParamKind::String, _) => Err("must be a text".to_owned()),
            (ParamKind::Array, _) => Err("must be a list of texts".to_owned()),
            (ParamKind::Object, _) => Err("must hold texts by key".to_owned()),
        }
    }
}

/// Whether a text is a whole commit's name, by SHA-1 or SHA-256.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The parameters that the spec declares.
pub(super) fn read(d: &mut Decoder<'_>) -> Vec<RunParam> {
    let mut params = Vec::new();
    for entry in d.app.entries("params") {
        match one(entry) {
            Ok(param) => {
                if let Some(problem) = refused(d, &param) {
                    let name = param.name.clone();
                    d.problems
                        .error(entry.key_span, SpecError::BadRunParam { name, problem });
                }
                params.push(param);
            }
            Err((span, problem)) => {
                let name = entry.key.clone();
                d.problems
                    .error(span, SpecError::BadRunParam { name, problem });
            }
        }
    }
    params
}

/// Whether the declaration can be, in this environment.
fn refused(d: &Decoder<'_>, param: &RunParam) -> Option<String> {
    if BUILT_IN.iter().any(|(name, _)| *name == param.name) {
        return Some("is gen's own".to_owned());
    }
    let environment = d.context.environment;
    let starts = match environment.run {
        Run::Webhook => "a webhook",
        Run::Commit => "a commit",
        Run::None => return None,
    };
    (param.default.is_none()).then(|| {
        format!(
            "has no default, and in `{}` {starts} starts runs and names none",
            environment.name
        )
    })
}

fn one(entry: &Entry) -> Result<RunParam, (Span, String)> {
    let node = &entry.value;
    let text = |key: &str| {
        node.get(key)
            .and_then(Node::scalar)
            .map(|scalar| scalar.text.clone())
    };
    let long = matches!(node.data, Data::Map(_));
    let written = if long {
        node.get("default")
    } else {
        Some(node)
    };
    let default = written
        .map(texts)
        .transpose()
        .map_err(|span| (span, "holds something that is no text".to_owned()))?;
    let kind = match text("type").filter(|_| long).as_deref() {
        Some("string") => ParamKind::String,
        Some("array") => ParamKind::Array,
        Some("object") => ParamKind::Object,
        _ => default.as_ref().map_or(ParamKind::String, ParamKind::of),
    };
    let mut keys: Vec<String> = node
        .get("keys")
        .filter(|_| long)
        .and_then(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| Some(item.scalar()?.text.clone()))
        .collect();
    if let (true, Some(Value::Map(map))) = (keys.is_empty(), &default) {
        keys = map.keys().map(str::to_owned).collect();
    }
    if kind == ParamKind::Object {
        if keys.is_empty() {
            return Err((node.span, "is an object without `keys`".to_owned()));
        }
        if let Some(key) = keys.iter().find(|key| Check::ParamName.test(key).is_err()) {
            return Err((
                node.span,
                format!("has the key `{key}`, which Tekton does not take"),
            ));
        }
    }
    let param = RunParam {
        name: entry.key.clone(),
        kind,
        default,
        keys,
        doc: text("doc").filter(|_| long).unwrap_or_default(),
        built_in: false,
    };
    if let (Some(default), Some(written)) = (&param.default, written) {
        let whole = RunParam {
            default: None,
            ..param.clone()
        };
        whole.check(default).map_err(|problem| {
            let problem = format!("has a default that is none: it {problem}");
            (written.span, problem)
        })?;
        if let Some(found) = super::tekton::tekton_variable(&default.canonical_json()) {
            return Err((
                written.span,
                format!("holds `{found}`, which Tekton would replace"),
            ));
        }
    }
    Ok(param)
}

/// A default as texts: `8080` and `yes` stay what they look like.
fn texts(node: &Node) -> Result<Value, Span> {
    let scalar = |node: &Node| {
        node.scalar()
            .map(|s| Value::from(s.text.as_str()))
            .ok_or(node.span)
    };
    Ok(match &node.data {
        Data::Scalar(_) => scalar(node)?,
        Data::Seq(items) => Value::Seq(items.iter().map(scalar).collect::<Result<_, _>>()?),
        Data::Map(entries) => {
            let mut map = Map::default();
            for entry in entries {
                map.push(entry.key.as_str(), scalar(&entry.value)?);
            }
            Value::Map(map)
        }
    })
}
