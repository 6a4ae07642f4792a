//! A spec as people write it: short things on one line, comments where a decision is theirs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::yaml::{Map, Value, emit_document};

/// The longest line of several values.
const WIDTH: usize = 110;

/// Comments by the first key of what they are about.
pub(super) type Notes = BTreeMap<String, String>;

/// Writes a mapping in block style.
pub(super) fn block(out: &mut String, map: &Map, indent: usize, notes: &Notes) {
    for (key, value) in map.iter() {
        entry(out, key, value, indent, notes.get(key).map(String::as_str));
    }
}

/// Writes a key with its value, and a note as a comment at the end of its line.
pub fn entry(out: &mut String, key: &str, value: &Value, indent: usize, note: Option<&str>) {
    let pad = " ".repeat(indent);
    let key = scalar(&key.into());
    let note = note.map(|note| format!("   # {note}")).unwrap_or_default();
    if let Value::Str(text) = value
        && text.contains('\n')
    {
        let written = emit_document(&Value::from([("x", value.clone())]));
        let Some(written) = written.strip_prefix("x:") else { return };
        let mut lines = written.lines();
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(out, "{pad}{key}:{first}{note}");
        for line in lines {
            let _ = if line.is_empty() { writeln!(out) } else { writeln!(out, "{pad}{line}") };
        }
        return;
    }
    if let Some(flow) = flow(value).filter(|flow| fits(&pad, &key, flow, value)) {
        let _ = writeln!(out, "{pad}{key}: {flow}{note}");
        return;
    }
    let _ = writeln!(out, "{pad}{key}:{note}");
    match value {
        Value::Map(map) => block(out, map, indent + 2, &Notes::new()),
        Value::Seq(items) => list(out, items, indent + 2),
        _ => {}
    }
}

/// Whether a value is short and simple enough for one line.
fn fits(pad: &str, key: &str, flow: &str, value: &Value) -> bool {
    let is_scalar = !matches!(value, Value::Map(_) | Value::Seq(_));
    is_scalar || pad.len() + key.len() + flow.len() + 2 <= WIDTH && depth(value) <= 4
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Map(map) => 1 + map.iter().map(|(_, value)| depth(value)).max().unwrap_or(0),
        Value::Seq(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn list(out: &mut String, items: &[Value], indent: usize) {
    let pad = " ".repeat(indent);
    for item in items {
        if let Some(flow) = flow(item).filter(|flow| fits(&pad, "", flow, item)) {
            let _ = writeln!(out, "{pad}- {flow}");
            continue;
        }
        let mut inner = String::new();
        match item {
            Value::Map(map) => block(&mut inner, map, indent + 2, &Notes::new()),
            other => {
                // A list in a list, or a text of several lines.
                let written = emit_document(&Value::Seq(vec![other.clone()]));
                for line in written.lines() {
                    let _ =
                        if line.is_empty() { writeln!(out) } else { writeln!(out, "{pad}{line}") };
                }
                continue;
            }
        }
        let rest = inner.get(indent + 2..).unwrap_or_default();
        let _ = write!(out, "{pad}- {rest}");
    }
}

/// A value on one line; none if a text in it has several.
fn flow(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) if text.contains('\n') => None,
        Value::Map(map) => {
            let items: Option<Vec<String>> = map
                .iter()
                .map(|(key, value)| Some(format!("{}: {}", inner(&key.into()), nested(value)?)))
                .collect();
            Some(format!("{{{}}}", items?.join(", ")))
        }
        Value::Seq(items) => {
            let items: Option<Vec<String>> = items.iter().map(nested).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        scalar => Some(self::scalar(scalar)),
    }
}

fn nested(value: &Value) -> Option<String> {
    match value {
        Value::Map(_) | Value::Seq(_) => flow(value),
        Value::Str(text) if text.contains('\n') => None,
        scalar => Some(inner(scalar)),
    }
}

/// A scalar as the canonical emitter writes it.
fn scalar(value: &Value) -> String {
    let written = emit_document(value);
    let written = written.strip_prefix("--- ").unwrap_or(&written);
    written.trim_end_matches('\n').to_owned()
}

/// The same between brackets, where commas and brackets mean something, and to some readers question marks.
fn inner(value: &Value) -> String {
    let written = scalar(value);
    let is_quoted = written.starts_with(['"', '\'']);
    let is_loose = written.contains([',', '[', ']', '{', '}', '?'])
        || written.contains(": ")
        || written.ends_with(':');
    if is_quoted || !is_loose {
        return written;
    }
    serde_json::to_string(&written).unwrap_or(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::FileId;
    use crate::yaml::read_one;

    fn round(value: &Value) {
        let Value::Map(map) = value else { panic!("not a mapping") };
        let mut text = String::new();
        block(&mut text, map, 0, &Notes::new());
        let read = read_one(FileId::BUILT_IN, &text).expect(&text).to_value();
        assert_eq!(read, *value, "{text}");
    }

    #[test]
    fn what_is_written_is_read_as_itself() {
        let texts = [
            "a",
            "",
            "yes",
            "1",
            "0x1",
            "a, b",
            "[x]",
            "{y}",
            "a: b",
            "a #b",
            "- a",
            "x\ny\n",
            "\n",
            " a",
            "'q'",
            "\"d\"",
            "*",
            "&a",
            "!t",
            "%d",
            "a:",
            "two\n\nlines",
            "tab\tin",
            "é",
            "C:\\dir",
            "{{ app }}",
        ];
        for text in texts {
            round(&Value::from([("key", text.into())]));
            round(&Value::from([("list", vec![Value::from(text), Value::from(1_u32)].into())]));
            round(&Value::from([("map", Value::from([(text, Value::from(text))]))]));
            let deep = Value::from([(
                "items",
                vec![Value::from([("text", text.into()), ("n", true.into())])].into(),
            )]);
            round(&Value::from([("a", Value::from([("b", deep)]))]));
        }
        let long: Vec<Value> = (0..40_u32).map(|n| Value::from(format!("item-{n}"))).collect();
        round(&Value::from([("long", long.into())]));
        round(&Value::from([("nested", vec![Value::Seq(vec!["a\nb\n".into()])].into())]));
        round(&Value::from([("empty", Value::Map(Map::default())), ("none", Value::Null)]));
    }
}
