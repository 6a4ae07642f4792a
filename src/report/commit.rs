//! The output of `gen commit`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Show, Style, cut};
use crate::diagnostics::Sources;
use crate::ops::commit::{CommitReport, PullRequest};

/// Maximum number of paths shown; the rest are counted.
const MOST_PATHS: usize = 40;

/// Abbreviated, as by git.
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
        } else if let (Some(commit), None, false) =
            (&self.commit, &self.nothing, self.message.is_empty())
        {
            let place = self.branch.as_ref().map(|branch| format!(" on {branch}"));
            let (commit, place) = (short(commit), place.unwrap_or_default());
            let subject = self.message.lines().next().unwrap_or_default();
            let _ = writeln!(out, "committed {commit}{place}: {subject}\n  {}", self.counts);
        }
        if let Some(pushed) = &self.pushed {
            let tries = (pushed.tries > 1).then(|| format!(", on attempt {}", pushed.tries));
            let tries = tries.unwrap_or_default();
            let _ = writeln!(out, "pushed to {}/{}{tries}", pushed.remote, pushed.branch);
        }
        for note in &self.notes {
            let _ = writeln!(out, "note: {note}");
        }
        if let Some(commit) = &self.commit {
            let url = self.pushed.as_ref().and_then(|pushed| pushed.url.clone());
            let local = format!("git show {}", short(commit));
            let _ = writeln!(out, "see: {}", url.unwrap_or(local));
        }
        if let Some(next) = self.next() {
            let _ = writeln!(out, "next: {next}");
        }
        out
    }

    fn json(&self, _: &Sources) -> Value {
        let environments = self.environments.iter();
        let environments: Map<String, Value> =
            environments.map(|(name, apps)| (name.clone(), json!({"apps": apps}))).collect();
        let paths = |gone: bool| -> Vec<&String> {
            let wanted = self.paths.iter().filter(|(_, is_gone)| *is_gone == gone);
            wanted.map(|(path, _)| path).collect()
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
    fn next(&self) -> Option<String> {
        if let Some(PullRequest { branch, url }) = &self.open {
            let url = url.clone().unwrap_or_else(|| format!("a pull request from `{branch}`"));
            return Some(format!("open {url}"));
        }
        let next = match (&self.pushed, &self.nothing) {
            (Some(_), _) => "Flux applies it at its next interval",
            (None, Some(_)) => return None,
            (None, None) if self.dry_run => "run it without `--dry-run`",
            (None, None) => "`git push`, or `gen commit --push`",
        };
        Some(next.to_owned())
    }

    fn preview(&self, out: &mut String, verbose: bool) {
        out.push_str("would commit:\n");
        for line in self.message.trim_end().lines() {
            let _ = writeln!(out, "{}", format!("    {line}").trim_end());
        }
        let paths = self.paths.iter();
        let lines: Vec<String> = paths
            .map(|(path, is_gone)| format!("{} {path}", if *is_gone { "-" } else { "+" }))
            .collect();
        cut(out, &lines, MOST_PATHS, verbose);
    }
}
