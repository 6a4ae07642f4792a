//! Making a commit: tree, hooks, message, signature. The user's index, files and branch are not touched here.

use std::fs;
use std::path::PathBuf;

use super::area::{Area, Update, differences, failed};
use super::land::{self, Move, Stay};
use super::repository::Repository;
use crate::diagnostics::{Diagnostic, Diagnostics, GitError, visible};

/// Commits are built here, and a checkout is brought to them, while the caller holds gen's lock on it.
#[derive(Debug)]
pub struct Builder<'a> {
    repository: &'a Repository,
    area: Area,
    /// An interrupted run was finished or taken back.
    pub healed: bool,
}

/// What goes into a commit, beside what the parent has. Paths are relative to the top of the checkout.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// Files as they are on disk; those that are gone go.
    pub from_disk: Vec<String>,
    /// Objects, which lie over what comes from disk.
    pub objects: Vec<Update>,
}

/// Trees that were built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trees {
    /// The parent's with what comes from disk, where it was asked for.
    pub disk: Option<String>,
    /// That with the objects.
    pub whole: String,
}

/// How a commit is made.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// Its parent; none for the first.
    pub parent: Option<&'a str>,
    /// What it says.
    pub message: &'a str,
    /// Sign it, whatever the configuration says.
    pub sign: bool,
    /// The files on disk are what is committed, so `pre-commit` may look at them.
    pub on_disk: bool,
}

impl<'a> Builder<'a> {
    /// Opens gen's folder in the git folder, and heals what an interrupted run left.
    ///
    /// # Errors
    /// What the disk or git refuses.
    pub fn open(repository: &'a Repository) -> Result<Self, Diagnostics> {
        let area = Area::open(repository)?;
        let healed = land::heal(repository, &area)?;
        Ok(Self {
            repository,
            area,
            healed,
        })
    }

    /// Whether an interrupted run has left something to be finished.
    #[must_use]
    pub fn is_interrupted(repository: &Repository) -> bool {
        let left = |name: &str| repository.folder().join("gen").join(name).exists();
        left("journal") || left("refs")
    }

    /// The tree of a parent with some paths changed; `apart`, with that of what comes from disk alone beside it.
    ///
    /// # Errors
    /// What git refuses.
    pub fn trees(
        &self,
        parent: Option<&str>,
        content: &Content,
        apart: bool,
    ) -> Result<Trees, Diagnostics> {
        if !self.copied(parent)? {
            self.area.read_tree(parent)?;
        }
        self.area
            .take_from_disk(content.from_disk.iter().map(String::as_str))?;
        let disk = apart.then(|| self.area.write_tree()).transpose()?;
        self.area.put(&content.objects)?;
        let whole = match &disk {
            Some(disk) if content.objects.is_empty() => disk.clone(),
            _ => self.area.write_tree()?,
        };
        Ok(Trees { disk, whole })
    }

    /// Begins with the user's own index where nothing is staged in it: it knows the trees of its folders, so that only what
    /// changes is looked at and written.
    fn copied(&self, parent: Option<&str>) -> Result<bool, Diagnostics> {
        let Some(parent) = parent else {
            return Ok(false);
        };
        land::copy_index(self.repository, &self.area)?;
        let call = self.area.call("diff-index");
        let compared = call
            .args(["--cached", "--quiet", "--ignore-submodules=none"])
            .args(["--end-of-options", parent])
            .output()?;
        Ok(compared.status == 0)
    }

    /// Makes objects of files that lie anywhere, byte by byte.
    ///
    /// # Errors
    /// What git refuses.
    pub fn objects_of(&self, files: &[PathBuf]) -> Result<Vec<String>, Diagnostics> {
        self.area.objects_of(files)
    }

    /// Makes objects of texts.
    ///
    /// # Errors
    /// What git or the disk refuses.
    pub fn objects_of_texts<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t [u8]>,
    ) -> Result<Vec<String>, Diagnostics> {
        self.area.objects_of_texts(texts)
    }

    /// What differs between a commit (or nothing) and a tree.
    ///
    /// # Errors
    /// What git refuses.
    pub fn differences(&self, old: Option<&str>, new: &str) -> Result<Vec<Update>, Diagnostics> {
        differences(self.repository.program(), old, new)
    }

    /// Merges two texts that come from a third, as git merges files. None where the same lines were changed on both sides.
    ///
    /// # Errors
    /// What git or the disk refuses.
    pub fn merge_texts(
        &self,
        base: &[u8],
        ours: &[u8],
        theirs: &[u8],
    ) -> Result<Option<Vec<u8>>, Diagnostics> {
        let files = [("ours", ours), ("base", base), ("theirs", theirs)];
        for (name, text) in files {
            let path = self.area.at(name);
            fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        }
        let call = self.repository.program().call("merge-file");
        let output = call
            .args(["-p", "-q"])
            .args(files.map(|(name, _)| self.area.at(name)))
            .output();
        for (name, _) in files {
            let _ = fs::remove_file(self.area.at(name));
        }
        let output = output?;
        // git-merge-file(1): the number of conflicts, at most 127; more is an error.
        match output.status {
            0 => Ok(Some(output.stdout)),
            1..=127 => Ok(None),
            _ => Err(output.failed("merge-file")),
        }
    }

    /// Makes a commit of the tree that [`Builder::trees`] built last, by way of the user's hooks.
    ///
    /// # Errors
    /// GEN1016 and GEN1017 where a hook refuses or changes what is committed; GEN1018, GEN1019.
    pub fn commit(&self, tree: &str, style: Style<'_>) -> Result<String, Diagnostics> {
        if style.on_disk && self.hook("pre-commit", &[])? {
            let after = self.area.write_tree()?;
            if after != tree {
                let changed = differences(self.repository.program(), Some(tree), &after)?;
                let hook = "pre-commit".to_owned();
                let path = changed.first().map_or_else(String::new, |u| u.path.clone());
                return Err(Diagnostic::error(GitError::HookChanged { hook, path }).into());
            }
        }
        let message = self.message(style.message)?;
        let mut call = self.repository.program().call("commit-tree").arg(tree);
        if let Some(parent) = style.parent {
            call = call.args(["-p", parent]);
        }
        if style.sign || self.signs()? {
            call = call.arg("-S");
        }
        let output = call.arg("-F").arg("-").stdin(message).output()?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status == 0 {
            return Ok(commit);
        }
        let problem = output.problem();
        let said = |words: &[&str]| words.iter().any(|word| output.stderr.contains(word));
        let kind = if said(&["gpg", "sign the data", "ssh-keygen", "signingkey"]) {
            GitError::NotSigned { problem }
        } else if said(&[
            "tell me who you are",
            "empty ident",
            "no email was given",
            "no name was given",
        ]) {
            let problem = "no name or e-mail address is set".to_owned();
            GitError::NoIdentity { problem }
        } else {
            return Err(output.failed("commit-tree"));
        };
        Err(Diagnostic::error(kind).into())
    }

    /// The message as the hooks leave it.
    fn message(&self, text: &str) -> Result<Vec<u8>, Diagnostics> {
        // git's own file, since hooks look for it by this name.
        let path = self.repository.folder().join("COMMIT_EDITMSG");
        fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        let name = path.display().to_string();
        self.hook("prepare-commit-msg", &[&name, "message"])?;
        self.hook("commit-msg", &[&name])?;
        fs::read(&path).map_err(|error| failed(&path, &error))
    }

    /// Runs a hook of the user's as `git commit` does, and says whether there is one.
    fn hook(&self, name: &str, arguments: &[&str]) -> Result<bool, Diagnostics> {
        if !self.repository.has_hook(name) {
            return Ok(false);
        }
        let mut call = self
            .repository
            .program()
            .call_with_hooks("hook")
            .env("GIT_INDEX_FILE", self.area.index())
            .env("GIT_EDITOR", ":")
            .env("GIT_PREFIX", "")
            .args(["run", "--ignore-missing", name]);
        if !arguments.is_empty() {
            call = call.arg("--").args(arguments);
        }
        let output = call.output()?;
        if output.status == 0 {
            return Ok(true);
        }
        let mut problem = output.problem();
        if output.stderr.trim().is_empty() {
            let text = String::from_utf8_lossy(&output.stdout);
            let said = text.lines().rev().find(|line| !line.trim().is_empty());
            problem = said.map_or(problem, visible);
        }
        let hook = name.to_owned();
        Err(Diagnostic::error(GitError::HookRefused { hook, problem }).into())
    }

    fn signs(&self) -> Result<bool, Diagnostics> {
        let call = self.repository.program().call("config");
        let output = call
            .args(["--type=bool", "--get", "commit.gpgSign"])
            .output()?;
        Ok(output.stdout.starts_with(b"true"))
    }

    /// Moves the branch to a commit whose files are on disk already.
    ///
    /// # Errors
    /// GEN1023 and GEN1024, and what git refuses; nothing moved then.
    pub fn settle(&self, step: Move<'_>) -> Result<(), Diagnostics> {
        land::settle(self.repository, &self.area, step)?;
        self.after_commit();
        Ok(())
    }

    /// Moves the branch to a commit, and brings the files on disk along; `disk` is the tree of what gen took from there.
    ///
    /// # Errors
    /// What is in the way. Nothing moved then.
    pub fn fast_forward(&self, step: Move<'_>, disk: &str) -> Result<(), Stay> {
        land::fast_forward(self.repository, &self.area, step, disk)?;
        self.after_commit();
        Ok(())
    }

    /// `post-commit`, whose result git does not look at either.
    fn after_commit(&self) {
        if !self.repository.has_hook("post-commit") {
            return;
        }
        let call = self
            .repository
            .program()
            .call_with_hooks("hook")
            .env("GIT_EDITOR", ":")
            .args(["run", "--ignore-missing", "post-commit"]);
        let _ = call.output();
    }

    /// The folder for what the remote's calls need to note.
    pub(super) fn area(&self) -> &Area {
        &self.area
    }
}
