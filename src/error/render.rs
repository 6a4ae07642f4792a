//! A diagnostic as a person reads it: what and where on one line, the line itself, a caret, what to do.
//!
//! Messages first, decoration second: without colour nothing is lost, and every line stands on its own for a screen reader.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::secret::masked;
use super::{Diagnostic, Severity};
use crate::source::{Sources, Span};

/// How diagnostics look: coloured, or not a single escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// With colours, for a terminal.
    Coloured,
    /// Bare text, for pipes, files and `NO_COLOR`.
    Plain,
}

/// Long lines of a source are cut around the caret to this many characters.
const EXCERPT: usize = 100;

/// Writes one diagnostic, several lines, with a line break at the end.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, look: Look) -> String {
    let (word, colour) = match diagnostic.severity {
        Severity::Error => ("error", AnsiColor::Red),
        Severity::Warning => ("warning", AnsiColor::Yellow),
    };
    let paint = Paint { look };
    let mut out = String::new();
    let head = format!("{word}[{}]", diagnostic.kind.entry().code);
    let _ = write!(out, "{}: ", paint.on(colour.on_default().bold(), &head));
    let place = diagnostic
        .at
        .map(|span| sources.locate(span))
        .or_else(|| diagnostic.path.clone());
    if let Some(place) = place {
        let _ = write!(out, "{}: ", visible(&place));
    }
    let _ = writeln!(out, "{}", visible(&diagnostic.kind.to_string()));
    if let Some(span) = diagnostic.at {
        excerpt(&mut out, sources, span, &paint, colour);
    }
    for note in &diagnostic.notes {
        let text = visible(&note.text);
        let _ = match note.at {
            Some(span) => writeln!(
                out,
                "  {}: {}: {text}",
                paint.on(Style::new().bold(), "note"),
                visible(&sources.locate(span))
            ),
            None => writeln!(out, "  {}: {text}", paint.on(Style::new().bold(), "note")),
        };
    }
    let help = diagnostic.kind.help();
    if !help.is_empty() {
        let _ = writeln!(
            out,
            "  {}: {}",
            paint.on(AnsiColor::Cyan.on_default().bold(), "help"),
            visible(&help)
        );
    }
    out
}

struct Paint {
    look: Look,
}

impl Paint {
    fn on(&self, style: Style, text: &str) -> String {
        match self.look {
            Look::Coloured => format!("{style}{text}{style:#}"),
            Look::Plain => text.to_owned(),
        }
    }
}

fn excerpt(out: &mut String, sources: &Sources, span: Span, paint: &Paint, colour: AnsiColor) {
    let Some(line) = sources.line(span.file, span.start.line) else {
        return;
    };
    if line.trim().is_empty() {
        return;
    }
    let characters: Vec<char> = masked(line).chars().collect();
    let start = (span.start.column as usize - 1).min(characters.len());
    let end = if span.end.line == span.start.line {
        span.end.column as usize - 1
    } else {
        characters.len()
    };
    let end = end.clamp(
        (start + 1).min(characters.len().max(start)),
        characters.len().max(start),
    );
    let from = start.saturating_sub(EXCERPT / 2);
    let from = if characters.len() <= EXCERPT { 0 } else { from };
    let to = (from + EXCERPT).min(characters.len());
    let shown: String = characters[from..to]
        .iter()
        .map(|c| if *c == '\t' { ' ' } else { *c })
        .collect();
    let number = span.start.line.to_string();
    let gutter = " ".repeat(number.len());
    let _ = writeln!(out, "  {number} | {}", visible(shown.trim_end()));
    let carets = "^".repeat(end.min(to).saturating_sub(start).max(1));
    let lead = " ".repeat(start - from);
    let _ = writeln!(
        out,
        "  {gutter} | {lead}{}",
        paint.on(colour.on_default().bold(), &carets)
    );
}

/// Control characters of the input would reach the terminal as commands, and invisible ones change how the rest of a line looks
/// (CVE-2021-42574): they are shown, not sent.
#[must_use]
pub fn visible(text: &str) -> String {
    let hides = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(
                c,
                '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            )
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if hides(character) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}
