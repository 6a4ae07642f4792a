//! gen's own folder in the git folder: an index for building commits, files to become objects, the journal.
//!
//! Its users hold gen's lock on the checkout.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::program::{self, Call, Program};
use super::repository::Repository;
use super::snapshot::{Mode, list_tree, tree_line};
use crate::diagnostics::Diagnostics;
use crate::files::io_problem;

/// Builds commits and updates a checkout to them, while the caller holds gen's lock on it.
#[derive(Debug)]
pub struct Builder<'a> {
    pub(super) repository: &'a Repository,
    /// gen's own folder in the git folder.
    pub(super) folder: PathBuf,
    /// An interrupted run was finished or rolled back.
    pub healed: bool,
}

/// The change of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Relative to the top of the checkout.
    pub path: String,
    /// The new entry; nothing if removed.
    pub content: Option<(Mode, String)>,
}

impl<'a> Builder<'a> {
    /// Opens gen's folder in the git folder, and recovers from an interrupted run.
    pub fn open(repository: &'a Repository) -> Result<Self, Diagnostics> {
        let folder = repository.folder.join("gen");
        let fail = |error| failed(&folder, &error);
        fs::create_dir_all(&folder).map_err(fail)?;
        // What an interrupted run left, except for its journal.
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            if entry.file_name() != "journal" && entry.file_name() != "refs" {
                let _ = fs::remove_file(entry.path());
            }
        }
        let mut builder = Self { repository, folder, healed: false };
        builder.healed = builder.heal()?;
        Ok(builder)
    }

    /// Whether there is an interrupted run to finish.
    #[must_use]
    pub fn is_interrupted(repository: &Repository) -> bool {
        let left = |name: &str| repository.folder.join("gen").join(name).exists();
        left("journal") || left("refs")
    }

    /// A file in the folder.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes a file in the folder, if any.
    pub(super) fn forget(&self, name: &str) {
        let _ = fs::remove_file(self.at(name));
    }

    /// A call with the index to build in.
    pub(super) fn call(&self, verb: &'static str) -> Call {
        self.repository.program.call(verb).env("GIT_INDEX_FILE", self.at("index"))
    }

    /// Fills the index with a commit's tree, or empties it.
    pub(super) fn read_tree(&self, commit: Option<&str>) -> Result<(), Diagnostics> {
        self.call("read-tree").arg(commit.unwrap_or("--empty")).run().map(drop)
    }

    /// Adds files on disk to the index, by all of git's rules; missing ones are removed. Paths are relative to the top.
    pub(super) fn take_from_disk<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p String>,
    ) -> Result<(), Diagnostics> {
        let list: String = paths.into_iter().flat_map(|path| [path, "\0"]).collect();
        if list.is_empty() {
            return Ok(());
        }
        let call = self.call("update-index");
        call.args(["--add", "--remove", "-z", "--stdin"]).stdin(list).run().map(drop)
    }

    /// Adds objects to the index.
    pub(super) fn put(&self, updates: &[Update]) -> Result<(), Diagnostics> {
        if updates.is_empty() {
            return Ok(());
        }
        let mut list = String::new();
        for Update { path, content } in updates {
            let (mode, object) = match content {
                Some((mode, object)) => (mode.octal(), object),
                // git-update-index(1): mode 0 removes the path.
                None => ("0", &self.repository.nothing),
            };
            let _ = write!(list, "{mode} {object}\t{path}\0");
        }
        self.call("update-index").args(["-z", "--index-info"]).stdin(list).run().map(drop)
    }

    /// Updates the times in the index. What cannot be refreshed was edited since, which is fine.
    pub(super) fn refresh(&self) -> Result<(), Diagnostics> {
        self.call("update-index").args(["-q", "--refresh"]).output().map(drop)
    }

    /// Writes the index as a tree.
    pub(super) fn write_tree(&self) -> Result<String, Diagnostics> {
        self.call("write-tree").text()
    }

    /// Makes objects from files anywhere, byte by byte, and returns their names in the order of the files.
    pub fn objects_of(&self, files: &[PathBuf]) -> Result<Vec<String>, Diagnostics> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let mut list = Vec::new();
        for file in files {
            list.extend_from_slice(file.as_os_str().as_encoded_bytes());
            list.push(b'\n');
        }
        let call = self.repository.program.call("hash-object");
        let names = call.args(["-w", "--no-filters", "--stdin-paths"]).stdin(list).text()?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Makes objects from texts.
    pub fn objects_of_texts<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t [u8]>,
    ) -> Result<Vec<String>, Diagnostics> {
        let mut files = Vec::new();
        for (number, text) in texts.into_iter().enumerate() {
            let path = self.at(&format!("text-{number}"));
            fs::write(&path, text).map_err(|error| failed(&path, &error))?;
            files.push(path);
        }
        let objects = self.objects_of(&files);
        for file in &files {
            let _ = fs::remove_file(file);
        }
        objects
    }

    /// The differences between a commit (or nothing) and a tree.
    pub fn differences(&self, old: Option<&str>, new: &str) -> Result<Vec<Update>, Diagnostics> {
        differences(&self.repository.program, old, new)
    }
}

/// The error for a file in the git folder.
pub(super) fn failed(path: &Path, error: &io::Error) -> Diagnostics {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    program::failed("commit", format!("{name}: {}", io_problem(error)))
}

/// The differences between two trees or commits; without the first, all of the second.
fn differences(
    program: &Program,
    old: Option<&str>,
    new: &str,
) -> Result<Vec<Update>, Diagnostics> {
    let utf8 = |bytes| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let mut updates = Vec::new();
    let Some(old) = old else {
        let listing = list_tree(program, new)?;
        let lines = listing.split(|byte| *byte == 0).filter_map(tree_line);
        updates.extend(lines.filter_map(|(mode, object, path)| {
            Some(Update { path: utf8(path)?, content: Some((mode, utf8(object)?)) })
        }));
        return Ok(updates);
    };
    let listing = program
        .call("diff-tree")
        .args(["-r", "-z", "--raw", "--no-renames", "--end-of-options", old, new])
        .limit(512 << 20)
        .run()?;
    let mut words = listing.split(|byte| *byte == 0);
    // `:MODE MODE OBJECT OBJECT STATUS`, and the path.
    while let (Some(fields), Some(path)) = (words.next(), words.next()) {
        let mut fields = fields.split(|byte| *byte == b' ').skip(1);
        let mode = fields.next().and_then(Mode::of);
        let (Some(object), Some(path)) = (fields.nth(1).and_then(utf8), utf8(path)) else {
            continue;
        };
        updates.push(Update { path, content: mode.map(|mode| (mode, object)) });
    }
    Ok(updates)
}
