//! Parameters: what is declared, and what is given.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::scope::{has, is_set, items, text, texts};
use crate::yaml::{Map, Value};

/// A value that is given to a parameter. What is neither a text nor a list or mapping of texts Tekton keeps as the text of its JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given<'a> {
    Text(Cow<'a, str>),
    List(Vec<&'a str>),
    Map(BTreeMap<&'a str, &'a str>),
}

impl<'a> Given<'a> {
    /// Of a value as written.
    pub(super) fn of(value: &'a Value) -> Self {
        fn texts(value: &Value) -> Option<&str> {
            if *value == Value::Null { Some("") } else { value.as_str() }
        }
        let kept = match value {
            Value::Null => return Self::Text(Cow::Borrowed("")),
            Value::Str(text) => return Self::Text(Cow::Borrowed(text)),
            Value::Seq(items) => items.iter().map(texts).collect::<Option<_>>().map(Self::List),
            Value::Map(map) => {
                let map = map.iter().map(|(key, value)| Some((key, texts(value)?)));
                map.collect::<Option<_>>().map(Self::Map)
            }
            _ => None,
        };
        kept.unwrap_or_else(|| Self::Text(Cow::Owned(value.to_string())))
    }

    /// Its type.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }

    /// All its texts, with their paths behind that of the value.
    pub(super) fn texts(&self) -> Vec<(String, &str)> {
        match self {
            Self::Text(text) => vec![(String::new(), text)],
            Self::List(all) => {
                all.iter().enumerate().map(|(at, text)| (format!("[{at}]"), *text)).collect()
            }
            Self::Map(map) => map.iter().map(|(key, text)| (format!(".{key}"), *text)).collect(),
        }
    }
}

/// A parameter that is given: its name, value, and path.
#[derive(Debug, Clone)]
pub(super) struct Param<'a> {
    pub(super) name: &'a str,
    pub(super) value: Given<'a>,
    pub(super) at: String,
}

/// The parameters that are given under a key.
pub(super) fn given<'a>(value: &'a Value, key: &str, at: &str) -> Vec<Param<'a>> {
    let all = items(value, key).iter().enumerate();
    all.map(|(index, param)| Param {
        name: text(param, "name"),
        value: Given::of(param.get("value").unwrap_or(&Value::Null)),
        at: format!("{at}{}{key}[{index}]", dot(at)),
    })
    .collect()
}

fn dot(at: &str) -> &'static str {
    if at.is_empty() { "" } else { "." }
}

/// A parameter that is declared.
#[derive(Debug, Clone)]
pub(super) struct Spec<'a> {
    pub(super) name: &'a str,
    /// Its type, as Tekton's defaults make it; not always a right one.
    pub(super) kind: &'a str,
    /// The keys of an object, with their types.
    pub(super) properties: Option<BTreeMap<&'a str, &'a str>>,
    pub(super) default: Option<Given<'a>>,
    pub(super) choices: Vec<&'a str>,
    pub(super) at: String,
}

/// The parameters that are declared under `params`.
pub(super) fn declared<'a>(spec: &'a Value, at: &str) -> Vec<Spec<'a>> {
    let all = items(spec, "params").iter().enumerate();
    all.map(|(index, param)| Spec::of(param, format!("{at}{}params[{index}]", dot(at)))).collect()
}

/// The type of a declaration.
pub(super) fn kind_of(declared: &Value) -> &str {
    match text(declared, "type") {
        "" if is_set(declared, "properties") => "object",
        "" => match declared.get("default") {
            None | Some(Value::Null) => "string",
            Some(value) => Given::of(value).kind(),
        },
        kind => kind,
    }
}

impl<'a> Spec<'a> {
    /// Of a declaration.
    fn of(param: &'a Value, at: String) -> Self {
        let default = param.get("default").filter(|value| **value != Value::Null).map(Given::of);
        let kind = kind_of(param);
        Self {
            name: text(param, "name"),
            kind,
            properties: has(param, "properties").then(|| properties(param)),
            default,
            choices: texts(param, "enum"),
            at,
        }
    }

    /// Of a value that a run gives.
    pub(super) fn of_given(param: &Param<'a>) -> Self {
        let properties = match &param.value {
            Given::Map(map) => Some(map.keys().map(|key| (*key, "string")).collect()),
            _ => None,
        };
        Self {
            name: param.name,
            kind: param.value.kind(),
            properties,
            default: Some(param.value.clone()),
            choices: Vec::new(),
            at: param.at.clone(),
        }
    }

    pub(super) fn keys(&self) -> BTreeSet<&'a str> {
        self.properties.iter().flat_map(|map| map.keys().copied()).collect()
    }
}

/// The keys of an object with their types, which are strings if nothing else is written.
pub(super) fn properties(of: &Value) -> BTreeMap<&str, &str> {
    let map = of.get("properties").and_then(Value::as_map);
    let all = map.into_iter().flat_map(Map::iter);
    all.map(|(key, value)| {
        let kind = value.str_at(&["type"]).filter(|kind| !kind.is_empty());
        (key, kind.unwrap_or("string"))
    })
    .collect()
}

/// The names of the parameters of a type.
pub(super) fn named<'a>(params: &[Spec<'a>], kind: &str) -> BTreeSet<&'a str> {
    params.iter().filter(|param| param.kind == kind).map(|param| param.name).collect()
}

/// The names of all parameters.
pub(super) fn all_names<'a>(params: &[Spec<'a>]) -> BTreeSet<&'a str> {
    params.iter().map(|param| param.name).collect()
}
