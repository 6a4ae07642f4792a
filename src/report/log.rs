//! What went where and when, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::pins::{arrow, fields};
use super::{Show, Style, cut};
use crate::diagnostics::Sources;
use crate::ops::log::{LogEntry, LogReport, Moved};

/// How many lines a commit may have before the rest is counted.
const LIST: usize = 12;

impl Show for LogReport {
    fn answer(&self, style: Style) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(std::iter::once(self.lines(style.is_verbose)))
    }

    fn json(&self, _: &Sources) -> Value {
        let moved = |moved: &Moved| {
            let changes = fields(&moved.fields);
            json!({"environment": moved.environment, "app": moved.app, "changes": changes})
        };
        let entry = |entry: &LogEntry| {
            json!({
                "commit": entry.commit.id,
                "time": entry.commit.time,
                "author": entry.commit.author,
                "subject": entry.commit.subject,
                "spec": entry.spec,
                "moved": entry.moved.iter().map(moved).collect::<Vec<_>>(),
            })
        };
        json!({
            "schema": 1,
            "complete": true,
            "command": "log",
            "commits": self.entries.iter().map(entry).collect::<Vec<_>>(),
            "errors": [],
        })
    }
}

impl LogReport {
    fn lines(&self, verbose: bool) -> String {
        let mut out = String::new();
        for entry in &self.entries {
            let commit = &entry.commit;
            let time = commit.time.get(..16).unwrap_or(&commit.time).replace('T', " ");
            let (author, subject) = (plain(&commit.author), plain(&commit.subject));
            let commit = commit.id.get(..12).unwrap_or(&commit.id);
            let _ = writeln!(out, "{time}  {commit}  {author}  {subject}");
            let lines: Vec<String> = entry.moved.iter().map(line).collect();
            cut(&mut out, &lines, LIST, verbose);
        }
        if self.entries.is_empty() {
            out.push_str("no commit changed that\n");
        }
        out
    }
}

/// A line for each key, or one for the app.
fn line(moved: &Moved) -> String {
    let place = match &moved.app {
        Some(app) => format!("{app} in {}", moved.environment),
        None => moved.environment.clone(),
    };
    let place = plain(&place);
    if moved.fields.is_empty() {
        return place;
    }
    let fields = moved.fields.iter();
    let lines = fields.map(|field| format!("{place}: {} {}", field.name, plain(&arrow(field))));
    lines.collect::<Vec<_>>().join("\n  ")
}

/// Whoever can push chooses these texts; none of them may speak to the terminal.
fn plain(text: &str) -> String {
    crate::diagnostics::visible(text)
}
