//! An open folder that knows its path: where every write and every deletion begins.
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
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};

/// A folder, open.
#[derive(Debug)]
pub(super) struct Place {
    pub disk: Arc<Disk>,
    pub fd: OwnedFd,
    /// Relative to the root, for messages; empty for the root.
    pub path: String,
}

/// What a name in a folder turned out to be.
#[derive(Debug)]
pub(super) enum Found {
    Absent,
    File(Content),
    /// A regular file with more bytes than asked for.
    Large(u64),
    Link,
    /// A folder, a FIFO, a device.
    Irregular,
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Content {
    pub bytes: Vec<u8>,
    pub stamp: Stamp,
}

impl Content {
    /// With the line ends that gen writes. git gives files others where `core.autocrlf` says so, and takes them back when it commits:
    /// that is nobody's edit. No file that gen writes holds a carriage return, so nothing is mistaken.
    pub fn as_written(&self) -> Cow<'_, [u8]> {
        if memchr::memchr(b'\r', &self.bytes).is_none() {
            return Cow::Borrowed(&self.bytes);
        }
        let mut kept = Vec::with_capacity(self.bytes.len());
        for line in self.bytes.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\r\n") {
                Some(line) => {
                    kept.extend_from_slice(line);
                    kept.push(b'\n');
                }
                None => kept.extend_from_slice(line),
            }
        }
        Cow::Owned(kept)
    }
}

impl Place {
    /// Opens the root.
    pub fn root(disk: Arc<Disk>, path: &Path) -> Result<Self, Diagnostics> {
        let fd = disk.root(path).map_err(|error| failed(&path.display().to_string(), &error))?;
        let path = String::new();
        Ok(Self { disk, fd, path })
    }

    /// The path of something in here, for messages.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }

    /// Opens a folder below, or finds none.
    pub fn open(&self, path: &str) -> Result<Option<Self>, Diagnostics> {
        let mut names = path.split('/');
        let first = names.next().unwrap_or(path);
        let Some(mut place) = self.child(first)? else {
            return Ok(None);
        };
        for name in names {
            match place.child(name)? {
                Some(child) => place = child,
                None => return Ok(None),
            }
        }
        Ok(Some(place))
    }

    /// Opens a folder below, and makes what is missing of it.
    pub fn ensure(&self, path: &str) -> Result<Self, Diagnostics> {
        let mut place: Option<Self> = None;
        for name in path.split('/') {
            place = Some(place.as_ref().unwrap_or(self).ensure_child(name)?);
        }
        Ok(place.expect("a path has at least one name"))
    }

    fn ensure_child(&self, name: &str) -> Result<Self, Diagnostics> {
        if let Some(child) = self.child(name)? {
            return Ok(child);
        }
        self.make(name)
    }

    /// Makes a folder that is most likely not there yet, and opens it.
    pub fn make(&self, name: &str) -> Result<Self, Diagnostics> {
        match self.disk.make_folder(&self.fd, name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&self.at(name), &error)),
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

    /// Why a folder could not be opened: systems report a link as `ELOOP` or as `ENOTDIR`.
    fn no_folder(&self, name: &str, error: &io::Error) -> Diagnostics {
        let path = self.at(name);
        let code = error.raw_os_error();
        if code != Some(Errno::LOOP.raw_os_error()) && code != Some(Errno::NOTDIR.raw_os_error()) {
            return failed(&path, error);
        }
        match self.status(name) {
            Ok(Some(status)) if status.nature == Nature::Link => link(&path),
            Ok(_) => Diagnostic::error(TreeError::ForeignInTheWay { path }).into(),
            Err(problems) => problems,
        }
    }

    /// What a path below is, the last name not followed.
    pub fn status(&self, path: &str) -> Result<Option<Status>, Diagnostics> {
        match self.disk.status_at(&self.fd, path) {
            Ok(status) => Ok(Some(status)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(failed(&self.at(path), &error)),
        }
    }

    /// Whether a path below is on disk what it was when it had this stamp.
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

    /// Creates a file that is not there.
    pub fn create(&self, name: &str, bytes: &[u8]) -> Result<Stamp, Diagnostics> {
        let created = self.disk.create(&self.fd, name, bytes);
        created.map_err(|error| failed(&self.at(name), &error))
    }

    /// Creates or replaces a file whole, by way of a file beside it.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostics> {
        let beside = format!("{name}.new");
        self.remove_file(&beside)?;
        self.create(&beside, bytes)?;
        let renamed = self.disk.rename(&self.fd, &beside, &self.fd, name);
        renamed.map_err(|error| failed(&self.at(name), &error))
    }

    /// Removes a file, or a link itself. It need not be there.
    pub fn remove_file(&self, name: &str) -> Result<(), Diagnostics> {
        match self.disk.remove_file(&self.fd, OsStr::new(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed(&self.at(name), &error))
            }
            _ => Ok(()),
        }
    }

    /// Removes a folder where it is empty, and says whether it is gone.
    pub fn remove_if_empty(&self, name: &str) -> Result<bool, Diagnostics> {
        match self.disk.remove_folder(&self.fd, OsStr::new(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) if is_occupied(&error) => Ok(false),
            Err(error) => Err(failed(&self.at(name), &error)),
        }
    }

    /// Removes a folder and everything in it, links themselves and never what they lead to. Only for what is gen's alone.
    pub fn remove_all(&self, name: &str) -> Result<(), Diagnostics> {
        remove_all(&self.disk, &self.fd, OsStr::new(name))
            .map_err(|error| failed(&self.at(name), &error))
    }

    /// The names in here that are UTF-8, sorted. gen writes no others.
    pub fn list(&self) -> Result<Vec<(String, Nature)>, Diagnostics> {
        let names = self.disk.list(&self.fd).map_err(|error| failed(&self.path, &error))?;
        let utf8 =
            |(name, nature): (std::ffi::OsString, Nature)| Some((name.into_string().ok()?, nature));
        Ok(names.into_iter().filter_map(utf8).collect())
    }
}

fn remove_all(disk: &Disk, at: &OwnedFd, name: &OsStr) -> io::Result<()> {
    match disk.remove_file(at, name) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        // Linux says EISDIR, macOS and POSIX EPERM.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::IsADirectory | io::ErrorKind::PermissionDenied
            ) => {}
        Err(error) => return Err(error),
    }
    let folder = disk.folder(at, name)?;
    for (name, _) in disk.list(&folder)? {
        remove_all(disk, &folder, &name)?;
    }
    disk.remove_folder(at, name)
}

/// The last name of a path, and the folders before it.
pub(super) fn split(path: &str) -> (Option<&str>, &str) {
    match path.rsplit_once('/') {
        Some((folders, name)) => (Some(folders), name),
        None => (None, path),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether a folder could not be removed or replaced because something is in it, or because it is none.
pub(super) fn is_occupied(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | NotADirectory)
}

/// The error that the file system refused.
pub(super) fn failed(path: &str, error: &io::Error) -> Diagnostics {
    let text = error.to_string();
    let problem = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
    let path = path.to_owned();
    Diagnostic::error(TreeError::Io { path, problem }).into()
}

/// The error that a link is in the way.
pub(super) fn link(path: &str) -> Diagnostics {
    let path = path.to_owned();
    Diagnostic::error(TreeError::Link { path }).into()
}
