//! Writing a text in the style that was decided.

use super::scalar::{Style, is_invisible};

/// Writes a text on one line. A block is none, so it becomes quoted.
pub(super) fn one_line(out: &mut String, text: &str, style: Style) {
    match style {
        Style::Plain => out.push_str(text),
        Style::Single => {
            out.push('\'');
            out.push_str(text);
            out.push('\'');
        }
        Style::Double | Style::Block => double_quoted(out, text),
    }
}

/// Writes what stands before a block: the bar, the indentation where readers could not find it out, and what becomes of
/// the line breaks at the end.
pub(super) fn block_head(out: &mut String, text: &str) {
    out.push('|');
    // Readers take the indentation from the first line with something on it.
    if text.trim_start_matches('\n').starts_with(' ') {
        out.push('2');
    }
    if text.ends_with("\n\n") {
        out.push('+');
    } else if !text.ends_with('\n') {
        out.push('-');
    }
    out.push('\n');
}

fn double_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut raw = 0;
    for (at, c) in text.char_indices() {
        let named = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ if is_invisible(c) => "",
            _ => continue,
        };
        out.push_str(&text[raw..at]);
        raw = at + c.len_utf8();
        if named.is_empty() {
            escape(out, u32::from(c));
        } else {
            out.push_str(named);
        }
    }
    out.push_str(&text[raw..]);
    out.push('"');
}

/// Only the three forms with a fixed count of digits, which YAML 1.1 and 1.2 share; JSON's pairs of surrogates are in
/// neither.
fn escape(out: &mut String, code: u32) {
    let (letter, digits) = match code {
        0..=0xFF => ('x', 2),
        0x100..=0xFFFF => ('u', 4),
        _ => ('U', 8),
    };
    out.push('\\');
    out.push(letter);
    for place in (0..digits).rev() {
        let digit = (code >> (4 * place)) & 0xF;
        out.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}
