//! The files of a commit, read without checking it out.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::Digest as _;

use super::objects::{Blob, Objects};
use super::program::Program;
use super::repository::Repository;
use crate::diagnostics::{Diagnostics, TreeError};
use crate::files::{Files, Pattern, decoded, encoded, irregular, is_hidden, outside, too_large};
use crate::tree::{hex, path_problem};

/// Maximum output of `git ls-tree`, in bytes; larger repositories are not gen's.
const LISTING: usize = 512 << 20;

/// Maximum number of links followed for one path, as in kernels.
const MOST_LINKS: usize = 40;

/// Maximum size of a link's target, which is a path.
const LONGEST_LINK: u64 = 4096;

/// The files of a commit below the folder of gen.yaml.
#[derive(Debug)]
pub struct Snapshot {
    commit: Option<String>,
    entries: BTreeMap<String, TreeEntry>,
    /// Names that are not UTF-8, in printable form.
    strange: Vec<String>,
    objects: Objects,
    is_sha256: bool,
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// What it is.
    pub mode: Mode,
    /// The object's name.
    pub object: String,
}

/// The type of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A file.
    File,
    /// An executable file.
    Program,
    /// A symbolic link, whose blob is the target.
    Link,
    /// A submodule, which is never entered.
    Submodule,
}

impl Mode {
    /// As written by git.
    #[must_use]
    pub fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Program => "100755",
            Self::Link => "120000",
            Self::Submodule => "160000",
        }
    }

    pub(super) fn of(octal: &[u8]) -> Option<Self> {
        Some(match octal {
            // Old trees have other modes, which git reads as these.
            b"100755" => Self::Program,
            b"120000" => Self::Link,
            b"160000" => Self::Submodule,
            octal if octal.starts_with(b"100") => Self::File,
            _ => return None,
        })
    }
}

/// The result of resolving a path.
enum Followed<'a> {
    File(&'a TreeEntry),
    /// The folder's own path.
    Folder(String),
    Absent,
    /// A dangling link, or a loop.
    Dangling,
}

impl Snapshot {
    /// The files of a commit from [`Repository::resolve`] or [`Repository::find`]; without one, of the empty tree.
    pub fn open(repository: &Repository, commit: Option<&str>) -> Result<Self, Diagnostics> {
        let mut snapshot = Self {
            commit: commit.map(str::to_owned),
            entries: BTreeMap::new(),
            strange: Vec::new(),
            objects: Objects::new(&repository.program),
            is_sha256: repository.nothing.len() == 64,
        };
        let Some(commit) = commit else {
            return Ok(snapshot);
        };
        let folder = repository.prefix.trim_end_matches('/');
        let Some(tree) = repository.parse(&format!("{commit}:{folder}"))? else {
            return Ok(snapshot);
        };
        let listing = list_tree(&repository.program, &tree)?;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        for (mode, object, path) in listing.split(|byte| *byte == 0).filter_map(tree_line) {
            if let Ok(path) = std::str::from_utf8(path) {
                let object = text(object);
                snapshot.entries.insert(path.to_owned(), TreeEntry { mode, object });
            } else {
                snapshot.strange.push(text(path));
            }
        }
        Ok(snapshot)
    }

    /// The commit.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }

    /// The entry at a path, without following links.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<&TreeEntry> {
        self.entries.get(path)
    }

    /// All paths at or below a folder, sorted, including hidden ones, with their entries.
    pub fn entries_below<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a TreeEntry)> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let start = prefix.clone();
        self.entries
            .range(start..)
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .map(|(path, entry)| (path.as_str(), entry))
    }

    /// The texts of all regular files below a folder, such as `clusters`: for comparing a tree with another. Links, submodules and
    /// files that are not UTF-8 are left out, since gen writes none.
    ///
    /// # Errors
    /// Errors of git; a file of more than `limit` bytes.
    pub fn texts_below(
        &self,
        folder: &str,
        limit: u64,
    ) -> Result<BTreeMap<String, Arc<str>>, Diagnostics> {
        let files = self
            .entries_below(folder)
            .filter(|(_, entry)| matches!(entry.mode, Mode::File | Mode::Program));
        self.texts_of(files.map(|(path, _)| path), limit)
    }

    /// The texts of these paths, as in [`Snapshot::texts_below`]; missing ones are left out.
    ///
    /// # Errors
    /// Errors of git; a file of more than `limit` bytes.
    pub fn texts_of<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p str>,
        limit: u64,
    ) -> Result<BTreeMap<String, Arc<str>>, Diagnostics> {
        let found = paths
            .into_iter()
            .filter_map(|path| Some((path, self.entries.get(path)?.object.as_str())));
        let (paths, objects): (Vec<&str>, Vec<&str>) = found.unzip();
        let mut texts = BTreeMap::new();
        self.objects.read_all(objects.into_iter(), limit, |number, blob| {
            let path = paths[number];
            if let Blob::Large(size) = blob {
                return Err(too_large(path, size, limit));
            }
            texts.extend(blob.text().map(|text| (path.to_owned(), Arc::from(text))));
            Ok(())
        })?;
        Ok(texts)
    }

    /// Returns the texts of any blobs in the given order, one at a time; none for one that is not text, or has more
    /// than `limit` bytes.
    pub fn each_text<'o>(
        &self,
        objects: impl Iterator<Item = &'o str>,
        limit: u64,
        mut each: impl FnMut(usize, Option<String>),
    ) -> Result<(), Diagnostics> {
        self.objects.read_all(objects, limit, |number, blob| {
            each(number, blob.text());
            Ok(())
        })
    }

    /// The bytes of any blob, of at most `limit` bytes; none if it has more.
    pub fn object(&self, object: &str, limit: u64) -> Result<Option<Vec<u8>>, Diagnostics> {
        Ok(self.objects.read(object, limit)?.bytes())
    }

    /// The object name of a text, with this repository's hash algorithm.
    #[must_use]
    pub fn name_of(&self, text: &[u8]) -> String {
        let head = format!("blob {}\0", text.len());
        if self.is_sha256 {
            let digest = sha2::Sha256::new().chain_update(head).chain_update(text);
            hex(&digest.finalize())
        } else {
            let digest = sha1::Sha1::new().chain_update(head).chain_update(text);
            hex(&digest.finalize())
        }
    }

    /// Follows links, also for folders on the way, as long as they stay inside.
    fn follow(&self, path: &str) -> Result<Followed<'_>, Diagnostics> {
        let first = path;
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let mut ends = path.match_indices('/').map(|(end, _)| end).collect::<Vec<_>>();
            ends.push(path.len());
            let link = ends.into_iter().find_map(|end| {
                let entry = self.entries.get(&path[..end])?;
                (entry.mode == Mode::Link).then_some((end, entry))
            });
            let Some((end, link)) = link else {
                return Ok(match self.entries.get(&path) {
                    Some(entry) => Followed::File(entry),
                    None if self.entries_below(&path).next().is_some() => Followed::Folder(path),
                    None if path == first => Followed::Absent,
                    None => Followed::Dangling,
                });
            };
            let target = self.objects.read(&link.object, LONGEST_LINK)?.text();
            let next = target.and_then(|target| join(&path[..end], &target, &path[end..]));
            path = next.ok_or_else(|| outside(first))?;
        }
        Ok(Followed::Dangling)
    }

    fn strange_name(&self, is_meant: impl Fn(&str) -> bool) -> Result<(), Diagnostics> {
        match self.strange.iter().find(|path| is_meant(path)) {
            Some(path) => Err(TreeError::PathNotUtf8 { path: path.clone() }.into()),
            None => Ok(()),
        }
    }
}

impl Snapshot {
    fn bytes(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Diagnostics> {
        if path_problem(path).is_some() {
            return Err(outside(path));
        }
        let entry = match self.follow(path)? {
            Followed::Absent => return Ok(None),
            Followed::File(entry) if entry.mode != Mode::Submodule => entry,
            Followed::File(_) | Followed::Folder(_) | Followed::Dangling => {
                return Err(irregular(path));
            }
        };
        match self.objects.read(&entry.object, limit)? {
            Blob::Large(size) => Err(too_large(path, size, limit)),
            Blob::Bytes(bytes) => Ok(Some(bytes)),
        }
    }
}

impl Files for Snapshot {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        let bytes = self.bytes(path, limit)?;
        bytes.map(|bytes| Ok(Arc::from(decoded(path, bytes)?))).transpose()
    }

    fn read_base64(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        Ok(self.bytes(path, limit)?.map(|bytes| encoded(&bytes)))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        if path_problem(folder).is_some() {
            return Err(outside(folder));
        }
        // As on disk: a folder that is itself a link is followed, under its own name; one further down is rejected.
        let real = match self.follow(folder)? {
            Followed::Folder(real) => real,
            Followed::Dangling => return Err(irregular(folder)),
            Followed::File(_) | Followed::Absent => return Ok(Vec::new()),
        };
        let start = real.len() + 1;
        let is_shown = |path: &str| !is_hidden(path.get(start..).unwrap_or_default());
        let below = format!("{real}/");
        self.strange_name(|path| path.starts_with(&below) && is_shown(path))?;
        let mut paths = Vec::new();
        for (path, entry) in self.entries_below(&real) {
            if entry.mode == Mode::Submodule || !is_shown(path) {
                continue;
            }
            // Files behind it would be missing silently.
            if entry.mode == Mode::Link && matches!(self.follow(path), Ok(Followed::Folder(_))) {
                return Err(irregular(path));
            }
            paths.push(format!("{folder}/{}", &path[start..]));
        }
        Ok(paths)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics> {
        let parsed = Pattern::new(pattern)?;
        self.strange_name(|path| parsed.matches(path))?;
        let is_meant = |(path, entry): &(&str, &TreeEntry)| {
            entry.mode != Mode::Submodule && parsed.matches(path)
        };
        let found = self.entries_below(&parsed.folder).filter(is_meant);
        let paths: Vec<String> = found.map(|(path, _)| path.to_owned()).collect();
        if paths.len() > Pattern::MOST { Err(Pattern::too_many(pattern)) } else { Ok(paths) }
    }
}

/// All files of a tree, as lines for [`tree_line`] that end with NUL.
pub(super) fn list_tree(program: &Program, tree: &str) -> Result<Vec<u8>, Diagnostics> {
    let call = program.call("ls-tree");
    let call = call.args(["-r", "-z", "--full-tree", "--end-of-options", tree]);
    call.limit(LISTING).run()
}

/// Mode, object and path of a line `MODE TYPE OBJECT<tab>PATH`.
pub(super) fn tree_line(line: &[u8]) -> Option<(Mode, &[u8], &[u8])> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut words = line[..tab].split(|byte| *byte == b' ');
    Some((words.next().and_then(Mode::of)?, words.nth(1)?, &line[tab + 1..]))
}

/// Replaces a link with its target: `link` is the link's own path, `rest` the path after it. None if it leads outside.
fn join(link: &str, target: &str, rest: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut names: Vec<&str> = link.split('/').collect();
    names.pop();
    for name in target.split('/').chain(rest.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    let path = names.join("/");
    path_problem(&path).is_none().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside() {
        assert_eq!(join("a/l", "b", "").as_deref(), Some("a/b"));
        assert_eq!(join("a/l", "../b", "/c").as_deref(), Some("b/c"));
        assert_eq!(join("l", "./b/.", "").as_deref(), Some("b"));
        for (link, target) in [
            ("l", "/etc/passwd"),
            ("l", "../x"),
            ("a/l", "../../x"),
            ("l", ""),
            ("l", ".git/config"),
            ("l", "."),
        ] {
            assert_eq!(join(link, target, ""), None, "{link} -> {target}");
        }
    }
}
