//! Reading sources: regular files inside the repository, of a bounded size, and nothing else.
//!
//! A link in a pull request must not bring `/etc/passwd` or the credentials in `.git/config` into what is rendered. So a path is
//! walked without following links; where there is one, its target must lie inside, and is walked again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cursor::Cursor;
use super::disk::{Disk, Nature};
use super::place::{Found, Place, failed};
use crate::diagnostics::{Diagnostic, Diagnostics, Kind, TreeError, YamlError};
use crate::files::{Files, Pattern};
use crate::tree::{TREE, path_problem};

/// The files of a repository on disk.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The largest spec, environment or pins file, in bytes.
    pub const LARGEST_SPEC: u64 = 1024 * 1024;
    /// The largest template.
    pub const LARGEST_TEMPLATE: u64 = 1024 * 1024;
    /// The largest file of raw manifests.
    pub const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;

    /// The files below a root.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        let root = root.to_owned();
        Self { root }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn place(&self) -> Result<Place, Diagnostics> {
        Place::root(Arc::new(Disk::default()), &self.root)
    }

    /// Where a path with links in it leads, relative to the root.
    fn resolve(&self, path: &str) -> Result<String, Diagnostics> {
        let outside = || {
            let path = path.to_owned();
            Diagnostics::from(Diagnostic::error(TreeError::OutsideRoot { path }))
        };
        let root = self.root.canonicalize().map_err(|error| failed(".", &error))?;
        let target = match self.root.join(path).canonicalize() {
            Ok(target) => target,
            // A link that leads nowhere, or in a circle.
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => {
                return Err(irregular(path));
            }
            Err(_) => return Err(outside()),
        };
        let inside = target.strip_prefix(&root).map_err(|_| outside())?;
        let inside = inside.to_str().ok_or_else(|| not_utf8(path))?;
        let first = inside.split('/').next().unwrap_or_default();
        if path_problem(inside).is_some() || first == super::lock::GEN {
            return Err(outside());
        }
        Ok(inside.to_owned())
    }

    fn find(&self, path: &str, limit: u64) -> Result<Found, Diagnostics> {
        let root = self.place()?;
        let direct = Cursor::new(&root).read(path, limit);
        let linked = match &direct {
            Ok(found) => matches!(found, Found::Link),
            Err(problems) => is_link(problems),
        };
        if !linked {
            return direct;
        }
        let target = self.resolve(path)?;
        Cursor::new(&root).read(&target, limit)
    }

    /// Opens a folder, through links where they stay inside.
    fn folder(&self, path: &str) -> Result<Option<Place>, Diagnostics> {
        let root = self.place()?;
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

impl Files for Workspace {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        check(path)?;
        let content = match self.find(path, limit) {
            Ok(Found::File(content)) => content,
            Ok(Found::Absent) => return Ok(None),
            Ok(Found::Large(size)) => {
                let kind = YamlError::TooLarge { size, limit };
                return Err(Diagnostic::error(kind).in_file(path).into());
            }
            Ok(Found::Irregular | Found::Link) => return Err(irregular(path)),
            Err(problems) if is_no_folder(&problems) => return Ok(None),
            Err(problems) => return Err(problems),
        };
        match String::from_utf8(content.bytes) {
            Ok(text) => Ok(Some(Arc::from(text))),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                Err(Diagnostic::error(YamlError::NotUtf8 { offset }).in_file(path).into())
            }
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        check(folder)?;
        let mut search =
            Search { root: &self.root, pattern: None, name: folder, found: Vec::new() };
        if let Some(place) = self.folder(folder)? {
            search.walk(&place, folder)?;
        }
        search.found.sort();
        Ok(search.found)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics> {
        let parsed = Pattern::new(pattern)?;
        let mut search =
            Search { root: &self.root, pattern: Some(&parsed), name: pattern, found: Vec::new() };
        let hidden = crate::files::is_hidden(&parsed.folder);
        if let Some(place) = self.folder(&parsed.folder)?.filter(|_| !hidden) {
            search.walk(&place, &parsed.folder)?;
        }
        search.found.sort();
        Ok(search.found)
    }
}

/// Collects paths below a folder.
struct Search<'a> {
    root: &'a Path,
    pattern: Option<&'a Pattern>,
    /// The pattern or folder as it was asked for.
    name: &'a str,
    found: Vec<String>,
}

impl Search<'_> {
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
                    // What lies behind it would be missing without a word. A pattern just searches no links.
                    if self.pattern.is_none() {
                        return Err(irregular(&path));
                    }
                }
                // Whether it can be read is seen when it is.
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
            let (path, limit) = (self.name.to_owned(), Pattern::MOST);
            return Err(Diagnostic::error(TreeError::TooManyFiles { path, limit }).into());
        }
        self.found.push(path);
        Ok(())
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
}

fn check(path: &str) -> Result<(), Diagnostics> {
    let out =
        |path: &str| Diagnostic::error(TreeError::OutsideRoot { path: path.to_owned() }).into();
    path_problem(path).map_or(Ok(()), |_| Err(out(path)))
}

fn has(problems: &Diagnostics, test: impl Fn(&TreeError) -> bool) -> bool {
    problems.iter().any(|problem| matches!(&problem.kind, Kind::Tree(kind) if test(kind)))
}

fn is_link(problems: &Diagnostics) -> bool {
    has(problems, |kind| matches!(kind, TreeError::Link { .. }))
}

/// A file where the path has a folder.
fn is_no_folder(problems: &Diagnostics) -> bool {
    has(problems, |kind| matches!(kind, TreeError::ForeignInTheWay { .. }))
}

fn irregular(path: &str) -> Diagnostics {
    let path = path.to_owned();
    Diagnostic::error(TreeError::NotRegular { path }).into()
}

fn not_utf8(path: &str) -> Diagnostics {
    let path = path.to_owned();
    Diagnostic::error(TreeError::PathNotUtf8 { path }).into()
}
