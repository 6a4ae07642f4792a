//! Compares a rendered folder with the same folder on disk or in a commit: what is the same, what to write, what to delete, and
//! what somebody else wrote.
//!
//! gen overwrites and deletes only files that its record lists, as it wrote them. [`Side`] looks at the files; the verdicts are
//! reached here, once.

use super::{Folder, Record};
use crate::diagnostics::{Diagnostics, TreeError};

/// An existing folder, on disk or in a commit.
pub trait Side {
    /// A file in it.
    type File: SideFile;

    /// The file that a rendered one would replace.
    ///
    /// # Errors
    /// Anything that cannot be replaced, such as a link, or cannot be read.
    fn find(&mut self, path: &str) -> Result<Option<Self::File>, Diagnostics>;

    /// A file that only the record lists; none if the path is no longer a file, and so not to be deleted.
    ///
    /// # Errors
    /// A link; a path into the folder of another record; anything that cannot be read.
    fn find_owned(&mut self, path: &str) -> Result<Option<Self::File>, Diagnostics> {
        self.find(path)
    }
}

/// An existing file.
pub trait SideFile {
    /// Whether it is a regular file with this text.
    fn holds(&self, text: &str) -> bool;

    /// Whether its content has this hash, in the format of records.
    fn has_hash(&self, hash: &str) -> Result<bool, Diagnostics>;
}

/// The verdicts on the files of a folder, including its record. Paths are relative to the folder.
pub struct Comparison<F> {
    /// Files that are up to date.
    pub same: Vec<(String, F)>,
    /// Files to write, each with the one it replaces.
    pub write: Vec<(String, Option<F>)>,
    /// Files to delete.
    pub delete: Vec<(String, F)>,
    /// Files that would be replaced or deleted, but are not as gen wrote them.
    pub refused: Vec<Refused<F>>,
}

/// A file that is not as gen wrote it.
pub struct Refused<F> {
    /// Relative to the folder.
    pub path: String,
    /// The file.
    pub file: F,
    /// Whether a rendered file would replace it; otherwise it would be deleted.
    pub is_wanted: bool,
    /// Whether gen wrote it, and somebody edited it since.
    pub is_edited: bool,
}

impl<F> Refused<F> {
    /// The error for it. `path` is the file's, for people.
    #[must_use]
    pub fn error(&self, path: String) -> TreeError {
        refusal(path, self.is_edited)
    }
}

/// The error for a file that gen did not write, or that was edited since.
pub(crate) fn refusal(path: String, is_edited: bool) -> TreeError {
    if is_edited { TreeError::HandEdited { path } } else { TreeError::ForeignInTheWay { path } }
}

/// Compares a rendered folder with the existing one. `old` is the existing record, `record` the text of the new one.
pub fn compare<S: Side>(
    side: &mut S,
    old: Option<(&Record, S::File)>,
    folder: &Folder,
    record: &str,
) -> Result<Comparison<S::File>, Diagnostics> {
    let mut all = Comparison::default();
    let (old, old_file) = old.unzip();
    let named = |path: &str| old.and_then(|old| old.files.get(path));
    for (path, text) in &folder.files {
        match side.find(path)? {
            Some(file) if file.holds(text) => all.same.push((path.clone(), file)),
            Some(file) if !is_ours(&file, named(path))? => {
                all.refuse(path, file, true, named(path).is_some());
            }
            found => all.write.push((path.clone(), found)),
        }
    }
    if let Some(old) = old {
        let gone = |path: &&String| !folder.files.contains_key(*path);
        all.delete(side, old, old.files.keys().filter(gone))?;
    }
    match old_file {
        Some(file) if file.holds(record) => all.same.push((folder.record.clone(), file)),
        file => all.write.push((folder.record.clone(), file)),
    }
    Ok(all)
}

/// Compares the files listed by a record with the existing ones, to delete them all, the record last.
pub fn compare_removal<S: Side>(
    side: &mut S,
    (old, file): (&Record, S::File),
    record_name: &str,
) -> Result<Comparison<S::File>, Diagnostics> {
    let mut all = Comparison::default();
    all.delete(side, old, old.files.keys())?;
    all.delete.push((record_name.to_owned(), file));
    Ok(all)
}

/// Whether a file is as gen wrote it, according to its record.
fn is_ours<F: SideFile>(file: &F, named: Option<&String>) -> Result<bool, Diagnostics> {
    named.map_or(Ok(false), |hash| file.has_hash(hash))
}

impl<F> Default for Comparison<F> {
    fn default() -> Self {
        Self { same: Vec::new(), write: Vec::new(), delete: Vec::new(), refused: Vec::new() }
    }
}

impl<F: SideFile> Comparison<F> {
    fn delete<'p>(
        &mut self,
        side: &mut impl Side<File = F>,
        record: &Record,
        paths: impl Iterator<Item = &'p String>,
    ) -> Result<(), Diagnostics> {
        for path in paths {
            let Some(file) = side.find_owned(path)? else {
                continue;
            };
            if is_ours(&file, record.files.get(path))? {
                self.delete.push((path.clone(), file));
            } else {
                self.refuse(path, file, false, true);
            }
        }
        Ok(())
    }

    fn refuse(&mut self, path: &str, file: F, is_wanted: bool, is_edited: bool) {
        self.refused.push(Refused { path: path.to_owned(), file, is_wanted, is_edited });
    }
}
