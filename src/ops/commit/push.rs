//! Pushing: compare and swap, by the remote's own rule that a branch only moves forward. Where it moved, the change is rebuilt on
//! what is there now; what was rendered is rendered again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use super::rebuild::{Sides, rebuild};
use super::report::{CommitReport, PushReport};
use super::{Ready, relative, spec_hash, told};
use crate::diagnostics::{Diagnostics, GitError};
use crate::git::{Content, Forge, Pushed, Snapshot, Stay, Style, Target, Update};
use crate::ops::Context;
use crate::workspace::Publication;

/// So long one conversation with the remote may take.
const CONVERSATION: Duration = Duration::from_mins(5);

/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_secs(10);

/// Where the remote's branch is, seen from here.
enum Tip {
    /// It has nothing that is not here: the commit goes on the last one here.
    Here,
    /// It has this commit, on top of the last one here.
    Ahead(String),
}

/// What is to be pushed.
struct Attempt {
    commit: String,
    /// The remote has it already.
    is_there: bool,
    /// It is on top of others' commits.
    rebuilt: bool,
}

/// Pushes, and brings this checkout along.
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
        let tip = tip(ready, target, theirs.as_deref())?;
        let attempt = match (tip, ready.has_changes()) {
            (Tip::Here, false) if theirs == ready.head.commit => return Ok(report),
            (Tip::Here, false) => Attempt {
                commit: ready.head.commit.clone().unwrap_or_default(),
                is_there: false,
                rebuilt: false,
            },
            (Tip::Here, true) => {
                if own.is_none() {
                    if repository.has_hook("pre-commit") {
                        // The hook looks at files.
                        if let Some(publication) = publication.take() {
                            publication.publish()?;
                        }
                    }
                    own = Some(ready.own_commit()?);
                }
                Attempt { commit: own.clone().unwrap_or_default(), is_there: false, rebuilt: false }
            }
            (Tip::Ahead(theirs), false) => {
                let (_, count) =
                    repository.apart(&ready.head.commit.clone().unwrap_or_default(), &theirs)?;
                report.notes.push(format!(
                    "`{}` has {count} newer commits; `git pull` brings them here",
                    target.shown()
                ));
                return Ok(report);
            }
            (Tip::Ahead(theirs), true) => on_top(context, ready, target, &theirs, &mut report)?,
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
    if !ready.has_changes() {
        report.nothing = None;
        report
            .notes
            .push("nothing new was committed; what was committed before is pushed".to_owned());
    }
    report.commit = Some(attempt.commit.clone());
    land(ready, publication, target, &attempt, &mut report)?;
    Ok(report)
}

fn tip(ready: &Ready<'_>, target: &Target, theirs: Option<&str>) -> Result<Tip, Diagnostics> {
    let repository = ready.checkout.repository;
    let (Some(theirs), ours) = (theirs, ready.head.commit.as_deref()) else {
        return Ok(Tip::Here);
    };
    let Some(ours) = ours else {
        return Ok(Tip::Ahead(theirs.to_owned()));
    };
    if theirs == ours || repository.is_ancestor(theirs, ours)? {
        return Ok(Tip::Here);
    }
    if repository.is_ancestor(ours, theirs)? {
        return Ok(Tip::Ahead(theirs.to_owned()));
    }
    let (ours, theirs) = repository.apart(ours, theirs)?;
    let branch = ready.head.branch.clone().unwrap_or_else(|| "HEAD".to_owned());
    let target = target.shown();
    Err(GitError::Diverged { branch, target, ours, theirs }.into())
}

/// The change on top of others' commits.
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
    let sides = Sides { base: ready.checkout.head()?, theirs: &there, target: &target.shown() };
    let selection = ready.options.selection;
    let changes = relative(&ready.changes, prefix);
    let rebuilt = rebuild(&sides, ready.builder, &changes, selection, context.sources)?;
    let objects = rebuilt
        .updates
        .into_iter()
        .map(|update| Update { path: format!("{prefix}{}", update.path), content: update.content });
    let new = Content { from_disk: Vec::new(), objects: objects.collect() };
    let tree = ready.builder.trees(Some(theirs), &new, false)?.whole;
    let changes = ready.builder.differences(Some(theirs), &tree)?;
    if changes.is_empty() {
        report.nothing = Some(format!("`{}` has it already", target.shown()));
        return Ok(Attempt { commit: theirs.to_owned(), is_there: true, rebuilt: true });
    }
    let changes = relative(&changes, prefix);
    let told = told(&there, &changes)?;
    report.message = told.message(ready.options.message, false, &spec_hash(&rebuilt.read));
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

/// Somebody else was first: a pause of random length, so that those who wait do not meet again. It grows with the time that a try
/// takes and with their number: the more there are who push, the fewer may do so at a time.
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
    let web = target.web(forge);
    let base = &ready.described.branch;
    let for_pull_request = ready.options.branch.is_some() && target.branch != *base;
    PushReport {
        remote: target.remote.clone(),
        branch: target.branch.clone(),
        url: web.as_ref().map(|web| web.commit(commit)),
        for_pull_request,
        pull_request: web
            .filter(|_| for_pull_request)
            .map(|web| web.pull_request(&target.branch, base)),
        tries,
    }
}

/// Brings this checkout to what was pushed, where its own branch was.
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
        report
            .notes
            .push(format!("this checkout stays as it was; the commit is on `{}`", target.shown()));
        return Ok(());
    }
    let subject = report.message.lines().next().unwrap_or_default();
    let reason = format!("commit: {subject}");
    if !ready.has_changes() {
        return Ok(());
    }
    if !attempt.rebuilt {
        let _held = match publication {
            Some(publication) => Some(publication.publish_and_hold(|_| None)?.1),
            None => None,
        };
        return ready.builder.settle(ready.step(&attempt.commit, &reason));
    }
    let step = ready.step(&attempt.commit, &reason);
    // A push has them told apart.
    let disk = ready.trees.disk.as_ref().unwrap_or(&ready.trees.whole);
    match ready.builder.fast_forward(step, disk) {
        Ok(()) => Ok(()),
        Err(Stay::Failed(problems)) => Err(problems),
        Err(Stay::InTheWay(problem)) => {
            report.branch = None;
            report.notes.push(format!(
                "this checkout stays as it was, because of your own edits ({problem}); `git stash`, `git pull` and `git stash pop` bring it forward"
            ));
            Ok(())
        }
    }
}
