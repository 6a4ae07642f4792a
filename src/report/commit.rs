//! What was committed and pushed, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Show, Style, cut};
use crate::diagnostics::Sources;
use crate::ops::commit::CommitReport;

/// So many paths are shown before the rest is counted.
const MOST_PATHS: usize = 40;

/// As git abbreviates.
fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

impl Show for CommitReport {
    fn text(&self, style: Style) -> String {
        let verbose = style.is_verbose;
        let mut out = String::new();
        if let Some(nothing) = &self.nothing {
            let _ = writeln!(out, "nothing to commit: {nothing}");
        }
        if self.dry_run && self.nothing.is_none() {
            self.preview(&mut out, verbose);
        } else if let (Some(commit), None) = (&self.commit, &self.nothing) {
            let place = self.branch.as_ref().map_or_else(String::new, |b| format!(" on {b}"));
            let subject = self.message.lines().next().unwrap_or_default();
            let _ = writeln!(out, "committed {}{place}: {subject}", short(commit));
            let _ = writeln!(out, "  {}", self.counts);
        }
        if let Some(pushed) = &self.pushed {
            let tries = if pushed.tries > 1 {
                format!(", at the {}. try", pushed.tries)
            } else {
                String::new()
            };
            let _ = writeln!(out, "pushed to {}/{}{tries}", pushed.remote, pushed.branch);
        }
        for note in &self.notes {
            let _ = writeln!(out, "note: {note}");
        }
        if let Some(commit) = &self.commit {
            let url = self.pushed.as_ref().and_then(|pushed| pushed.url.clone());
            let local = format!("git show {}", short(commit));
            let _ = writeln!(out, "look at it: {}", url.unwrap_or(local));
        }
        self.next(&mut out);
        out
    }

    fn json(&self, _: &Sources) -> Value {
        let environments: serde_json::Map<String, Value> = self
            .environments
            .iter()
            .map(|(name, apps)| (name.clone(), json!({"apps": apps})))
            .collect();
        let paths = |gone: bool| -> Vec<&str> {
            let wanted = self.paths.iter().filter(|(_, is_gone)| *is_gone == gone);
            wanted.map(|(path, _)| path.as_str()).collect()
        };
        json!({
            "schema": 1,
            "complete": true,
            "command": "commit",
            "dryRun": self.dry_run,
            "commit": self.commit,
            "branch": self.branch,
            "message": self.message,
            "environments": environments,
            "pins": self.pins,
            "objects": {
                "created": self.objects[0],
                "changed": self.objects[1],
                "removed": self.objects[2],
            },
            "written": paths(false),
            "removed": paths(true),
            "pushed": self.pushed,
            "notes": self.notes,
            "nothing": self.nothing,
        })
    }
}

impl CommitReport {
    fn preview(&self, out: &mut String, verbose: bool) {
        out.push_str("would commit:\n");
        for line in self.message.trim_end().lines() {
            let _ = writeln!(out, "{}", format!("    {line}").trim_end());
        }
        let line = |(path, gone): &(String, bool)| {
            let sign = if *gone { "-" } else { "+" };
            format!("{sign} {path}")
        };
        let lines: Vec<String> = self.paths.iter().map(line).collect();
        cut(out, &lines, MOST_PATHS, verbose);
    }

    fn next(&self, out: &mut String) {
        match &self.pushed {
            Some(pushed) if pushed.for_pull_request => {
                let how = pushed
                    .pull_request
                    .clone()
                    .unwrap_or_else(|| format!("a pull request from `{}`", pushed.branch));
                let _ = writeln!(out, "next: open {how}");
            }
            Some(_) => out.push_str("next: Flux applies it when it looks next\n"),
            None if self.dry_run && self.nothing.is_none() => {
                out.push_str("next: the same without `--dry-run`\n");
            }
            None if self.commit.is_some() => {
                out.push_str("next: `git push`, or `gen commit --push`\n");
            }
            None => {}
        }
    }
}
