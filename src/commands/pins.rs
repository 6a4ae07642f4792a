//! Changing an environment's pins: what `set` and `promote` have in common.

use std::sync::Arc;

use crate::cli::OutputFormat;
use crate::commands::Session;
use crate::diagnostics::{Diagnostic, Diagnostics, NameError, PromoteError};
use crate::files::{Changed, Files as _, Memory};
use crate::fleet::{Prepared, prepare};
use crate::name::image_parts;
use crate::report::{PinChange, PinField, PinReport};
use crate::spec::{Pin, Pins};
use crate::workspace::{Workspace, rewrite};

/// The pins file of an environment.
pub(super) fn path_of(environment: &str) -> String {
    format!("environments/{environment}.pins.yaml")
}

/// Changes an environment's pins, on disk unless it is a dry run. `edit` gets the pins as they stand when nobody else writes any
/// more; the result is read with everything else before it is written, so that a command never leaves a repository that does not
/// read. Says for each app that `edit` names what became of its pin.
///
/// # Errors
/// Pins that cannot be read; what is wrong with the repository with the new ones; what the disk refuses.
pub(super) fn change(
    session: &mut Session,
    workspace: &Workspace,
    environment: &str,
    dry_run: bool,
    edit: &dyn Fn(&mut Pins) -> Vec<String>,
) -> Result<Vec<PinChange>, Diagnostics> {
    let path = path_of(environment);
    let limit = Workspace::LARGEST_SPEC;
    let mut changes = Vec::new();
    let mut lost = false;
    let mut decide = |text: Option<&str>| -> Result<String, Diagnostics> {
        let text = text.unwrap_or_default();
        let (new, done) = edited(session, &path, text, edit)?;
        changes = done;
        let Some(new) = new else {
            return Ok(text.to_owned());
        };
        lost = text.lines().any(|line| line.trim_start().starts_with('#'));
        let texts = Memory([(path.clone(), Arc::from(new.as_str()))].into());
        prepare(&Changed::new(workspace, texts), &mut session.sources)?;
        Ok(new)
    };
    if dry_run {
        decide(workspace.read(&path, limit)?.as_deref())?;
    } else {
        rewrite(workspace.root(), &path, limit, decide)?;
    }
    if lost {
        session.warn(&Diagnostic::warning(PromoteError::CommentsLost { path }).into());
    }
    Ok(changes)
}

/// The new text, where the pins change, and what changes.
fn edited(
    session: &mut Session,
    path: &str,
    text: &str,
    edit: &dyn Fn(&mut Pins) -> Vec<String>,
) -> Result<(Option<String>, Vec<PinChange>), Diagnostics> {
    let file = session.sources.add(path, Arc::from(text));
    let before = Pins::read(file, text).map_err(|error| Diagnostics::from(*error))?;
    let mut after = before.clone();
    let named = edit(&mut after);
    after.apps.retain(|_, pin| *pin != Pin::default());
    let of = |pins: &'_ Pins, app: &str| pins.apps.get(app).cloned().unwrap_or_default();
    let changes = named
        .into_iter()
        .map(|app| PinChange {
            fields: fields(&of(&before, &app), &of(&after, &app)),
            app,
        })
        .collect();
    Ok(((after != before).then(|| after.to_text()), changes))
}

/// The keys in which two pins differ.
pub(super) fn fields(before: &Pin, after: &Pin) -> Vec<PinField> {
    let number = |pin: &Pin| pin.nonce.map(|nonce| nonce.to_string());
    let all = [
        ("image", before.image.clone(), after.image.clone()),
        ("tag", before.tag.clone(), after.tag.clone()),
        ("revision", before.revision.clone(), after.revision.clone()),
        ("nonce", number(before), number(after)),
        ("policy", before.policy.clone(), after.policy.clone()),
    ];
    all.into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| PinField {
            name,
            before,
            after,
        })
        .collect()
}

/// An image with its digest, from what was typed: the whole reference, or only the digest of the image that the spec names.
///
/// # Errors
/// GEN0215 for everything else.
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
        _ => {
            let text = text.to_owned();
            Err(Diagnostic::error(NameError::NotDigest { text }).into())
        }
    }
}

/// What the spec calls an app's image.
fn name_of<'a>(prepared: &'a Prepared, app: &str) -> &'a str {
    let found = prepared.apps.iter().find(|found| found.name == app);
    found.map_or("", |found| found.image.name.as_str())
}

/// Says so where an image has another name than the spec's: a copy in another registry, or a mistake.
pub(super) fn warn_of_another_name(session: &Session, prepared: &Prepared, app: &str, image: &str) {
    let name = name_of(prepared, app);
    if image_parts(image).is_some_and(|parts| parts.name != name) {
        let error = PromoteError::OtherImage {
            app: app.to_owned(),
            image: image.to_owned(),
            name: name.to_owned(),
        };
        session.warn(&Diagnostic::warning(error).into());
    }
}

/// Prints a report.
pub(super) fn print(session: &Session, output: OutputFormat, report: &PinReport) {
    match output {
        OutputFormat::Json => {
            session.screen.data(&format!("{:#}\n", report.json()));
        }
        OutputFormat::Text if session.screen.is_quiet() => {}
        OutputFormat::Text => {
            session
                .screen
                .data(&report.text(session.screen.verbose > 0));
        }
    }
}
