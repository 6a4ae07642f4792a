//! The repository of gen.yaml: its location, its HEAD, and revisions.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::program::Program;
use crate::diagnostics::{Diagnostics, GitError};

/// The oldest git with `git hook run`.
const OLDEST: (u32, u32) = (2, 36);

/// A checkout: the main one of a repository, or a linked work tree.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The git program at the top of the checkout.
    pub program: Program,
    /// The git folder of this checkout: `.git`, or the one below it that belongs to a linked work tree.
    pub folder: PathBuf,
    /// The git folder shared by all work trees.
    pub(super) common: PathBuf,
    /// The folder of gen.yaml below the top: empty, or with a `/` at its end.
    pub prefix: String,
    is_shallow: bool,
    /// The null object name: zeros, in the length of this repository's hashes.
    pub(super) nothing: String,
    hooks: PathBuf,
}

/// The HEAD of a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The branch without `refs/heads/`; none if HEAD is detached.
    pub branch: Option<String>,
    /// The commit; none on an unborn branch.
    pub commit: Option<String>,
}

impl Repository {
    /// The repository of a folder: the one that contains gen.yaml.
    ///
    /// # Errors
    /// GEN1001 without git, GEN1003 with one that is too old, GEN1002 outside of a checkout.
    pub fn discover(root: &Path) -> Result<Self, Diagnostics> {
        let here = Program::new(root);
        // With hooks, so that it prints their folder.
        let found = here
            .call_with_hooks("rev-parse")
            .args(["--path-format=absolute", "--show-toplevel", "--git-dir"])
            .arg("--git-common-dir")
            .args(["--is-shallow-repository", "--show-object-format"])
            .args(["--show-prefix", "--git-path", "hooks"])
            .output()?;
        if found.status != 0 {
            // An old git fails for reasons other than the folder.
            refuse_old(&here)?;
            let (path, problem) = (root.display().to_string(), found.problem());
            return Err(GitError::NotARepository { path, problem }.into());
        }
        let mut lines = found.stdout.split(|byte| *byte == b'\n');
        let mut next = || lines.next().unwrap_or_default();
        let path = |bytes| PathBuf::from(OsStr::from_bytes(bytes));
        let (top, folder, common) = (path(next()), path(next()), path(next()));
        let program = Program::new(&top);
        let is_shallow = next() == b"true";
        let nothing = "0".repeat(if next() == b"sha256" { 64 } else { 40 });
        let prefix = String::from_utf8_lossy(next()).into_owned();
        let hooks = path(next());
        Ok(Self { program, folder, common, prefix, is_shallow, nothing, hooks })
    }

    /// Rejects a git that is too old for commits.
    ///
    /// # Errors
    /// GEN1003.
    pub fn refuse_old_git(&self) -> Result<(), Diagnostics> {
        refuse_old(&self.program)
    }

    /// Whether the user has a hook with that name, and git would run it.
    #[must_use]
    pub fn has_hook(&self, name: &str) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        let status = self.hooks.join(name).metadata();
        status.is_ok_and(|status| status.is_file() && status.permissions().mode() & 0o111 != 0)
    }

    /// The number of commits ahead and behind.
    pub fn apart(&self, one: &str, other: &str) -> Result<(usize, usize), Diagnostics> {
        let counts = self
            .program
            .call("rev-list")
            .args(["--left-right", "--count", "--end-of-options"])
            .arg(format!("{one}...{other}"))
            .text()?;
        let mut counts = counts.split_whitespace().map(|count| count.parse().unwrap_or(0));
        Ok((counts.next().unwrap_or(0), counts.next().unwrap_or(0)))
    }

    /// The operation in progress, such as a merge or a rebase, if any.
    #[must_use]
    pub fn in_progress(&self) -> Option<&'static str> {
        let all = [
            ("MERGE_HEAD", "a merge"),
            ("CHERRY_PICK_HEAD", "a cherry-pick"),
            ("REVERT_HEAD", "a revert"),
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase"),
            ("BISECT_LOG", "a bisection"),
        ];
        let found = all.iter().find(|(name, _)| self.folder.join(name).exists());
        found.map(|(_, what)| *what)
    }

    /// The HEAD.
    pub fn head(&self) -> Result<Head, Diagnostics> {
        let symbolic = self.program.call("symbolic-ref").args(["--quiet", "HEAD"]).output()?;
        let name = String::from_utf8_lossy(&symbolic.stdout).trim().to_owned();
        let branch = name.strip_prefix("refs/heads/").map(str::to_owned);
        let commit = self.find("HEAD")?;
        Ok(Head { branch, commit })
    }

    /// The commit of a full ref or an object name, if any.
    pub fn find(&self, name: &str) -> Result<Option<String>, Diagnostics> {
        let commit = self.parse(&format!("{name}^{{commit}}"))?;
        Ok(commit.filter(|commit| is_object(commit)))
    }

    /// The name of any object, if there is one.
    pub(super) fn parse(&self, name: &str) -> Result<Option<String>, Diagnostics> {
        let call = self.program.call("rev-parse");
        let found = call.args(["--verify", "--quiet", "--end-of-options", name]).output()?;
        let object = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        Ok((found.status == 0).then_some(object))
    }

    /// The commit of a revision typed by a person: a branch, a tag, a commit, also with git's `~`, `^` and `@{…}`.
    ///
    /// # Errors
    /// GEN1004 for an invalid or unknown revision.
    pub fn resolve(&self, text: &str) -> Result<String, Diagnostics> {
        let unknown = |problem: &str| -> Diagnostics {
            let (text, problem) = (text.to_owned(), problem.to_owned());
            GitError::UnknownRevision { text, problem }.into()
        };
        if let Some(problem) = revision_problem(text) {
            return Err(unknown(problem));
        }
        let shallow = "this clone is shallow (`git fetch --unshallow`)";
        let problem = if self.is_shallow { shallow } else { "no such branch, tag or commit" };
        self.find(text)?.ok_or_else(|| unknown(problem))
    }

    /// Whether one commit is another, or its ancestor.
    pub fn is_ancestor(&self, one: &str, other: &str) -> Result<bool, Diagnostics> {
        let call = self.program.call("merge-base").arg("--is-ancestor");
        let output = call.args(["--end-of-options", one, other]).output()?;
        match output.status {
            0 => Ok(true),
            1 => Ok(false),
            _ => Err(output.failed("merge-base")),
        }
    }
}

fn refuse_old(program: &Program) -> Result<(), Diagnostics> {
    check_version(&program.call("version").text()?)
}

fn check_version(text: &str) -> Result<(), Diagnostics> {
    let found = text.strip_prefix("git version ").unwrap_or(text);
    let mut numbers = found.split('.').map(|number| number.parse::<u32>().ok());
    let (major, minor) = (numbers.next().flatten(), numbers.next().flatten());
    match major.zip(minor) {
        Some(version) if version >= OLDEST => Ok(()),
        _ => Err(GitError::TooOld { found: found.to_owned() }.into()),
    }
}

/// Whether a string is an object name, SHA-1 or SHA-256.
pub(super) fn is_object(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    matches!(text.len(), 40 | 64) && text.bytes().all(digit)
}

/// The reason why a string is not a revision, if any. gitrevisions(7), without paths, searches and ranges.
fn revision_problem(text: &str) -> Option<&'static str> {
    if text.is_empty() || text.len() > 255 {
        return Some("a revision must have 1 to 255 characters");
    }
    if text.starts_with('-') {
        return Some("it starts like an option");
    }
    if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Some("a revision cannot contain spaces");
    }
    if text.contains([':', '?', '*', '[', '\\']) {
        return Some("a revision cannot be a path, pattern or search");
    }
    text.contains("..").then_some("it is a range of commits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_no_options_paths_or_ranges() {
        for text in ["main", "origin/main", "HEAD~2", "v1^{}", "main@{upstream}", "@{-1}"] {
            assert_eq!(revision_problem(text), None, "{text}");
        }
        let long = "a".repeat(256);
        for text in [
            "",
            "-x",
            "--upload-pack=touch x",
            "a b",
            "a\nb",
            "main:gen.yaml",
            ":/fix",
            "a..b",
            "a...b",
            "refs/heads/*",
            "a\\b",
            "a[b",
            "a?b",
            &long,
        ] {
            assert!(revision_problem(text).is_some(), "{text}");
        }
    }

    #[test]
    fn old_git_is_refused() {
        for text in ["git version 2.36.0", "git version 2.39.5 (Apple Git-154)", "git version 3.0"]
        {
            assert_eq!(check_version(text), Ok(()), "{text}");
        }
        for text in ["git version 2.35.9", "git version 1.99.0", "git", ""] {
            assert!(check_version(text).is_err(), "{text}");
        }
        let error = check_version("git version 2.34.1").unwrap_err();
        assert_eq!(error.to_string(), "[GEN1003] git 2.34.1 is too old");
    }

    #[test]
    fn names_of_objects() {
        assert!(is_object(&"0a".repeat(20)));
        assert!(is_object(&"0a".repeat(32)));
        for text in ["", "HEAD", &"0A".repeat(20), &"0a".repeat(19)] {
            assert!(!is_object(text), "{text}");
        }
    }
}
