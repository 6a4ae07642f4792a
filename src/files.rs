//! The source of texts, as a trait: the core asks for paths and never sees a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostics::{Diagnostic, Diagnostics, TreeError, YamlError};
use crate::tree::path_problem;

/// A source of texts: the disk ([`crate::workspace::Workspace`]), a commit, or a test's own table ([`Memory`]).
///
/// Paths are relative to the root of the repository, with `/`. The pure modules read through this only.
pub trait Files: Sync {
    /// The whole text of a file, if it exists.
    ///
    /// # Errors
    /// Not a regular file, larger than `limit` bytes, not UTF-8, or outside the repository.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics>;

    /// The whole content of a file in Base64, if it exists, for one that is not text.
    ///
    /// # Errors
    /// As [`Files::read`], except that it may not be UTF-8.
    fn read_base64(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics>;

    /// Every file below a folder, sorted, relative to the root; none if there is no such folder. Names that begin with a dot
    /// are left out: they belong to editors and tools.
    ///
    /// # Errors
    /// A folder that cannot be read, a link to a folder, a name that is not UTF-8.
    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics>;

    /// Every file that a pattern of `include` matches, sorted. `*` and `?` stay within a folder, `**` does not. Names that begin
    /// with a dot and everything below clusters/ are left out.
    ///
    /// # Errors
    /// An invalid pattern or one that leaves the repository, too many matches, and the errors of [`Files::list`].
    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics>;
}

/// The content of a file that need not be text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Content {
    /// Its text.
    Text(Arc<str>),
    /// Its bytes in Base64.
    Base64(Arc<str>),
}

/// The whole content of a file, if it exists. What has a NUL in it is no text to those who read it.
///
/// # Errors
/// As [`Files::read`], except that it may not be UTF-8.
pub fn content(files: &dyn Files, path: &str, limit: u64) -> Result<Option<Content>, Diagnostics> {
    match files.read(path, limit) {
        Ok(Some(text)) if !text.contains('\0') => return Ok(Some(Content::Text(text))),
        Ok(None) => return Ok(None),
        Err(problems) if !is_not_utf8(&problems) => return Err(problems),
        Ok(Some(_)) | Err(_) => {}
    }
    Ok(files.read_base64(path, limit)?.map(Content::Base64))
}

/// Whether a file could not be read as text only because it is none.
#[must_use]
pub fn is_not_utf8(problems: &Diagnostics) -> bool {
    let is_one = |problem: &Diagnostic| {
        matches!(problem.kind, crate::diagnostics::Kind::Yaml(YamlError::NotUtf8 { .. }))
    };
    problems.iter().all(is_one)
}

pub(crate) fn encoded(bytes: &[u8]) -> Arc<str> {
    use base64::Engine as _;
    Arc::from(base64::engine::general_purpose::STANDARD.encode(bytes))
}

/// A parsed pattern of `include`.
#[derive(Debug, Clone)]
pub struct Pattern {
    matcher: globset::GlobMatcher,
    /// The folder above the first name with a wildcard; may be empty.
    pub folder: String,
}

impl Pattern {
    /// Maximum number of files that a pattern can match.
    pub const MOST: usize = 20_000;

    /// Parses a pattern.
    ///
    /// # Errors
    /// An absolute path, `..`, or unclosed brackets.
    pub fn new(pattern: &str) -> Result<Self, Diagnostics> {
        let bad = |problem: String| TreeError::BadGlob { pattern: pattern.to_owned(), problem };
        if let Some(problem) = path_problem(pattern) {
            return Err(bad(problem.to_owned()).into());
        }
        let glob = globset::GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .map_err(|error| bad(error.kind().to_string()))?;
        let names: Vec<&str> = pattern.split('/').collect();
        let wild = |name: &&str| name.contains(['*', '?', '[', '{']);
        let literal = names.iter().position(wild).unwrap_or(names.len() - 1);
        Ok(Self { matcher: glob.compile_matcher(), folder: names[..literal].join("/") })
    }

    /// The error for a pattern or folder with more files than [`Pattern::MOST`].
    pub(crate) fn too_many(name: &str) -> Diagnostics {
        TreeError::TooManyFiles { path: name.to_owned(), limit: Self::MOST }.into()
    }

    /// Whether a file matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        !path.starts_with("clusters/") && !is_hidden(path) && self.matcher.is_match(path)
    }
}

/// Whether any name in a path begins with a dot.
#[must_use]
pub fn is_hidden(path: &str) -> bool {
    path.split('/').any(|name| name.starts_with('.'))
}

/// The text of a file.
///
/// # Errors
/// Not UTF-8, with the first such byte.
pub(crate) fn decoded(path: &str, bytes: Vec<u8>) -> Result<String, Diagnostics> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Diagnostic::error(YamlError::NotUtf8 { offset }).in_file(path).into()
    })
}

pub(crate) fn too_large(path: &str, size: u64, limit: u64) -> Diagnostics {
    Diagnostic::error(YamlError::TooLarge { size, limit }).in_file(path).into()
}

pub(crate) fn irregular(path: &str) -> Diagnostics {
    TreeError::NotRegular { path: path.to_owned() }.into()
}

pub(crate) fn outside(path: &str) -> Diagnostics {
    TreeError::OutsideRoot { path: path.to_owned() }.into()
}

/// What the system says of a failed call, in the form of our messages.
pub(crate) fn io_problem(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// Texts by path.
pub type Texts = BTreeMap<String, Arc<str>>;

/// Files in memory, for tests and for [`Changed`].
#[derive(Debug, Clone, Default)]
pub struct Memory(pub Texts);

impl Memory {
    /// Files from pairs of path and text.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), Arc::from(text))).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        let Some(text) = self.0.get(path) else {
            return Ok(None);
        };
        let size = text.len() as u64;
        if size > limit { Err(too_large(path, size, limit)) } else { Ok(Some(Arc::clone(text))) }
    }

    fn read_base64(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        Ok(self.read(path, limit)?.map(|text| encoded(text.as_bytes())))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        let below = |path: &&String| {
            let rest = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| !is_hidden(rest))
        };
        Ok(self.0.keys().filter(below).cloned().collect())
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics> {
        let pattern = Pattern::new(pattern)?;
        let paths = self.0.keys().filter(|path| pattern.matches(path));
        Ok(paths.cloned().collect())
    }
}

/// Files with changes on top: a command reads what it is about to write.
pub struct Changed<'a> {
    base: &'a dyn Files,
    texts: Memory,
    gone: BTreeSet<String>,
}

impl<'a> Changed<'a> {
    /// The files of `base`, with these added or replaced.
    #[must_use]
    pub fn new(base: &'a dyn Files, texts: Memory) -> Self {
        Self { base, texts, gone: BTreeSet::new() }
    }

    /// The same without some of them.
    #[must_use]
    pub fn without(self, gone: BTreeSet<String>) -> Self {
        Self { gone, ..self }
    }

    fn joined(&self, mut paths: Vec<String>, more: Vec<String>) -> Vec<String> {
        paths.retain(|path| !self.gone.contains(path));
        paths.extend(more);
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Files for Changed<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        match self.texts.read(path, limit)? {
            Some(text) => Ok(Some(text)),
            None if self.gone.contains(path) => Ok(None),
            None => self.base.read(path, limit),
        }
    }

    fn read_base64(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        match self.texts.read_base64(path, limit)? {
            Some(text) => Ok(Some(text)),
            None if self.gone.contains(path) => Ok(None),
            None => self.base.read_base64(path, limit),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        Ok(self.joined(self.base.list(folder)?, self.texts.list(folder)?))
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics> {
        Ok(self.joined(self.base.glob(pattern)?, self.texts.glob(pattern)?))
    }
}

/// Files that record which of them were read: what a result depends on.
pub struct Recorded<'a> {
    base: &'a dyn Files,
    read: Mutex<Texts>,
}

impl<'a> Recorded<'a> {
    /// Records from now on.
    #[must_use]
    pub fn new(base: &'a dyn Files) -> Self {
        Self { base, read: Mutex::default() }
    }

    fn note(&self, path: &str, text: Option<Arc<str>>) -> Option<Arc<str>> {
        if let Some(text) = &text {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            read.insert(path.to_owned(), Arc::clone(text));
        }
        text
    }

    /// Every file read so far, with its text; in Base64 if it is none.
    #[must_use]
    pub fn read_files(&self) -> Texts {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Files for Recorded<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        Ok(self.note(path, self.base.read(path, limit)?))
    }

    fn read_base64(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        Ok(self.note(path, self.base.read_base64(path, limit)?))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        self.base.list(folder)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics> {
        self.base.glob(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(paths: &[&str]) -> Memory {
        Memory(paths.iter().map(|path| ((*path).to_owned(), Arc::from("x"))).collect())
    }

    #[test]
    fn patterns_stay_in_the_repository_and_out_of_the_tree() {
        let files = memory(&[
            "apps/b.yaml",
            "apps/a.yaml",
            "apps/x/c.yaml",
            "apps/.d.yaml",
            "clusters/e.yaml",
            ".github/f.yaml",
        ]);
        assert_eq!(files.glob("apps/*.yaml").unwrap(), ["apps/a.yaml", "apps/b.yaml"]);
        assert_eq!(
            files.glob("**/*.yaml").unwrap(),
            ["apps/a.yaml", "apps/b.yaml", "apps/x/c.yaml"]
        );
        assert_eq!(files.glob("apps/a.yaml").unwrap(), ["apps/a.yaml"]);
        for pattern in ["../*.yaml", "/etc/*", "", "a/[", "apps/{a"] {
            assert!(files.glob(pattern).is_err(), "{pattern}");
        }
        assert_eq!(Pattern::new("teams/a/*/x.yaml").unwrap().folder, "teams/a");
        assert_eq!(Pattern::new("*.yaml").unwrap().folder, "");
        assert_eq!(files.list("apps").unwrap(), ["apps/a.yaml", "apps/b.yaml", "apps/x/c.yaml"]);
        assert!(files.list("app").unwrap().is_empty());
    }

    #[test]
    fn what_is_about_to_be_written_is_read_in_the_place_of_what_stands() {
        let base = memory(&["apps/a.yaml", "apps/b.yaml"]);
        let files = Changed::new(&base, Memory::new([("apps/b.yaml", "y"), ("apps/c.yaml", "z")]));
        assert_eq!(
            files.glob("apps/*.yaml").unwrap(),
            ["apps/a.yaml", "apps/b.yaml", "apps/c.yaml"]
        );
        assert_eq!(files.list("apps").unwrap().len(), 3);
        let read = |path: &str| files.read(path, 10).unwrap();
        assert_eq!(read("apps/a.yaml").as_deref(), Some("x"));
        assert_eq!(read("apps/b.yaml").as_deref(), Some("y"));
        assert_eq!(read("apps/c.yaml").as_deref(), Some("z"));
        assert_eq!(read("apps/d.yaml"), None);

        let gone = ["apps/a.yaml", "apps/b.yaml"].map(str::to_owned).into();
        let files = Changed::new(&base, Memory::new([("apps/b.yaml", "y")])).without(gone);
        let files = Recorded::new(&files);
        assert_eq!(files.glob("apps/*.yaml").unwrap(), ["apps/b.yaml"]);
        assert_eq!(files.list("apps").unwrap(), ["apps/b.yaml"]);
        assert_eq!(files.read("apps/a.yaml", 10).unwrap(), None);
        assert_eq!(files.read("apps/b.yaml", 10).unwrap().as_deref(), Some("y"));
        assert_eq!(
            files.read_files(),
            BTreeMap::from([("apps/b.yaml".to_owned(), Arc::from("y"))])
        );
    }
}
