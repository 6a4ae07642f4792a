//! Builds a commit: tree, hooks, message, signature. The user's index, files and branch stay untouched.

use std::fs;

use super::area::{Builder, Update, failed};
use super::program::Call;
use crate::diagnostics::{Diagnostics, GitError, visible};

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

impl Builder<'_> {
    /// The tree of a parent with some paths changed; with `apart`, also the tree with only the files on disk.
    pub fn trees(
        &self,
        parent: Option<&str>,
        content: &Content,
        apart: bool,
    ) -> Result<Trees, Diagnostics> {
        if !self.copied(parent)? {
            self.read_tree(parent)?;
        }
        self.take_from_disk(&content.from_disk)?;
        let disk = apart.then(|| self.write_tree()).transpose()?;
        self.put(&content.objects)?;
        let whole = match &disk {
            Some(disk) if content.objects.is_empty() => disk.clone(),
            _ => self.write_tree()?,
        };
        Ok(Trees { disk, whole })
    }

    /// Begins with the user's own index where nothing is staged in it: it knows the trees of its folders, so that only what
    /// changes is looked at and written.
    fn copied(&self, parent: Option<&str>) -> Result<bool, Diagnostics> {
        let Some(parent) = parent else {
            return Ok(false);
        };
        self.copy_index()?;
        let call = self.call("diff-index").args(["--cached", "--quiet"]);
        let call = call.args(["--ignore-submodules=none", "--end-of-options", parent]);
        Ok(call.output()?.status == 0)
    }

    /// Merges two texts with a common base, as git merges files. None if the same lines were changed on both sides.
    pub fn merge_texts(
        &self,
        base: &[u8],
        ours: &[u8],
        theirs: &[u8],
    ) -> Result<Option<Vec<u8>>, Diagnostics> {
        let files = [("ours", ours), ("base", base), ("theirs", theirs)];
        for (name, text) in files {
            let path = self.at(name);
            fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        }
        let call = self.repository.program.call("merge-file").args(["-p", "-q"]);
        let output = call.args(files.map(|(name, _)| self.at(name))).output();
        for (name, _) in files {
            self.forget(name);
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
            let after = self.write_tree()?;
            if after != tree {
                let changed = self.differences(Some(tree), &after)?;
                let hook = "pre-commit".to_owned();
                let path = changed.first().map_or_else(String::new, |u| u.path.clone());
                return Err(GitError::HookChanged { hook, path }.into());
            }
        }
        let message = self.message(style.message)?;
        let mut call = self.repository.program.call("commit-tree").arg(tree);
        if let Some(parent) = style.parent {
            call = call.args(["-p", parent]);
        }
        if style.sign || self.signs()? {
            call = call.arg("-S");
        }
        let output = call.args(["-F", "-"]).stdin(message).output()?;
        if output.status == 0 {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let problem = output.problem();
        let has = |words: &[&str]| words.iter().any(|word| output.stderr.contains(word));
        if has(&["gpg", "sign the data", "ssh-keygen", "signingkey"]) {
            return Err(GitError::NotSigned { problem }.into());
        }
        let unnamed =
            ["tell me who you are", "empty ident", "no email was given", "no name was given"];
        if has(&unnamed) {
            let problem = "no name or e-mail address is set".to_owned();
            return Err(GitError::NoIdentity { problem }.into());
        }
        Err(output.failed("commit-tree"))
    }

    /// The message after the hooks.
    fn message(&self, text: &str) -> Result<Vec<u8>, Diagnostics> {
        // git's own file, since hooks expect this name.
        let path = self.repository.folder.join("COMMIT_EDITMSG");
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
        let mut call = self.hook_call(name).env("GIT_INDEX_FILE", self.at("index"));
        call = call.env("GIT_PREFIX", "");
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
        Err(GitError::HookRefused { hook, problem }.into())
    }

    fn hook_call(&self, name: &str) -> Call {
        let call = self.repository.program.call_with_hooks("hook").env("GIT_EDITOR", ":");
        call.args(["run", "--ignore-missing", name])
    }

    fn signs(&self) -> Result<bool, Diagnostics> {
        let call = self.repository.program.call("config");
        let output = call.args(["--type=bool", "--get", "commit.gpgSign"]).output()?;
        Ok(output.stdout.starts_with(b"true"))
    }

    /// `post-commit`, whose result git ignores too.
    pub(super) fn after_commit(&self) {
        if self.repository.has_hook("post-commit") {
            let _ = self.hook_call("post-commit").output();
        }
    }
}
