//! The output of `gen log`.

use serde_json::{Value, json};

use super::pins::{arrow, fields};
use super::{Answer, Show, Style, answer, cut};
use crate::diagnostics::{Sources, visible};
use crate::name::naturally;
use crate::ops::log::{LogEntry, LogReport, Moved};

/// Maximum number of lines of a commit; the rest are counted.
const LIST: usize = 12;

impl Show for LogReport {
    fn answer(&self, style: Style) -> Answer<'_> {
        if self.entries.is_empty() {
            return answer("no matching commits\n".to_owned());
        }
        Box::new(self.entries.iter().map(move |entry| entry.text(style.is_verbose)))
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

impl LogEntry {
    fn text(&self, is_verbose: bool) -> String {
        let commit = &self.commit;
        let time = commit.time.get(..16).unwrap_or(&commit.time).replace('T', " ");
        let (author, subject) = (visible(&commit.author), visible(&commit.subject));
        let id = commit.id.get(..12).unwrap_or(&commit.id);
        let mut out = format!("{time}  {id}  {author}  {subject}\n");
        let lines = naturally(self.moved.iter().map(line));
        cut(&mut out, &lines, LIST, is_verbose);
        out
    }
}

/// A line for each key, or one for the app. Whoever can push chooses these texts; none of them may control the terminal.
fn line(moved: &Moved) -> String {
    let place = match &moved.app {
        Some(app) => format!("{app} in {}", moved.environment),
        None => moved.environment.clone(),
    };
    let place = visible(&place);
    if moved.fields.is_empty() {
        return place;
    }
    let fields = moved.fields.iter();
    let lines = fields.map(|field| format!("{place}: {} {}", field.name, visible(&arrow(field))));
    lines.collect::<Vec<_>>().join("\n  ")
}
