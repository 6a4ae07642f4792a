//! Updates a checkout to a new commit: the branch, the index and the files on disk, so that killing the process at any
//! point leaves the old or the new state, or a journal for the next run.
//!
//! git itself keeps the next index in `index.lock`, moves the branch, and renames; so does this. What git leaves behind after
//! `kill -9` is a lock that only a person can remove. The journal records which lock was gen's.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::area::{Area, Update, differences, failed};
use super::repository::Repository;
use super::there::already_there;
use crate::diagnostics::{Diagnostic, Diagnostics, GitError};

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

/// Moves the branch where the files on disk are already what the new commit has, as after a render: only the committed paths of
/// the index change.
pub(super) fn settle(
    repository: &Repository,
    area: &Area,
    step: Move<'_>,
) -> Result<(), Diagnostics> {
    let updates = differences(repository.program(), step.old, step.new)?;
    let prepare = || -> Result<(), Diagnostics> {
        area.put(&updates)?;
        // Every `git status` rereads an entry without times.
        let paths: Vec<&str> = updates
            .iter()
            .filter(|update| update.content.is_some())
            .map(|update| update.path.as_str())
            .collect();
        // What cannot be refreshed was edited since, which is fine.
        let refreshed = if paths.len() > FEW {
            area.call("update-index").args(["-q", "--refresh"]).output()?
        } else {
            let list: String = paths.iter().flat_map(|path| [*path, "\0"]).collect();
            area.call("add")
                .args(["--refresh", "--ignore-errors"])
                .args(["--pathspec-from-file=-", "--pathspec-file-nul"])
                .stdin(list)
                .output()?
        };
        let _ = refreshed;
        Ok(())
    };
    let journal = Journal {
        old: step.old.map(str::to_owned),
        new: step.new.to_owned(),
        disk: None,
        inode: 0,
        branch: step.branch.map(|branch| format!("refs/heads/{branch}")),
    };
    commit_index(repository, area, journal, step.reason, prepare)
}

/// Moves the branch, and updates the files on disk as `git merge --ff-only` does. `disk` is the tree of those files on disk
/// that gen committed and can replace. Any other edit stays, or stops the update.
pub(super) fn fast_forward(
    repository: &Repository,
    area: &Area,
    step: Move<'_>,
    disk: &str,
) -> Result<(), Stay> {
    bring_forward(repository, area, step, disk, false)
}

/// [`fast_forward`], possibly to finish an interrupted run.
fn bring_forward(
    repository: &Repository,
    area: &Area,
    step: Move<'_>,
    disk: &str,
    finishing: bool,
) -> Result<(), Stay> {
    let program = repository.program();
    let mine = differences(program, step.old, disk)?;
    let ahead = differences(program, Some(disk), step.new)?;
    let mut in_the_way = None;
    let prepare = || -> Result<(), Stop> {
        area.take_from_disk(mine.iter().map(|update| update.path.as_str()))?;
        // Files written by an interrupted run are not edits of the user.
        let (there, torn) = already_there(area, &ahead, finishing)?;
        area.take_from_disk(there.iter().map(String::as_str))?;
        // git writes a file in place of one that it has removed: a partly written one is completed by the merge.
        for path in &torn {
            fs::remove_file(path).map_err(|error| failed(path, &error))?;
        }
        let _ = area.call("update-index").args(["-q", "--refresh"]).output()?;
        let merged = area.call("read-tree").args(["-m", "-u", disk, step.new]).output()?;
        if merged.status == 0 {
            return Ok(());
        }
        Err(Stop::InTheWay(merged.problem()))
    };
    let journal = Journal {
        old: step.old.map(str::to_owned),
        new: step.new.to_owned(),
        disk: Some(disk.to_owned()),
        inode: 0,
        branch: step.branch.map(|branch| format!("refs/heads/{branch}")),
    };
    let done = commit_index(repository, area, journal, step.reason, || {
        prepare().map_err(|stop| match stop {
            Stop::InTheWay(problem) => {
                in_the_way = Some(problem);
                Diagnostics::default()
            }
            Stop::Failed(problems) => problems,
        })
    });
    match (done, in_the_way) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(problem)) => Err(Stay::InTheWay(problem)),
        (Err(problems), None) => Err(Stay::Failed(problems)),
    }
}

enum Stop {
    InTheWay(String),
    Failed(Diagnostics),
}

impl From<Diagnostics> for Stop {
    fn from(problems: Diagnostics) -> Self {
        Self::Failed(problems)
    }
}

/// Prepares the next index as a copy of the user's, takes the index's lock with it, moves the branch, and makes it the index.
fn commit_index(
    repository: &Repository,
    area: &Area,
    mut journal: Journal,
    reason: &str,
    mut prepare: impl FnMut() -> Result<(), Diagnostics>,
) -> Result<(), Diagnostics> {
    let index = repository.folder().join("index");
    let lock = repository.folder().join("index.lock");
    let patience = Instant::now() + PATIENCE;
    loop {
        let before = stamp(&index);
        copy_index(repository, area)?;
        // Before the files on disk are touched, so that their update can be finished.
        journal.inode = 0;
        write_journal(area, &journal)?;
        if let Err(problems) = prepare() {
            forget_journal(area);
            return Err(problems);
        }
        journal.inode = stamp(&area.index()).map_or(0, |stamp| stamp.0);
        write_journal(area, &journal)?;
        match fs::hard_link(area.index(), &lock) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if Instant::now() >= patience {
                    forget_journal(area);
                    let path = ".git/index.lock".to_owned();
                    return Err(Diagnostic::error(GitError::IndexLocked { path }).into());
                }
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            Err(error) => {
                forget_journal(area);
                return Err(failed(&lock, &error));
            }
        }
        // Changes to the index since the copy must not be lost.
        if stamp(&index) == before {
            break;
        }
        let _ = fs::remove_file(&lock);
    }
    let moved = move_branch(repository, &journal, reason);
    if let Err(problems) = moved {
        let _ = fs::remove_file(&lock);
        forget_journal(area);
        return Err(problems);
    }
    fs::rename(&lock, &index).map_err(|error| failed(&index, &error))?;
    let _ = fs::remove_file(area.index());
    forget_journal(area);
    Ok(())
}

/// Copies the user's index with its time: from that, git knows which files may have been edited within the clock's last tick.
pub(super) fn copy_index(repository: &Repository, area: &Area) -> Result<(), Diagnostics> {
    let index = repository.folder().join("index");
    // It may be a hard link to the user's index, which a copy onto itself would empty.
    let _ = fs::remove_file(area.index());
    let copied = fs::copy(&index, area.index()).and_then(|_| {
        let time = index.metadata()?.modified()?;
        let copy = fs::File::options().write(true).open(area.index())?;
        copy.set_modified(time)
    });
    match copied {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => area.read_tree(None),
        Err(error) => Err(failed(&index, &error)),
    }
}

/// Inode, size and time of change.
fn stamp(path: &Path) -> Option<(u64, u64, i64, i64)> {
    let status = path.symlink_metadata().ok()?;
    Some((status.ino(), status.size(), status.mtime(), status.mtime_nsec()))
}

fn move_branch(
    repository: &Repository,
    journal: &Journal,
    reason: &str,
) -> Result<(), Diagnostics> {
    let head = journal.branch.as_deref().unwrap_or("HEAD");
    let old = journal.old.as_deref().unwrap_or(repository.nothing());
    // The branch by its name, since HEAD may have been switched; the reflog of HEAD follows.
    let current = repository.head()?;
    let branch = current.branch.map(|branch| format!("refs/heads/{branch}"));
    if branch == journal.branch {
        let call = repository.program().call("update-ref");
        let output =
            call.args(["-m", reason, "--end-of-options", head, &journal.new, old]).output()?;
        if output.status == 0 {
            return Ok(());
        }
        if repository.find(head)? == journal.old {
            return Err(output.failed("update-ref"));
        }
    }
    let branch = head.strip_prefix("refs/heads/").unwrap_or(head).to_owned();
    Err(Diagnostic::error(GitError::Moved { branch }).into())
}

fn write_journal(area: &Area, journal: &Journal) -> Result<(), Diagnostics> {
    let path = area.at("journal");
    let beside = area.at("journal.new");
    let text = serde_json::to_string(journal).unwrap_or_default();
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, &path))
        .map_err(|error| failed(&path, &error))
}

fn forget_journal(area: &Area) {
    let _ = fs::remove_file(area.at("journal"));
}

/// Finishes or rolls back an interrupted run, and removes its locks. Returns whether there was one.
pub(super) fn heal(repository: &Repository, area: &Area) -> Result<bool, Diagnostics> {
    remove_old_locks(repository, area);
    let path = area.at("journal");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(&path, &error)),
    };
    let Ok(journal) = serde_json::from_str::<Journal>(&text) else {
        // It is renamed into place atomically; a partial one belongs to no run.
        forget_journal(area);
        return Ok(false);
    };
    // A child of the killed run may be moving the branch right now.
    std::thread::sleep(LAST_BREATH);
    if let Some(branch) = &journal.branch {
        remove_lock_of(repository, branch, &journal.new);
    }
    let index = repository.folder().join("index");
    let lock = repository.folder().join("index.lock");
    let is_ours = journal.inode != 0 && stamp(&lock).is_some_and(|stamp| stamp.0 == journal.inode);
    let head = repository.find("HEAD")?;
    if head.as_deref() == Some(journal.new.as_str()) {
        if is_ours {
            fs::rename(&lock, &index).map_err(|error| failed(&index, &error))?;
        } else {
            catch_up(repository, area, &journal)?;
        }
        forget_journal(area);
        return Ok(true);
    }
    if is_ours {
        fs::remove_file(&lock).map_err(|error| failed(&lock, &error))?;
    }
    if let (true, Some(disk)) = (head == journal.old, &journal.disk) {
        let branch = journal.branch.as_deref();
        let step = Move {
            old: journal.old.as_deref(),
            new: &journal.new,
            branch: branch.and_then(|branch| branch.strip_prefix("refs/heads/")),
            reason: "gen commit: finished",
        };
        // If it cannot be finished, the next push updates the checkout.
        if let Err(Stay::Failed(problems)) = bring_forward(repository, area, step, disk, true) {
            forget_journal(area);
            return Err(problems);
        }
    }
    forget_journal(area);
    Ok(true)
}

/// Updates the committed paths in the index if it still has the old commit's.
fn catch_up(repository: &Repository, area: &Area, journal: &Journal) -> Result<(), Diagnostics> {
    let program = repository.program();
    let updates = differences(program, journal.old.as_deref(), &journal.new)?;
    let before: std::collections::BTreeMap<String, Option<String>> =
        differences_back(repository, journal)?;
    let listed = program.call("ls-files").args(["-s", "-z"]).limit(512 << 20).run()?;
    let mut current = std::collections::BTreeMap::new();
    for line in listed.split(|byte| *byte == 0) {
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        if let Some((fields, path)) = line.split_once('\t') {
            let object = fields.split(' ').nth(1).unwrap_or_default();
            current.insert(path.to_owned(), object.to_owned());
        }
    }
    let old = updates.into_iter().filter(|update| {
        before.get(&update.path).cloned().flatten() == current.get(&update.path).cloned()
    });
    let old: Vec<Update> = old.collect();
    copy_index(repository, area)?;
    area.put(&old)?;
    let _ = area.call("update-index").args(["-q", "--refresh"]).output()?;
    let index = repository.folder().join("index");
    let lock = repository.folder().join("index.lock");
    fs::hard_link(area.index(), &lock).map_err(|_| {
        let path = ".git/index.lock".to_owned();
        Diagnostics::from(Diagnostic::error(GitError::IndexLocked { path }))
    })?;
    fs::rename(&lock, &index).map_err(|error| failed(&index, &error))?;
    let _ = fs::remove_file(area.index());
    Ok(())
}

/// The old commit's entries at the paths that differ.
fn differences_back(
    repository: &Repository,
    journal: &Journal,
) -> Result<std::collections::BTreeMap<String, Option<String>>, Diagnostics> {
    let Some(old) = journal.old.as_deref() else {
        return Ok(std::collections::BTreeMap::new());
    };
    let back = differences(repository.program(), Some(&journal.new), old)?;
    let pair = |update: Update| (update.path, update.content.map(|(_, object)| object));
    Ok(back.into_iter().map(pair).collect())
}

/// Before a fetch or a push: records its refs, whose locks would outlive a kill.
pub(super) fn note_refs(area: &Area, refs: &[String]) {
    let _ = fs::write(area.at("refs"), refs.join("\n"));
}

/// After it.
pub(super) fn forget_refs(area: &Area) {
    let _ = fs::remove_file(area.at("refs"));
}

fn remove_old_locks(repository: &Repository, area: &Area) {
    let Ok(text) = fs::read_to_string(area.at("refs")) else {
        return;
    };
    std::thread::sleep(LAST_BREATH);
    let common = repository.common();
    for name in text.lines().chain(["packed-refs", "shallow"]) {
        if crate::tree::path_problem(name).is_none() {
            remove_if_old(&common.join(format!("{name}.lock")));
            remove_if_old(&repository.folder().join(format!("{name}.lock")));
        }
    }
    forget_refs(area);
}

fn remove_lock_of(repository: &Repository, branch: &str, new: &str) {
    let lock = repository.common().join(format!("{branch}.lock"));
    // Its content identifies the owner; an empty one is just no longer in use.
    match fs::read_to_string(&lock) {
        Ok(text) if text.trim() == new => drop(fs::remove_file(&lock)),
        Ok(text) if text.is_empty() => remove_if_old(&lock),
        _ => {}
    }
    remove_if_old(&repository.folder().join("HEAD.lock"));
}

/// Removes a lock that has not changed since gen first saw it: a live command holds it for milliseconds.
fn remove_if_old(lock: &Path) {
    let Some(first) = stamp(lock) else {
        return;
    };
    std::thread::sleep(Duration::from_millis(500));
    if stamp(lock) == Some(first) {
        let _ = fs::remove_file(lock);
    }
}
