//! Builds a commit: tree, hooks, message, signature. The user's index, files and branch stay untouched.

use std::fs;
use std::path::PathBuf;

use super::area::{Area, Update, differences, failed};
use super::land::{self, Move, Stay};
use super::repository::Repository;
use crate::diagnostics::{Diagnostic, Diagnostics, GitError, visible};

/// Builds commits and updates a checkout to them, while the caller holds gen's lock on it.
#[derive(Debug)]
pub struct Builder<'a> {
    repository: &'a Repository,
    area: Area,
    /// An interrupted run was finished or rolled back.
    pub healed: bool,
}

/// The content of a commit, on top of its parent's. Paths are relative to the top of the checkout.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// Files on disk; missing ones are removed.
    pub from_disk: Vec<String>,
    /// Objects, which take precedence over files on disk.
    pub objects: Vec<Update>,
}

/// Built trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trees {
    /// The parent's with the files on disk, if requested.
    pub disk: Option<String>,
    /// The same with the objects.
    pub whole: String,
}

/// Settings of a commit.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// Its parent; none for the first.
    pub parent: Option<&'a str>,
    /// Its message.
    pub message: &'a str,
    /// Sign it, regardless of the configuration.
    pub sign: bool,
    /// The files on disk are what is committed, so `pre-commit` can check them.
    pub on_disk: bool,
}

impl<'a> Builder<'a> {
    /// Opens gen's folder in the git folder, and recovers from an interrupted run.
    ///
    /// # Errors
    /// What the disk or git rejects.
    pub fn open(repository: &'a Repository) -> Result<Self, Diagnostics> {
        let area = Area::open(repository)?;
        let healed = land::heal(repository, &area)?;
        Ok(Self { repository, area, healed })
    }

    /// Whether there is an interrupted run to finish.
    #[must_use]
    pub fn is_interrupted(repository: &Repository) -> bool {
        let left = |name: &str| repository.folder().join("gen").join(name).exists();
        left("journal") || left("refs")
    }

    /// The tree of a parent with some paths changed; with `apart`, also the tree with only the files on disk.
    ///
    /// # Errors
    /// What git rejects.
    pub fn trees(
        &self,
        parent: Option<&str>,
        content: &Content,
        apart: bool,
    ) -> Result<Trees, Diagnostics> {
        if !self.copied(parent)? {
            self.area.read_tree(parent)?;
        }
        self.area.take_from_disk(content.from_disk.iter().map(String::as_str))?;
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

    /// Makes objects from files anywhere, byte by byte.
    ///
    /// # Errors
    /// What git rejects.
    pub fn objects_of(&self, files: &[PathBuf]) -> Result<Vec<String>, Diagnostics> {
        self.area.objects_of(files)
    }

    /// Makes objects from texts.
    ///
    /// # Errors
    /// What git or the disk rejects.
    pub fn objects_of_texts<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t [u8]>,
    ) -> Result<Vec<String>, Diagnostics> {
        self.area.objects_of_texts(texts)
    }

    /// The differences between a commit (or nothing) and a tree.
    ///
    /// # Errors
    /// What git rejects.
    pub fn differences(&self, old: Option<&str>, new: &str) -> Result<Vec<Update>, Diagnostics> {
        differences(self.repository.program(), old, new)
    }

    /// Merges two texts with a common base, as git merges files. None if the same lines were changed on both sides.
    ///
    /// # Errors
    /// What git or the disk rejects.
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
        let output =
            call.args(["-p", "-q"]).args(files.map(|(name, _)| self.area.at(name))).output();
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

    /// Commits the tree last built by [`Builder::trees`], running the user's hooks.
    ///
    /// # Errors
    /// GEN1016 and GEN1017 if a hook rejects or changes the commit; GEN1018, GEN1019.
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

    /// The message after the hooks.
    fn message(&self, text: &str) -> Result<Vec<u8>, Diagnostics> {
        // git's own file, since hooks expect this name.
        let path = self.repository.folder().join("COMMIT_EDITMSG");
        fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        let name = path.display().to_string();
        self.hook("prepare-commit-msg", &[&name, "message"])?;
        self.hook("commit-msg", &[&name])?;
        fs::read(&path).map_err(|error| failed(&path, &error))
    }

    /// Runs a user's hook as `git commit` does, and returns whether there is one.
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
        let output = call.args(["--type=bool", "--get", "commit.gpgSign"]).output()?;
        Ok(output.stdout.starts_with(b"true"))
    }

    /// Moves the branch to a commit whose files are already on disk.
    ///
    /// # Errors
    /// GEN1023, GEN1024 and errors of git; nothing is moved then.
    pub fn settle(&self, step: Move<'_>) -> Result<(), Diagnostics> {
        land::settle(self.repository, &self.area, step)?;
        self.after_commit();
        Ok(())
    }

    /// Moves the branch to a commit, and updates the files on disk; `disk` is the tree of the files that gen read from there.
    ///
    /// # Errors
    /// Files in the way. Nothing is moved then.
    pub fn fast_forward(&self, step: Move<'_>, disk: &str) -> Result<(), Stay> {
        land::fast_forward(self.repository, &self.area, step, disk)?;
        self.after_commit();
        Ok(())
    }

    /// `post-commit`, whose result git ignores too.
    fn after_commit(&self) {
        if !self.repository.has_hook("post-commit") {
            return;
        }
        let call = self.repository.program().call_with_hooks("hook").env("GIT_EDITOR", ":").args([
            "run",
            "--ignore-missing",
            "post-commit",
        ]);
        let _ = call.output();
    }

    /// The folder for notes of calls to the remote.
    pub(super) fn area(&self) -> &Area {
        &self.area
    }
}
