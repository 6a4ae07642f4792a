//! What went where and when, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::pins::{PinField, arrow};

/// What a commit did to an app in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The environment.
    pub environment: String,
    /// The app; none where all of the environment was rendered.
    pub app: Option<String>,
    /// The keys of its pin that changed; none where something else of it did.
    pub fields: Vec<PinField>,
}

/// A commit that changed an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The commit.
    pub commit: String,
    /// When it was committed, as ISO 8601.
    pub time: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// A hash of what was rendered, where gen committed it.
    pub spec: Option<String>,
    /// What it did.
    pub moved: Vec<Moved>,
}

/// Commits, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogReport {
    /// The commits.
    pub entries: Vec<LogEntry>,
}

/// How many lines a commit may have before the rest is counted.
const LIST: usize = 12;

impl LogReport {
    /// For people.
    #[must_use]
    pub fn text(&self, verbose: bool) -> String {
        let mut out = String::new();
        for entry in &self.entries {
            let time = entry
                .time
                .get(..16)
                .unwrap_or(&entry.time)
                .replace('T', " ");
            let commit = entry.commit.get(..12).unwrap_or(&entry.commit);
            let (author, subject) = (plain(&entry.author), plain(&entry.subject));
            let _ = writeln!(out, "{time}  {commit}  {author}  {subject}");
            let shown = if verbose { entry.moved.len() } else { LIST };
            for moved in entry.moved.iter().take(shown) {
                line(&mut out, moved);
            }
            if entry.moved.len() > shown {
                let more = entry.moved.len() - shown;
                let _ = writeln!(out, "  … and {more} more; `-v` lists all");
            }
        }
        if self.entries.is_empty() {
            out.push_str("no commit changed that\n");
        }
        out
    }

    /// For programs. `schema` counts up when a field changes its meaning.
    #[must_use]
    pub fn json(&self) -> Value {
        let moved = |moved: &Moved| {
            let field = |field: &PinField| {
                let both = json!({"before": field.before, "after": field.after});
                (field.name.to_owned(), both)
            };
            let changes: serde_json::Map<_, _> = moved.fields.iter().map(field).collect();
            json!({"environment": moved.environment, "app": moved.app, "changes": changes})
        };
        let entry = |entry: &LogEntry| {
            json!({
                "commit": entry.commit,
                "time": entry.time,
                "author": entry.author,
                "subject": entry.subject,
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

fn line(out: &mut String, moved: &Moved) {
    let place = match &moved.app {
        Some(app) => format!("{app} in {}", moved.environment),
        None => moved.environment.clone(),
    };
    if moved.fields.is_empty() {
        let _ = writeln!(out, "  {}", plain(&place));
    }
    for field in &moved.fields {
        let _ = writeln!(
            out,
            "  {}: {} {}",
            plain(&place),
            field.name,
            plain(&arrow(field))
        );
    }
}

/// Whoever can push chooses these texts; none of them may speak to the terminal.
fn plain(text: &str) -> String {
    crate::diagnostics::visible(text)
}
