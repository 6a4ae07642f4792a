//! `gen commit`: renders, and commits exactly what gen reads and writes.
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

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::OutputFormat;
use crate::cli::args::Commit;
use crate::commands::Session;
use crate::commands::render::sort_warnings;
use crate::commands::render::stage::Staging;
use crate::diagnostics::{Diagnostic, Diagnostics, Exit, GitError, SpecError};
use crate::files::Recorded;
use crate::fleet::{Repository as Described, prepare};
use crate::git::{Builder, Content, Head, Move, Repository, Style, Target, Update, upstream};
use crate::name::Check;
use crate::rendering::Rendering;
use crate::report::{CommitReport, RenderReport};
use crate::workspace::{Noted, Options, Publication, Workspace};
use candidate::{Checkout, Selection, candidate, check_complete, check_unedited};
use message::{Told, spec_hash, told};

/// What is to be committed, and how.
#[derive(Clone, Copy)]
#[allow(clippy::struct_excessive_bools)]
pub(in crate::commands) struct Request<'a> {
    /// Only what is rendered for these environments.
    pub(in crate::commands) environments: &'a [String],
    /// Only what is rendered for these apps.
    pub(in crate::commands) apps: &'a [String],
    /// The message, in the place of gen's own.
    pub(in crate::commands) message: Option<&'a str>,
    /// Push it.
    pub(in crate::commands) push: bool,
    /// The branch of the remote that it is pushed to, instead of the one that this branch follows.
    pub(in crate::commands) branch: Option<&'a str>,
    /// Sign it.
    pub(in crate::commands) sign: bool,
    /// Commit where others' commits are not here yet.
    pub(in crate::commands) allow_behind: bool,
    /// Write nothing.
    pub(in crate::commands) dry_run: bool,
    /// How long a push is tried again, in seconds.
    pub(in crate::commands) patience: u64,
}

/// Commits.
///
/// # Errors
/// What is wrong with the spec; refused hand edits and removals; what git, a hook or the remote refuses.
pub fn commit(session: &mut Session, args: &Commit) -> anyhow::Result<Exit> {
    let request = Request {
        environments: &args.environments,
        apps: &args.apps,
        message: args.message.as_deref(),
        push: args.push || args.branch.is_some(),
        branch: args.branch.as_deref(),
        sign: args.sign,
        allow_behind: args.allow_behind,
        dry_run: args.dry_run,
        patience: args.retry_for,
    };
    let report = make(session, &request)?;
    match args.output {
        OutputFormat::Json => {
            session.screen.data(&format!("{:#}\n", report.json()));
        }
        OutputFormat::Text if session.screen.is_quiet() => {}
        OutputFormat::Text => {
            let text = report.text(session.screen.verbose > 0);
            session.screen.data(&text);
        }
    }
    Ok(Exit::Done)
}

/// A change to the last commit, ready to be committed.
struct Ready<'a> {
    checkout: Checkout<'a>,
    builder: &'a Builder<'a>,
    request: Request<'a>,
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

/// Commits, for any command.
///
/// # Errors
/// As [`commit`].
pub(in crate::commands) fn make(
    session: &mut Session,
    request: &Request<'_>,
) -> anyhow::Result<CommitReport> {
    let workspace = session.workspace()?;
    let repository = Repository::discover(workspace.root())?;
    repository.refuse_old_git()?;
    if let Some(branch) = request.branch {
        Check::GitRef.test(branch).map_err(Diagnostic::error)?;
    }
    if let Some(report) = again::nothing(session, &workspace, &repository, request)? {
        return Ok(report);
    }
    // The lock, and the rest of an interrupted run, before anything is read.
    let publication = Publication::begin(workspace.root(), Options::default())?;
    let builder = Builder::open(&repository)?;
    if let Some(what) = repository.in_progress() {
        let what = what.to_owned();
        return Err(Diagnostic::error(GitError::InProgress { what }).into());
    }
    let head = repository.head()?;
    if head.branch.is_none() && request.branch.is_none() {
        return Err(Diagnostic::error(GitError::Detached {}).into());
    }
    let target = if request.push {
        Some(Target::of(
            &repository,
            head.branch.as_deref(),
            request.branch,
        )?)
    } else {
        refuse_behind(&repository, &head, *request)?;
        None
    };
    let ready = ready(
        session,
        &workspace,
        &repository,
        &builder,
        &publication,
        &head,
        *request,
    )?;
    let mut report = ready.report();
    if builder.healed {
        let note = "finished first what an interrupted run had begun".to_owned();
        report.notes.push(note);
    }
    if request.dry_run {
        return Ok(report);
    }
    match target {
        Some(target) => push::push(session, &ready, publication, &target, report),
        None => Ok(ready.commit_here(publication, report)?),
    }
}

/// Renders beside the tree, and finds what there is to commit.
fn ready<'a>(
    session: &mut Session,
    workspace: &'a Workspace,
    repository: &'a Repository,
    builder: &'a Builder<'a>,
    publication: &Publication,
    head: &'a Head,
    request: Request<'a>,
) -> anyhow::Result<Ready<'a>> {
    let noted = Noted::new(workspace);
    let recorded = Recorded::new(&noted);
    let (fleet, found) = prepare(&recorded, &mut session.sources)?;
    let selected = fleet.select_environments(request.environments)?;
    fleet.check_apps(request.apps)?;
    let mut shown = RenderReport::default();
    let mut told_all = sort_warnings(session, found, &mut shown);
    if let Some((span, pattern)) = fleet.spec.empty_includes.first() {
        let pattern = pattern.clone();
        let error = Diagnostic::error(SpecError::IncludeMatchesNothing { pattern });
        return Err(error.at(*span).into());
    }
    let staging = Staging {
        rendering: Rendering {
            fleet: &fleet,
            environments: &selected,
            apps: request.apps,
            files: &recorded,
            verify: false,
        },
        workspace,
        publication,
        everything: request.environments.is_empty(),
        forget: &[],
        allow_removals: false,
    };
    let checkout = Checkout::new(repository, workspace, head.commit.as_deref());
    let (done, asked) = beside::ask(&checkout, recorded.read_files(), || staging.run(session));
    let done = done?;
    told_all &= sort_warnings(session, done.warnings, &mut shown);
    shown.environments = done.environments;
    shown.secrets = done.secrets;
    shown.retired = done.retired;
    if told_all && again::is_of_everything(session, &request) {
        again::remember(&noted, &shown, publication);
    }
    let selection = Selection {
        environments: request.environments,
        apps: request.apps,
    };
    let read = recorded.read_files();
    let dirty = asked?.with_late(repository, &read)?;
    let planned = publication.planned();
    let content = candidate(&checkout, builder, selection, &read, &planned, dirty)?;
    let (trees, changes) = build(builder, head, &content, request.push)?;
    let mut told_of = Told::default();
    if !changes.is_empty() {
        check_complete(&checkout, &changes, &read)?;
        check_unedited(workspace, &changes, repository.prefix(), &read)?;
        told_of = told(checkout.head()?, &relative(&changes, repository.prefix()))?;
    }
    Ok(Ready {
        checkout,
        builder,
        request,
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
        let none = crate::git::Trees {
            disk: None,
            whole: parent.unwrap_or_default().to_owned(),
        };
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
    request: Request<'_>,
) -> Result<(), Diagnostics> {
    let (Some(branch), Some(commit), false) = (&head.branch, &head.commit, request.allow_behind)
    else {
        return Ok(());
    };
    let Some((upstream, theirs)) = upstream(repository, branch)? else {
        return Ok(());
    };
    let (_, count) = if theirs == *commit {
        (0, 0)
    } else {
        repository.apart(commit, &theirs)?
    };
    if count == 0 {
        return Ok(());
    }
    let branch = branch.clone();
    Err(Diagnostic::error(GitError::Behind {
        branch,
        upstream,
        count,
    })
    .into())
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
        self.told
            .message(self.request.message, is_first, &spec_hash(&self.read))
    }

    fn report(&self) -> CommitReport {
        let mut report = CommitReport {
            dry_run: self.request.dry_run,
            branch: self.head.branch.clone(),
            ..CommitReport::default()
        };
        if self.has_changes() {
            report.message = self.message();
            report.describe(
                &self.told,
                &relative(&self.changes, self.checkout.repository.prefix()),
            );
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
            sign: self.request.sign,
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
        let (_, _held) = publication.publish_and_hold()?;
        let commit = self.own_commit()?;
        let reason = format!(
            "commit: {}",
            report.message.lines().next().unwrap_or_default()
        );
        self.builder.settle(self.step(&commit, &reason))?;
        report.commit = Some(commit);
        Ok(report)
    }
}

impl CommitReport {
    /// Takes over what a commit changes.
    fn describe(&mut self, told: &Told, changes: &[Update]) {
        self.environments = told
            .environments
            .iter()
            .map(|(name, apps)| (name.clone(), apps.iter().cloned().collect()))
            .collect();
        self.pins.clone_from(&told.pins);
        self.counts = told.counts();
        let objects = &told.objects;
        self.objects = [objects.created, objects.changed, objects.removed];
        self.paths = changes
            .iter()
            .map(|update| (update.path.clone(), update.content.is_none()))
            .collect();
        for version in &told.versions {
            self.notes.push(format!(
                "rendered by gen {version} before, by {} now: look at what that changes",
                crate::tree::GEN_VERSION
            ));
        }
    }
}
