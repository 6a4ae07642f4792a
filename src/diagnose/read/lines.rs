//! A line of a log: what stands before the text, as `tkn`, `kubectl` and controllers write it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::diagnose::snapshot::{Line, Origin, Time, time};

/// Colours and cursor movements, which may stand within words.
static ESCAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f]").ok()
});

/// `[task : step] ` of `tkn`, `[pod/name/container] ` of `kubectl logs --prefix`.
static PREFIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\[(?:pod/(?P<pod>[\w.-]+)/(?P<container>[\w.-]+)|(?P<task>[\w.-]+)(?: : (?P<step>[\w.-]+))?)\] ?").ok()
});

/// A time at the beginning of a line.
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))\s+").ok()
});

/// A line longer than this is cut: nobody reads it, and a log may be one line.
const LONGEST: usize = 64 << 10;

/// Where a line is from, and its text.
pub(super) fn line(line: &str) -> (Origin, Line) {
    let mut end = line.len().min(LONGEST);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let clean = match &*ESCAPES {
        Some(pattern) => pattern.replace_all(&line[..end], ""),
        None => line[..end].into(),
    };
    let (mut origin, mut rest) = (Origin::default(), clean.as_ref());
    if let Some(found) = PREFIX.as_ref().and_then(|pattern| pattern.captures(rest)) {
        let part = |name: &str| found.name(name).map_or("", |part| part.as_str()).to_owned();
        // `[INFO]` and the like are levels, not tasks.
        let is_level = part("step").is_empty()
            && part("pod").is_empty()
            && !part("task").contains('-')
            && part("task").len() <= 8;
        if !is_level {
            origin = Origin {
                pod: part("pod"),
                container: part("container"),
                task: part("task"),
                step: part("step"),
                ..Origin::default()
            };
            rest = &rest[found.get(0).map_or(0, |all| all.end())..];
        }
    }
    let mut at = None;
    if let Some(found) = TIME.as_ref().and_then(|pattern| pattern.captures(rest)) {
        at = found.name("time").and_then(|part| time(part.as_str()));
        rest = &rest[found.get(0).map_or(0, |all| all.end())..];
    }
    if let Some((of_json, text)) = json(rest) {
        return (origin, Line { time: at.or(of_json), text });
    }
    (origin, Line { time: at, text: rest.to_owned() })
}

/// A line of a controller in JSON: its message with its error.
fn json(line: &str) -> Option<(Option<Time>, String)> {
    if !line.starts_with('{') {
        return None;
    }
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |keys: &[&str]| {
        keys.iter().find_map(|key| value.get(key)?.as_str()).unwrap_or_default().to_owned()
    };
    let (message, error) = (text(&["msg", "message"]), text(&["error", "err"]));
    let both = match (message.is_empty(), error.is_empty()) {
        (true, true) => return None,
        (false, true) => message,
        (true, false) => error,
        (false, false) => format!("{message}: {error}"),
    };
    Some((time(&text(&["ts", "timestamp", "time"])), both))
}
