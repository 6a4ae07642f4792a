//! `gen rollback`: pins again what an app had in an environment before, as the commits have it.

use super::committed::Committed;
use super::promote::{along, deliver};
use super::{Context, app_in, pins};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, PromoteError, UsageError, WhyError};
use crate::environment::Deploy;
use crate::files::Files as _;
use crate::git::{Commit, History, Repository};
use crate::ops::pins::PinReport;
use crate::spec::{Pin, Pins};
use crate::workspace::Workspace;

/// Number of commits whose edits are read at a time.
const CHUNK: usize = 200;
/// Maximum number of earlier pins named in an error.
const NAMED: usize = 5;

/// The options of a rollback.
#[derive(Debug, Clone, Copy)]
pub struct RollbackOptions<'a> {
    /// The app.
    pub app: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// A commit, a digest, or `-N`: so many pins back.
    pub to: &'a str,
    /// Write nothing.
    pub check: bool,
    /// Commit and push it.
    pub push: bool,
    /// The branch of the remote to push to.
    pub branch: Option<&'a str>,
}

/// A pin, and the commit that wrote it.
struct Earlier {
    pin: Pin,
    commit: Commit,
}

/// Rolls back.
///
/// # Errors
/// Errors in the spec; an app without an earlier pin; no pin that `to` means; errors of the disk and git.
pub fn rollback(
    context: &mut Context<'_>,
    options: &RollbackOptions<'_>,
) -> Result<PinReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let (prepared, app) = app_in(&fleet, options.app, options.environment)?;
    let (name, env) = (options.app.to_owned(), options.environment.to_owned());
    let Some(app) = app else {
        let hint = format!("it is not in `{env}`");
        return Err(Diagnostic::error(UsageError::UnknownApp { name, hint }).into());
    };
    if prepared.environment.deploy == Deploy::Kubectl {
        return Err(PromoteError::NoPinHere { env }.into());
    }
    let path = pins::path_of(&env);
    let repository = Repository::discover(context.workspace.root())?;
    let now = prepared.environment.pin(&name).map(|(pin, _)| pin.clone()).unwrap_or_default();
    let all = earlier(&repository, &path, &name)?;
    let wanted = choose(&repository, &all, &now, options)?;
    let edit = |pins: &mut Pins| {
        let there = pins.apps.entry(name.clone()).or_default();
        // What starts runs again is the environment's own, and not of then.
        let (nonce, policy) = (there.nonce, there.policy.clone());
        *there = Pin { nonce, policy, ..wanted.pin.clone() };
        vec![name.clone()]
    };
    let at = wanted.commit.id.get(..10).unwrap_or(&wanted.commit.id);
    let mut report = PinReport {
        command: "rollback",
        environment: env.clone(),
        path: path.clone(),
        dry_run: options.check,
        notes: vec![format!("{name} had this in {env} by {at} of {}", wanted.commit.time)],
        ..PinReport::default()
    };
    if prepared
        .apps
        .iter()
        .any(|one| one.name == name && one.policy(&prepared.environment.flux.namespace).is_some())
    {
        report.notes.push("Flux will pin the next image that its policy selects".to_owned());
    }
    let committed = Committed::open(context.workspace)?;
    report.along.extend(along(&fleet, context.workspace, &committed, prepared, app)?);
    let before = context.workspace.read(&path, Workspace::LARGEST_SPEC)?;
    report.changes = pins::change(context, &env, options.check, &edit)?;
    let is_pushed = options.push || options.branch.is_some();
    if is_pushed && report.is_change() && !options.check {
        deliver(context, &prepared.environment, options.branch, &mut report, before.as_deref())?;
        return Ok(report);
    }
    report.next.push(match (report.is_change(), options.check) {
        (false, _) => "nothing".to_owned(),
        (true, true) => "run it again without `--check`".to_owned(),
        (true, false) => format!("run `gen commit --env {env} --app {name}`"),
    });
    Ok(report)
}

/// What an app was pinned to, the newest first, by the commits that wrote it.
fn earlier(repository: &Repository, path: &str, app: &str) -> Result<Vec<Earlier>, Diagnostics> {
    let mut all: Vec<Earlier> = Vec::new();
    let Some(head) = repository.head()?.commit else { return Ok(all) };
    let history = History::read(repository, &head, &["environments"])?;
    for chunk in history.commits().chunks(CHUNK) {
        let mut edits =
            history.edits(chunk, "environments", ".pins.yaml", Workspace::LARGEST_SPEC)?;
        for commit in chunk {
            let edits = edits.remove(&commit.id).unwrap_or_default();
            let Some(edit) = edits.iter().find(|edit| edit.path == path) else { continue };
            let text = edit.after.as_deref().unwrap_or_default();
            let pins = Pins::read(FileId::BUILT_IN, text).unwrap_or_default();
            let Some(pin) = pins.apps.get(app) else { continue };
            let is_same = |one: &Earlier| is_same(&one.pin, pin);
            // A commit that wrote another app's pin says nothing of this one; the oldest that has it wrote it.
            match all.last_mut() {
                Some(last) if is_same(last) => last.commit = commit.clone(),
                _ => all.push(Earlier { pin: pin.clone(), commit: commit.clone() }),
            }
        }
    }
    all.retain(|one| one.pin.image.is_some() || one.pin.version.is_some() || one.pin.tag.is_some());
    Ok(all)
}

/// Whether two pins run the same.
fn is_same(one: &Pin, other: &Pin) -> bool {
    (&one.image, &one.tag, &one.version, &one.revision)
        == (&other.image, &other.tag, &other.version, &other.revision)
}

/// The pin that is meant.
fn choose<'a>(
    repository: &Repository,
    all: &'a [Earlier],
    now: &Pin,
    options: &RollbackOptions<'_>,
) -> Result<&'a Earlier, Diagnostics> {
    let (app, env) = (options.app.to_owned(), options.environment.to_owned());
    let others: Vec<&Earlier> = all.iter().filter(|one| !is_same(&one.pin, now)).collect();
    if others.is_empty() {
        return Err(Diagnostic::error(WhyError::NothingEarlier { app, env }).into());
    }
    let found = match (options.to.strip_prefix('-'), options.to.strip_prefix("sha256:")) {
        (Some(number), _) => {
            let back = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            back.and_then(|back| others.get(back)).copied()
        }
        (None, Some(digits)) if digits.len() >= 7 => others.iter().copied().find(|one| {
            let image = one.pin.image.as_deref().unwrap_or_default();
            image.rsplit_once("@sha256:").is_some_and(|(_, digest)| digest.starts_with(digits))
        }),
        _ => {
            let commit = repository.resolve(options.to)?;
            // The newest that was written by then.
            let mut found = None;
            for one in all {
                if one.commit.id == commit || repository.is_ancestor(&one.commit.id, &commit)? {
                    found = Some(one);
                    break;
                }
            }
            found
        }
    };
    found.ok_or_else(|| {
        let known: Vec<String> =
            others.iter().take(NAMED).map(|one| one.commit.id.chars().take(10).collect()).collect();
        let (to, known) = (options.to.to_owned(), known.join(", "));
        Diagnostic::error(WhyError::NoSuchPin { app, env, to, known }).into()
    })
}
