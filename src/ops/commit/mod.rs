//! Committing: renders, and commits exactly what gen reads and writes.
//!
//! The commit is made beside the user's index, which changes afterwards for the committed paths alone. With `--push` nothing here
//! moves before the remote has it, so that whatever fails leaves the checkout as it was.

mod again;
mod beside;
mod candidate;
mod message;
mod objects;
mod push;
mod rebuild;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use report::{CommitReport, PinMoved, PushReport};

use super::render::stage::Staging;
use super::render::{RenderReport, refuse_empty_includes, sort_warnings};
use super::rendering::Rendering;
use super::{Context, Selection};
use crate::diagnostics::{Diagnostics, GitError};
use crate::files::Recorded;
use crate::fleet::{Repository as Described, prepare};
use crate::git::{Builder, Content, Head, Move, Repository, Style, Target, Update, upstream};
use crate::name::Check;
use crate::workspace::{Noted, Options, Publication, Workspace};
use candidate::{Checkout, candidate, check_complete, check_unedited};
use message::{Told, spec_hash, told};

/// What to commit, and how.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)]
pub struct CommitOptions<'a> {
    /// Only what is rendered for these.
    pub selection: Selection<'a>,
    /// The message, in the place of gen's own.
    pub message: Option<&'a str>,
    /// Push it.
    pub push: bool,
    /// The branch of the remote that it is pushed to, instead of the one that this branch follows.
    pub branch: Option<&'a str>,
    /// Sign it.
    pub sign: bool,
    /// Commit where others' commits are not here yet.
    pub allow_behind: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// How long a push is tried again, in seconds.
    pub patience: u64,
}

/// A change to the last commit, ready to be committed.
struct Ready<'a> {
    checkout: Checkout<'a>,
    builder: &'a Builder<'a>,
    options: CommitOptions<'a>,
    head: &'a Head,
    /// What the spec says of the repository.
    described: Described,
    /// What changes, with full paths; nothing where nothing does.
    changes: Vec<Update>,
    /// The tree of what comes from disk, and the whole one.
    trees: crate::git::Trees,
    told: Told,
    read: BTreeMap<String, Arc<str>>,
}

/// Commits.
///
/// # Errors
/// What is wrong with the spec; refused hand edits and removals; what git, a hook or the remote refuses.
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
    // The lock, and the rest of an interrupted run, before anything is read.
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
    let ready = ready(context, workspace, &repository, &builder, &publication, &head, *options)?;
    let mut report = ready.report();
    if builder.healed {
        let note = "finished first what an interrupted run had begun".to_owned();
        report.notes.push(note);
    }
    if options.dry_run {
        return Ok(report);
    }
    match target {
        Some(target) => push::push(context, &ready, publication, &target, report),
        None => ready.commit_here(publication, report),
    }
}

/// Renders beside the tree, and finds what there is to commit.
fn ready<'a>(
    context: &mut Context<'_>,
    workspace: &'a Workspace,
    repository: &'a Repository,
    builder: &'a Builder<'a>,
    publication: &Publication,
    head: &'a Head,
    options: CommitOptions<'a>,
) -> Result<Ready<'a>, Diagnostics> {
    let selection = options.selection;
    let noted = Noted::new(workspace);
    let recorded = Recorded::new(&noted);
    let (fleet, found) = prepare(&recorded, context.sources)?;
    let selected = selection.of(&fleet)?;
    let mut shown = RenderReport::default();
    let mut told_all = sort_warnings(context, found, &mut shown);
    refuse_empty_includes(&fleet)?;
    let staging = Staging {
        rendering: Rendering::new(&fleet, &recorded).of(&selected, selection.apps),
        workspace,
        publication,
        everything: selection.environments.is_empty(),
        forget: &[],
        allow_removals: false,
    };
    let checkout = Checkout::new(repository, workspace, head.commit.as_deref());
    let (done, asked) =
        beside::ask(&checkout, recorded.read_files(), || staging.run(context.watch));
    let done = done?;
    told_all &= sort_warnings(context, done.warnings, &mut shown);
    shown.environments = done.environments;
    shown.secrets = done.secrets;
    shown.retired = done.retired;
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
    Ok(Ready {
        checkout,
        builder,
        options,
        head,
        described: fleet.repository(),
        changes,
        trees,
        told: told_of,
        read,
    })
}

fn build(
    builder: &Builder<'_>,
    head: &Head,
    content: &Content,
    push: bool,
) -> Result<(crate::git::Trees, Vec<Update>), Diagnostics> {
    let parent = head.commit.as_deref();
    if content.from_disk.is_empty() && content.objects.is_empty() {
        let none = crate::git::Trees { disk: None, whole: parent.unwrap_or_default().to_owned() };
        return Ok((none, Vec::new()));
    }
    // What comes from disk is told apart where the commit may have to land on others'.
    let trees = builder.trees(parent, content, push)?;
    let changes = builder.differences(parent, &trees.whole)?;
    Ok((trees, changes))
}

/// Paths as they are below the folder of gen.yaml.
fn relative(changes: &[Update], prefix: &str) -> Vec<Update> {
    let shorter = |update: &Update| {
        let path = update.path.strip_prefix(prefix)?.to_owned();
        let content = update.content.clone();
        Some(Update { path, content })
    };
    changes.iter().filter_map(shorter).collect()
}

/// Others' commits that are known here and not part of this branch.
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
    if count == 0 {
        return Ok(());
    }
    let branch = branch.clone();
    Err(GitError::Behind { branch, upstream, count }.into())
}

/// Why there is nothing to commit.
fn as_committed(head: &Head) -> String {
    let at = head.commit.as_deref().unwrap_or_default();
    let at = at.get(..10).unwrap_or(at);
    format!("what gen reads and writes is as in {at}")
}

impl Ready<'_> {
    fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    fn message(&self) -> String {
        let is_first = self.head.commit.is_none();
        self.told.message(self.options.message, is_first, &spec_hash(&self.read))
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
        } else {
            report.nothing = Some(as_committed(self.head));
        }
        report
    }

    /// The commit on the last one.
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

    /// Without a push: what is rendered is published, then committed.
    fn commit_here(
        self,
        publication: Publication,
        mut report: CommitReport,
    ) -> Result<CommitReport, Diagnostics> {
        if !self.has_changes() {
            // What was rendered before may still be remembered for the next time.
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
