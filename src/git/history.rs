//! The history: commits with their trailers, and their changes to some files.

use std::collections::HashMap;

use super::objects::Objects;
use super::program::failed;
use super::repository::{Repository, is_object};
use crate::diagnostics::Diagnostics;

/// Maximum number of commits searched. For older ones, start at an older revision.
const MOST: usize = 50_000;

/// A commit, without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The name.
    pub id: String,
    /// The commit time in ISO 8601, in the committer's time zone.
    pub time: String,
    /// The author.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// Its trailers, in order.
    pub trailers: Vec<(String, String)>,
}

/// A commit's change to a file, compared with its first parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the folder of gen.yaml.
    pub path: String,
    /// Its text before; none if it did not exist, or is not text.
    pub before: Option<String>,
    /// Its text after.
    pub after: Option<String>,
}

/// The commits that led to a revision, newest first.
#[derive(Debug)]
pub struct History<'a> {
    repository: &'a Repository,
    objects: Objects,
    commits: Vec<Commit>,
}

impl Commit {
    /// The values of a trailer, in order.
    pub fn trailer<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.trailers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl<'a> History<'a> {
    /// The commits up to a revision that touched any of these folders, relative to gen.yaml's folder.
    pub fn read(
        repository: &'a Repository,
        commit: &str,
        folders: &[&str],
    ) -> Result<Self, Diagnostics> {
        let prefix = &repository.prefix;
        let listing = repository
            .program
            .call("log")
            .args(["-z", "--no-show-signature", "--no-color", "--no-patch"])
            .arg(format!("--max-count={MOST}"))
            .arg("--format=%H%x00%cI%x00%an%x00%s%x00%(trailers:only=true,unfold=true)")
            .args(["--end-of-options", commit, "--"])
            .args(folders.iter().map(|folder| format!("{prefix}{folder}")))
            .run()?;
        let objects = Objects::new(&repository.program);
        Ok(Self { repository, objects, commits: commits(&listing) })
    }

    /// The commits, newest first.
    #[must_use]
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    /// The changes of commits to files of a folder with this suffix; by the commit's name, without empty ones. Files of
    /// more than `limit` bytes do not count as text.
    pub fn edits(
        &self,
        commits: &[Commit],
        folder: &str,
        ending: &str,
        limit: u64,
    ) -> Result<HashMap<String, Vec<Edit>>, Diagnostics> {
        let prefix = self.repository.prefix.as_str();
        let names: String = commits.iter().flat_map(|one| [&one.id, "\n"]).collect();
        let listing = self
            .repository
            .program
            .call("diff-tree")
            .args(["--stdin", "-z", "-r", "--root", "--raw", "--no-abbrev"])
            .args(["--no-renames", "--diff-merges=first-parent", "--"])
            .arg(format!("{prefix}{folder}"))
            .stdin(names)
            .run()?;
        let mut edits: HashMap<String, Vec<Edit>> = HashMap::new();
        for (commit, before, after, path) in changes(&listing)? {
            let Some(path) = path.strip_prefix(prefix).filter(|p| p.ends_with(ending)) else {
                continue;
            };
            let edit = Edit {
                path: path.to_owned(),
                before: self.text(before, limit)?,
                after: self.text(after, limit)?,
            };
            edits.entry(commit.to_owned()).or_default().push(edit);
        }
        Ok(edits)
    }

    /// A blob's text; none for the null object name.
    fn text(&self, object: &str, limit: u64) -> Result<Option<String>, Diagnostics> {
        if object.bytes().all(|byte| byte == b'0') {
            return Ok(None);
        }
        Ok(self.objects.read(object, limit)?.text())
    }
}

/// Parses the output of `git log`: five fields per commit, each terminated by NUL.
fn commits(listing: &[u8]) -> Vec<Commit> {
    let text = String::from_utf8_lossy(listing);
    let fields: Vec<&str> = text.split('\0').collect();
    let trailer = |line: &str| {
        let (key, value) = line.split_once(':')?;
        Some((key.trim().to_owned(), value.trim().to_owned()))
    };
    let commit = |fields: &[&str]| Commit {
        id: fields[0].trim().to_owned(),
        time: fields[1].to_owned(),
        author: fields[2].to_owned(),
        subject: fields[3].to_owned(),
        trailers: fields[4].lines().filter_map(trailer).collect(),
    };
    fields.chunks_exact(5).map(commit).collect()
}

/// A changed file: commit, the object before and after, path.
type Change<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Parses the output of `git diff-tree`: a commit's name, then `:MODE MODE OBJECT OBJECT STATUS` and a path for each file. Only
/// regular files and UTF-8 paths are kept.
fn changes(listing: &[u8]) -> Result<Vec<Change<'_>>, Diagnostics> {
    let strange = || failed("diff-tree", "its output was not understood".to_owned());
    let mut found = Vec::new();
    let mut commit = "";
    let mut tokens = listing.split(|byte| *byte == 0);
    while let Some(token) = tokens.next() {
        let text = std::str::from_utf8(token).unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        let Some(change) = text.strip_prefix(':') else {
            if !is_object(text) {
                return Err(strange());
            }
            commit = text;
            continue;
        };
        let fields: Vec<&str> = change.split(' ').collect();
        let [old, new, before, after, _] = fields.as_slice() else {
            return Err(strange());
        };
        let path = tokens.next().ok_or_else(strange)?;
        let regular = |mode: &str| mode.starts_with("100") || mode == "000000";
        if let Ok(path) = std::str::from_utf8(path)
            && regular(old)
            && regular(new)
        {
            found.push((commit, *before, *after, path));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_with_trailers() {
        let listing = b"aa\x002026-11-23T09:00:00+00:00\0Ada\0One\0Gen-Env: dev\nGen-App: a\nGen-App: b\n\0bb\0t\0B\0Two\0\0";
        let found = commits(listing);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].trailer("gen-app").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(found[0].trailer("Gen-Env").collect::<Vec<_>>(), ["dev"]);
        assert_eq!(found[1].subject, "Two");
        assert!(found[1].trailers.is_empty());
        assert!(commits(b"").is_empty());
    }

    #[test]
    fn changes_of_regular_files() {
        let one = "1".repeat(40);
        let zero = "0".repeat(40);
        let listing = format!(
            "{one}\0:000000 100644 {zero} {one} A\0e/a.pins.yaml\0:120000 100644 {one} {one} T\0e/link\0"
        );
        let found = changes(listing.as_bytes()).unwrap();
        assert_eq!(found, [(one.as_str(), zero.as_str(), one.as_str(), "e/a.pins.yaml")]);
        assert!(changes(b"").unwrap().is_empty());
        for bad in ["what\0", ":1 2 3\0x\0", ":1 2 3 4 5"] {
            assert!(changes(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
