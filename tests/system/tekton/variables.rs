//! `$(…)` in texts, as Tekton finds them: there is no way to escape one (pkg/substitution).

use serde_json::Value;

/// What stands between `$(` and `)`, in order.
pub fn variables(text: &str) -> Vec<&str> {
    text.match_indices("$(")
        .filter_map(|(at, _)| {
            let inner = &text[at + 2..];
            inner.find(')').map(|end| &inner[..end])
        })
        .collect()
}

/// The names that follow `prefix.` or stand in `prefix['…']`: the name up to the next dot, and whether the whole array is meant.
pub fn named<'a>(text: &'a str, prefix: &str) -> Vec<(&'a str, bool)> {
    variables(text)
        .into_iter()
        .filter_map(|variable| {
            let rest = variable.strip_prefix(prefix)?;
            let (name, whole) = match rest.strip_suffix("[*]") {
                Some(name) => (name, true),
                None => (rest, false),
            };
            let quoted = |open: &str, close: &str| {
                name.strip_prefix(open).and_then(|name| name.strip_suffix(close))
            };
            if let Some(name) = quoted("['", "']").or_else(|| quoted("[\"", "\"]")) {
                return Some((name, whole));
            }
            let name = name.strip_prefix('.')?;
            let end = name.find(['.', '[']).unwrap_or(name.len());
            Some((&name[..end], whole))
        })
        .collect()
}

/// Every text in a value.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
