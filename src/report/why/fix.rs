//! The output of `gen why --fix`: the change as a diff, and what became of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diagnostics::{Sources, visible};
use crate::ops::why::{FixReport, FixState};
use crate::report::wrap::wrap;
use crate::report::{Answer, Show, Style, answer, unified};

const INDENT: &str = "  ";

impl Show for FixReport {
    fn answer(&self, style: Style) -> Answer<'_> {
        let mut out = String::new();
        if matches!(self.state, FixState::Shown) {
            preview(&mut out, self, style);
        } else {
            outcome(&mut out, self, style);
        }
        answer(out)
    }

    fn json(&self, sources: &Sources) -> Value {
        let commit = match &self.state {
            FixState::Pushed(commit) => commit.json(sources),
            FixState::Shown | FixState::Written => Value::Null,
        };
        json!({
            "state": word(&self.state),
            "files": self.files.iter().map(|file| json!({
                "path": file.path,
                "diff": unified(&file.path, Some(&file.before), Some(&file.after), crate::diagnostics::Look::Plain),
            })).collect::<Vec<_>>(),
            "changes": self.changes.iter()
                .map(|(at, what)| json!({"at": at, "what": visible(what)}))
                .collect::<Vec<_>>(),
            "notes": self.notes.iter().map(|note| visible(note)).collect::<Vec<_>>(),
            "left": self.left.iter()
                .map(|(what, why)| json!({"what": visible(what), "why": visible(why)}))
                .collect::<Vec<_>>(),
            "affects": self.affects,
            "commit": commit,
            "next": next(self),
        })
    }
}

fn word(state: &FixState) -> &'static str {
    match state {
        FixState::Shown => "shown",
        FixState::Written => "written",
        FixState::Pushed(_) => "pushed",
    }
}

fn preview(out: &mut String, fix: &FixReport, style: Style) {
    if fix.is_change() {
        out.push_str("change to the spec:\n");
        for (at, what) in &fix.changes {
            out.push_str(&wrap(&visible(&format!("{at}: {what}")), INDENT));
        }
        for file in &fix.files {
            out.push_str(&unified(&file.path, Some(&file.before), Some(&file.after), style.look));
        }
        for (app, environments) in &fix.affects {
            let environments = environments.iter().cloned().collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "changes {app} in {environments}");
        }
        out.push_str("what it renders passes `gen check`\n");
        for note in &fix.notes {
            out.push_str(&wrap(&visible(&format!("note: {note}")), ""));
        }
    }
    for (what, why) in &fix.left {
        out.push_str(&wrap(&visible(&format!("not fixed: {what}")), ""));
        out.push_str(&wrap(&visible(why), INDENT));
    }
}

fn outcome(out: &mut String, fix: &FixReport, style: Style) {
    match &fix.state {
        FixState::Shown => {}
        FixState::Written => {
            for file in &fix.files {
                let _ = writeln!(out, "wrote {}", file.path);
            }
        }
        FixState::Pushed(commit) => out.push_str(&commit.text(style)),
    }
    for line in next(fix) {
        let _ = writeln!(out, "next: {line}");
    }
}

/// What to do now.
fn next(fix: &FixReport) -> Vec<String> {
    match &fix.state {
        FixState::Written => {
            let environments: std::collections::BTreeSet<&String> =
                fix.affects.values().flatten().collect();
            let environments: String =
                environments.iter().flat_map(|one| [" --env ", one.as_str()]).collect();
            vec![format!("gen commit{environments} --push"), "start the run again".to_owned()]
        }
        FixState::Shown | FixState::Pushed(_) => Vec::new(),
    }
}
