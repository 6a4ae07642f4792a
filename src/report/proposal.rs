//! The output of `gen init --from`: each value, how certain it is, and the place behind it.

use std::fmt::Write as _;

use super::wrapped;
use crate::diagnostics::{counted, visible};
use crate::import::entry;
use crate::propose::{App, Line, Proposal, Sure, shown};
use crate::yaml::Value;

/// Where the reasons begin.
const INDENT: usize = 11;

/// The proposal in lines.
pub(super) fn words(proposal: &Proposal, unread: &[String]) -> String {
    let mut out = String::new();
    for app in &proposal.apps {
        let _ = writeln!(out, "{}", of_app(app));
    }
    let left = proposal.left.iter().map(|left| format!("skipped: {left}"));
    let unread = unread.iter().map(|one| format!("not read: {one}"));
    for line in left.chain(unread) {
        for line in wrapped(&visible(&line), 0) {
            let _ = writeln!(out, "{line}");
        }
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    out
}

/// `1 app`, or how many.
pub(super) fn number(proposal: &Proposal) -> String {
    counted(proposal.apps.len(), "app")
}

fn of_app(app: &App) -> String {
    let mut out = format!("{}   {}\n", app.name, visible(&app.language));
    for Line { key, value, sure, why } in &app.lines {
        let text = match sure {
            Sure::Missing => (*key).to_owned(),
            _ => short(key, value),
        };
        row(&mut out, word(*sure), &text, why);
    }
    if let Some(test) = &app.test {
        row(
            &mut out,
            word(Sure::Guess),
            "unit-test",
            &format!("{}, in {}", test.seen.words(), test.image),
        );
    }
    row(&mut out, word(app.build.0), "build-image", &app.build.1);
    for left in &app.left {
        row(&mut out, "left out", "", left);
    }
    out
}

fn word(sure: Sure) -> &'static str {
    match sure {
        Sure::Seen => "found",
        Sure::Guess => "guess",
        Sure::StandIn | Sure::Missing => "fill in",
    }
}

/// A key and its value on one line; of variables and processes only the names.
fn short(key: &str, value: &Value) -> String {
    /// The longest line without a reason.
    const LONGEST: usize = 69;
    let mut line = match (key, value) {
        ("env" | "processes", Value::Map(map)) => {
            format!("{key}: {}", map.keys().collect::<Vec<_>>().join(", "))
        }
        ("source", Value::Map(map)) => {
            let all = map.iter().map(|(key, value)| {
                let value = value.as_str().unwrap_or_default();
                if key == "url" { value.to_owned() } else { format!("{key} {value}") }
            });
            format!("source: {}", all.collect::<Vec<_>>().join(", "))
        }
        (key, value) => {
            let mut line = String::new();
            entry(&mut line, key, value, 0, None);
            line
        }
    };
    line.truncate(line.trim_end().len());
    let line = shown(&line);
    if line.chars().count() <= LONGEST {
        return line;
    }
    format!("{}…", line.chars().take(LONGEST - 1).collect::<String>())
}

fn row(out: &mut String, word: &str, text: &str, why: &str) {
    let text = visible(text);
    let why = visible(why);
    let start = format!("  {word:<8} {text}");
    let one = if text.is_empty() { format!("{start}{why}") } else { format!("{start:<38}  {why}") };
    let is_short = text.is_empty() || start.chars().count() <= 38;
    if is_short && one.chars().count() <= super::PROSE {
        let _ = writeln!(out, "{one}");
        return;
    }
    let mut lines = wrapped(&why, INDENT).into_iter();
    if text.is_empty() {
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(out, "{start}{}", first.trim_start());
    } else {
        let _ = writeln!(out, "{start}");
    }
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
}
