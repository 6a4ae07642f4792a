//! Cuts a stream into its parts.

use serde_json::Value;

/// A part of a stream.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'t> {
    /// YAML that may hold objects.
    Yaml(&'t str),
    /// JSON that holds objects.
    Json(Value),
    /// What `kubectl describe` prints of one object.
    Describe(&'t str),
    /// Anything else.
    Text(&'t str),
}

/// Words before a colon with which lines of logs begin, and objects have no key of.
const OF_LOGS: [&str; 9] =
    ["error", "warning", "warn", "fatal", "panic", "info", "debug", "failed", "hint"];

#[derive(PartialEq, Clone, Copy)]
enum In {
    Text,
    Yaml,
    Describe,
}

/// The parts of a stream, in their order.
pub(super) fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut state) = (0, In::Text);
    let mut at = 0;
    // Behind `---`, whose first key may be any, YAML begins.
    let mut is_first = false;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        let line = text[at..end].trim_end_matches(['\n', '\r']);
        if line == "---" {
            push(&mut parts, state, &text[from..at]);
            (from, state, is_first) = (end, In::Text, true);
            at = end;
            continue;
        } else if state != In::Yaml && begins_json(line) {
            let mut stream = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
            if let Some(Ok(value)) = stream.next()
                && is_of_objects(&value)
            {
                push(&mut parts, state, &text[from..at]);
                parts.push(Part::Json(value));
                at += stream.byte_offset();
                (from, state) = (at, In::Text);
                continue;
            }
        } else {
            let next = match state {
                _ if begins_describe(line) => Some(In::Describe),
                In::Text if begins_yaml(line) || (is_first && is_key(line)) => Some(In::Yaml),
                In::Describe if begins_yaml(line) => Some(In::Yaml),
                In::Yaml if !goes_on(line) => Some(In::Text),
                _ => None,
            };
            if let Some(next) = next {
                push(&mut parts, state, &text[from..at]);
                (from, state) = (at, next);
            }
        }
        is_first &= line.trim().is_empty();
        at = end;
    }
    push(&mut parts, state, &text[from..]);
    parts
}

fn push<'t>(parts: &mut Vec<Part<'t>>, state: In, text: &'t str) {
    if text.trim().is_empty() {
        return;
    }
    parts.push(match state {
        In::Text => Part::Text(text),
        In::Yaml => Part::Yaml(text),
        In::Describe => Part::Describe(text),
    });
}

fn begins_yaml(line: &str) -> bool {
    ["apiVersion:", "kind:", "- apiVersion:", "items:"].iter().any(|start| line.starts_with(start))
}

/// `{` alone, or an object of Kubernetes in one line; not a line of a log in JSON.
fn begins_json(line: &str) -> bool {
    let line = line.trim();
    matches!(line, "{" | "[" | "[{")
        || [
            "{\"apiVersion\"",
            "{\"kind\"",
            "{\"items\"",
            "{\"metadata\"",
            "[{\"apiVersion\"",
            "[{\"kind\"",
        ]
        .iter()
        .any(|start| line.starts_with(start))
}

fn is_of_objects(value: &Value) -> bool {
    let is_object = |value: &Value| value.get("kind").is_some() || value.get("items").is_some();
    match value {
        Value::Array(all) => all.iter().any(is_object),
        one => is_object(one),
    }
}

/// `Name:` with the blanks that `kubectl describe` aligns by.
fn begins_describe(line: &str) -> bool {
    line.strip_prefix("Name:").is_some_and(|rest| rest.starts_with("  ") && !rest.trim().is_empty())
}

/// Whether a line can belong to the YAML before it.
fn goes_on(line: &str) -> bool {
    let first = line.chars().next();
    match first {
        None | Some(' ' | '#') => true,
        Some('-') => line == "-" || line.starts_with("- "),
        _ => is_key(line),
    }
}

/// A key at the beginning of a line.
fn is_key(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, rest)| {
        !OF_LOGS.contains(&key)
            && key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.chars().all(|c| c.is_ascii_alphanumeric())
            && (rest.is_empty() || rest.starts_with(' '))
    })
}
