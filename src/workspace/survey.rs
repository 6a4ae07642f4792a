//! A folder that nobody vouches for: its files by name, up to a number, and their texts, up to a size. No link is followed.

use std::collections::VecDeque;
use std::path::Path;

use super::disk::Nature;
use super::place::{Found, Place};
use crate::diagnostics::Diagnostics;
use crate::tree::path_problem;

/// The most files of a survey.
const MOST: usize = 20_000;
/// The most folders that are opened.
const MOST_FOLDERS: usize = 4_000;

/// The files of a foreign folder.
#[derive(Debug)]
pub struct Survey {
    root: Place,
    /// Paths of regular files, sorted.
    pub paths: Vec<String>,
    /// Number of links, which were not followed.
    pub links: usize,
    /// Number of names that are not UTF-8 or lead elsewhere, and of files that are neither files nor folders.
    pub odd: usize,
    /// Folders that could not be opened, or are beyond the bounds.
    pub unopened: usize,
    /// There is more than was looked at.
    pub is_cut: bool,
}

impl Survey {
    /// Looks at the folders below a root, the nearest ones first; one that is not wanted is not opened.
    ///
    /// # Errors
    /// The root is not a folder that can be read.
    pub fn new(root: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Result<Self, Diagnostics> {
        let root = Place::root(root)?;
        let mut survey =
            Self { root, paths: Vec::new(), links: 0, odd: 0, unopened: 0, is_cut: false };
        let mut folders = VecDeque::from([String::new()]);
        let mut opened = 0;
        while let Some(folder) = folders.pop_front() {
            opened += 1;
            if opened > MOST_FOLDERS || survey.paths.len() >= MOST {
                survey.is_cut = true;
                break;
            }
            let inner = if folder.is_empty() { None } else { Some(survey.root.open(&folder)) };
            let place = match &inner {
                None => &survey.root,
                Some(Ok(Some(place))) => place,
                // It went away, or turned into a link.
                Some(_) => {
                    survey.unopened += 1;
                    continue;
                }
            };
            let Ok(names) = place.disk.list(&place.fd) else {
                survey.unopened += 1;
                continue;
            };
            for (name, nature) in names {
                let path = name.to_str().map(|name| {
                    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
                });
                // What nobody wants is not counted, whatever it is called.
                if nature == Nature::Folder && path.as_deref().is_some_and(|path| !is_wanted(path))
                    || name == ".git"
                {
                    continue;
                }
                let Some(path) = path.filter(|path| path_problem(path).is_none()) else {
                    survey.odd += 1;
                    continue;
                };
                match nature {
                    Nature::File if survey.paths.len() < MOST => survey.paths.push(path),
                    Nature::File => survey.is_cut = true,
                    Nature::Folder => folders.push_back(path),
                    Nature::Link => survey.links += 1,
                    Nature::Other => survey.odd += 1,
                }
            }
        }
        survey.paths.sort();
        Ok(survey)
    }

    /// The text of a file; none if it is not there.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn text(&self, path: &str, limit: u64) -> Result<Option<String>, &'static str> {
        let (folder, name) = path.rsplit_once('/').map_or((None, path), |(a, b)| (Some(a), b));
        let inner = match folder.map(|folder| self.root.open(folder)) {
            None => None,
            Some(Ok(Some(place))) => Some(place),
            Some(Ok(None)) => return Ok(None),
            Some(Err(_)) => return Err("its folder cannot be opened, or is a link"),
        };
        match inner.as_ref().unwrap_or(&self.root).read(name, limit) {
            Ok(Found::Absent) => Ok(None),
            Ok(Found::File(content)) => match String::from_utf8(content.bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err("not UTF-8"),
            },
            Ok(Found::Large(_)) => Err("too large"),
            Ok(Found::Link) => Err("a link, which is not followed"),
            Ok(Found::Irregular) => Err("not a regular file"),
            Err(_) => Err("it cannot be read"),
        }
    }
}
