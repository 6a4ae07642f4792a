//! For people at a terminal: the verdict first, then cause, proof, cure.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Paint};

use crate::diagnose::{Cure, Diagnosis, Evidence, Place, State, Weight};
use crate::diagnostics::visible;
use crate::ops::why::WhyReport;
use crate::report::wrap::wrap;
use crate::report::{Style, counted, list};

/// Maximum number of lines of a list.
const MOST: usize = 8;

/// Below the words of a diagnosis.
const INDENT: &str = "    ";

/// The text.
pub(super) fn text(report: &WhyReport, style: Style) -> String {
    let mut out = String::new();
    for one in &report.report.diagnoses {
        out.push_str(&diagnosis(one, style));
        out.push('\n');
    }
    end(&mut out, report, style);
    out
}

fn diagnosis(one: &Diagnosis, style: Style) -> String {
    let mut out = String::new();
    let id = one.signature.map(|signature| format!("[{}]", signature.id)).unwrap_or_default();
    let (word, colour) = match one.stands {
        Weight::Failed | Weight::Stuck => ("error", AnsiColor::Red),
        Weight::Waits => ("waiting", AnsiColor::Yellow),
        Weight::Note => ("note", AnsiColor::Blue),
    };
    let state = match one.stands {
        // What only comparing shows, no controller calls a failure.
        Weight::Stuck if one.evidence.first().is_some_and(|one| one.place == Place::Computed) => "",
        Weight::Stuck => " is stuck",
        Weight::Failed if !one.what.kind.is_empty() => " failed",
        _ => "",
    };
    let head = visible(&format!("{word}{id}: {}{state}: {}", one.what, one.title));
    let head = wrap(&head, "");
    let painted = style.look.paint(colour.on_default().bold(), &format!("{word}{id}"));
    out.push_str(&head.replacen(&format!("{word}{id}"), &painted, 1));
    let label = |word: &str| style.look.paint(AnsiColor::Cyan.on_default().bold(), word);
    let section = |out: &mut String, word: &str, text: &str| {
        let _ = writeln!(out, "  {}:", label(word));
        out.push_str(&wrap(&visible(text), INDENT));
    };
    section(&mut out, "why", &format!("{} ({})", one.cause, one.certainty.word()));
    if !one.places.is_empty() {
        section(&mut out, "where", &one.places.join("\n"));
    }
    let _ = writeln!(out, "  {}:", label("seen"));
    for evidence in &one.evidence {
        out.push_str(&seen(evidence));
    }
    if one.chain.len() > 1 {
        let _ = writeln!(out, "  {}:", label("way"));
        for (depth, link) in one.chain.iter().enumerate() {
            let reason = if link.reason.is_empty() { "" } else { &format!(": {}", link.reason) };
            let line = visible(&format!("{}{reason}", link.of));
            let _ = writeln!(out, "{INDENT}{}{line}", "  ".repeat(depth.min(8)));
        }
    }
    for (word, lines) in [
        ("follows", &one.consequences),
        ("failed, too", &one.besides),
        ("could also be", &one.alternatives),
        ("not seen", &one.missing),
    ] {
        if !lines.is_empty() {
            section(
                &mut out,
                word,
                &lines.iter().take(MOST).cloned().collect::<Vec<_>>().join("\n"),
            );
        }
    }
    if !one.cures.is_empty() {
        let _ = writeln!(out, "  {}:", label("help"));
        for cure in &one.cures {
            out.push_str(&cured(cure, style));
        }
    }
    if style.is_verbose && !one.docs.is_empty() {
        let _ = writeln!(out, "  {}: {}", label("docs"), one.docs);
        let source = one.signature.map(|signature| signature.source.as_str()).unwrap_or_default();
        let _ = writeln!(out, "  {}: {source}", label("source"));
    }
    out
}

fn seen(evidence: &Evidence) -> String {
    let of = evidence.of.to_string();
    let mut title = match evidence.place {
        Place::Log => of,
        place => format!("{} of {of}", place.word()),
    };
    if !evidence.container.is_empty() && evidence.place != Place::Log {
        let _ = write!(title, ", container {}", evidence.container);
    }
    if !evidence.reason.is_empty() {
        let _ = write!(title, ", {}", evidence.reason);
    }
    if let Some(time) = evidence.time {
        let _ = write!(title, ", {time}");
    }
    if evidence.text.trim().is_empty() {
        return wrap(&visible(&title), INDENT);
    }
    let text = wrap(&visible(&evidence.text), "      ");
    format!("{}{text}", wrap(&visible(&format!("{title}:")), INDENT))
}

fn cured(cure: &Cure, style: Style) -> String {
    let indented = |text: &str| {
        visible(text).lines().fold(String::new(), |out, line| out + "      " + line + "\n")
    };
    match cure {
        Cure::Advice(text) => wrap(&visible(text), INDENT),
        Cure::Command(text) => {
            let text = style.look.paint(Paint::new().bold(), &visible(text));
            format!("{INDENT}$ {text}\n")
        }
        Cure::Objects { title, yaml } => {
            format!("{}{}", wrap(&visible(&format!("{title}:")), INDENT), indented(yaml))
        }
        Cure::Change { file, line, title, diff } => {
            let title = visible(&format!("{file}:{line}: {title}:"));
            format!("{}{}", wrap(&title, INDENT), indented(diff))
        }
    }
}

fn end(out: &mut String, report: &WhyReport, style: Style) {
    let found = &report.report;
    let unseen: Vec<String> = found
        .unseen
        .iter()
        .map(|one| {
            let right = if one.right.is_empty() {
                String::new()
            } else {
                format!("; needs: {}", one.right)
            };
            visible(&format!("{}: {}{right}", one.what, one.why))
        })
        .collect();
    list(out, "could not be seen", &unseen, MOST, style.is_verbose);
    if let Some(left_out) = found.left_out {
        let _ = writeln!(
            out,
            "{} of {} bytes in the middle of the input were left out",
            left_out.bytes, left_out.of
        );
    }
    let (objects, events, lines) = found.read;
    let read: Vec<String> = [(objects, "object"), (events, "event"), (lines, "line")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    let read = if read.is_empty() { "nothing".to_owned() } else { read.join(", ") };
    let wrong = found.diagnoses.iter().filter(|one| one.stands < Weight::Waits).count();
    let (verdict, colour) = match found.state {
        State::Well if found.is_text_alone() => {
            ("no failure that gen knows".to_owned(), AnsiColor::Green)
        }
        State::Well => ("nothing is wrong".to_owned(), AnsiColor::Green),
        State::Busy => {
            ("nothing is wrong, and something is in progress".to_owned(), AnsiColor::Green)
        }
        State::Found => (counted(wrong, "cause"), AnsiColor::Red),
        State::Unknown => ("the cause was not found".to_owned(), AnsiColor::Yellow),
        State::Nothing => ("there is nothing to look at".to_owned(), AnsiColor::Yellow),
    };
    let verdict = style.look.paint(colour.on_default().bold(), &verdict);
    let _ = writeln!(out, "{verdict}: read {read}");
    let well: Vec<String> =
        found.well.iter().map(|one| visible(&format!("{}: {}", one.of, one.stands))).collect();
    if style.is_verbose || found.diagnoses.is_empty() {
        for line in well.iter().take(if style.is_verbose { well.len() } else { MOST }) {
            let _ = writeln!(out, "  {line}");
        }
    }
    let first = found.diagnoses.iter().find(|one| one.signature.is_some());
    if let Some(signature) = first.filter(|_| !style.is_verbose).and_then(|one| one.signature) {
        let _ = writeln!(out, "more about a cause: `gen explain {}`", signature.id);
    }
}
