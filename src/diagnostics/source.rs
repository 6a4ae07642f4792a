//! Texts of files and places in them.
//!
//! Everything that a person wrote keeps the place where it was written, so that an error found much later (after merging,
//! after rendering) still points at the line to change. This module reads nothing: edges hand the texts in.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Which file of a [`Sources`] table a [`Span`] lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The file of values that nobody wrote: gen's own defaults. It has no text.
    pub const BUILT_IN: Self = Self(0);
}

/// A place in a text: line and column, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// A stretch of one file, from `start` up to and without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Where it begins.
    pub start: Position,
    /// The first place behind it.
    pub end: Position,
}

impl Hash for Span {
    /// Nothing: a location is not part of what stands there. So a digest over what was read covers every field of a type, and is
    /// the same after a comment or a blank line.
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Span {
    /// The place of what gen supplies by itself.
    pub const BUILT_IN: Self = Self {
        file: FileId::BUILT_IN,
        start: Position { line: 1, column: 1 },
        end: Position { line: 1, column: 1 },
    };

    /// The first character of a file, for what concerns the file as a whole.
    #[must_use]
    pub fn top_of(file: FileId) -> Self {
        let start = Position { line: 1, column: 1 };
        Self { file, start, end: start }
    }

    /// Whether gen supplied this, not a person.
    #[must_use]
    pub fn is_built_in(self) -> bool {
        self.file == FileId::BUILT_IN
    }
}

/// One file: its path as a person would type it (relative to the root of the repository, with `/`), and its text.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative path with forward slashes.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

/// The texts that spans point into.
#[derive(Debug, Clone)]
pub struct Sources {
    files: Vec<File>,
}

impl Default for Sources {
    fn default() -> Self {
        let built_in = File { path: Arc::from("(built in)"), text: Arc::from("") };
        Self { files: vec![built_in] }
    }
}

impl Sources {
    /// Adds a file and names it.
    ///
    /// # Panics
    /// With more than four thousand million files.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer files than u32 counts"));
        self.files.push(File { path: path.into(), text: text.into() });
        id
    }

    /// The file behind a name that this table gave out.
    #[must_use]
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// `path:line:column`, as compilers print it and editors open it.
    #[must_use]
    pub fn locate(&self, span: Span) -> String {
        let file = self.file(span.file);
        if span.is_built_in() {
            return file.path.to_string();
        }
        format!("{}:{}:{}", file.path, span.start.line, span.start.column)
    }

    /// The text of one line without its line break, or nothing if the file is shorter.
    #[must_use]
    pub fn line(&self, file: FileId, line: u32) -> Option<&str> {
        let text = &self.file(file).text;
        text.lines().nth(line.checked_sub(1)? as usize)
    }
}
