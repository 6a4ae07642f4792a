//! Updates a checkout to a new commit: the branch, the index and the files on disk, so that killing the process at any
//! point leaves the old or the new state, or a journal for the next run.
//!
//! git itself keeps the next index in `index.lock`, moves the branch, and renames; so does this. What git leaves behind after
//! `kill -9` is a lock that only a person can remove. The journal records which lock was gen's.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::area::{Builder, Update, failed};
use super::program::{Call, Output, entries};
use crate::diagnostics::{Diagnostics, GitError};

/// Time to wait for another git command's lock on the index.
const PATIENCE: Duration = Duration::from_secs(5);

/// Time that the last child of a killed run may still be running.
const LAST_BREATH: Duration = Duration::from_millis(150);

/// With more paths than this, all are refreshed.
const FEW: usize = 500;

/// The intent of a run. It is in the git folder, out of reach of pull requests.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    /// The branch's previous commit.
    old: Option<String>,
    /// The new commit.
    new: String,
    /// The tree of the files on disk that gen manages.
    disk: Option<String>,
    /// The file that becomes the index.
    inode: u64,
    /// The branch, as a full ref.
    branch: Option<String>,
}

/// The move of a checkout.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    /// The branch's commit; none on a branch without commits.
    pub old: Option<&'a str>,
    /// The new commit.
    pub new: &'a str,
    /// The branch, without `refs/heads/`; none if HEAD is detached.
    pub branch: Option<&'a str>,
    /// The reflog message.
    pub reason: &'a str,
}

/// The reason why a checkout was not updated.
#[derive(Debug)]
pub enum Stay {
    /// The user's files are in the way, with git's message. Nothing was changed.
    InTheWay(String),
    /// Something failed.
    Failed(Diagnostics),
}

impl From<Diagnostics> for Stay {
    fn from(problems: Diagnostics) -> Self {
        Self::Failed(problems)
    }
}

impl Builder<'_> {
    /// Moves the branch where the files on disk are already what the new commit has, as after a render: only the committed paths
    /// of the index change.
    ///
    /// # Errors
    /// GEN1023, GEN1024 and errors of git; nothing is moved then.
    pub fn settle(&self, step: Move<'_>) -> Result<(), Diagnostics> {
        let updates = self.differences(step.old, step.new)?;
        self.land(step, None, || {
            self.put(&updates)?;
            // Every `git status` rereads an entry without times.
            let paths = updates.iter().filter(|update| update.content.is_some());
            if paths.clone().count() > FEW {
                return self.refresh();
            }
            let list: String = paths.flat_map(|update| [update.path.as_str(), "\0"]).collect();
            let call = self.call("add").args(["--refresh", "--ignore-errors"]);
            let call = call.args(["--pathspec-from-file=-", "--pathspec-file-nul"]);
            call.stdin(list).output().map(drop)
        })?;
        self.after_commit();
        Ok(())
    }

    /// Moves the branch, and updates the files on disk as `git merge --ff-only` does. `disk` is the tree of those files on disk
    /// that gen committed and can replace. Any other edit stays, or stops the update.
    ///
    /// # Errors
    /// Files in the way. Nothing is moved then.
    pub fn fast_forward(&self, step: Move<'_>, disk: &str) -> Result<(), Stay> {
        self.bring_forward(step, disk, false)?;
        self.after_commit();
        Ok(())
    }

    /// [`Builder::fast_forward`], possibly to finish an interrupted run.
    fn bring_forward(&self, step: Move<'_>, disk: &str, finishing: bool) -> Result<(), Stay> {
        let mine = self.differences(step.old, disk)?;
        let ahead = self.differences(Some(disk), step.new)?;
        self.land(step, Some(disk), || {
            self.take_from_disk(mine.iter().map(|update| &update.path))?;
            // Files written by an interrupted run are not edits of the user.
            let (there, torn) = self.already_there(&ahead, finishing)?;
            self.take_from_disk(&there)?;
            // git writes a file in place of one that it has removed: a partly written one is completed by the merge.
            for path in &torn {
                fs::remove_file(path).map_err(|error| failed(path, &error))?;
            }
            self.refresh()?;
            let merged = self.call("read-tree").args(["-m", "-u", disk, step.new]).output()?;
            if merged.status == 0 { Ok(()) } else { Err(Stay::InTheWay(merged.problem())) }
        })
    }

    /// Prepares the next index as a copy of the user's, takes the index's lock with it, moves the branch, and makes it the index.
    fn land<E: From<Diagnostics>>(
        &self,
        step: Move<'_>,
        disk: Option<&str>,
        prepare: impl Fn() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut journal = Journal {
            old: step.old.map(str::to_owned),
            new: step.new.to_owned(),
            disk: disk.map(str::to_owned),
            inode: 0,
            branch: step.branch.map(full_ref),
        };
        let (index, lock) = self.index_and_lock();
        let patience = Instant::now() + PATIENCE;
        loop {
            let before = stamp(&index);
            self.copy_index()?;
            // Before the files on disk are touched, so that their update can be finished.
            journal.inode = 0;
            self.write_journal(&journal)?;
            prepare().inspect_err(|_| self.forget("journal"))?;
            journal.inode = stamp(&self.at("index")).map_or(0, |stamp| stamp.0);
            self.write_journal(&journal)?;
            match fs::hard_link(self.at("index"), &lock) {
                Ok(()) if stamp(&index) == before => break,
                // Changes to the index since the copy must not be lost.
                Ok(()) => drop(fs::remove_file(&lock)),
                Err(error) if is_there(&error) && Instant::now() < patience => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => {
                    self.forget("journal");
                    let is_locked = is_there(&error);
                    return Err(if is_locked { locked() } else { failed(&lock, &error) }.into());
                }
            }
        }
        if let Err(problems) = self.move_branch(&journal, step.reason) {
            let _ = fs::remove_file(&lock);
            self.forget("journal");
            return Err(problems.into());
        }
        self.replace_index()?;
        self.forget("journal");
        Ok(())
    }

    fn index_and_lock(&self) -> (PathBuf, PathBuf) {
        let folder = &self.repository.folder;
        (folder.join("index"), folder.join("index.lock"))
    }

    /// Makes the lock the index.
    fn replace_index(&self) -> Result<(), Diagnostics> {
        let (index, lock) = self.index_and_lock();
        fs::rename(&lock, &index).map_err(|error| failed(&index, &error))?;
        self.forget("index");
        Ok(())
    }

    /// Copies the user's index with its time: from that, git knows which files may have been edited within the clock's last tick.
    pub(super) fn copy_index(&self) -> Result<(), Diagnostics> {
        let (index, _) = self.index_and_lock();
        // It may be a hard link to the user's index, which a copy onto itself would empty.
        self.forget("index");
        let copied = fs::copy(&index, self.at("index")).and_then(|_| {
            let time = index.metadata()?.modified()?;
            fs::File::options().write(true).open(self.at("index"))?.set_modified(time)
        });
        match copied {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.read_tree(None),
            copied => copied.map_err(|error| failed(&index, &error)),
        }
    }

    fn move_branch(&self, journal: &Journal, reason: &str) -> Result<(), Diagnostics> {
        let repository = self.repository;
        let head = journal.branch.as_deref().unwrap_or("HEAD");
        let old = journal.old.as_deref().unwrap_or(&repository.nothing);
        // The branch by its name, since HEAD may have been switched; the reflog of HEAD follows.
        if repository.head()?.branch.as_deref().map(full_ref) == journal.branch {
            let call = repository.program.call("update-ref").args(["-m", reason]);
            let output = call.args(["--end-of-options", head, &journal.new, old]).output()?;
            if output.status == 0 {
                return Ok(());
            }
            if repository.find(head)? == journal.old {
                return Err(output.failed("update-ref"));
            }
        }
        let branch = head.strip_prefix("refs/heads/").unwrap_or(head).to_owned();
        Err(GitError::Moved { branch }.into())
    }

    fn write_journal(&self, journal: &Journal) -> Result<(), Diagnostics> {
        let (path, beside) = (self.at("journal"), self.at("journal.new"));
        let text = serde_json::to_string(journal).unwrap_or_default();
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| failed(&path, &error))
    }

    /// Finishes or rolls back an interrupted run, and removes its locks. Returns whether there was one.
    pub(super) fn heal(&self) -> Result<bool, Diagnostics> {
        self.remove_old_locks();
        let path = self.at("journal");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(&path, &error)),
        };
        let Ok(journal) = serde_json::from_str::<Journal>(&text) else {
            // It is renamed into place atomically; a partial one belongs to no run.
            self.forget("journal");
            return Ok(false);
        };
        // A child of the killed run may be moving the branch right now.
        std::thread::sleep(LAST_BREATH);
        if let Some(branch) = &journal.branch {
            self.remove_lock_of(branch, &journal.new);
        }
        let (_, lock) = self.index_and_lock();
        let is_ours = journal.inode != 0 && stamp(&lock).is_some_and(|s| s.0 == journal.inode);
        let head = self.repository.find("HEAD")?;
        if head.as_deref() == Some(journal.new.as_str()) {
            if is_ours {
                self.replace_index()?;
            } else {
                self.catch_up(&journal)?;
            }
            self.forget("journal");
            return Ok(true);
        }
        if is_ours {
            fs::remove_file(&lock).map_err(|error| failed(&lock, &error))?;
        }
        let mut done = Ok(());
        if let (true, Some(disk)) = (head == journal.old, &journal.disk) {
            let branch = journal.branch.as_deref();
            let step = Move {
                old: journal.old.as_deref(),
                new: &journal.new,
                branch: branch.and_then(|branch| branch.strip_prefix("refs/heads/")),
                reason: "gen commit: finished",
            };
            done = self.bring_forward(step, disk, true);
        }
        self.forget("journal");
        match done {
            Err(Stay::Failed(problems)) => Err(problems),
            // If it cannot be finished, the next push updates the checkout.
            Ok(()) | Err(Stay::InTheWay(_)) => Ok(true),
        }
    }

    /// Updates the committed paths in the index if it still has the old commit's.
    fn catch_up(&self, journal: &Journal) -> Result<(), Diagnostics> {
        let mut updates = self.differences(journal.old.as_deref(), &journal.new)?;
        let mut before = BTreeMap::new();
        if let Some(old) = &journal.old {
            let back = self.differences(Some(&journal.new), old)?.into_iter();
            before.extend(back.filter_map(|Update { path, content }| Some((path, content?.1))));
        }
        let program = &self.repository.program;
        let listed = program.call("ls-files").args(["-s", "-z"]).limit(512 << 20).run()?;
        let line = |line| {
            let (fields, path): (&str, &str) = str::split_once(line, '\t')?;
            Some((path, fields.split(' ').nth(1)?))
        };
        let current: BTreeMap<&str, &str> = entries(&listed).filter_map(line).collect();
        updates.retain(|Update { path, .. }| {
            before.get(path).map(String::as_str) == current.get(path.as_str()).copied()
        });
        self.copy_index()?;
        self.put(&updates)?;
        self.refresh()?;
        let (_, lock) = self.index_and_lock();
        fs::hard_link(self.at("index"), &lock).map_err(|_| locked())?;
        self.replace_index()
    }

    /// Fetches or pushes. The refs are recorded meanwhile, since their locks would outlive a kill.
    pub(super) fn exchange(&self, call: Call, refs: &[String]) -> Result<Output, Diagnostics> {
        let _ = fs::write(self.at("refs"), refs.join("\n"));
        let output = call.output()?;
        self.forget("refs");
        Ok(output)
    }

    fn remove_old_locks(&self) {
        let Ok(text) = fs::read_to_string(self.at("refs")) else {
            return;
        };
        std::thread::sleep(LAST_BREATH);
        for name in text.lines().chain(["packed-refs", "shallow"]) {
            if crate::tree::path_problem(name).is_none() {
                remove_if_old(&self.repository.common.join(format!("{name}.lock")));
                remove_if_old(&self.repository.folder.join(format!("{name}.lock")));
            }
        }
        self.forget("refs");
    }

    fn remove_lock_of(&self, branch: &str, new: &str) {
        let lock = self.repository.common.join(format!("{branch}.lock"));
        // Its content identifies the owner; an empty one is just no longer in use.
        match fs::read_to_string(&lock) {
            Ok(text) if text.trim() == new => drop(fs::remove_file(&lock)),
            Ok(text) if text.is_empty() => remove_if_old(&lock),
            _ => {}
        }
        remove_if_old(&self.repository.folder.join("HEAD.lock"));
    }
}

fn full_ref(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

fn is_there(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AlreadyExists
}

fn locked() -> Diagnostics {
    GitError::IndexLocked { path: ".git/index.lock".to_owned() }.into()
}

/// Inode, size and time of change.
fn stamp(path: &Path) -> Option<(u64, u64, i64, i64)> {
    let status = path.symlink_metadata().ok()?;
    Some((status.ino(), status.size(), status.mtime(), status.mtime_nsec()))
}

/// Removes a lock that has not changed since gen first saw it: a live command holds it for milliseconds.
fn remove_if_old(lock: &Path) {
    let first = stamp(lock);
    if first.is_some() {
        std::thread::sleep(Duration::from_millis(500));
        if stamp(lock) == first {
            let _ = fs::remove_file(lock);
        }
    }
}
