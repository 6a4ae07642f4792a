//! Parameters of a run, as declared in the spec.

use super::decoder::Decoder;
use super::tekton::tekton_variable;
use crate::diagnostics::{Span, SpecError};
use crate::environment::Run;
use crate::model::{BUILT_IN, ParamKind, RunParam};
use crate::name::{Check, word};
use crate::yaml::{Data, Entry, Node, Value};

pub(super) fn read(d: &mut Decoder<'_>) -> Vec<RunParam> {
    let mut params = Vec::new();
    for entry in d.app.entries("params") {
        let read = one(entry);
        let problem = match &read {
            Ok(param) => refused(d, param).map(|problem| (entry.key_span, problem)),
            Err(problem) => Some(problem.clone()),
        };
        if let Some((span, problem)) = problem {
            let name = entry.key.clone();
            d.error(span, SpecError::BadRunParam { name, problem });
        }
        params.extend(read.ok());
    }
    params
}

/// Why the declaration is not allowed in this environment.
fn refused(d: &Decoder<'_>, param: &RunParam) -> Option<String> {
    if BUILT_IN.iter().any(|(name, _)| *name == param.name) {
        return Some("is reserved by gen".to_owned());
    }
    let environment = d.context.environment;
    let starts = match environment.run {
        Run::Webhook => "a webhook",
        Run::Commit => "a commit",
        Run::None => return None,
    };
    let name = &environment.name;
    (param.default.is_none())
        .then(|| format!("has no default, and {starts} starts runs in `{name}` without setting it"))
}

/// A declaration: a default, or `{type, default, doc, keys}`.
fn one(entry: &Entry) -> Result<RunParam, (Span, String)> {
    let node = &entry.value;
    let long = matches!(node.data, Data::Map(_)).then_some(node);
    let text = |key: &str| long?.get(key)?.as_str();
    let written = long.map_or(Some(node), |node| node.get("default"));
    let default = written
        .map(texts)
        .transpose()
        .map_err(|span| (span, "contains a value that is not a string".to_owned()))?;
    let of_default = || default.as_ref().map_or(ParamKind::String, ParamKind::of);
    let kind = text("type").and_then(word).unwrap_or_else(of_default);
    let keys = long.and_then(|node| node.get("keys"));
    let mut keys = keys.map(Node::texts).unwrap_or_default();
    if let (true, Some(Value::Map(map))) = (keys.is_empty(), &default) {
        keys = map.keys().map(str::to_owned).collect();
    }
    if kind == ParamKind::Object {
        if keys.is_empty() {
            return Err((node.span, "is an object without `keys`".to_owned()));
        }
        if let Some(key) = keys.iter().find(|key| Check::ParamName.test(key).is_err()) {
            let problem = format!("has the key `{key}`, which Tekton rejects");
            return Err((node.span, problem));
        }
        let twice = keys.iter().enumerate().find(|(at, key)| keys[..*at].contains(key));
        if let Some((_, key)) = twice {
            return Err((node.span, format!("has the key `{key}` twice")));
        }
    }
    let mut param = RunParam {
        name: entry.key.clone(),
        kind,
        default: None,
        keys,
        doc: text("doc").unwrap_or_default().to_owned(),
        built_in: false,
    };
    if let (Some(default), Some(written)) = (&default, written) {
        param.check(default).map_err(|problem| {
            let problem = format!("has an invalid default: it {problem}");
            (written.span, problem)
        })?;
        if let Some(found) = tekton_variable(&default.canonical_json()) {
            let problem = format!("contains `{found}`, which Tekton would replace");
            return Err((written.span, problem));
        }
    }
    param.default = default;
    Ok(param)
}

/// A default as strings: `8080` and `yes` stay what they look like.
fn texts(node: &Node) -> Result<Value, Span> {
    let text = |node: &Node| node.as_str().map(Value::from).ok_or(node.span);
    Ok(match &node.data {
        Data::Scalar(_) => text(node)?,
        Data::Seq(items) => Value::Seq(items.iter().map(text).collect::<Result<_, _>>()?),
        Data::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| Ok((entry.key.as_str(), text(&entry.value)?)))
                .collect::<Result<_, _>>()?,
        ),
    })
}
