//! The output of `gen explain`: text between words, and names in a column beside what they are about.

use std::fmt::Write as _;

use super::wrap::wrap_to;
use super::{Answer, Show, Style, answer};
use crate::ops::explain::{Part, Row};

/// Columns of an indentation.
const STEP: usize = 2;
/// The widest column of names; what a longer name is about begins on a line of its own.
const NAMES: usize = 32;

/// An explanation within a width in columns.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// The width, in columns.
    pub width: usize,
}

impl Show for Explained {
    fn answer(&self, style: Style) -> Answer<'_> {
        let mut out = String::new();
        for part in &self.parts {
            let is_title = matches!(part, Part::Rows(_)) && out.ends_with(":\n");
            if !out.is_empty() && !is_title {
                out.push('\n');
            }
            match part {
                Part::Words(text) => out.push_str(&wrap_to(text, "", self.width)),
                Part::Lines(text) => out.push_str(text),
                Part::Rows(rows) => table(&mut out, rows, style, self.width),
            }
        }
        answer(out)
    }
}

fn table(out: &mut String, rows: &[Row], style: Style, width: usize) {
    let ends = |row: &Row| row.depth * STEP + row.name.chars().count() + 2;
    let column = rows.iter().map(ends).filter(|end| *end <= NAMES + 2).max().unwrap_or(NAMES);
    for row in rows {
        let indent = " ".repeat(row.depth * STEP);
        let name = style.look.paint(anstyle::Style::new().bold(), &row.name);
        let end = ends(row);
        let _ = write!(out, "{indent}{name}");
        if row.about.is_empty() {
            out.push('\n');
            continue;
        }
        let pad = " ".repeat(column);
        let text = wrap_to(&row.about, &pad, width);
        if end > column {
            let _ = write!(out, "\n{text}");
        } else {
            // The first line begins behind the name.
            let rest = text.strip_prefix(&pad).unwrap_or(&text);
            let _ = write!(out, "{}{rest}", " ".repeat(column + 2 - end));
        }
    }
}
