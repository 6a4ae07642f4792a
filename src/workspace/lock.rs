//! `.gen/`: the lock, the staged files, the journal and the cache; and one gen a checkout.
//!
//! The lock belongs to the open file, so the kernel drops it with the process, however that ends.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::disk::Nature;
use super::place::{Place, failed, link};
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};

/// gen's own folder in a checkout.
pub(super) const GEN: &str = ".gen";

const LOCK: &str = "lock";
const PATIENCE: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_millis(20);

/// Holds the lock while it lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: OwnedFd,
}

/// Opens `.gen/`, makes it where it is missing, and takes the lock.
pub(super) fn exclusive(root: &Place) -> Result<(Place, Lock), Diagnostics> {
    let gen_folder = root.ensure(GEN)?;
    let lock = take(&gen_folder, true)?;
    // Under the lock: two that replace a file at once take the text beside it from each other.
    if gen_folder.status(".gitignore")?.is_none() {
        gen_folder.replace(".gitignore", b"*\n")?;
    }
    Ok((gen_folder, lock))
}

/// Shares the lock where there is one: a reader writes nothing, and waits for a writer.
pub(super) fn shared(root: &Place) -> Result<Option<Lock>, Diagnostics> {
    let Some(gen_folder) = root.open(GEN)? else {
        return Ok(None);
    };
    if gen_folder.status(LOCK)?.is_none() {
        return Ok(None);
    }
    take(&gen_folder, false).map(Some)
}

fn take(gen_folder: &Place, exclusive: bool) -> Result<Lock, Diagnostics> {
    let path = gen_folder.at(LOCK);
    let disk = Arc::clone(&gen_folder.disk);
    match gen_folder.status(LOCK)?.map(|status| status.nature) {
        Some(Nature::Link) => return Err(link(&path)),
        None | Some(Nature::File) => {}
        Some(_) => return Err(Diagnostic::error(TreeError::NotRegular { path }).into()),
    }
    let opened = if exclusive {
        disk.lock_file(&gen_folder.fd, LOCK)
    } else {
        disk.file(&gen_folder.fd, LOCK)
    };
    let file = opened.map_err(|error| failed(&path, &error))?;
    let start = Instant::now();
    loop {
        match disk.try_lock(&file, exclusive) {
            Ok(true) => return Ok(Lock { _file: file }),
            Ok(false) if start.elapsed() < PATIENCE => sleep(PAUSE),
            Ok(false) => return Err(Diagnostic::error(TreeError::Locked { path }).into()),
            Err(error) => return Err(failed(&path, &error)),
        }
    }
}
