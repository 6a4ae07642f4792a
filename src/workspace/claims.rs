//! Checks that no two parts of the tree write the same file, and none writes outside clusters/.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostics, TreeError};
use crate::tree::{Folder, folder_problem, is_record_name, path_problem};

/// The record of a folder that has only one.
const WHOLE: &str = "gen.lock.json";

/// The records of all folders, and the files of folders with several records.
#[derive(Debug, Default)]
pub(super) struct Claims {
    paths: BTreeSet<String>,
    /// Records of folders that are up to date, with their numbers of files.
    unchanged: BTreeMap<String, usize>,
    /// Records of folders to remove.
    removed: BTreeSet<String>,
}

impl Claims {
    /// Notes a folder that is up to date.
    pub fn unchanged(&mut self, key: String, files: usize) {
        self.unchanged.insert(key, files);
    }

    /// The number of files in folders that are up to date.
    pub fn unchanged_files(&self) -> usize {
        self.unchanged.values().sum()
    }

    /// Claims the files of a folder, which no other part of the tree may write.
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

    /// Claims a folder to remove, which cannot be written too.
    pub fn remove(&mut self, folder: &str, record: &str) -> Result<(), Diagnostics> {
        let key = format!("{folder}/{record}");
        if self.is_written(&key) || !self.removed.insert(key.clone()) {
            return Err(collision(key));
        }
        Ok(())
    }

    /// Refuses a folder inside another, which would have files of two records.
    pub fn refuse_nested(&self) -> Result<(), Diagnostics> {
        for path in self.paths.iter().chain(self.unchanged.keys()) {
            let folder = path.strip_suffix(WHOLE).unwrap_or_default().trim_end_matches('/');
            let mut above = folder.match_indices('/').map(|(end, _)| &folder[..end]);
            if above.any(|above| self.is_written(&format!("{above}/{WHOLE}"))) {
                return Err(collision(folder.to_owned()));
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
    TreeError::Collision { path }.into()
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
    TreeError::OutsideTree { path, problem }.into()
}
