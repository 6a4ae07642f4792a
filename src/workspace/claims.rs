//! Who writes what: two parts of the tree never the same file, and none outside clusters/.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};
use crate::tree::{Folder, folder_problem, is_record_name, path_problem};

/// The record of a folder that is one record's alone.
const WHOLE: &str = "gen.lock.json";

/// The records of all folders, and the files of those that several share.
#[derive(Debug, Default)]
pub(super) struct Claims {
    paths: BTreeSet<String>,
    /// Records of folders that are as they should be, and how many files each has.
    unchanged: BTreeMap<String, usize>,
    /// Records of folders that go.
    removed: BTreeSet<String>,
}

impl Claims {
    /// Notes a folder that is as it should be.
    pub fn unchanged(&mut self, key: String, files: usize) {
        self.unchanged.insert(key, files);
    }

    /// How many files lie in the folders that are as they should be.
    pub fn unchanged_files(&self) -> usize {
        self.unchanged.values().sum()
    }

    /// No two parts of the tree may write the same file.
    pub fn claim(&mut self, folder: &Folder) -> Result<(), Diagnostics> {
        let key = format!("{}/{}", folder.path, folder.record);
        self.unchanged.remove(&key);
        if self.removed.contains(&key) {
            return Err(collision(key));
        }
        self.take(key)?;
        if folder.record == WHOLE {
            return Ok(());
        }
        let mut paths = folder.files.keys();
        paths.try_for_each(|path| self.take(format!("{}/{path}", folder.path)))
    }

    /// What goes cannot be written too.
    pub fn remove(&mut self, folder: &str, record: &str) -> Result<(), Diagnostics> {
        let key = format!("{folder}/{record}");
        if self.is_written(&key) || !self.removed.insert(key.clone()) {
            return Err(collision(key));
        }
        Ok(())
    }

    /// A folder inside another would have files of two records.
    pub fn refuse_nested(&self) -> Result<(), Diagnostics> {
        for path in self.paths.iter().chain(self.unchanged.keys()) {
            let Some(folder) = path.strip_suffix(WHOLE).map(|folder| folder.trim_end_matches('/'))
            else {
                continue;
            };
            for (end, _) in folder.match_indices('/') {
                if self.is_written(&format!("{}/{WHOLE}", &folder[..end])) {
                    return Err(collision(folder.to_owned()));
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, path: String) -> Result<(), Diagnostics> {
        if self.paths.insert(path.clone()) { Ok(()) } else { Err(collision(path)) }
    }

    fn is_written(&self, key: &str) -> bool {
        self.paths.contains(key) || self.unchanged.contains_key(key)
    }
}

fn collision(path: String) -> Diagnostics {
    Diagnostic::error(TreeError::Collision { path }).into()
}

pub(super) fn check_folder(folder: &Folder) -> Result<(), Diagnostics> {
    check_names(&folder.path, &folder.record)?;
    let mut paths = folder.files.keys();
    match paths.find_map(|path| Some((path, path_problem(path)?))) {
        Some((path, problem)) => Err(outside(&format!("{}/{path}", folder.path), problem)),
        None => Ok(()),
    }
}

pub(super) fn check_names(folder: &str, record: &str) -> Result<(), Diagnostics> {
    if let Some(problem) = folder_problem(folder) {
        return Err(outside(folder, problem));
    }
    if !is_record_name(record) {
        return Err(outside(record, "invalid record name"));
    }
    Ok(())
}

fn outside(path: &str, problem: &str) -> Diagnostics {
    let (path, problem) = (path.to_owned(), problem.to_owned());
    Diagnostic::error(TreeError::OutsideTree { path, problem }).into()
}
