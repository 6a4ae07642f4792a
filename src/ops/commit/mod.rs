//! Renders, and commits exactly the files that gen reads and writes.
//!
//! The commit is made without the user's index, of which only the committed paths are updated afterwards. With `--push` the checkout
//! is only changed once the remote has the commit, so that no failure leaves traces in it.

mod again;
mod beside;
mod candidate;
mod message;
mod objects;
mod push;
mod rebuild;
mod report;

use std::collections::{BTreeMap, BTreeSet};

pub use report::{CommitReport, PinMoved, PullRequest, PushReport};

use super::check::gate;
use super::removals::Scope;
use super::render::stage::Staging;
use super::render::{RenderReport, refuse_empty_includes, sort_warnings};
use super::rendering::Rendering;
use super::{Context, Selection};
use crate::diagnostics::{Diagnostics, GitError};
use crate::files::{Recorded, Texts};
use crate::fleet::{Repository as Described, prepare};
use crate::git::{
    Builder, Content, Head, Move, Repository, Style, Target, Trees, Update, upstream,
};
use crate::name::Check;
use crate::spec::listed;
use crate::workspace::{Noted, Options, Publication};
use candidate::{Checkout, candidate, check_complete, check_unedited};
use message::{Told, spec_hash, told};

/// The options of a commit.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)]
pub struct CommitOptions<'a> {
    /// The rendered files to commit.
    pub selection: Selection<'a>,
    /// The message (default: generated).
    pub message: Option<&'a str>,
    /// Why something was passed that would have held it; kept in the commit.
    pub reason: Option<&'a str>,
    /// Push it.
    pub push: bool,
    /// The branch of the remote to push to (default: the upstream of this branch).
    pub branch: Option<&'a str>,
    /// Sign it.
    pub sign: bool,
    /// Commit even if the branch is behind its upstream.
    pub allow_behind: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// Timeout of retrying a push, in seconds.
    pub patience: u64,
    /// Only warn of what Kubernetes or Tekton would refuse.
    pub no_check: bool,
}

/// Timeout of retrying a push if others push first, in seconds.
const PATIENCE: u64 = 60;

impl<'a> CommitOptions<'a> {
    /// Commits and pushes these files, to a branch of their own if one is named.
    #[must_use]
    pub fn pushed(selection: Selection<'a>, branch: Option<&'a str>) -> Self {
        Self {
            selection,
            message: None,
            reason: None,
            push: true,
            branch,
            sign: false,
            allow_behind: false,
            dry_run: false,
            patience: PATIENCE,
            no_check: false,
        }
    }
}

impl CommitOptions<'_> {
    /// What whoever commits says: a message, and a reason.
    fn says(&self) -> [Option<&str>; 2] {
        [self.message, self.reason]
    }
}

/// A change to be committed.
struct Ready<'a> {
    checkout: Checkout<'a>,
    builder: &'a Builder<'a>,
    options: CommitOptions<'a>,
    head: &'a Head,
    /// The repository according to the spec.
    described: Described,
    /// The changes, with full paths; may be empty.
    changes: Vec<Update>,
    trees: Trees,
    told: Told,
    read: Texts,
    /// Apps that lost the last object of a kind, by environment, and keep the rights to prune it.
    retiring: BTreeMap<String, BTreeSet<String>>,
}

/// Commits.
///
/// # Errors
/// Errors in the spec; refused hand edits and removals; errors of git, a hook or the remote.
pub fn commit(
    context: &mut Context<'_>,
    options: &CommitOptions<'_>,
) -> Result<CommitReport, Diagnostics> {
    let workspace = context.workspace;
    let repository = Repository::discover(workspace.root())?;
    repository.refuse_old_git()?;
    if let Some(branch) = options.branch {
        Check::GitRef.test(branch)?;
    }
    if let Some(report) = again::nothing(context, &repository, options)? {
        return Ok(report);
    }
    // The lock, and an interrupted run, before anything is read.
    let publication = Publication::begin(workspace.root(), Options::default())?;
    let builder = Builder::open(&repository)?;
    if let Some(what) = repository.in_progress() {
        let what = what.to_owned();
        return Err(GitError::InProgress { what }.into());
    }
    let head = repository.head()?;
    if head.branch.is_none() && options.branch.is_none() {
        return Err(GitError::Detached {}.into());
    }
    let target = if options.push {
        Some(Target::of(&repository, head.branch.as_deref(), options.branch)?)
    } else {
        refuse_behind(&repository, &head, *options)?;
        None
    };
    let ready = ready(context, &repository, &builder, &publication, &head, *options)?;
    let mut report = ready.report();
    if builder.healed {
        report.notes.push("finished an interrupted run first".to_owned());
    }
    if options.dry_run {
        return Ok(report);
    }
    match target {
        Some(target) => push::push(context, &ready, publication, &target, report),
        None => ready.commit_here(publication, report),
    }
}

/// Renders to the stage, and finds the changes to commit.
fn ready<'a, 'c: 'a>(
    context: &mut Context<'c>,
    repository: &'a Repository,
    builder: &'a Builder<'a>,
    publication: &Publication,
    head: &'a Head,
    options: CommitOptions<'a>,
) -> Result<Ready<'a>, Diagnostics> {
    let (selection, workspace) = (options.selection, context.workspace);
    let noted = Noted::new(workspace);
    let recorded = Recorded::new(&noted);
    let (fleet, found) = prepare(&recorded, context.sources)?;
    let selected = selection.of(&fleet)?;
    let mut shown = RenderReport::default();
    let mut told_all = sort_warnings(context, found, &mut shown);
    refuse_empty_includes(&fleet)?;
    let gate = gate(&fleet, context.sources, options.no_check)?;
    let rendering = Rendering::new(&fleet, &recorded).of(&selected, selection.apps).over(workspace);
    let staging = Staging {
        rendering: Rendering { gate: Some(&gate), ..rendering },
        workspace,
        publication,
        scope: Scope {
            fleet: &fleet,
            selected: &selected,
            everything: selection.environments.is_empty(),
            forget: &[],
            allowed: false,
        },
    };
    let checkout = Checkout::new(repository, workspace, head.commit.as_deref());
    let work = || staging.run(context.watch, &mut shown);
    let (warnings, asked) = beside::ask(&checkout, recorded.read_files(), work);
    told_all &= sort_warnings(context, warnings?, &mut shown);
    if told_all && again::is_of_everything(context, &options) {
        again::remember(&noted, &shown, publication);
    }
    let read = recorded.read_files();
    let dirty = asked?.with_late(repository, &read)?;
    let planned = publication.planned();
    let new = candidate(&checkout, builder, selection, &read, &planned, dirty)?;
    let (trees, changes) = build(builder, head, &new, options.push)?;
    let mut told_of = Told::default();
    if !changes.is_empty() {
        check_complete(&checkout, &changes, &read)?;
        check_unedited(workspace, &changes, &repository.prefix, &read)?;
        told_of = told(checkout.head()?, &relative(&changes, &repository.prefix))?;
    }
    let (described, told) = (fleet.repository(), told_of);
    let retiring = shown.retiring;
    Ok(Ready { checkout, builder, options, head, described, changes, trees, told, read, retiring })
}

fn build(
    builder: &Builder<'_>,
    head: &Head,
    content: &Content,
    push: bool,
) -> Result<(Trees, Vec<Update>), Diagnostics> {
    let parent = head.commit.as_deref();
    if content.from_disk.is_empty() && content.objects.is_empty() {
        let none = Trees { disk: None, whole: parent.unwrap_or_default().to_owned() };
        return Ok((none, Vec::new()));
    }
    // The files from disk are kept apart if the commit may have to be rebuilt on others'.
    let trees = builder.trees(parent, content, push)?;
    let changes = builder.differences(parent, &trees.whole)?;
    Ok((trees, changes))
}

/// The changes below the folder of gen.yaml, with relative paths.
fn relative(changes: &[Update], prefix: &str) -> Vec<Update> {
    let shorter = |update: &Update| {
        let path = update.path.strip_prefix(prefix)?.to_owned();
        let content = update.content.clone();
        Some(Update { path, content })
    };
    changes.iter().filter_map(shorter).collect()
}

/// Refuses a branch that is behind its upstream, as last fetched.
fn refuse_behind(
    repository: &Repository,
    head: &Head,
    options: CommitOptions<'_>,
) -> Result<(), Diagnostics> {
    let (Some(branch), Some(commit), false) = (&head.branch, &head.commit, options.allow_behind)
    else {
        return Ok(());
    };
    let Some((upstream, theirs)) = upstream(repository, branch)? else {
        return Ok(());
    };
    let (_, count) = if theirs == *commit { (0, 0) } else { repository.apart(commit, &theirs)? };
    let branch = branch.clone();
    if count == 0 { Ok(()) } else { Err(GitError::Behind { branch, upstream, count }.into()) }
}

/// The reason why there is nothing to commit.
fn as_committed(head: &Head) -> String {
    let at = head.commit.as_deref().unwrap_or_default();
    let at = at.get(..10).unwrap_or(at);
    format!("no changes since {at} in the files that gen reads and writes")
}

impl Ready<'_> {
    fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    fn message(&self) -> String {
        let is_first = self.head.commit.is_none();
        self.told.message(self.options.says(), is_first, &spec_hash(&self.read))
    }

    fn report(&self) -> CommitReport {
        let mut report = CommitReport {
            dry_run: self.options.dry_run,
            branch: self.head.branch.clone(),
            ..CommitReport::default()
        };
        if self.has_changes() {
            report.message = self.message();
            report.describe(&self.told, &relative(&self.changes, &self.checkout.repository.prefix));
            report.notes.extend(self.retiring.iter().map(|(app, environments)| {
                let places = listed(environments.iter().map(String::as_str));
                format!("the rights to prune what {app} had in {places} stay: `gen render --forget {app}` once Flux has pruned it")
            }));
        } else {
            report.nothing = Some(as_committed(self.head));
        }
        report
    }

    /// Makes the commit on top of the last one.
    fn own_commit(&self) -> Result<String, Diagnostics> {
        let style = Style {
            parent: self.head.commit.as_deref(),
            message: &self.message(),
            sign: self.options.sign,
            on_disk: true,
        };
        self.builder.commit(&self.trees.whole, style)
    }

    /// The move of this checkout to a commit.
    fn step<'m>(&'m self, commit: &'m str, reason: &'m str) -> Move<'m> {
        Move {
            old: self.head.commit.as_deref(),
            new: commit,
            branch: self.head.branch.as_deref(),
            reason,
        }
    }

    /// Without a push: publishes the rendered files, then commits.
    fn commit_here(
        self,
        publication: Publication,
        mut report: CommitReport,
    ) -> Result<CommitReport, Diagnostics> {
        if !self.has_changes() {
            // The render can still be remembered for the next time.
            publication.publish()?;
            return Ok(report);
        }
        let (_, _held) = publication.publish_and_hold(|_| None)?;
        let commit = self.own_commit()?;
        let reason = format!("commit: {}", report.message.lines().next().unwrap_or_default());
        self.builder.settle(self.step(&commit, &reason))?;
        report.commit = Some(commit);
        Ok(report)
    }
}
