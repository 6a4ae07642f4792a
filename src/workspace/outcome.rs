//! What publication is told, and what it answers.

use crate::diagnostics::Diagnostics;

/// How to publish.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Overwrite what was edited by hand and what stands in the way.
    pub force: bool,
    /// Write nothing, and say in full what would change.
    pub check: bool,
}

/// What the statistics cache keeps for a folder: next time, the same input and untouched files need no rendering. With no digest,
/// only what its files were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remember {
    /// The digest of everything that the folder was rendered from.
    pub input_digest: String,
    /// What the caller wants back then, in its own form.
    pub facts: String,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// Relative to the root.
    pub path: String,
    /// The text on disk; none where there is no file.
    pub before: Option<String>,
    /// The text that gen would write; none where it would delete.
    pub after: Option<String>,
}

/// What a folder needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Files new or changed, the record included, relative to the root, sorted.
    pub written: Vec<String>,
    /// How many files are on disk just as they should be.
    pub unchanged: usize,
    /// Files that go, relative to the root, sorted.
    pub removed: Vec<String>,
    /// How many files lie in the folder that are not gen's. They stay.
    pub kept: usize,
    /// Full texts: of every difference in check mode, else of what was refused.
    pub changes: Vec<FileDiff>,
    /// Hand edits and files in the way (GEN0801, GEN0802). While any folder has some, nothing is published.
    pub refused: Diagnostics,
}

/// The sum over all folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files written.
    pub written: usize,
    /// Files left as they were.
    pub unchanged: usize,
    /// Files removed.
    pub removed: usize,
    /// Foreign files that stay.
    pub kept: usize,
    /// An earlier, interrupted render was finished first.
    pub rolled_forward: bool,
}
