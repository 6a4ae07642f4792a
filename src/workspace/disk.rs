//! Every call to the file system made for a publication, and the one place where tests make them fail.
//!
//! All calls take an open folder and a single name in it, and none follows a link: even if somebody swaps in a link meanwhile,
//! gen writes to the folder that it opened.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags};

/// The kind of a call, for a [`Fault`] that fails only some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Opens a folder or a file to read it.
    Open,
    /// Reads the type and times of a file.
    Stat,
    /// Reads a file.
    Read,
    /// Reads the names in a folder.
    List,
    /// Creates a file.
    Create,
    /// Writes into a file.
    Write,
    /// Makes a folder.
    MakeFolder,
    /// Renames a file or a folder.
    Rename,
    /// Removes a file or a folder.
    Remove,
    /// Takes the lock.
    Lock,
}

/// The fate of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is made.
    Pass,
    /// It is not made, and fails with this `errno`.
    Fail(i32),
    /// Only half of its data is written, then the disk is full. Other calls are made.
    Short,
}

/// A file system that fails, for tests.
pub trait Fault: Send + Sync + std::fmt::Debug {
    /// Asked before every call.
    fn before(&self, call: Call) -> Verdict;
}

/// The file system, or a failing one.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    fault: Option<Arc<dyn Fault>>,
}

/// Evidence that a file was not touched: nobody can set the time of its last change of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub size: u64,
    /// Nanoseconds since 1970, like all times here.
    pub mtime: i64,
    pub ctime: i64,
    pub inode: u64,
}

/// The type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    File,
    Folder,
    Link,
    Other,
}

/// A name's status.
#[derive(Debug, Clone, Copy)]
pub(super) struct Status {
    pub nature: Nature,
    pub stamp: Stamp,
    pub device: u64,
}

impl Disk {
    /// A disk with calls that fail, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(fault: Arc<dyn Fault>) -> Self {
        Self { fault: Some(fault) }
    }

    fn gate(&self, call: Call) -> io::Result<bool> {
        match self.fault.as_ref().map(|fault| fault.before(call)) {
            None | Some(Verdict::Pass) => Ok(true),
            Some(Verdict::Short) => Ok(false),
            Some(Verdict::Fail(errno)) => Err(io::Error::from_raw_os_error(errno)),
        }
    }

    /// Opens something by its name in a folder.
    fn open(
        &self,
        call: Call,
        at: impl AsFd,
        name: impl rustix::path::Arg,
        flags: OFlags,
    ) -> io::Result<OwnedFd> {
        self.gate(call)?;
        let mode = Mode::from_raw_mode(if flags.contains(OFlags::CREATE) { 0o644 } else { 0 });
        Ok(rustix::fs::openat(at, name, flags | OFlags::CLOEXEC, mode)?)
    }

    /// Opens the root itself, which was named by a person and may be reached through links.
    pub(super) fn root(&self, path: &Path) -> io::Result<OwnedFd> {
        self.open(Call::Open, rustix::fs::CWD, path, OFlags::RDONLY | OFlags::DIRECTORY)
    }

    /// Opens a folder. A link fails with `ELOOP` or `ENOTDIR`, depending on the system.
    pub(super) fn folder(
        &self,
        at: impl AsFd,
        name: impl rustix::path::Arg,
    ) -> io::Result<OwnedFd> {
        self.open(Call::Open, at, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW)
    }

    /// Opens a file to read it. A link fails with `ELOOP`; a FIFO does not block.
    pub(super) fn file(&self, at: impl AsFd, name: &str) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        self.open(Call::Open, at, name, flags)
    }

    /// The status of an open file or folder.
    pub(super) fn status(&self, of: impl AsFd) -> io::Result<Status> {
        self.gate(Call::Stat)?;
        Ok(status(&rustix::fs::fstat(of)?))
    }

    /// The status of a path below a folder. Links to folders on the way are followed, so never use it to decide on a write.
    pub(super) fn status_at(&self, at: impl AsFd, path: &str) -> io::Result<Status> {
        self.gate(Call::Stat)?;
        Ok(status(&rustix::fs::statat(at, path, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// Reads an open file to its end, but at most `limit` + 1 bytes.
    pub(super) fn read(&self, file: OwnedFd, size: u64, limit: u64) -> io::Result<Vec<u8>> {
        self.gate(Call::Read)?;
        let most = limit.saturating_add(1);
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or(0) + 1);
        File::from(file).take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Creates a new file with this content. No `fsync`: see [`super::publish`].
    pub(super) fn create(&self, at: impl AsFd, name: &str, bytes: &[u8]) -> io::Result<Stamp> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mut file = File::from(self.open(Call::Create, at, name, flags)?);
        if self.gate(Call::Write)? {
            file.write_all(bytes)?;
        } else {
            file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.status(&file).map(|status| status.stamp)
    }

    /// Opens the lock file, and creates it if missing.
    pub(super) fn lock_file(&self, at: impl AsFd, name: &str) -> io::Result<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        self.open(Call::Create, at, name, flags)
    }

    /// Tries to take a lock. False if it is held by another process.
    pub(super) fn try_lock(&self, file: impl AsFd, exclusive: bool) -> io::Result<bool> {
        self.gate(Call::Lock)?;
        let operation = if exclusive {
            FlockOperation::NonBlockingLockExclusive
        } else {
            FlockOperation::NonBlockingLockShared
        };
        match rustix::fs::flock(file, operation) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn make_folder(&self, at: impl AsFd, name: &str) -> io::Result<()> {
        self.gate(Call::MakeFolder)?;
        Ok(rustix::fs::mkdirat(at, name, Mode::from_raw_mode(0o755))?)
    }

    /// Renames a file or folder. It replaces a file or link of the new name; a folder replaces an empty folder.
    pub(super) fn rename(
        &self,
        from: impl AsFd,
        name: &str,
        to: impl AsFd,
        new: &str,
    ) -> io::Result<()> {
        self.gate(Call::Rename)?;
        Ok(rustix::fs::renameat(from, name, to, new)?)
    }

    /// Removes a file, or a link itself.
    pub(super) fn remove_file(&self, at: impl AsFd, name: &OsStr) -> io::Result<()> {
        self.gate(Call::Remove)?;
        Ok(rustix::fs::unlinkat(at, name, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub(super) fn remove_folder(&self, at: impl AsFd, name: &OsStr) -> io::Result<()> {
        self.gate(Call::Remove)?;
        Ok(rustix::fs::unlinkat(at, name, AtFlags::REMOVEDIR)?)
    }

    /// The names in an open folder and their types, sorted.
    pub(super) fn list(&self, folder: impl AsFd) -> io::Result<Vec<(OsString, Nature)>> {
        self.gate(Call::List)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let nature = match entry.file_type() {
                FileType::Unknown => {
                    let stat = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
                    status(&stat).nature
                }
                known => nature(known),
            };
            names.push((name.to_owned(), nature));
        }
        names.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(names)
    }
}

fn nature(kind: FileType) -> Nature {
    match kind {
        FileType::RegularFile => Nature::File,
        FileType::Directory => Nature::Folder,
        FileType::Symlink => Nature::Link,
        _ => Nature::Other,
    }
}

fn status(stat: &rustix::fs::Stat) -> Status {
    // The fields' types differ between systems; i128 takes them all.
    let time = |seconds: i128, nanoseconds: i128| {
        i64::try_from(seconds * 1_000_000_000 + nanoseconds).unwrap_or(i64::MAX)
    };
    let count = |number: i128| u64::try_from(number).unwrap_or(0);
    Status {
        nature: nature(FileType::from_raw_mode(stat.st_mode)),
        stamp: Stamp {
            size: count(stat.st_size.into()),
            mtime: time(stat.st_mtime.into(), stat.st_mtime_nsec.into()),
            ctime: time(stat.st_ctime.into(), stat.st_ctime_nsec.into()),
            inode: count(stat.st_ino.into()),
        },
        device: count(stat.st_dev.into()),
    }
}
