//! The output of `gen set` and `gen promote`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Show, Style, list};
use crate::diagnostics::Sources;
use crate::name::natural;
use crate::ops::pins::{PinField, PinReport, StageDifference};

impl Show for PinReport {
    fn text(&self, style: Style) -> String {
        let verbose = style.is_verbose;
        let mut out = String::new();
        let from = self.from.as_ref().map(|from| format!(", from {from}")).unwrap_or_default();
        let mut changes: Vec<_> = self.changes.iter().collect();
        changes.sort_by(|one, other| natural(&one.app, &other.app));
        for change in changes {
            let place = format!("{} in {}{from}", change.app, self.environment);
            if change.fields.is_empty() {
                let _ = writeln!(out, "{place}: no change");
                continue;
            }
            let _ = writeln!(out, "{place}");
            for field in &change.fields {
                let _ = writeln!(out, "  {:8}  {}", field.name, arrow(field));
            }
        }
        self.stages(&mut out, verbose);
        for note in &self.notes {
            let _ = writeln!(out, "{note}");
        }
        if self.is_change() && !self.is_gone {
            let verb = if self.dry_run { "would be written" } else { "written" };
            let _ = writeln!(out, "{} {verb}", self.path);
        }
        for next in &self.next {
            let _ = writeln!(out, "next: {next}");
        }
        if let Some(commit) = &self.commit {
            out.push_str(&commit.text(style));
        }
        out
    }

    fn json(&self, sources: &Sources) -> Value {
        let apps = self
            .changes
            .iter()
            .map(|change| json!({"app": change.app, "changes": fields(&change.fields)}));
        let along = |(app, what): &(String, Vec<String>)| json!({"app": app, "differs": what});
        let mut report = json!({
            "schema": 1,
            "complete": true,
            "command": self.command,
            "environment": self.environment,
            "from": self.from,
            "differences": self.differences,
            "along": self.along.iter().map(along).collect::<Vec<_>>(),
            "path": self.path,
            "dryRun": self.dry_run,
            "changed": self.is_change(),
            "apps": apps.collect::<Vec<_>>(),
            "notes": self.notes,
            "errors": [],
        });
        if let Some(commit) = &self.commit {
            report["commit"] = commit.json(sources);
        }
        report
    }
}

/// Maximum number of lines of a list; the rest are counted.
const LIST: usize = 20;

impl PinReport {
    fn stages(&self, out: &mut String, verbose: bool) {
        let (from, to) = (self.from.as_deref().unwrap_or_default(), &self.environment);
        let value = |value: &Option<String>| {
            value.as_deref().map_or_else(|| "not set".to_owned(), one_line)
        };
        let difference = |one: &StageDifference| {
            let (app, key) = (&one.app, &one.key);
            let (before, after) = (value(&one.from), value(&one.to));
            format!("{app}  {key}: {before} in {from}, {after} in {to}")
        };
        let lines: Vec<String> = self.differences.iter().map(difference).collect();
        list(out, "still different besides the image", &lines, LIST, verbose);
        let title = format!("also changes, because it differs from what is committed in {to}");
        let of_app = |(app, what): &(String, Vec<String>)| -> Vec<String> {
            what.iter().map(|what| format!("{app}  {what}")).collect()
        };
        let lines: Vec<String> = self.along.iter().flat_map(of_app).collect();
        list(out, &title, &lines, LIST, verbose);
    }
}

/// A value on one short line.
fn one_line(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let short: String = first.chars().take(40).collect();
    if short.len() < text.trim_end().len() { format!("{short}…") } else { short }
}

/// The keys that change, by name.
pub(super) fn fields(fields: &[PinField]) -> Value {
    let field = |field: &PinField| {
        let both = json!({"before": field.before, "after": field.after});
        (field.name.to_owned(), both)
    };
    fields.iter().map(field).collect::<Map<_, _>>().into()
}

/// `NAME@sha256:5f70bf18a086… → sha256:9c1185a5c5e9…`: an unchanged name only once.
pub(super) fn arrow(field: &PinField) -> String {
    let (before, after) = (field.before.as_deref(), field.after.as_deref());
    let name =
        |text: &Option<String>| text.as_ref()?.split_once('@').map(|(name, _)| name.len() + 1);
    let none = || "none".to_owned();
    let is_same =
        |end: &usize| before.zip(after).is_some_and(|(one, other)| other.starts_with(&one[..*end]));
    let same = name(&field.before).filter(is_same).unwrap_or_default();
    let first = before.map_or_else(none, short);
    let second = after.map_or_else(none, |text| short(&text[same..]));
    format!("{first} → {second}")
}

/// A digest or commit, abbreviated to its first twelve digits.
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
        assert_eq!(field(None, Some(&image("2"))), "none → r.example/a@sha256:222222222222…");
        assert_eq!(field(Some(&"a".repeat(40)), None), "aaaaaaaaaaaa → none");
        assert_eq!(field(Some("1"), Some("2")), "1 → 2");
    }
}
