//! Sets the image or commit of an app in an environment.

use super::committed::Committed;
use super::pins::{self, PinReport};
use super::{Context, app_in};
use crate::diagnostics::{Diagnostics, PromoteError};
use crate::environment::{Deploy, Run};
use crate::fleet::{Fleet, Prepared};
use crate::name::Check;
use crate::spec::Pins;

/// The pins to set.
#[derive(Debug, Clone, Copy)]
pub struct SetOptions<'a> {
    /// The app.
    pub app: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The image with its digest, or only the digest.
    pub image: Option<&'a str>,
    /// A tag of the image in the spec.
    pub tag: Option<&'a str>,
    /// The version of its chart.
    pub version: Option<&'a str>,
    /// The commit to build.
    pub revision: Option<&'a str>,
    /// Start the committed run again.
    pub rerun: bool,
    /// Refuse an app with uncommitted differences.
    pub committed: bool,
    /// Write nothing.
    pub dry_run: bool,
}

/// Sets pins.
///
/// # Errors
/// Errors in the spec; an unknown app or environment; an invalid digest, tag or ref; an environment without such pins; errors of
/// the disk.
pub fn set(context: &mut Context<'_>, options: &SetOptions<'_>) -> Result<PinReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let (prepared, app) = app_in(&fleet, options.app, options.environment)?;
    let image = checked(&fleet, prepared, options)?;
    if options.committed {
        let committed = Committed::open(context.workspace)?;
        committed.require(&fleet, context.workspace, prepared, app)?;
    }
    if let Some(image) = &image {
        pins::warn_of_another_name(context, prepared, options.app, image);
    }
    let policies = policies(prepared);
    let edit = |pins: &mut Pins| {
        let pin = pins.apps.entry(options.app.to_owned()).or_default();
        if image.is_some() || options.tag.is_some() {
            pin.image.clone_from(&image);
            pin.tag = options.tag.map(str::to_owned);
        }
        if let Some(version) = options.version {
            pin.version = Some(version.to_owned());
        }
        if let Some(revision) = options.revision {
            pin.revision = Some(revision.to_owned());
        }
        if options.rerun {
            pin.nonce = Some(pin.nonce.map_or(1, |nonce| nonce.saturating_add(1)));
        }
        let mut named = vec![options.app.to_owned()];
        // For every app, so that one call is enough for an environment.
        for (app, policy) in &policies {
            let pin = pins.apps.entry(app.clone()).or_default();
            // A tag replaces the image that Flux would set.
            if pin.tag.is_none() && pin.policy.as_ref() != Some(policy) {
                pin.policy = Some(policy.clone());
                named.extend(Some(app.clone()).filter(|app| *app != options.app));
            }
        }
        named
    };
    let changes = pins::change(context, options.environment, options.dry_run, &edit)?;
    let mut report = PinReport {
        command: "set",
        environment: options.environment.to_owned(),
        path: pins::path_of(options.environment),
        dry_run: options.dry_run,
        changes,
        ..PinReport::default()
    };
    if options.tag.is_some() {
        let note = "the tag is not looked up, and can move to another image; a digest is safer";
        report.notes.push(note.to_owned());
    }
    let by_policy = policies.iter().any(|(app, _)| *app == options.app);
    if by_policy && options.image.is_some() {
        let note =
            "Flux will pin the next image selected by its policy; use `--tag` to hold the app";
        report.notes.push(note.to_owned());
    }
    report.next.push(match report.is_change() {
        false => "nothing".to_owned(),
        true if options.dry_run => "run it again without `--dry-run`".to_owned(),
        true => {
            format!("run `gen commit --env {} --app {}`", options.environment, options.app)
        }
    });
    Ok(report)
}

/// The apps with images pinned by Flux, each with its policy.
fn policies(prepared: &Prepared) -> Vec<(String, String)> {
    let namespace = &prepared.environment.flux.namespace;
    let apps = prepared.apps.iter();
    apps.filter_map(|app| Some((app.name.clone(), app.policy(namespace)?))).collect()
}

/// Checks the options, and returns the image with its digest.
fn checked(
    fleet: &Fleet,
    prepared: &Prepared,
    options: &SetOptions<'_>,
) -> Result<Option<String>, Diagnostics> {
    let env = options.environment.to_owned();
    let app = options.app.to_owned();
    let nothing = options.image.is_none()
        && options.tag.is_none()
        && options.version.is_none()
        && options.revision.is_none()
        && !options.rerun;
    let by_policy = policies(prepared).iter().any(|(named, _)| *named == app);
    if nothing && !by_policy {
        return Err(PromoteError::NothingToSet { app }.into());
    }
    let environment = &prepared.environment;
    if (options.image.is_some() || options.tag.is_some()) && environment.deploy == Deploy::Kubectl {
        return Err(PromoteError::NoPinHere { env }.into());
    }
    let has_run = prepared
        .apps
        .iter()
        .any(|found| found.name == app && found.run == Run::Commit && found.pipeline.is_some());
    if options.rerun && !has_run {
        return Err(PromoteError::NoCommittedRun { app, env }.into());
    }
    let is_chart = pins::is_chart(fleet, options.environment, &app);
    let given = [
        (options.image.is_some(), "--image"),
        (options.tag.is_some(), "--tag"),
        (options.revision.is_some(), "--revision"),
    ];
    if let Some((_, option)) = given.into_iter().find(|(is_given, _)| *is_given && is_chart) {
        return Err(PromoteError::IsChart { app, option: option.to_owned() }.into());
    }
    if let Some(version) = options.version {
        if !is_chart {
            return Err(PromoteError::NoChart { app }.into());
        }
        Check::ChartVersion.test(version)?;
    }
    let image = options.image.map(|text| pins::full_image(prepared, &app, text)).transpose()?;
    if let Some(tag) = options.tag {
        Check::Tag.test(tag)?;
    }
    if let Some(revision) = options.revision {
        Check::GitRef.test(revision)?;
        pins::refuse_short_commit(revision)?;
    }
    Ok(image)
}
