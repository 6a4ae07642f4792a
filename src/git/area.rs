//! gen's own folder in the git folder: an index for building commits, files to become objects, the journal.
//!
//! Its users hold gen's lock on the checkout.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::program::Program;
use super::repository::Repository;
use super::snapshot::Mode;
use crate::diagnostics::{Diagnostic, Diagnostics, GitError};

/// The folder.
#[derive(Debug)]
pub(super) struct Area {
    folder: PathBuf,
    program: Program,
    nothing: String,
}

/// The change of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Relative to the top of the checkout.
    pub path: String,
    /// The new entry; nothing if removed.
    pub content: Option<(Mode, String)>,
}

impl Area {
    /// Opens the folder and removes leftovers of an interrupted run, except for its journal.
    pub fn open(repository: &Repository) -> Result<Self, Diagnostics> {
        let folder = repository.folder().join("gen");
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(&folder, &error));
            }
            _ => {}
        }
        let area = Self {
            folder,
            program: repository.program().clone(),
            nothing: repository.nothing().to_owned(),
        };
        let listed = fs::read_dir(&area.folder).map_err(|error| failed(&area.folder, &error))?;
        for entry in listed {
            let entry = entry.map_err(|error| failed(&area.folder, &error))?;
            if entry.file_name() != "journal" && entry.file_name() != "refs" {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(area)
    }

    /// A file in it.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The index to build in.
    pub fn index(&self) -> PathBuf {
        self.at("index")
    }

    /// The git program at the top of the checkout.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// A call with that index.
    pub fn call(&self, verb: &'static str) -> super::program::Call {
        self.program.call(verb).env("GIT_INDEX_FILE", self.index())
    }

    /// Fills the index with a commit's tree, or empties it.
    pub fn read_tree(&self, commit: Option<&str>) -> Result<(), Diagnostics> {
        let call = self.call("read-tree");
        match commit {
            Some(commit) => call.arg(commit).run()?,
            None => call.arg("--empty").run()?,
        };
        Ok(())
    }

    /// Adds files on disk to the index, by all of git's rules; missing ones are removed. Paths are
    /// relative to the top.
    pub fn take_from_disk<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p str>,
    ) -> Result<(), Diagnostics> {
        let list: String = paths.into_iter().flat_map(|path| [path, "\0"]).collect();
        if list.is_empty() {
            return Ok(());
        }
        let call = self.call("update-index");
        call.args(["--add", "--remove", "-z", "--stdin"]).stdin(list).run()?;
        Ok(())
    }

    /// Adds objects to the index.
    pub fn put(&self, updates: &[Update]) -> Result<(), Diagnostics> {
        if updates.is_empty() {
            return Ok(());
        }
        let mut list = String::new();
        for Update { path, content } in updates {
            let (mode, object) = match content {
                Some((mode, object)) => (mode.octal(), object.as_str()),
                // git-update-index(1): mode 0 removes the path.
                None => ("0", self.nothing.as_str()),
            };
            let _ = write!(list, "{mode} {object}\t{path}\0");
        }
        let call = self.call("update-index");
        call.args(["-z", "--index-info"]).stdin(list).run()?;
        Ok(())
    }

    /// Writes the index as a tree.
    pub fn write_tree(&self) -> Result<String, Diagnostics> {
        self.call("write-tree").text()
    }

    /// Makes objects from files, byte by byte, and returns their names in the order of the files.
    pub fn objects_of(&self, files: &[PathBuf]) -> Result<Vec<String>, Diagnostics> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let mut list = Vec::new();
        for file in files {
            list.extend_from_slice(file.as_os_str().as_encoded_bytes());
            list.push(b'\n');
        }
        let call = self.program.call("hash-object");
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
}

/// The error for a file in the git folder.
pub(super) fn failed(path: &Path, error: &io::Error) -> Diagnostics {
    let text = error.to_string();
    let problem = text.split(" (os error").next().unwrap_or(&text);
    let name = path.file_name().unwrap_or(path.as_os_str());
    let (verb, problem) =
        ("commit".to_owned(), format!("{}: {}", name.to_string_lossy(), problem.to_lowercase()));
    Diagnostic::error(GitError::Failed { verb, problem }).into()
}

/// The differences between two trees or commits; without the first, all of the second.
///
/// # Errors
/// What git rejects.
pub fn differences(
    program: &Program,
    old: Option<&str>,
    new: &str,
) -> Result<Vec<Update>, Diagnostics> {
    let Some(old) = old else {
        let listing = program
            .call("ls-tree")
            .args(["-r", "-z", "--full-tree", "--end-of-options", new])
            .limit(512 << 20)
            .run()?;
        return Ok(listing
            .split(|byte| *byte == 0)
            .filter_map(|line| std::str::from_utf8(line).ok().and_then(of_tree))
            .collect());
    };
    let listing = program
        .call("diff-tree")
        .args(["-r", "-z", "--raw", "--no-renames", "--end-of-options"])
        .args([old, new])
        .limit(512 << 20)
        .run()?;
    let mut words = listing.split(|byte| *byte == 0);
    let mut updates = Vec::new();
    while let (Some(fields), Some(path)) = (words.next(), words.next()) {
        let (Ok(fields), Ok(path)) = (std::str::from_utf8(fields), std::str::from_utf8(path))
        else {
            continue;
        };
        let mut fields = fields.split(' ').skip(1);
        let mode = fields.next().and_then(|mode| Mode::of(mode.as_bytes()));
        let object = fields.nth(1).unwrap_or_default().to_owned();
        let path = path.to_owned();
        let content = mode.map(|mode| (mode, object));
        updates.push(Update { path, content });
    }
    Ok(updates)
}

fn of_tree(line: &str) -> Option<Update> {
    let (fields, path) = line.split_once('\t')?;
    let mut fields = fields.split(' ');
    let mode = Mode::of(fields.next()?.as_bytes())?;
    let object = fields.nth(1)?.to_owned();
    let path = path.to_owned();
    let content = Some((mode, object));
    Some(Update { path, content })
}
