//! How Flux writes a text before it substitutes variables in it: as Go's YAML emitter does (goyaml.v2, `stringv` and
//! `yaml_emitter_analyze_scalar`), for the style decides what a value may do to the document.

use crate::yaml::{Value, resolve_as_kubernetes};

/// The style of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

impl Style {
    /// The text between its quotes.
    pub(super) fn written(self, text: &str) -> String {
        match self {
            Self::Plain | Self::Literal => text.to_owned(),
            Self::Single => text.replace('\'', "''"),
            Self::Double => text.chars().map(escaped).collect(),
        }
    }

    /// Between quotes.
    pub(super) fn quoted(self, written: &str) -> String {
        match self {
            Self::Plain | Self::Literal => written.to_owned(),
            Self::Single => format!("'{written}'"),
            Self::Double => format!("\"{written}\""),
        }
    }
}

fn escaped(c: char) -> String {
    match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        c if is_printable(c) => c.to_string(),
        c => match u32::from(c) {
            code @ 0..=0xff => format!("\\x{code:02X}"),
            code @ 0x100..=0xffff => format!("\\u{code:04X}"),
            code => format!("\\U{code:08X}"),
        },
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// The style of a text.
pub(super) fn style(text: &str, is_key: bool) -> Style {
    let has_lines = text.contains('\n');
    let is_special = text.chars().any(|c| !is_printable(c) && c != '\n');
    let bounds = [text.chars().next(), text.chars().next_back()];
    let has_space_before_break = text.contains(" \n");
    if has_lines {
        // A key is one line, and a block has no spaces at the end of a line.
        let is_block = !is_key && !is_special && !has_space_before_break && !text.ends_with(' ');
        return if is_block { Style::Literal } else { Style::Double };
    }
    if is_special || resolve_as_kubernetes(text) != Value::from(text) {
        return Style::Double;
    }
    if bounds.contains(&Some(' ')) || has_indicator(text) { Style::Single } else { Style::Plain }
}

/// Whether something in it means something else to YAML.
fn has_indicator(text: &str) -> bool {
    let is_blank = |c: Option<char>| c.is_none_or(|c| " \t\n\r".contains(c));
    if text.starts_with("---") || text.starts_with("...") || text.is_empty() {
        return true;
    }
    let mut before = None;
    let mut all = text.chars().peekable();
    while let Some(c) = all.next() {
        let is_followed = is_blank(all.peek().copied());
        let means = match (c, before) {
            (
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`',
                None,
            ) => true,
            ('?' | '-', None) | (':', _) => is_followed,
            ('#', Some(last)) => is_blank(Some(last)),
            _ => false,
        };
        if means {
            return true;
        }
        before = Some(c);
    }
    false
}
