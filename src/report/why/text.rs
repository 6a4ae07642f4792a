//! For people at a terminal: the verdict first, then cause, proof, cure.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Paint};

use super::words::{head, title, unseen, verdict};
use crate::diagnose::{Cure, Diagnosis, Evidence, State, Weight};
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
    let (word, rest) = head(one);
    let text = wrap(&visible(&format!("{word}: {rest}")), "");
    let colour = match one.stands {
        Weight::Failed | Weight::Stuck => AnsiColor::Red,
        Weight::Waits => AnsiColor::Yellow,
        Weight::Note => AnsiColor::Blue,
    };
    let painted = style.look.paint(colour.on_default().bold(), &word);
    out.push_str(&text.replacen(&word, &painted, 1));
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
    let title = title(evidence);
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
    let unseen: Vec<String> = found.unseen.iter().map(unseen).collect();
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
    let (verdict, is_good) = verdict(report);
    let colour = match (is_good, found.state) {
        (true, _) => AnsiColor::Green,
        (false, State::Found) => AnsiColor::Red,
        (false, _) => AnsiColor::Yellow,
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
