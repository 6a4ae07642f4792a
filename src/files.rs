//! Where texts come from, as a trait: the core asks for paths and never sees a disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Diagnostic;

/// The files of a repository. Paths are relative to its root, with `/`.
pub trait Files: Sync {
    /// The text of a regular file of at most `limit` bytes; nothing where there is none.
    ///
    /// # Errors
    /// What is there but no readable text: too large, not UTF-8, a link that leaves the repository.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostic>;

    /// All regular files below a folder, sorted; none where there is no such folder.
    ///
    /// # Errors
    /// Where the folder cannot be read, or holds more files than any repository should.
    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostic>;

    /// All regular files that a pattern matches, sorted.
    ///
    /// # Errors
    /// Where the pattern is none, or matches more files than any repository should.
    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostic>;
}

/// Files that are held in memory, for tests and for what never touches a disk.
#[derive(Debug, Clone, Default)]
pub struct Memory(pub BTreeMap<String, Arc<str>>);

impl Memory {
    /// Files from pairs of path and text.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(
            files
                .into_iter()
                .map(|(path, text)| (path.to_owned(), Arc::from(text)))
                .collect(),
        )
    }
}

impl Files for Memory {
    fn read(&self, path: &str, _limit: u64) -> Result<Option<Arc<str>>, Diagnostic> {
        Ok(self.0.get(path).cloned())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostic> {
        let prefix = format!("{folder}/");
        Ok(self
            .0
            .keys()
            .filter(|path| path.starts_with(&prefix))
            .cloned()
            .collect())
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostic> {
        let glob = globset::GlobBuilder::new(pattern)
            .literal_separator(true)
            .build();
        let matcher = glob.map(|glob| glob.compile_matcher()).ok();
        Ok(self
            .0
            .keys()
            .filter(|path| matcher.as_ref().is_some_and(|m| m.is_match(path)))
            .cloned()
            .collect())
    }
}
