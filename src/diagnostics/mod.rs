//! Errors and warnings as data: a kind with its facts, a location, notes.
//!
//! Each area has a closed enum in a file here; the macro gives every variant a code, an exit status, a message and a
//! `help:`. The same table makes `gen explain GEN0312` and docs/reference/errors.md, so that no error goes undocumented.

mod catalogue;
mod excerpt;
mod exit;
mod kinds;
mod render;
mod secret;
mod source;
mod words;

pub use catalogue::{Code, Entry};
pub use excerpt::masked;
pub use exit::Exit;
pub use kinds::*;
pub use render::{Look, render, render_with, visible};
pub use secret::{before_secret, beside_secret, is_secret_of, looks_secret, named_secret};
pub use source::{File, FileId, Position, Sources, Span};
pub use words::counted;

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The command fails.
    Error,
    /// The command succeeds, but somebody should look.
    Warning,
}

/// A remark on a second location.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Note {
    /// The location, if any.
    pub at: Option<Span>,
    /// Lower case, no full stop.
    pub text: String,
}

/// A finding: its kind, its location and its advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The kind, with its facts.
    pub kind: Kind,
    /// The location in a file written by a person.
    pub at: Option<Span>,
    /// The file, if there is no text to point into.
    pub path: Option<String>,
    /// Further locations and remarks.
    pub notes: Vec<Note>,
}

impl Hash for Diagnostic {
    /// With the location, which spans themselves feed nothing of: one mistake in a hundred thousand lines is as many diagnostics, and a
    /// table that took them all for one would compare each with each.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let at = self.at.map(|span| (span.file, span.start, span.end));
        (&self.severity, &self.kind, at, &self.path).hash(state);
    }
}

impl Diagnostic {
    /// An error, without a location yet.
    pub fn error(kind: impl Into<Kind>) -> Self {
        Self {
            severity: Severity::Error,
            kind: kind.into(),
            at: None,
            path: None,
            notes: Vec::new(),
        }
    }

    /// A warning, without a location yet.
    pub fn warning(kind: impl Into<Kind>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(kind) }
    }

    /// Sets the location, except for values supplied by gen itself.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.at = (!span.is_built_in()).then_some(span);
        self
    }

    /// Sets the file, if no text can be shown.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds a second location or a remark.
    #[must_use]
    pub fn note(mut self, at: Option<Span>, text: impl Into<String>) -> Self {
        self.notes.push(Note { at: at.filter(|span| !span.is_built_in()), text: text.into() });
        self
    }

    /// Its exit status.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.kind.entry().exit
    }

    /// Whether a summary has its own line for this warning: what was left out, and images by tag. With its location it is shown by `-v`,
    /// and next to errors it would only bury them.
    #[must_use]
    pub fn is_for_the_summary(&self) -> bool {
        self.severity == Severity::Warning
            && matches!(
                self.kind,
                Kind::Spec(SpecError::Unmet { .. } | SpecError::ImageByTag { .. })
            )
    }
}

impl std::fmt::Display for Diagnostic {
    /// Code and message on one line, without the location.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {}", self.kind.entry().code, self.kind)
    }
}

impl std::error::Error for Diagnostic {}

/// Diagnostics in the order found, without duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    seen: HashSet<Diagnostic>,
    errors: usize,
    /// Whether errors were dropped.
    more: bool,
}

/// Maximum number of errors kept. A file of a megabyte can contain a million, each larger than its cause.
const MOST_ERRORS: usize = 1_000;

impl Diagnostics {
    /// Adds one, unless it is a duplicate (one line of `gen.yaml` is read for every environment).
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.seen.contains(&diagnostic) {
            return;
        }
        if diagnostic.severity == Severity::Error {
            if self.errors == MOST_ERRORS {
                self.more = true;
                return;
            }
            self.errors += 1;
        }
        self.seen.insert(diagnostic.clone());
        self.list.push(diagnostic);
    }

    /// Adds an error with a location.
    pub fn error(&mut self, at: Span, kind: impl Into<Kind>) {
        self.push(Diagnostic::error(kind).at(at));
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: Self) {
        if self.list.is_empty() && !self.more {
            *self = other;
            return;
        }
        self.more |= other.more;
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// The values of results, and all problems of the others.
    pub fn partition<T>(results: impl IntoIterator<Item = Result<T, Self>>) -> (Vec<T>, Self) {
        let mut problems = Self::default();
        let values = results.into_iter().filter_map(|one| {
            let value = one.map_err(|found| problems.extend(found));
            value.ok()
        });
        (values.collect(), problems)
    }

    /// Whether errors were dropped because there were too many.
    #[must_use]
    pub fn are_cut(&self) -> bool {
        self.more
    }

    /// All but the warnings shown in the summary ([`Diagnostic::is_for_the_summary`]).
    #[must_use]
    pub fn without_those_for_the_summary(&self) -> Self {
        let mut rest = self.clone();
        rest.list.retain(|one| !one.is_for_the_summary());
        rest
    }

    /// Whether there is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Their number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Sorts by location, so that the output does not depend on the order of threads. Those without a location come last.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|d| {
            (d.severity, d.at.is_none(), d.at, d.kind.entry().code, d.to_string())
        });
    }

    /// The exit status of the gravest error; done if there is none.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let errors = self.list.iter().filter(|d| d.severity == Severity::Error);
        errors.map(Diagnostic::exit).fold(Exit::Done, Exit::worse)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Self::default();
        diagnostics.push(diagnostic);
        diagnostics
    }
}

impl<K: Into<Kind>> From<K> for Diagnostics {
    /// An error without a place.
    fn from(kind: K) -> Self {
        Diagnostic::error(kind).into()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.list.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Diagnostics {}
