//! The options and results of a publication.

use crate::diagnostics::Diagnostics;

/// The options of a publication.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Overwrite hand edits and files in the way.
    pub force: bool,
    /// Write nothing, and return the full texts of all changes.
    pub check: bool,
}

/// The part of a folder's cache entry that is up to the caller: next time, the same input and untouched files need no rendering.
/// Without a digest, only the states of the files are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remember {
    /// A digest of everything that the folder was rendered from.
    pub input_digest: String,
    /// Data for the caller, in its own format.
    pub facts: String,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// Relative to the root.
    pub path: String,
    /// The text on disk; none if there is no file.
    pub before: Option<String>,
    /// The text that gen would write; none if it would delete the file.
    pub after: Option<String>,
}

/// The changes to a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// New and changed files, including the record, relative to the root, sorted.
    pub written: Vec<String>,
    /// The number of files that are up to date.
    pub unchanged: usize,
    /// Removed files, relative to the root, sorted.
    pub removed: Vec<String>,
    /// The number of files in the folder that are not gen's. They are kept.
    pub kept: usize,
    /// Full texts of every difference in check mode, otherwise of refused files.
    pub changes: Vec<FileDiff>,
    /// Hand edits and files in the way (GEN0801, GEN0802). If any folder has some, nothing is published.
    pub refused: Diagnostics,
}

/// The sum over all folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files written.
    pub written: usize,
    /// Files left unchanged.
    pub unchanged: usize,
    /// Files removed.
    pub removed: usize,
    /// Foreign files that are kept.
    pub kept: usize,
    /// An earlier, interrupted render was finished first.
    pub rolled_forward: bool,
}
