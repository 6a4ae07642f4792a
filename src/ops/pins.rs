//! Changes an environment's pins, for `set` and `promote`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Context;
use super::commit::CommitReport;
use crate::diagnostics::{Diagnostic, Diagnostics, NameError, PromoteError};
use crate::files::{Changed, Files as _, Memory};
use crate::fleet::{Fleet, Prepared, prepare};
use crate::name::image_parts;
use crate::spec::{Pin, Pins};
use crate::workspace::{Workspace, rewrite};

/// One key of an app's pin, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinField {
    /// `image`, `tag`, `version`, `revision`, `nonce` or `policy`; `selector` of what is adopted.
    pub name: &'static str,
    /// The old value.
    pub before: Option<String>,
    /// The new value.
    pub after: Option<String>,
}

/// The change of an app's pin in one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PinChange {
    /// The app.
    pub app: String,
    /// The keys that change; none if it is up to date.
    pub fields: Vec<PinField>,
}

/// A key of an app, other than the image, that differs between two stages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StageDifference {
    /// The app.
    pub app: String,
    /// The key's path, as in `env.LOG_LEVEL`; `patches` for patches of only one of the stages.
    pub key: String,
    /// Its value in the previous stage; none if it is not set.
    pub from: Option<String>,
    /// Its value in the stage that is promoted to.
    pub to: Option<String>,
}

/// A command's changes to an environment's pins.
#[derive(Debug, Clone, Default)]
pub struct PinReport {
    /// The command.
    pub command: &'static str,
    /// The environment.
    pub environment: String,
    /// The previous stage, for a promotion.
    pub from: Option<String>,
    /// The environment's pins file.
    pub path: String,
    /// Nothing is written.
    pub dry_run: bool,
    /// It is in a branch of the remote, and was removed here.
    pub is_gone: bool,
    /// By app.
    pub changes: Vec<PinChange>,
    /// The remaining differences between the stages.
    pub differences: Vec<StageDifference>,
    /// Other changes that would be committed too: by app, the files of its folder that differ from the last commit.
    pub along: Vec<(String, Vec<String>)>,
    /// Remarks, a line each.
    pub notes: Vec<String>,
    /// The next steps.
    pub next: Vec<String>,
    /// The pushed commit, if any.
    pub commit: Option<CommitReport>,
}

impl PinReport {
    /// Whether any pin changes.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.changes.iter().any(|change| !change.fields.is_empty())
    }
}

/// Refuses the first digits of a commit. git fetches a commit by all of them only, and cannot tell which is meant.
pub(super) fn refuse_short_commit(revision: &str) -> Result<(), PromoteError> {
    let is_short =
        (7..40).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_short {
        return Err(PromoteError::ShortCommit { text: revision.to_owned() });
    }
    Ok(())
}

/// The pins file of an environment.
pub(super) fn path_of(environment: &str) -> String {
    format!("environments/{environment}.pins.yaml")
}

/// Changes an environment's pins, on disk unless it is a dry run. `edit` gets the current pins, while nobody else writes; the
/// result is decoded with everything else before it is written, so that a command never leaves an invalid repository. Returns the
/// change of each app returned by `edit`.
///
/// # Errors
/// Invalid pins; errors in the repository with the new ones; errors of the disk.
pub(super) fn change(
    context: &mut Context<'_>,
    environment: &str,
    dry_run: bool,
    edit: &dyn Fn(&mut Pins) -> Vec<String>,
) -> Result<Vec<PinChange>, Diagnostics> {
    let path = path_of(environment);
    let workspace = context.workspace;
    let limit = Workspace::LARGEST_SPEC;
    let mut changes = Vec::new();
    let mut lost = false;
    let mut decide = |text: Option<&str>| -> Result<String, Diagnostics> {
        let text = text.unwrap_or_default();
        let (new, done) = edited(context, &path, text, edit)?;
        changes = done;
        let Some(new) = new else {
            return Ok(text.to_owned());
        };
        lost = text.lines().any(|line| line.trim_start().starts_with('#'));
        let texts = Memory([(path.clone(), Arc::from(new.as_str()))].into());
        prepare(&Changed::new(workspace, texts), context.sources)?;
        Ok(new)
    };
    if dry_run {
        decide(workspace.read(&path, limit)?.as_deref())?;
    } else {
        rewrite(workspace.root(), &path, limit, decide)?;
    }
    if lost {
        context.warn(&Diagnostic::warning(PromoteError::CommentsLost { path }).into());
    }
    Ok(changes)
}

/// The new text, if the pins change, and the changes.
fn edited(
    context: &mut Context<'_>,
    path: &str,
    text: &str,
    edit: &dyn Fn(&mut Pins) -> Vec<String>,
) -> Result<(Option<String>, Vec<PinChange>), Diagnostics> {
    let file = context.sources.add(path, Arc::from(text));
    let before = Pins::read(file, text).map_err(|error| Diagnostics::from(*error))?;
    let mut after = before.clone();
    let named = edit(&mut after);
    after.apps.retain(|_, pin| *pin != Pin::default());
    let changes = named.iter().map(|app| change_of(&before, &after, app)).collect();
    Ok(((after != before).then(|| after.to_text()), changes))
}

/// The differences between two states of an environment's pins, by app.
#[must_use]
pub(super) fn changes(before: &Pins, after: &Pins) -> Vec<PinChange> {
    let apps: BTreeSet<&String> = before.apps.keys().chain(after.apps.keys()).collect();
    let changes = apps.into_iter().map(|app| change_of(before, after, app));
    changes.filter(|change| !change.fields.is_empty()).collect()
}

fn change_of(before: &Pins, after: &Pins, app: &str) -> PinChange {
    let of = |pins: &Pins| pins.apps.get(app).cloned().unwrap_or_default();
    PinChange { app: app.to_owned(), fields: fields(&of(before), &of(after)) }
}

/// The keys in which two pins differ.
fn fields(before: &Pin, after: &Pin) -> Vec<PinField> {
    let number = |pin: &Pin| pin.nonce.map(|nonce| nonce.to_string());
    let all = [
        ("image", before.image.clone(), after.image.clone()),
        ("tag", before.tag.clone(), after.tag.clone()),
        ("version", before.version.clone(), after.version.clone()),
        ("revision", before.revision.clone(), after.revision.clone()),
        ("nonce", number(before), number(after)),
        ("policy", before.policy.clone(), after.policy.clone()),
    ];
    all.into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| PinField { name, before, after })
        .collect()
}

/// An image with its digest, as typed: the whole reference, or only the digest of the image in the spec. GEN0215 for anything else.
pub(super) fn full_image(
    prepared: &Prepared,
    app: &str,
    text: &str,
) -> Result<String, Diagnostics> {
    let whole = if text.starts_with("sha256:") {
        format!("{}@{text}", name_of(prepared, app))
    } else {
        text.to_owned()
    };
    match image_parts(&whole) {
        Some(parts) if parts.digest.is_some() => Ok(whole),
        _ => Err(NameError::NotDigest { text: text.to_owned() }.into()),
    }
}

/// Whether an app is a chart in an environment.
pub(super) fn is_chart(fleet: &Fleet, environment: &str, app: &str) -> bool {
    let all = fleet.environments.iter().map(|prepared| &prepared.environment);
    let mut merged =
        all.filter(|one| one.name == environment).filter_map(|one| one.app(&fleet.spec, app));
    merged.any(|node| node.get("helm").is_some_and(|node| !node.is_null()))
}

/// The name of an app's image in the spec.
fn name_of<'a>(prepared: &'a Prepared, app: &str) -> &'a str {
    let found = prepared.apps.iter().find(|found| found.name == app);
    found.map_or("", |found| found.image.name.as_str())
}

/// Warns of an image with another name than in the spec: a copy in another registry, or a mistake.
pub(super) fn warn_of_another_name(
    context: &Context<'_>,
    prepared: &Prepared,
    app: &str,
    image: &str,
) {
    let name = name_of(prepared, app);
    if image_parts(image).is_some_and(|parts| parts.name != name) {
        let (app, image, name) = (app.to_owned(), image.to_owned(), name.to_owned());
        context.warn(&Diagnostic::warning(PromoteError::OtherImage { app, image, name }).into());
    }
}
