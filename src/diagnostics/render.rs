//! A diagnostic for a terminal: location and message, the source line, a caret, the advice.
//!
//! Messages first, decoration second: nothing is lost without colour, and every line makes sense to a screen reader.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::excerpt::masked;
use super::{Diagnostic, Severity};
use crate::diagnostics::{Sources, Span};

/// The style of diagnostics: coloured, or without escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// With colours, for a terminal.
    Coloured,
    /// Bare text, for pipes, files and `NO_COLOR`.
    Plain,
}

impl Look {
    /// A text in a style; bare text for the default one.
    #[must_use]
    pub fn paint(self, style: Style, text: &str) -> String {
        if self == Self::Plain || style == Style::new() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}

/// Long lines of a source are cut around the caret to this many characters.
const EXCERPT: usize = 100;

/// Writes one diagnostic, several lines, with a line break at the end.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, look: Look) -> String {
    render_with(diagnostic, sources, look, &diagnostic.kind.help())
}

/// The same with other help than its own; an empty one is left out.
#[must_use]
pub fn render_with(diagnostic: &Diagnostic, sources: &Sources, look: Look, help: &str) -> String {
    let (word, colour) = match diagnostic.severity {
        Severity::Error => ("error", AnsiColor::Red),
        Severity::Warning => ("warning", AnsiColor::Yellow),
    };
    let colour = colour.on_default().bold();
    let head = look.paint(colour, &format!("{word}[{}]", diagnostic.kind.entry().code));
    let place = |span| format!("{}: ", visible(&sources.locate(span)));
    let in_file = || diagnostic.path.as_ref().map(|path| format!("{}: ", visible(path)));
    let at = diagnostic.at.map(place).or_else(in_file).unwrap_or_default();
    let mut out = format!("{head}: {at}{}\n", visible(&short(&diagnostic.kind.to_string())));
    if let Some(span) = diagnostic.at {
        excerpt(&mut out, sources, span, &|carets| look.paint(colour, carets));
    }
    for note in &diagnostic.notes {
        let word = look.paint(Style::new().bold(), "note");
        let at = note.at.map(place).unwrap_or_default();
        let _ = writeln!(out, "  {word}: {at}{}", visible(&note.text));
    }
    if !help.is_empty() {
        let word = look.paint(AnsiColor::Cyan.on_default().bold(), "help");
        let _ = writeln!(out, "  {word}: {}", visible(&short(help)));
    }
    out
}

fn excerpt(out: &mut String, sources: &Sources, span: Span, paint: &dyn Fn(&str) -> String) {
    let Some(line) = sources.line(span.file, span.start.line) else {
        return;
    };
    if line.trim().is_empty() {
        return;
    }
    let (skipped, characters) = around(line, span.start.column as usize - 1);
    let start = (span.start.column as usize - 1 - skipped).min(characters.len());
    let end = if span.end.line == span.start.line {
        (span.end.column as usize - 1).saturating_sub(skipped)
    } else {
        characters.len()
    };
    let end = end.clamp((start + 1).min(characters.len().max(start)), characters.len().max(start));
    let from = start.saturating_sub(EXCERPT / 2);
    let from = if characters.len() <= EXCERPT { 0 } else { from };
    let to = (from + EXCERPT).min(characters.len());
    let shown: String =
        characters[from..to].iter().map(|c| if *c == '\t' { ' ' } else { *c }).collect();
    let number = span.start.line.to_string();
    let gutter = " ".repeat(number.len());
    let _ = writeln!(out, "  {number} | {}", visible(shown.trim_end()));
    let carets = "^".repeat(end.min(to).saturating_sub(start).max(1));
    let lead = " ".repeat(start - from);
    let _ = writeln!(out, "  {gutter} | {lead}{}", paint(&carets));
}

/// Messages repeat input, which can be a megabyte.
fn short(text: &str) -> Cow<'_, str> {
    const MOST: usize = 2_000;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The part of a line around a column, with secrets hidden, and the number of characters before it. A line can be a
/// megabyte, with an error at each of its words.
fn around(line: &str, column: usize) -> (usize, Vec<char>) {
    const EACH_SIDE: usize = 2_000;
    let skipped = column.saturating_sub(EACH_SIDE);
    let part: String = line.chars().skip(skipped).take(2 * EACH_SIDE).collect();
    let mut characters: Vec<char> = masked(&part).chars().collect();
    if skipped > 0 {
        // The rest of a word does not tell whether the word is a secret.
        let word = characters.iter().position(|c| c.is_whitespace() || ",{}[]".contains(*c));
        let word = word.unwrap_or(characters.len());
        characters[..word].fill('*');
    }
    (skipped, characters)
}

/// Control characters of the input would control the terminal, and invisible ones change how the rest of a line looks
/// (CVE-2021-42574): they are shown, not sent.
#[must_use]
pub fn visible(text: &str) -> String {
    let hides = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
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
