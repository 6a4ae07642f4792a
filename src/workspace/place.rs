//! An open folder with its path: the start of every write and every deletion.
//!
//! A path is walked name by name, each folder opened relative to the one before and never through a link, so that neither a link
//! in the checkout nor one swapped in during the walk leads outside.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use rustix::io::Errno;

use super::disk::{Disk, Nature, Stamp, Status};
use crate::diagnostics::{Diagnostics, TreeError};
use crate::files::io_problem;

/// An open folder.
#[derive(Debug)]
pub(super) struct Place {
    pub disk: Arc<Disk>,
    pub fd: OwnedFd,
    /// Relative to the root, for messages; empty for the root.
    pub path: String,
}

/// The result of reading a file.
#[derive(Debug)]
pub(super) enum Found {
    Absent,
    File(Content),
    /// A regular file larger than the limit, with its size.
    Large(u64),
    Link,
    /// A folder, a FIFO, a device.
    Irregular,
}

/// The content of a file.
#[derive(Debug)]
pub(super) struct Content {
    pub bytes: Vec<u8>,
    pub stamp: Stamp,
}

impl Content {
    /// With the line ends that gen writes. With `core.autocrlf` git checks out files with others, and reverts that in commits: it is
    /// nobody's edit. No file written by gen contains a carriage return, so there is no ambiguity.
    pub fn as_written(&self) -> Cow<'_, [u8]> {
        if memchr::memchr(b'\r', &self.bytes).is_none() {
            return Cow::Borrowed(&self.bytes);
        }
        let mut kept = Vec::with_capacity(self.bytes.len());
        for line in self.bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = line.strip_suffix(b"\r\n");
            kept.extend_from_slice(text.unwrap_or(line));
            kept.extend(text.map(|_| b'\n'));
        }
        Cow::Owned(kept)
    }
}

impl Place {
    /// Opens the root.
    pub fn root(path: &Path) -> Result<Self, Diagnostics> {
        Self::root_on(Disk::default(), path)
    }

    /// Opens the root on a disk.
    pub fn root_on(disk: Disk, path: &Path) -> Result<Self, Diagnostics> {
        let fd = disk.root(path).map_err(|error| failed(&path.display().to_string(), &error))?;
        Ok(Self { disk: Arc::new(disk), fd, path: String::new() })
    }

    /// The path of a file in the folder, for messages.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }

    /// Opens a folder below, if it exists.
    pub fn open(&self, path: &str) -> Result<Option<Self>, Diagnostics> {
        let mut place: Option<Self> = None;
        for name in path.split('/') {
            place = place.as_ref().unwrap_or(self).child(name)?;
            if place.is_none() {
                break;
            }
        }
        Ok(place)
    }

    /// Opens a folder below, and creates what is missing of it.
    pub fn ensure(&self, path: &str) -> Result<Self, Diagnostics> {
        let mut place: Option<Self> = None;
        for name in path.split('/') {
            let above = place.as_ref().unwrap_or(self);
            place = Some(above.child(name)?.map_or_else(|| above.make(name), Ok)?);
        }
        Ok(place.expect("a path has at least one name"))
    }

    /// Creates a folder that most likely does not exist yet, and opens it.
    pub fn make(&self, name: &str) -> Result<Self, Diagnostics> {
        match self.disk.make_folder(&self.fd, name) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(&self.at(name), &error));
            }
            _ => {}
        }
        let gone = || failed(&self.at(name), &io::ErrorKind::NotFound.into());
        self.child(name)?.ok_or_else(gone)
    }

    fn child(&self, name: &str) -> Result<Option<Self>, Diagnostics> {
        match self.disk.folder(&self.fd, name) {
            Ok(fd) => Ok(Some(Self { disk: Arc::clone(&self.disk), fd, path: self.at(name) })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.no_folder(name, &error)),
        }
    }

    /// The error for a folder that could not be opened: systems report a link as `ELOOP` or as `ENOTDIR`.
    fn no_folder(&self, name: &str, error: &io::Error) -> Diagnostics {
        let path = self.at(name);
        let code = error.raw_os_error();
        if code != Some(Errno::LOOP.raw_os_error()) && code != Some(Errno::NOTDIR.raw_os_error()) {
            return failed(&path, error);
        }
        match self.status(name) {
            Ok(Some(status)) if status.nature == Nature::Link => link(&path),
            Ok(_) => TreeError::ForeignInTheWay { path }.into(),
            Err(problems) => problems,
        }
    }

    /// The status of a path below; a link at its end is not followed.
    pub fn status(&self, path: &str) -> Result<Option<Status>, Diagnostics> {
        match self.disk.status_at(&self.fd, path) {
            Ok(status) => Ok(Some(status)),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(failed(&self.at(path), &error)),
            },
        }
    }

    /// Whether a path below still has this stamp.
    pub fn is_still(&self, path: &str, stamp: Stamp) -> bool {
        let status = self.disk.status_at(&self.fd, path);
        status.is_ok_and(|status| status.stamp == stamp)
    }

    /// Reads a file of at most `limit` bytes.
    pub fn read(&self, name: &str, limit: u64) -> Result<Found, Diagnostics> {
        let io = |error: &io::Error| failed(&self.at(name), error);
        let file = match self.disk.file(&self.fd, name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Absent),
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                return Ok(Found::Link);
            }
            // A socket, or a device that is not there.
            Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {
                return Ok(Found::Irregular);
            }
            Err(error) => return Err(io(&error)),
        };
        let status = self.disk.status(&file).map_err(|error| io(&error))?;
        if status.nature != Nature::File {
            return Ok(Found::Irregular);
        }
        let size = status.stamp.size;
        if size > limit {
            return Ok(Found::Large(size));
        }
        let bytes = self.disk.read(file, size, limit).map_err(|error| io(&error))?;
        if bytes.len() as u64 > limit {
            return Ok(Found::Large(bytes.len() as u64));
        }
        let stamp = status.stamp;
        Ok(Found::File(Content { bytes, stamp }))
    }

    /// Creates a new file.
    pub fn create(&self, name: &str, bytes: &[u8]) -> Result<Stamp, Diagnostics> {
        let created = self.disk.create(&self.fd, name, bytes);
        created.map_err(|error| failed(&self.at(name), &error))
    }

    /// Creates or replaces a file atomically, by renaming a temporary file.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostics> {
        let beside = format!("{name}.new");
        self.remove_file(&beside)?;
        self.create(&beside, bytes)?;
        let renamed = self.disk.rename(&self.fd, &beside, &self.fd, name);
        renamed.map_err(|error| failed(&self.at(name), &error))
    }

    /// Removes a file, or a link itself, if any.
    pub fn remove_file(&self, name: &str) -> Result<(), Diagnostics> {
        match self.disk.remove_file(&self.fd, OsStr::new(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed(&self.at(name), &error))
            }
            _ => Ok(()),
        }
    }

    /// Removes a folder if it is empty. Returns whether it no longer exists.
    pub fn remove_if_empty(&self, name: &str) -> Result<bool, Diagnostics> {
        match self.disk.remove_folder(&self.fd, OsStr::new(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) if is_occupied(&error) => Ok(false),
            Err(error) => Err(failed(&self.at(name), &error)),
        }
    }

    /// Removes a folder and everything in it; links are removed, never followed. Only for gen's own folders.
    pub fn remove_all(&self, name: &str) -> Result<(), Diagnostics> {
        remove_all(&self.disk, &self.fd, OsStr::new(name))
            .map_err(|error| failed(&self.at(name), &error))
    }

    /// The names in the folder that are UTF-8, sorted. gen writes no others.
    pub fn list(&self) -> Result<Vec<(String, Nature)>, Diagnostics> {
        let names = self.disk.list(&self.fd).map_err(|error| failed(&self.path, &error))?;
        let utf8 = names
            .into_iter()
            .filter_map(|(name, nature)| name.into_string().ok().zip(Some(nature)));
        Ok(utf8.collect())
    }
}

fn remove_all(disk: &Disk, at: &OwnedFd, name: &OsStr) -> io::Result<()> {
    match disk.remove_file(at, name) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => match error.kind() {
            // Linux says EISDIR, macOS and POSIX EPERM.
            io::ErrorKind::IsADirectory | io::ErrorKind::PermissionDenied => {}
            _ => return Err(error),
        },
    }
    let folder = disk.folder(at, name)?;
    for (name, _) in disk.list(&folder)? {
        remove_all(disk, &folder, &name)?;
    }
    disk.remove_folder(at, name)
}

/// The folders of a path, if any, and its last name.
pub(super) fn split(path: &str) -> (Option<&str>, &str) {
    path.rsplit_once('/').map_or((None, path), |(folders, name)| (Some(folders), name))
}

/// Whether a folder could not be removed or replaced because it is not empty, or not a folder.
pub(super) fn is_occupied(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | NotADirectory)
}

/// The error for a failed call to the file system.
pub(super) fn failed(path: &str, error: &io::Error) -> Diagnostics {
    TreeError::Io { path: path.to_owned(), problem: io_problem(error) }.into()
}

/// The error for a link in the way.
pub(super) fn link(path: &str) -> Diagnostics {
    TreeError::Link { path: path.to_owned() }.into()
}
