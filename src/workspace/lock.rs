//! `.gen/`: the lock, the staged files, the journal and the cache. Only one gen writes to a checkout at a time.
//!
//! The lock belongs to the open file, so the kernel drops it with the process, however that ends.

use std::os::fd::OwnedFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::disk::Nature;
use super::place::{Place, failed, link};
use crate::diagnostics::{Diagnostics, TreeError};
use crate::files::irregular;

/// gen's own folder in a checkout.
pub(super) const GEN: &str = ".gen";

const LOCK: &str = "lock";
const PATIENCE: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_millis(20);

/// Opens `.gen/`, creates it if missing, and takes the lock, which is held as long as the file is open.
pub(super) fn exclusive(root: &Place) -> Result<(Place, OwnedFd), Diagnostics> {
    let gen_folder = root.ensure(GEN)?;
    let lock = take(&gen_folder, true)?;
    // Under the lock: two processes that replace a file at once would use the same temporary file.
    if gen_folder.status(".gitignore")?.is_none() {
        gen_folder.replace(".gitignore", b"*\n")?;
    }
    Ok((gen_folder, lock))
}

/// Shares the lock, if there is one: a reader writes nothing, and waits for a writer.
pub(super) fn shared(root: &Place) -> Result<Option<OwnedFd>, Diagnostics> {
    match root.open(GEN)? {
        Some(gen_folder) if gen_folder.status(LOCK)?.is_some() => {
            take(&gen_folder, false).map(Some)
        }
        _ => Ok(None),
    }
}

fn take(gen_folder: &Place, exclusive: bool) -> Result<OwnedFd, Diagnostics> {
    let path = gen_folder.at(LOCK);
    let disk = &gen_folder.disk;
    match gen_folder.status(LOCK)?.map(|status| status.nature) {
        Some(Nature::Link) => return Err(link(&path)),
        None | Some(Nature::File) => {}
        Some(_) => return Err(irregular(&path)),
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
            Ok(true) => return Ok(file),
            Ok(false) if start.elapsed() < PATIENCE => sleep(PAUSE),
            Ok(false) => return Err(TreeError::Locked { path }.into()),
            Err(error) => return Err(failed(&path, &error)),
        }
    }
}
