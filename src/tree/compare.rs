//! A rendered folder beside what stands under its path, on disk or in a commit: what is the same, what to write, what to delete, and
//! what is somebody's work.
//!
//! gen overwrites and deletes only what its record says it wrote. Whoever can look at files implements [`Side`]; the verdicts are
//! reached here, once.

use super::{Folder, Record};
use crate::diagnostics::{Diagnostics, TreeError};

/// A folder as it stands somewhere.
pub trait Side {
    /// A file in it.
    type File: SideFile;

    /// The file that a rendered one would replace.
    ///
    /// # Errors
    /// What cannot be replaced, such as a link; what cannot be read.
    fn find(&mut self, path: &str) -> Result<Option<Self::File>, Diagnostics>;

    /// A file that only the record names. What is no file any more is nobody's to delete, and is none.
    ///
    /// # Errors
    /// A link; a path into the folder of another record; what cannot be read.
    fn find_owned(&mut self, path: &str) -> Result<Option<Self::File>, Diagnostics>;
}

/// A file as it stands somewhere.
pub trait SideFile {
    /// Whether it is a plain file of this text.
    fn holds(&self, text: &str) -> bool;

    /// Whether its content has a hash, as records write it.
    ///
    /// # Errors
    /// What cannot be read.
    fn has_hash(&self, hash: &str) -> Result<bool, Diagnostics>;
}

/// The verdicts over the files of a folder, its record included. Paths are relative to the folder.
pub struct Comparison<F> {
    /// Files that are as they should be.
    pub same: Vec<(String, F)>,
    /// Files to write, each with what it replaces.
    pub write: Vec<(String, Option<F>)>,
    /// Files to delete.
    pub delete: Vec<(String, F)>,
    /// Files that are not as gen wrote them, and would be replaced or deleted.
    pub refused: Vec<Refused<F>>,
}

/// A file that gen did not write as it stands.
pub struct Refused<F> {
    /// Relative to the folder.
    pub path: String,
    /// The file.
    pub file: F,
    /// Whether a rendered file would replace it, or it would be deleted.
    pub is_wanted: bool,
    /// Whether gen wrote it once, and somebody edited it since.
    pub is_edited: bool,
}

impl<F> Refused<F> {
    /// The error of it. `path` is the file's, for people.
    #[must_use]
    pub fn error(&self, path: String) -> TreeError {
        if self.is_edited {
            TreeError::HandEdited { path }
        } else {
            TreeError::ForeignInTheWay { path }
        }
    }
}

/// Compares a rendered folder with what stands there. `old` is the record that stands in it, `record` the text of its new one.
///
/// # Errors
/// As [`Side`].
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

/// Compares what a record names with what stands there, to delete it all, the record last.
///
/// # Errors
/// As [`Side`].
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

/// Whether a file is what its record says that gen wrote.
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
