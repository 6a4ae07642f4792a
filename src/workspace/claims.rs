//! Who writes what: two parts of the tree never the same file, and none outside clusters/.

use std::collections::BTreeSet;

use crate::error::{Diagnostic, Diagnostics, TreeError};
use crate::tree::{Folder, folder_problem, is_record_name, path_problem};

/// The records of all folders, and the files of those that several share.
#[derive(Debug, Default)]
pub(super) struct Claims {
    paths: BTreeSet<String>,
}

impl Claims {
    /// Notes a folder that is as it should be.
    pub fn unchanged(&mut self, key: String) {
        self.paths.insert(key);
    }

    /// No two parts of the tree may write the same file.
    pub fn claim(&mut self, folder: &Folder) -> Result<(), Diagnostics> {
        let mut claim = |path: String| {
            if self.paths.insert(path.clone()) {
                Ok(())
            } else {
                Err(Diagnostics::from(Diagnostic::error(TreeError::Collision {
                    path,
                })))
            }
        };
        claim(format!("{}/{}", folder.path, folder.record))?;
        if folder.record == "gen.lock.json" {
            return Ok(());
        }
        folder
            .files
            .keys()
            .try_for_each(|path| claim(format!("{}/{path}", folder.path)))
    }

    /// A folder inside another would have files of two records.
    pub fn refuse_nested(&self) -> Result<(), Diagnostics> {
        let owned = |path: &&String| path.ends_with("/gen.lock.json");
        for path in self.paths.iter().filter(owned) {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for (end, _) in folder.match_indices('/') {
                if self
                    .paths
                    .contains(&format!("{}/gen.lock.json", &folder[..end]))
                {
                    let path = folder.to_owned();
                    return Err(Diagnostic::error(TreeError::Collision { path }).into());
                }
            }
        }
        Ok(())
    }
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
        return Err(outside(record, "a record with a name that is none"));
    }
    Ok(())
}

fn outside(path: &str, problem: &str) -> Diagnostics {
    let (path, problem) = (path.to_owned(), problem.to_owned());
    Diagnostic::error(TreeError::OutsideTree { path, problem }).into()
}
