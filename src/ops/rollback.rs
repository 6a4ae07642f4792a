//! `gen rollback`: pins again what an app had in an environment before, as the commits have it.

use std::collections::BTreeSet;

use super::committed::Committed;
use super::promote::{along, deliver};
use super::selection::app_in;
use super::{Context, pins};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, PromoteError, WhyError};
use crate::environment::Deploy;
use crate::files::Files as _;
use crate::git::{Commit, History, Repository};
use crate::ops::pins::PinReport;
use crate::spec::{Pin, Pins};
use crate::workspace::Workspace;

/// Number of commits whose edits are read at a time.
const CHUNK: usize = 200;
/// Digits of a digest that name an image.
const SHORTEST: usize = 7;
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
    if prepared.environment.deploy == Deploy::Kubectl {
        return Err(PromoteError::NoPinHere { env }.into());
    }
    let path = pins::path_of(&env);
    let repository = Repository::discover(context.workspace.root())?;
    let now = prepared.environment.pin(&name).map(|(pin, _)| pin.clone()).unwrap_or_default();
    let to = To::of(options.to);
    let all = earlier(&repository, &path, &name, |all| to.of_history(all, &now).is_some())?;
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
        notes: vec![format!("pinned in {env} by {at} on {}", wanted.commit.time)],
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
        deliver(
            context,
            &prepared.environment,
            (options.branch, None),
            &mut report,
            before.as_deref(),
        )?;
        return Ok(report);
    }
    report.next.push(match (report.is_change(), options.check) {
        (false, _) => "nothing".to_owned(),
        (true, true) => "run it again without `--check`".to_owned(),
        (true, false) => format!("run `gen commit --env {env} --app {name}`"),
    });
    Ok(report)
}

/// What `--to` means.
enum To<'a> {
    /// So many pins back, from 0.
    Back(usize),
    /// The digits of an image's digest.
    Digest(&'a str),
    /// Digits of a digest, if there is just one such image; else a commit.
    Any(&'a str),
    /// Neither can be.
    Nothing,
}

impl<'a> To<'a> {
    fn of(text: &'a str) -> Self {
        match (text.strip_prefix('-'), text.strip_prefix("sha256:")) {
            (Some(number), _) => {
                let number = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                number.map_or(Self::Nothing, Self::Back)
            }
            (None, Some(digits)) if digits.len() >= SHORTEST => Self::Digest(digits),
            (None, Some(_)) => Self::Nothing,
            (None, None) => Self::Any(text),
        }
    }

    /// The pin, if what was read of the history is enough to name it.
    fn of_history<'p>(&self, all: &'p [Earlier], now: &Pin) -> Option<&'p Earlier> {
        let mut others = all.iter().filter(|one| one.is_other(now));
        match self {
            Self::Back(number) => others.nth(*number),
            Self::Digest(digits) => others.find(|one| one.has_digest(digits)),
            Self::Any(_) | Self::Nothing => None,
        }
    }
}

impl Earlier {
    /// Whether it runs anything.
    fn is_any(&self) -> bool {
        let pin = &self.pin;
        pin.image.is_some() || pin.version.is_some() || pin.tag.is_some()
    }

    /// Whether it runs something else than now.
    fn is_other(&self, now: &Pin) -> bool {
        self.is_any() && !is_same(&self.pin, now)
    }

    fn digest(&self) -> Option<&str> {
        self.pin.image.as_deref()?.rsplit_once("@sha256:").map(|(_, digest)| digest)
    }

    fn has_digest(&self, digits: &str) -> bool {
        self.digest().is_some_and(|digest| digest.starts_with(digits))
    }
}

/// What an app was pinned to, the newest first, by the commits that wrote it; of the whole history, or as much as is enough.
fn earlier(
    repository: &Repository,
    path: &str,
    app: &str,
    is_enough: impl Fn(&[Earlier]) -> bool,
) -> Result<Vec<Earlier>, Diagnostics> {
    let mut all: Vec<Earlier> = Vec::new();
    let Some(head) = repository.head()?.commit else { return Ok(all) };
    let history = History::read(repository, &head, &["environments"])?;
    for chunk in history.commits().chunks(CHUNK) {
        // An older commit may still turn out to have written the last one.
        if let Some((_, whole)) = all.split_last()
            && is_enough(whole)
        {
            break;
        }
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
    all.retain(Earlier::is_any);
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
    let others: Vec<&Earlier> = all.iter().filter(|one| one.is_other(now)).collect();
    if others.is_empty() {
        return Err(Diagnostic::error(WhyError::NothingEarlier { app, env }).into());
    }
    let found = match To::of(options.to) {
        To::Any(text) => {
            let has_it = all.iter().filter(|one| one.has_digest(text));
            let digests: BTreeSet<&str> = has_it.filter_map(Earlier::digest).collect();
            if text.len() >= SHORTEST && digests.len() == 1 {
                others.iter().copied().find(|one| one.has_digest(text))
            } else {
                written_by(repository, all, &repository.resolve(text)?)?
            }
        }
        to => to.of_history(all, now),
    };
    found.ok_or_else(|| {
        let known: Vec<String> =
            others.iter().take(NAMED).map(|one| one.commit.id.chars().take(10).collect()).collect();
        let (to, known) = (options.to.to_owned(), known.join(", "));
        Diagnostic::error(WhyError::NoSuchPin { app, env, to, known }).into()
    })
}

/// The newest that was written by then.
fn written_by<'a>(
    repository: &Repository,
    all: &'a [Earlier],
    commit: &str,
) -> Result<Option<&'a Earlier>, Diagnostics> {
    for one in all {
        if one.commit.id == commit || repository.is_ancestor(&one.commit.id, commit)? {
            return Ok(Some(one));
        }
    }
    Ok(None)
}
