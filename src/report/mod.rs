//! The output: reports on stdout, messages on stderr.
//!
//! An operation returns a report; a file here formats it ([`Show`]); [`Screen::show`] writes it in the requested [`Format`]. A new
//! format is a variant of [`Format`], a function of [`Show`], and an implementation for each report that has it.

mod blame;
mod check;
mod commit;
mod diff;
mod document;
mod explain;
mod failure;
mod graph;
mod import;
mod init;
mod log;
mod marked;
mod page;
mod pins;
mod plain;
mod progress;
mod proposal;
mod render;
mod screen;
mod secrets;
mod status;
mod templates;
mod trigger;
mod unified;
mod why;
mod wrap;

pub use check::{GitHub, Junit, Sarif};
pub use diff::SCHEMA as DIFF_SCHEMA;
pub use explain::Explained;
pub use failure::failure_json;
pub use graph::Drawing;
pub use page::page_html;
pub use plain::{Plain, version};
pub use screen::{Colour, Screen};
pub use status::Watched;
pub use unified::unified;

use std::fmt::Write as _;

use serde_json::Value;

use crate::diagnostics::{Look, Sources, counted};
use crate::name::naturally;

/// The output format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// For programs.
    Json,
    /// For a pull request comment.
    Markdown,
    /// A page for a browser, in one file.
    Html,
}

/// The style of text output.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Coloured or plain.
    pub look: Look,
    /// All lists in full.
    pub is_verbose: bool,
    /// Without the fields of objects.
    pub is_summary: bool,
}

/// The parts of an answer, written one by one.
pub type Answer<'a> = Box<dyn Iterator<Item = String> + 'a>;

/// A report in all its formats.
pub trait Show {
    /// The requested data as text, part by part; printed even with `--quiet`.
    fn answer(&self, _style: Style) -> Answer<'_> {
        Box::new(std::iter::empty())
    }

    /// What was done, as text.
    fn text(&self, _style: Style) -> String {
        String::new()
    }

    /// Everything as JSON. Its `schema` is incremented when the meaning of a field changes.
    fn json(&self, _sources: &Sources) -> Value {
        Value::Null
    }

    /// The same without details, for `--summary`.
    fn summary(&self, sources: &Sources) -> Value {
        self.json(sources)
    }

    /// A pull request comment, if there is one.
    fn markdown(&self, style: Style) -> String {
        self.text(style)
    }

    /// A page for a browser, if there is one.
    fn html(&self) -> String {
        String::new()
    }
}

/// An answer of one part.
fn answer(text: String) -> Answer<'static> {
    Box::new(std::iter::once(text))
}

/// A sorted list with a title, cut after `most` lines unless verbose; nothing if it is empty.
fn list(out: &mut String, title: &str, lines: &[String], most: usize, is_verbose: bool) {
    if !lines.is_empty() {
        let _ = writeln!(out, "{title}:");
        let lines: Vec<String> = naturally(lines.iter().cloned());
        cut(out, &lines, most, is_verbose);
    }
}

/// The width of prose.
const PROSE: usize = 80;

/// A text in lines with this indentation, beside that of the list.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && length > PROSE - indent - 4 {
            lines.push(format!("{pad}{line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(format!("{pad}{line}"));
    }
    lines
}

/// Indented lines, cut after `most` unless verbose.
fn cut(out: &mut String, lines: &[String], most: usize, is_verbose: bool) {
    let shown = if is_verbose { lines.len() } else { most };
    for line in lines.iter().take(shown) {
        let _ = writeln!(out, "  {line}");
    }
    if lines.len() > shown {
        let more = lines.len() - shown;
        let _ = writeln!(out, "  … and {more} more; `-v` lists all");
    }
}
