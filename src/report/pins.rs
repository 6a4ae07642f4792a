//! Changes of pins, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// One key of an app's pin, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinField {
    /// `image`, `tag`, `revision` or `nonce`.
    pub name: &'static str,
    /// What it was.
    pub before: Option<String>,
    /// What it is now.
    pub after: Option<String>,
}

/// The change of an app's pin in one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PinChange {
    /// The app.
    pub app: String,
    /// The keys that change; none where it is so already.
    pub fields: Vec<PinField>,
}

/// What a command did to an environment's pins.
#[derive(Debug, Clone, Default)]
pub struct PinReport {
    /// The command.
    pub command: &'static str,
    /// The environment.
    pub environment: String,
    /// Its pins file.
    pub path: String,
    /// Nothing was written because nothing was to be.
    pub dry_run: bool,
    /// By app.
    pub changes: Vec<PinChange>,
    /// What else should be known, a line each.
    pub notes: Vec<String>,
    /// What to do now.
    pub next: Vec<String>,
}

impl PinReport {
    /// Whether any pin changes.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.changes.iter().any(|change| !change.fields.is_empty())
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for change in &self.changes {
            let place = format!("{} in {}", change.app, self.environment);
            if change.fields.is_empty() {
                let _ = writeln!(out, "{place}: is so already");
                continue;
            }
            let _ = writeln!(out, "{place}");
            for field in &change.fields {
                let _ = writeln!(out, "  {:8}  {}", field.name, arrow(field));
            }
        }
        for note in &self.notes {
            let _ = writeln!(out, "{note}");
        }
        if self.is_change() {
            let verb = if self.dry_run {
                "would be written"
            } else {
                "written"
            };
            let _ = writeln!(out, "{} {verb}", self.path);
        }
        for next in &self.next {
            let _ = writeln!(out, "next: {next}");
        }
        out
    }

    /// For programs. `schema` counts up when a field changes its meaning.
    #[must_use]
    pub fn json(&self) -> Value {
        let fields = |change: &PinChange| {
            let field = |field: &PinField| {
                let both = json!({"before": field.before, "after": field.after});
                (field.name.to_owned(), both)
            };
            Value::Object(change.fields.iter().map(field).collect::<Map<_, _>>())
        };
        let change = |change: &PinChange| json!({"app": change.app, "changes": fields(change)});
        json!({
            "schema": 1,
            "complete": true,
            "command": self.command,
            "environment": self.environment,
            "path": self.path,
            "dryRun": self.dry_run,
            "changed": self.is_change(),
            "apps": self.changes.iter().map(change).collect::<Vec<_>>(),
            "notes": self.notes,
            "errors": [],
        })
    }
}

/// `NAME@sha256:5f70bf18a086… → sha256:9c1185a5c5e9…`: the name once, where it stays the same.
fn arrow(field: &PinField) -> String {
    let none = || "none".to_owned();
    let before = field.before.as_deref();
    let after = field.after.as_deref();
    let name = |text: Option<&str>| {
        text.and_then(|text| text.split_once('@'))
            .map(|(name, _)| name.to_owned())
    };
    let first = before.map_or_else(none, short);
    let second = match (after, name(before)) {
        (Some(text), Some(same)) if name(after).as_ref() == Some(&same) => {
            short(&text[same.len() + 1..])
        }
        (Some(text), _) => short(text),
        (None, _) => none(),
    };
    format!("{first} → {second}")
}

/// A digest or commit as people compare them: its first twelve digits.
pub(super) fn short(text: &str) -> String {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.rsplit_once("sha256:") {
        Some((before, digits)) if digits.len() == 64 && is_hex(digits) => {
            format!("{before}sha256:{}…", &digits[..12])
        }
        _ if text.len() == 40 && is_hex(text) => text[..12].to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(before: Option<&str>, after: Option<&str>) -> String {
        arrow(&PinField {
            name: "image",
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        })
    }

    #[test]
    fn what_stays_the_same_is_said_once() {
        let image = |digit: &str| format!("r.example/a@sha256:{}", digit.repeat(64));
        assert_eq!(
            field(Some(&image("1")), Some(&image("2"))),
            "r.example/a@sha256:111111111111… → sha256:222222222222…"
        );
        assert_eq!(
            field(None, Some(&image("2"))),
            "none → r.example/a@sha256:222222222222…"
        );
        assert_eq!(field(Some(&"a".repeat(40)), None), "aaaaaaaaaaaa → none");
        assert_eq!(field(Some("1"), Some("2")), "1 → 2");
    }
}
