//! `gen set`: which image or commit an app has in an environment.

use crate::cli::args::Set;
use crate::commands::committed::Committed;
use crate::commands::{Session, pins};
use crate::diagnostics::{Diagnostic, Exit, PromoteError};
use crate::environment::{Deploy, Run};
use crate::fleet::{Prepared, prepare};
use crate::name::Check;
use crate::report::PinReport;
use crate::spec::{Pins, check_tag};

/// Sets pins.
///
/// # Errors
/// What is wrong with the spec; an app or environment that does not exist; what is no digest, tag or ref; an environment that takes
/// no such pin; what the disk refuses.
pub fn set(session: &mut Session, args: &Set) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    let (fleet, _) = prepare(&workspace, &mut session.sources)?;
    fleet.check_apps(std::slice::from_ref(&args.app))?;
    let prepared = fleet.select_environments(std::slice::from_ref(&args.environment))?[0];
    let wanted = wanted(prepared, args)?;
    if args.committed {
        let app = prepared.apps.iter().find(|app| app.name == args.app);
        let committed = Committed::open(&workspace)?;
        if let Some(app) = app {
            committed.require(&fleet, &workspace, prepared, app)?;
        }
    }
    if let Some(image) = &wanted.image {
        pins::warn_of_another_name(session, prepared, &args.app, image);
    }
    let policies = policies(prepared);
    let edit = |pins: &mut Pins| {
        let pin = pins.apps.entry(args.app.clone()).or_default();
        if wanted.image.is_some() || wanted.tag.is_some() {
            pin.image.clone_from(&wanted.image);
            pin.tag.clone_from(&wanted.tag);
        }
        if wanted.revision.is_some() {
            pin.revision.clone_from(&wanted.revision);
        }
        if args.rerun {
            pin.nonce = Some(pin.nonce.map_or(1, |nonce| nonce.saturating_add(1)));
        }
        let mut named = vec![args.app.clone()];
        // For every app, so that one call is enough for an environment.
        for (app, policy) in &policies {
            let pin = pins.apps.entry(app.clone()).or_default();
            // A tag holds the app, and stands in the place of what Flux would set.
            if pin.tag.is_none() && pin.policy.as_ref() != Some(policy) {
                pin.policy = Some(policy.clone());
                named.extend(Some(app.clone()).filter(|app| *app != args.app));
            }
        }
        named
    };
    let changes = pins::change(session, &workspace, &args.environment, args.dry_run, &edit)?;
    let mut report = PinReport {
        command: "set",
        environment: args.environment.clone(),
        path: pins::path_of(&args.environment),
        dry_run: args.dry_run,
        changes,
        ..PinReport::default()
    };
    if args.tag.is_some() {
        report.notes.push(
            "a tag may name another image tomorrow, and is not looked up here; a digest is safer"
                .to_owned(),
        );
    }
    let by_policy = policies.iter().any(|(app, _)| *app == args.app);
    if by_policy && args.image.is_some() {
        report.notes.push(
            "Flux pins what its policy chooses next; `--tag` holds the app where it is".to_owned(),
        );
    }
    report.next.push(match report.is_change() {
        false => "nothing".to_owned(),
        true if args.dry_run => "the same without `--dry-run`".to_owned(),
        true => format!(
            "`gen commit --env {} --app {}` renders and commits it",
            args.environment, args.app
        ),
    });
    pins::print(session, args.output, &report);
    Ok(Exit::Done)
}

/// The apps whose images Flux pins here, each with its policy.
fn policies(prepared: &Prepared) -> Vec<(String, String)> {
    let namespace = &prepared.environment.flux.namespace;
    let apps = prepared.apps.iter();
    apps.filter_map(|app| Some((app.name.clone(), app.policy(namespace)?)))
        .collect()
}

/// What was asked for, checked.
struct Wanted {
    image: Option<String>,
    tag: Option<String>,
    revision: Option<String>,
}

fn wanted(prepared: &Prepared, args: &Set) -> anyhow::Result<Wanted> {
    let env = args.environment.clone();
    let app = args.app.clone();
    let nothing =
        args.image.is_none() && args.tag.is_none() && args.revision.is_none() && !args.rerun;
    let by_policy = policies(prepared).iter().any(|(named, _)| *named == app);
    if nothing && !by_policy {
        return Err(Diagnostic::error(PromoteError::NothingToSet { app }).into());
    }
    let environment = &prepared.environment;
    if (args.image.is_some() || args.tag.is_some()) && environment.deploy == Deploy::Kubectl {
        return Err(Diagnostic::error(PromoteError::NoPinHere { env }).into());
    }
    let has_run = prepared
        .apps
        .iter()
        .any(|found| found.name == app && found.run == Run::Commit && found.pipeline.is_some());
    if args.rerun && !has_run {
        return Err(Diagnostic::error(PromoteError::NoCommittedRun { app, env }).into());
    }
    let image = match &args.image {
        Some(text) => Some(pins::full_image(prepared, &app, text)?),
        None => None,
    };
    if let Some(tag) = &args.tag {
        check_tag(tag).map_err(Diagnostic::error)?;
    }
    if let Some(revision) = &args.revision {
        Check::GitRef.test(revision).map_err(Diagnostic::error)?;
    }
    Ok(Wanted {
        image,
        tag: args.tag.clone(),
        revision: args.revision.clone(),
    })
}
