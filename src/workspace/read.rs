//! Reads sources: regular files inside the repository, of a bounded size, and nothing else.
//!
//! A link in a pull request must not bring `/etc/passwd` or the credentials in `.git/config` into the output. So a path is
//! walked without following links; if there is one, its target must be inside, and is walked again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cursor::Cursor;
use super::disk::Nature;
use super::place::{Found, Place, failed};
use crate::diagnostics::{Diagnostics, Kind, TreeError};
use crate::files::{Files, Pattern, decoded, encoded, irregular, is_hidden, outside, too_large};
use crate::tree::{TREE, path_problem};

/// The files of a repository on disk.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Maximum size of a spec, environment or pins file, in bytes.
    pub const LARGEST_SPEC: u64 = 1024 * 1024;
    /// Maximum size of a template.
    pub const LARGEST_TEMPLATE: u64 = 1024 * 1024;
    /// Maximum size of a file of raw manifests.
    pub const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;

    /// The files below a root.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The target of a path with links in it, relative to the root.
    fn resolve(&self, path: &str) -> Result<String, Diagnostics> {
        let root = self.root.canonicalize().map_err(|error| failed(".", &error))?;
        let target = self.root.join(path).canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => outside(path),
            // A dangling link, or a loop.
            _ => irregular(path),
        })?;
        let inside = target.strip_prefix(&root).map_err(|_| outside(path))?;
        let inside = inside.to_str().ok_or_else(|| not_utf8(path))?;
        if path_problem(inside).is_some() || inside.split('/').next() == Some(super::lock::GEN) {
            return Err(outside(path));
        }
        Ok(inside.to_owned())
    }

    fn find(&self, path: &str, limit: u64) -> Result<Found, Diagnostics> {
        let root = Place::root(&self.root)?;
        match Cursor::new(&root).read(path, limit) {
            Ok(Found::Link) => {}
            Err(problems) if is_link(&problems) => {}
            direct => return direct,
        }
        Cursor::new(&root).read(&self.resolve(path)?, limit)
    }

    /// Opens a folder, through links if they stay inside.
    fn folder(&self, path: &str) -> Result<Option<Place>, Diagnostics> {
        let root = Place::root(&self.root)?;
        if path.is_empty() {
            return Ok(Some(root));
        }
        match root.open(path) {
            Err(problems) if is_link(&problems) => root.open(&self.resolve(path)?),
            Err(problems) if is_no_folder(&problems) => Ok(None),
            other => other,
        }
    }
}

impl Workspace {
    fn bytes(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Diagnostics> {
        check(path)?;
        match self.find(path, limit) {
            Ok(Found::File(content)) => Ok(Some(content.bytes)),
            Ok(Found::Absent) => Ok(None),
            Ok(Found::Large(size)) => Err(too_large(path, size, limit)),
            Ok(Found::Irregular | Found::Link) => Err(irregular(path)),
            Err(problems) if is_no_folder(&problems) => Ok(None),
            Err(problems) => Err(problems),
        }
    }
}

impl Files for Workspace {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        let bytes = self.bytes(path, limit)?;
        bytes.map(|bytes| Ok(Arc::from(decoded(path, bytes)?))).transpose()
    }

    fn read_base64(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        Ok(self.bytes(path, limit)?.map(|bytes| encoded(&bytes)))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        check(folder)?;
        Search { root: &self.root, pattern: None, name: folder, found: Vec::new() }
            .below(self.folder(folder)?, folder)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics> {
        let parsed = Pattern::new(pattern)?;
        let place = self.folder(&parsed.folder)?.filter(|_| !is_hidden(&parsed.folder));
        Search { root: &self.root, pattern: Some(&parsed), name: pattern, found: Vec::new() }
            .below(place, &parsed.folder)
    }
}

/// Collects paths below a folder.
struct Search<'a> {
    root: &'a Path,
    pattern: Option<&'a Pattern>,
    /// The pattern or folder as requested.
    name: &'a str,
    found: Vec<String>,
}

impl Search<'_> {
    fn below(mut self, place: Option<Place>, path: &str) -> Result<Vec<String>, Diagnostics> {
        if let Some(place) = place {
            self.walk(&place, path)?;
        }
        self.found.sort();
        Ok(self.found)
    }

    fn walk(&mut self, place: &Place, prefix: &str) -> Result<(), Diagnostics> {
        let names = place.disk.list(&place.fd);
        for (name, nature) in names.map_err(|error| failed(prefix, &error))? {
            if name.as_encoded_bytes().starts_with(b".") || (prefix.is_empty() && name == TREE) {
                continue;
            }
            let path = join(prefix, &name.to_string_lossy());
            let Some(name) = name.to_str() else {
                if self.pattern.is_none_or(|pattern| pattern.matches(&path)) {
                    return Err(not_utf8(&path));
                }
                continue;
            };
            match nature {
                Nature::Folder => {
                    if let Some(inner) = place.open(name)? {
                        self.walk(&inner, &path)?;
                    }
                }
                Nature::Link if self.root.join(&path).is_dir() => {
                    // Files behind it would be missing silently. A pattern just does not search links.
                    if self.pattern.is_none() {
                        return Err(irregular(&path));
                    }
                }
                // Whether it can be read is checked when it is read.
                Nature::File | Nature::Link | Nature::Other => self.take(path)?,
            }
        }
        Ok(())
    }

    fn take(&mut self, path: String) -> Result<(), Diagnostics> {
        if self.pattern.is_some_and(|pattern| !pattern.matches(&path)) {
            return Ok(());
        }
        if self.found.len() == Pattern::MOST {
            return Err(Pattern::too_many(self.name));
        }
        self.found.push(path);
        Ok(())
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
}

fn check(path: &str) -> Result<(), Diagnostics> {
    path_problem(path).map_or(Ok(()), |_| Err(outside(path)))
}

fn has(problems: &Diagnostics, test: impl Fn(&TreeError) -> bool) -> bool {
    problems.iter().any(|problem| matches!(&problem.kind, Kind::Tree(kind) if test(kind)))
}

fn is_link(problems: &Diagnostics) -> bool {
    has(problems, |kind| matches!(kind, TreeError::Link { .. }))
}

/// Whether there is a file in place of a folder of the path.
fn is_no_folder(problems: &Diagnostics) -> bool {
    has(problems, |kind| matches!(kind, TreeError::ForeignInTheWay { .. }))
}

fn not_utf8(path: &str) -> Diagnostics {
    TreeError::PathNotUtf8 { path: path.to_owned() }.into()
}
