//! `$(…)` of TriggerBindings and TriggerTemplates.

use crate::yaml::{Map, Value};

/// The value of a binding's parameter: `$(body.PATH)` and `$(extensions.PATH)`. What is not a text becomes JSON, as Triggers does it.
pub(super) fn from_event(text: &str, event: &serde_json::Value) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        out.push_str(before);
        let (path, tail) = after.split_once(')').ok_or_else(|| format!("unclosed `{text}`"))?;
        let pointer = format!("/{}", path.replace('.', "/"));
        let value = event.pointer(&pointer).ok_or_else(|| format!("the event has no `{path}`"))?;
        match value {
            serde_json::Value::String(text) => out.push_str(text),
            other => out.push_str(&other.to_string()),
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// The object with `$(tt.params.NAME)` replaced, once: what a value brings is never read again.
pub(super) fn substitute(value: &Value, params: &Map) -> Value {
    match value {
        Value::Str(text) => Value::Str(replace(text, params)),
        Value::Seq(items) => {
            Value::Seq(items.iter().map(|item| substitute(item, params)).collect())
        }
        Value::Map(map) => {
            let mut out = Map::default();
            for (key, value) in map.iter() {
                out.push(key, substitute(value, params));
            }
            Value::Map(out)
        }
        other => other.clone(),
    }
}

fn replace(text: &str, params: &Map) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(tt.params.") {
        let Some((name, tail)) = after.split_once(')') else {
            break;
        };
        out.push_str(before);
        if let Some(value) = params.get(name).and_then(Value::as_str) {
            out.push_str(value);
        } else {
            out.push_str("$(tt.params.");
            out.push_str(name);
            out.push(')');
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
