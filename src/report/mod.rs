//! What a person or a program reads: reports on stdout, talk on stderr.
//!
//! An operation returns a report; a file here says how it looks ([`Show`]); [`Screen::show`] writes it in the [`Format`] that was asked
//! for. A new format is a line in the table of formats, a function of [`Show`], and a file for each report that has it.

mod commit;
mod diff;
mod failure;
mod init;
mod log;
mod pins;
mod plain;
mod progress;
mod render;
mod screen;
mod secrets;
mod templates;
mod trigger;
mod unified;

pub use diff::SCHEMA as DIFF_SCHEMA;
pub use failure::failure_json;
pub use plain::{Plain, version};
pub use screen::{Colour, Screen};
pub use unified::unified;

use std::fmt::Write as _;

use serde_json::Value;

use crate::diagnostics::{Look, Sources};

/// The form in which a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// For programs.
    Json,
    /// For the comment of a pull request.
    Markdown,
}

/// How a text for people looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With colours or without.
    pub look: Look,
    /// With every list in full.
    pub is_verbose: bool,
    /// Without the fields of objects.
    pub is_summary: bool,
}

/// A report, as people and programs read it.
pub trait Show {
    /// What was asked for, part by part, as text. It is written with `--quiet`, too.
    fn answer(&self, _style: Style) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(std::iter::empty())
    }

    /// What was done, as text.
    fn text(&self, _style: Style) -> String {
        String::new()
    }

    /// All of it, for programs. `schema` in it counts up when a field changes its meaning.
    fn json(&self, _sources: &Sources) -> Value {
        Value::Null
    }

    /// A comment of a pull request, where there is one.
    fn markdown(&self, style: Style) -> String {
        self.text(style)
    }
}

/// A number of things: `1 list`, `2 lists`.
fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// A list below its title, cut after `most` lines unless everything is wanted; nothing where it is empty.
fn list(out: &mut String, title: &str, lines: &[String], most: usize, is_verbose: bool) {
    if !lines.is_empty() {
        let _ = writeln!(out, "{title}:");
        cut(out, lines, most, is_verbose);
    }
}

/// Indented lines, cut after `most` unless everything is wanted.
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
