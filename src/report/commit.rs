//! What was committed and pushed, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// A commit that was made, or would be.
#[derive(Debug, Clone, Default)]
pub struct CommitReport {
    /// Nothing was written because nothing was to be.
    pub dry_run: bool,
    /// The commit; none where there was nothing to commit, or none was to be made.
    pub commit: Option<String>,
    /// The branch it is on here; none where it is only on the remote.
    pub branch: Option<String>,
    /// The whole message.
    pub message: String,
    /// Environments, and the apps of each whose files change.
    pub environments: Vec<(String, Vec<String>)>,
    /// Pins that move.
    pub pins: Vec<PinMoved>,
    /// Files and objects, in a line.
    pub counts: String,
    /// Objects that are created, changed and removed.
    pub objects: [usize; 3],
    /// Every path that changes, and whether it goes.
    pub paths: Vec<(String, bool)>,
    /// Where it was pushed.
    pub pushed: Option<PushReport>,
    /// What else should be known, a line each.
    pub notes: Vec<String>,
    /// Why there is nothing to commit, where there is nothing.
    pub nothing: Option<String>,
}

/// A key of a pin, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinMoved {
    /// The environment.
    pub environment: String,
    /// The app.
    pub app: String,
    /// `image`, `tag`, `revision` or `nonce`.
    pub key: &'static str,
    /// What it was.
    pub before: Option<String>,
    /// What it is now.
    pub after: Option<String>,
}

/// A push.
#[derive(Debug, Clone, Default)]
pub struct PushReport {
    /// The remote's name.
    pub remote: String,
    /// The branch there.
    pub branch: String,
    /// Where the commit is looked at on the web.
    pub url: Option<String>,
    /// A pull request is wanted.
    pub for_pull_request: bool,
    /// Where it is opened.
    pub pull_request: Option<String>,
    /// How often it was tried.
    pub tries: usize,
}

/// So many paths are shown before the rest is counted.
const MOST_PATHS: usize = 40;

/// As git abbreviates.
fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

impl CommitReport {
    /// For people.
    #[must_use]
    pub fn text(&self, verbose: bool) -> String {
        let mut out = String::new();
        if let Some(nothing) = &self.nothing {
            let _ = writeln!(out, "nothing to commit: {nothing}");
        }
        if self.dry_run && self.nothing.is_none() {
            self.preview(&mut out, verbose);
        } else if let (Some(commit), None) = (&self.commit, &self.nothing) {
            let place = self
                .branch
                .as_ref()
                .map_or_else(String::new, |b| format!(" on {b}"));
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

    fn preview(&self, out: &mut String, verbose: bool) {
        out.push_str("would commit:\n");
        for line in self.message.trim_end().lines() {
            let _ = writeln!(out, "{}", format!("    {line}").trim_end());
        }
        let shown = if verbose {
            self.paths.len()
        } else {
            MOST_PATHS
        };
        for (path, gone) in self.paths.iter().take(shown) {
            let _ = writeln!(out, "  {} {path}", if *gone { "-" } else { "+" });
        }
        if self.paths.len() > shown {
            let more = self.paths.len() - shown;
            let _ = writeln!(out, "  … and {more} more; `-v` lists all");
        }
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

    /// For programs. `schema` counts up when a field changes its meaning.
    #[must_use]
    pub fn json(&self) -> Value {
        let environments: serde_json::Map<String, Value> = self
            .environments
            .iter()
            .map(|(name, apps)| (name.clone(), json!({"apps": apps})))
            .collect();
        let pins: Vec<Value> = self
            .pins
            .iter()
            .map(|pin| {
                json!({
                    "environment": pin.environment,
                    "app": pin.app,
                    "key": pin.key,
                    "before": pin.before,
                    "after": pin.after,
                })
            })
            .collect();
        let paths = |gone: bool| -> Vec<&str> {
            let wanted = self.paths.iter().filter(|(_, is_gone)| *is_gone == gone);
            wanted.map(|(path, _)| path.as_str()).collect()
        };
        let pushed = self.pushed.as_ref().map(|pushed| {
            json!({
                "remote": pushed.remote,
                "branch": pushed.branch,
                "url": pushed.url,
                "pullRequest": pushed.pull_request,
                "tries": pushed.tries,
            })
        });
        json!({
            "schema": 1,
            "complete": true,
            "command": "commit",
            "dryRun": self.dry_run,
            "commit": self.commit,
            "branch": self.branch,
            "message": self.message,
            "environments": environments,
            "pins": pins,
            "objects": {
                "created": self.objects[0],
                "changed": self.objects[1],
                "removed": self.objects[2],
            },
            "written": paths(false),
            "removed": paths(true),
            "pushed": pushed,
            "notes": self.notes,
            "nothing": self.nothing,
        })
    }
}
