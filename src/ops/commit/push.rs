//! Pushes: compare and swap, since the remote only fast-forwards a branch. If the branch moved, the change is rebuilt on top of it,
//! and rendered again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use super::rebuild::{Sides, rebuild};
use super::report::{CommitReport, PullRequest, PushReport};
use super::{Ready, relative, spec_hash, told};
use crate::diagnostics::{Diagnostics, GitError};
use crate::git::{Content, Forge, Pushed, Snapshot, Stay, Style, Target};
use crate::ops::Context;
use crate::workspace::Publication;

/// Timeout of one call to the remote.
const CONVERSATION: Duration = Duration::from_mins(5);

/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_secs(10);

/// A commit to push.
struct Attempt {
    commit: String,
    /// The remote already has it.
    is_there: bool,
    /// It is on top of others' commits.
    rebuilt: bool,
}

/// Pushes, and updates this checkout.
///
/// # Errors
/// As [`super::commit`].
pub(super) fn push(
    context: &mut Context<'_>,
    ready: &Ready<'_>,
    publication: Publication,
    target: &Target,
    mut report: CommitReport,
) -> Result<CommitReport, Diagnostics> {
    let repository = ready.checkout.repository;
    let start = Instant::now();
    let patience = Duration::from_secs(ready.options.patience);
    let mut publication = Some(publication);
    let mut own = None;
    let mut tries = 0;
    let attempt = loop {
        tries += 1;
        let began = Instant::now();
        let theirs = target.fetch(ready.builder, Instant::now() + CONVERSATION)?;
        let ahead = ahead(ready, target, theirs.as_deref())?;
        let attempt = match (ahead, ready.has_changes()) {
            (None, false) if theirs == ready.head.commit => return Ok(report),
            (None, has_changes) => {
                if has_changes && own.is_none() {
                    // The hook checks files on disk.
                    if repository.has_hook("pre-commit")
                        && let Some(publication) = publication.take()
                    {
                        publication.publish()?;
                    }
                    own = Some(ready.own_commit()?);
                }
                let commit = if has_changes { &own } else { &ready.head.commit };
                let commit = commit.clone().unwrap_or_default();
                Attempt { commit, is_there: false, rebuilt: false }
            }
            (Some(theirs), false) => {
                let ours = ready.head.commit.as_deref().unwrap_or_default();
                let (_, count) = repository.apart(ours, theirs)?;
                let branch = target.shown();
                let note = format!("`{branch}` has newer commits ({count}): run `git pull`");
                report.notes.push(note);
                return Ok(report);
            }
            (Some(theirs), true) => on_top(context, ready, target, theirs, &mut report)?,
        };
        if attempt.is_there {
            break attempt;
        }
        let until = Instant::now() + CONVERSATION;
        match target.push(ready.builder, &attempt.commit, until)? {
            Pushed::Done => break attempt,
            Pushed::Moved => wait(target, start, began.elapsed(), patience, tries)?,
        }
    };
    if !attempt.is_there {
        report.pushed = Some(pushed(ready, target, &attempt.commit, tries));
    }
    report.open = pull_request(ready, target);
    if !ready.has_changes() {
        report.nothing = None;
        report.notes.push("nothing new to commit; earlier commits were pushed".to_owned());
    }
    report.commit = Some(attempt.commit.clone());
    land(ready, publication, target, &attempt, &mut report)?;
    Ok(report)
}

/// The commit of the remote's branch if it is ahead of the last one here.
fn ahead<'t>(
    ready: &Ready<'_>,
    target: &Target,
    theirs: Option<&'t str>,
) -> Result<Option<&'t str>, Diagnostics> {
    let repository = ready.checkout.repository;
    let (Some(theirs), Some(ours)) = (theirs, ready.head.commit.as_deref()) else {
        return Ok(theirs);
    };
    if theirs == ours || repository.is_ancestor(theirs, ours)? {
        return Ok(None);
    }
    if repository.is_ancestor(ours, theirs)? {
        return Ok(Some(theirs));
    }
    let (ours, theirs) = repository.apart(ours, theirs)?;
    let branch = ready.head.branch.clone().unwrap_or_else(|| "HEAD".to_owned());
    if let Some(PullRequest { branch: name, .. }) = pull_request(ready, target) {
        let (remote, target) = (target.remote.clone(), target.shown());
        return Err(GitError::BranchTaken { branch, target, theirs, remote, name }.into());
    }
    let target = target.shown();
    Err(GitError::Diverged { branch, target, ours, theirs }.into())
}

/// Rebuilds the change on top of others' commits.
fn on_top(
    context: &mut Context<'_>,
    ready: &Ready<'_>,
    target: &Target,
    theirs: &str,
    report: &mut CommitReport,
) -> Result<Attempt, Diagnostics> {
    let repository = ready.checkout.repository;
    let prefix = repository.prefix.as_str();
    let there = Snapshot::open(repository, Some(theirs))?;
    let sides = Sides {
        base: ready.checkout.head()?,
        theirs: &there,
        target: &target.shown(),
        no_check: ready.options.no_check,
    };
    let selection = ready.options.selection;
    let changes = relative(&ready.changes, prefix);
    let (mut updates, read) = rebuild(&sides, ready.builder, &changes, selection, context.sources)?;
    for update in &mut updates {
        update.path.insert_str(0, prefix);
    }
    let new = Content { from_disk: Vec::new(), objects: updates };
    let tree = ready.builder.trees(Some(theirs), &new, false)?.whole;
    let changes = ready.builder.differences(Some(theirs), &tree)?;
    if changes.is_empty() {
        report.nothing = Some(format!("`{}` already has the change", target.shown()));
        return Ok(Attempt { commit: theirs.to_owned(), is_there: true, rebuilt: true });
    }
    let changes = relative(&changes, prefix);
    let told = told(&there, &changes)?;
    report.message = told.message(ready.options.says(), false, &spec_hash(&read));
    report.notes.retain(|note| !note.starts_with("rendered "));
    report.describe(&told, &changes);
    report.notes.push(format!("rendered on top of newer commits of `{}`", target.shown()));
    let style = Style {
        parent: Some(theirs),
        message: &report.message,
        sign: ready.options.sign,
        on_disk: false,
    };
    Ok(Attempt { commit: ready.builder.commit(&tree, style)?, is_there: false, rebuilt: true })
}

/// Pauses after somebody else pushed first, for a random time, so that those who wait do not collide again. It grows with the
/// duration and the number of tries: the more push, the fewer should do so at a time.
fn wait(
    target: &Target,
    start: Instant,
    took: Duration,
    patience: Duration,
    tries: usize,
) -> Result<(), Diagnostics> {
    if start.elapsed() >= patience {
        let (branch, seconds) = (target.shown(), start.elapsed().as_secs());
        return Err(GitError::Contended { branch, seconds, tries }.into());
    }
    let most = took.saturating_mul(1 << tries.min(5)).min(PAUSE);
    let random = RandomState::new().build_hasher().finish();
    let share = u32::try_from(random % 1000).unwrap_or(0);
    std::thread::sleep(most * share / 1000);
    Ok(())
}

fn pushed(ready: &Ready<'_>, target: &Target, commit: &str, tries: usize) -> PushReport {
    let forge = ready.described.forge.as_deref().and_then(Forge::named);
    PushReport {
        remote: target.remote.clone(),
        branch: target.branch.clone(),
        url: target.web(forge).map(|web| web.commit(commit)),
        pull_request: pull_request(ready, target).and_then(|open| open.url),
        tries,
    }
}

/// The pull request for a pushed branch, if it needs one.
fn pull_request(ready: &Ready<'_>, target: &Target) -> Option<PullRequest> {
    let base = &ready.described.branch;
    ready.options.branch.filter(|_| target.branch != *base)?;
    let forge = ready.described.forge.as_deref().and_then(Forge::named);
    let url = target.web(forge).map(|web| web.pull_request(&target.branch, base));
    Some(PullRequest { branch: target.branch.clone(), url })
}

/// Updates this checkout to the pushed commit, if its own branch was pushed.
fn land(
    ready: &Ready<'_>,
    publication: Option<Publication>,
    target: &Target,
    attempt: &Attempt,
    report: &mut CommitReport,
) -> Result<(), Diagnostics> {
    let repository = ready.checkout.repository;
    let branch = ready.head.branch.as_deref();
    let own = match (branch, ready.options.branch) {
        (None, _) => None,
        (Some(_), None) => Some(target.clone()),
        (Some(_), Some(_)) => Target::of(repository, branch, None).ok(),
    };
    if own.as_ref() != Some(target) {
        report.branch = None;
        let branch = target.shown();
        report.notes.push(format!("this checkout is unchanged; the commit is on `{branch}`"));
        return Ok(());
    }
    if !ready.has_changes() {
        return Ok(());
    }
    let reason = format!("commit: {}", report.message.lines().next().unwrap_or_default());
    let step = ready.step(&attempt.commit, &reason);
    if !attempt.rebuilt {
        let hold = |publication: Publication| publication.publish_and_hold(|_| None);
        let _held = publication.map(hold).transpose()?;
        return ready.builder.settle(step);
    }
    // For a push they were kept apart.
    let disk = ready.trees.disk.as_ref().unwrap_or(&ready.trees.whole);
    match ready.builder.fast_forward(step, disk) {
        Ok(()) => Ok(()),
        Err(Stay::Failed(problems)) => Err(problems),
        Err(Stay::InTheWay(problem)) => {
            report.branch = None;
            report.notes.push(format!(
                "this checkout is unchanged because of your edits ({problem}): run `git stash`, `git pull` and `git stash pop`"
            ));
            Ok(())
        }
    }
}
