//! Setting the image or commit that an app has in an environment.

use super::committed::Committed;
use super::pins::{self, PinReport};
use super::{Context, app_in};
use crate::diagnostics::{Diagnostics, PromoteError};
use crate::environment::{Deploy, Run};
use crate::fleet::Prepared;
use crate::name::Check;
use crate::spec::Pins;

/// What to set, and where.
#[derive(Debug, Clone, Copy)]
pub struct SetOptions<'a> {
    /// The app.
    pub app: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The image with its digest, or only the digest.
    pub image: Option<&'a str>,
    /// A tag of the image that the spec names.
    pub tag: Option<&'a str>,
    /// The commit to build.
    pub revision: Option<&'a str>,
    /// Start the committed run again.
    pub rerun: bool,
    /// Refuse an app that is not as committed.
    pub committed: bool,
    /// Write nothing.
    pub dry_run: bool,
}

/// Sets pins.
///
/// # Errors
/// What is wrong with the spec; an app or environment that does not exist; what is no digest, tag or ref; an environment that takes
/// no such pin; what the disk refuses.
pub fn set(context: &mut Context<'_>, options: &SetOptions<'_>) -> Result<PinReport, Diagnostics> {
    let (fleet, _) = context.fleet()?;
    let (prepared, app) = app_in(&fleet, options.app, options.environment)?;
    let wanted = wanted(prepared, options)?;
    if options.committed {
        let committed = Committed::open(context.workspace)?;
        if let Some(app) = app {
            committed.require(&fleet, context.workspace, prepared, app)?;
        }
    }
    if let Some(image) = &wanted.image {
        pins::warn_of_another_name(context, prepared, options.app, image);
    }
    let policies = policies(prepared);
    let edit = |pins: &mut Pins| {
        let pin = pins.apps.entry(options.app.to_owned()).or_default();
        if wanted.image.is_some() || wanted.tag.is_some() {
            pin.image.clone_from(&wanted.image);
            pin.tag.clone_from(&wanted.tag);
        }
        if wanted.revision.is_some() {
            pin.revision.clone_from(&wanted.revision);
        }
        if options.rerun {
            pin.nonce = Some(pin.nonce.map_or(1, |nonce| nonce.saturating_add(1)));
        }
        let mut named = vec![options.app.to_owned()];
        // For every app, so that one call is enough for an environment.
        for (app, policy) in &policies {
            let pin = pins.apps.entry(app.clone()).or_default();
            // A tag holds the app, and stands in the place of what Flux would set.
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
        report.notes.push(
            "a tag may name another image tomorrow, and is not looked up here; a digest is safer"
                .to_owned(),
        );
    }
    let by_policy = policies.iter().any(|(app, _)| *app == options.app);
    if by_policy && options.image.is_some() {
        report.notes.push(
            "Flux pins what its policy chooses next; `--tag` holds the app where it is".to_owned(),
        );
    }
    report.next.push(match report.is_change() {
        false => "nothing".to_owned(),
        true if options.dry_run => "the same without `--dry-run`".to_owned(),
        true => format!(
            "`gen commit --env {} --app {}` renders and commits it",
            options.environment, options.app
        ),
    });
    Ok(report)
}

/// The apps whose images Flux pins here, each with its policy.
fn policies(prepared: &Prepared) -> Vec<(String, String)> {
    let namespace = &prepared.environment.flux.namespace;
    let apps = prepared.apps.iter();
    apps.filter_map(|app| Some((app.name.clone(), app.policy(namespace)?))).collect()
}

/// What was asked for, checked.
struct Wanted {
    image: Option<String>,
    tag: Option<String>,
    revision: Option<String>,
}

fn wanted(prepared: &Prepared, options: &SetOptions<'_>) -> Result<Wanted, Diagnostics> {
    let env = options.environment.to_owned();
    let app = options.app.to_owned();
    let nothing = options.image.is_none()
        && options.tag.is_none()
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
    let image = match options.image {
        Some(text) => Some(pins::full_image(prepared, &app, text)?),
        None => None,
    };
    if let Some(tag) = options.tag {
        Check::Tag.test(tag)?;
    }
    if let Some(revision) = options.revision {
        Check::GitRef.test(revision)?;
    }
    Ok(Wanted {
        image,
        tag: options.tag.map(str::to_owned),
        revision: options.revision.map(str::to_owned),
    })
}
