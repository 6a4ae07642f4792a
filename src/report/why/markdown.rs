//! For a comment on a pull request. Logs and messages are anybody's text: nothing in them is markup.

use std::fmt::Write as _;

use super::words::stands;
use crate::diagnose::{Cure, Diagnosis, State, Weight};
use crate::diagnostics::visible;
use crate::ops::why::{FixState, WhyReport};
use crate::report::marked::{code, escaped, longest_run};

/// Maximum number of bytes of a comment, with room for the last sentence.
const LONGEST: usize = 60_000;

/// The comment.
pub(super) fn markdown(report: &WhyReport) -> String {
    let mut out = String::from("### gen why\n\n");
    let verdict = match report.report.state {
        State::Well if report.report.is_text_alone() => "It has no failure that gen knows.",
        State::Well => "Nothing is wrong.",
        State::Busy => "Nothing is wrong; something is in progress.",
        State::Found => "",
        State::Unknown => "The cause was not found.",
        State::Nothing => "There is nothing to look at.",
    };
    if !verdict.is_empty() {
        let _ = writeln!(out, "{verdict}\n");
    }
    for one in &report.report.diagnoses {
        let part = diagnosis(one);
        if out.len() + part.len() > LONGEST {
            out.push_str("The comment is truncated: run `gen why` for the rest.\n");
            break;
        }
        out.push_str(&part);
    }
    match report.fix.as_ref().filter(|fix| fix.is_change()).map(|fix| &fix.state) {
        Some(FixState::Written) => out.push_str("The change to the spec was written.\n"),
        Some(FixState::Pushed(_)) => out.push_str("The change to the spec was pushed.\n"),
        Some(FixState::Shown) | None => {}
    }
    for one in report.report.unseen.iter().take(20) {
        let _ = writeln!(out, "- not seen: {}: {}", escaped(&one.what), escaped(&one.why));
    }
    out
}

fn diagnosis(one: &Diagnosis) -> String {
    let mut out = String::new();
    let id = one.signature.map(|signature| format!(" `{}`", signature.id)).unwrap_or_default();
    let what = code(&one.what.to_string());
    let state = if one.stands == Weight::Note { "" } else { stands(one.stands) };
    let _ = writeln!(out, "#### {what} {state}: {}{id}\n", escaped(&one.title));
    let _ = writeln!(out, "{} ({})\n", escaped(&one.cause), one.certainty.word());
    if !one.places.is_empty() {
        let places: Vec<String> = one.places.iter().map(|place| code(place)).collect();
        let _ = writeln!(out, "From {}.\n", places.join(", "));
    }
    for evidence in &one.evidence {
        let time = evidence.time.map(|time| format!(", {time}")).unwrap_or_default();
        let reason = if evidence.reason.is_empty() {
            String::new()
        } else {
            format!(", {}", evidence.reason)
        };
        let title = format!("{} of {}{reason}{time}", evidence.place.word(), evidence.of);
        let _ = writeln!(out, "{}:\n\n{}", escaped(&title), block("text", &evidence.text));
    }
    for (word, lines) in [
        ("Follows", &one.consequences),
        ("Failed, too", &one.besides),
        ("Could also be", &one.alternatives),
        ("Not seen", &one.missing),
    ] {
        for line in lines.iter().take(8) {
            let _ = writeln!(out, "- {word}: {}", escaped(line));
        }
    }
    out.push('\n');
    for cure in &one.cures {
        let _ = match cure {
            Cure::Advice(text) => writeln!(out, "**{}**\n", escaped(text)),
            Cure::Command(text) => writeln!(out, "{}", block("sh", text)),
            Cure::Objects { title, yaml } => {
                writeln!(out, "{}:\n\n{}", escaped(title), block("yaml", yaml))
            }
            Cure::Change { file, line, title, diff } => {
                writeln!(
                    out,
                    "{}: {}:\n\n{}",
                    code(&format!("{file}:{line}")),
                    escaped(title),
                    block("diff", diff)
                )
            }
        };
    }
    if !one.docs.is_empty() {
        let _ = writeln!(out, "[More]({})\n", one.docs);
    }
    out
}

/// A block that its content cannot end.
fn block(language: &str, text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}
