//! Promotes the images of one stage to the next, by their pins.

mod asked;
mod gate;
mod proof;
mod runs;
mod stages;

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::commit::{CommitOptions, commit};
use super::committed::Committed;
use super::pins::{self, PinReport};
use super::selection::elsewhere;
use super::wait::object_of;
use super::{Context, Selection};
use crate::cluster::{Connection, Target, rollout};
use crate::diagnostics::{Diagnostic, Diagnostics, PromoteError, TreeError};
use crate::environment::{Deploy, Environment};
use crate::files::Files as _;
use crate::fleet::{Fleet, Prepared};
use crate::model::App;
use crate::spec::{Pin, Pins};
use crate::tree::hash;
use crate::workspace::{Workspace, rewrite};
pub(super) use stages::promoted;
use stages::{Stages, differences, stages};

/// The keys of an app, other than its image, that differ between two stages.
pub(super) fn stage_differences(
    spec: &crate::spec::Spec,
    from: &Prepared,
    to: &Prepared,
    app: &str,
) -> Vec<pins::StageDifference> {
    differences(spec, Stages { from, to }, app)
}

/// Timeout of one request to the cluster.
const QUESTION: Duration = Duration::from_secs(20);

/// The options of a promotion.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)]
pub struct PromoteOptions<'a> {
    /// The apps (default: all that are pinned in the previous stage).
    pub apps: &'a [String],
    /// The previous stage (default: as in the spec).
    pub from: Option<&'a str>,
    /// The stage to promote to.
    pub to: &'a str,
    /// Write nothing.
    pub check: bool,
    /// Skip a stage, or with a reason pass the gate.
    pub force: bool,
    /// Why the gate is passed.
    pub reason: Option<&'a str>,
    /// Commit and push it.
    pub push: bool,
    /// The branch of the remote to push to.
    pub branch: Option<&'a str>,
    /// The image of the only promoted app.
    pub image: Option<&'a str>,
    /// Access to its cluster (default: the context in the environment's file).
    pub target: &'a Target,
}

/// Promotes apps.
///
/// # Errors
/// Errors in the spec; stages that do not follow each other; an app without a digest or with uncommitted differences in the
/// previous stage; errors of the disk and git.
pub fn promote(
    context: &mut Context<'_>,
    args: &PromoteOptions<'_>,
) -> Result<PinReport, Diagnostics> {
    let workspace = context.workspace;
    let (fleet, _) = context.fleet()?;
    fleet.check_apps(args.apps)?;
    let stages = stages(&fleet, args.from, args.to, args.force)?;
    let committed = Committed::open(workspace)?;
    let mut notes = Vec::new();
    let sources = sources(&fleet, stages, args, &mut notes)?;
    // Only committed apps were really tested.
    let checks =
        sources.iter().map(|(app, _)| committed.require(&fleet, workspace, stages.from, app));
    let (_, problems) = Diagnostics::partition(checks);
    if problems.has_errors() {
        return Err(problems);
    }
    let changed = moved(stages, &sources);
    gate::pass(&fleet, stages, args, &changed, &mut notes)?;
    if !stages.to.environment.gate.run {
        runs::pass(&fleet, stages, args, &changed, &mut notes)?;
    }
    let edit = |pins: &mut Pins| {
        let mut named = Vec::new();
        for (app, pin) in &sources {
            let there = pins.apps.entry(app.name.clone()).or_default();
            *there = promoted(pin, there);
            named.push(app.name.clone());
        }
        named
    };
    let to = &stages.to.environment.name;
    let mut report = PinReport {
        command: "promote",
        environment: to.clone(),
        from: Some(stages.from.environment.name.clone()),
        path: pins::path_of(to),
        dry_run: args.check,
        notes,
        ..PinReport::default()
    };
    for (app, _) in &sources {
        told(&fleet, workspace, &committed, stages, app, &mut report)?;
    }
    for (app, pin) in &sources {
        if let Some(image) = &pin.image {
            pins::warn_of_another_name(context, stages.to, &app.name, image);
        }
    }
    let before = workspace.read(&report.path, Workspace::LARGEST_SPEC)?;
    report.changes = pins::change(context, to, args.check, &edit)?;
    if (args.push || args.branch.is_some()) && report.is_change() {
        let to = &stages.to.environment;
        deliver(context, to, (args.branch, args.reason), &mut report, before.as_deref())?;
    } else if !report.is_change() && committed.text(&report.path)? != before {
        let push = match args.push {
            true if stages.to.environment.promote_by_branch => " --branch NAME",
            true => " --push",
            false => "",
        };
        report.next.push(format!(
            "run `gen commit --env {to}{push}`: {} is not committed yet",
            report.path
        ));
    } else {
        report.next.push(next(stages, args, &report));
    }
    Ok(report)
}

/// Commits and pushes a change of pins. With a separate branch it is removed from the checkout, where it would conflict with the
/// merged pull request; and if it fails, so that the checkout is as before.
pub(super) fn deliver(
    context: &mut Context<'_>,
    environment: &Environment,
    (branch, reason): (Option<&str>, Option<&str>),
    report: &mut PinReport,
    before: Option<&str>,
) -> Result<(), Diagnostics> {
    let changed = report.changes.iter().filter(|one| !one.fields.is_empty());
    let apps: Vec<String> = changed.map(|one| one.app.clone()).collect();
    let own = || environment.promote_by_branch.then(|| branch_of(environment, report));
    let branch = branch.map(str::to_owned).or_else(own);
    let selection =
        Selection { environments: std::slice::from_ref(&environment.name), apps: &apps };
    let options = CommitOptions { reason, ..CommitOptions::pushed(selection, branch.as_deref()) };
    let done = commit(context, &options);
    report.is_gone = branch.is_some() || done.is_err();
    if report.is_gone {
        restore(context.workspace, &report.path, before)?;
    }
    report.commit = Some(done?);
    Ok(())
}

/// The branch of a promotion: the same for the same images, so that a second call does not open a second pull request.
fn branch_of(environment: &Environment, report: &PinReport) -> String {
    let mut digest = Sha256::new();
    let mut names = Vec::new();
    for change in report.changes.iter().filter(|one| !one.fields.is_empty()) {
        names.push(change.app.as_str());
        digest.update(&change.app);
        for field in &change.fields {
            digest.update(field.after.as_deref().unwrap_or_default());
        }
    }
    let what = match names.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{}-apps", many.len()),
    };
    let hash = hash(&digest.finalize());
    let hash = &hash["sha256:".len()..];
    format!("gen/{what}-{}-{}", environment.name, &hash[..12])
}

/// Restores the pins file.
fn restore(workspace: &Workspace, path: &str, before: Option<&str>) -> Result<(), Diagnostics> {
    let Some(text) = before else {
        return std::fs::remove_file(workspace.root().join(path)).map_err(|error| {
            TreeError::Io { path: path.to_owned(), problem: error.to_string() }.into()
        });
    };
    rewrite(workspace.root(), path, Workspace::LARGEST_SPEC, |_| Ok(text.to_owned())).map(drop)
}

/// The promoted apps, each with its pin in the previous stage.
fn sources<'a>(
    fleet: &Fleet,
    stages: Stages<'a>,
    args: &PromoteOptions<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<(&'a App, Pin)>, Diagnostics> {
    let env = &stages.from.environment.name;
    let is_in = |stage: &Prepared, name: &str| stage.apps.iter().any(|app| app.name == name);
    for stage in [stages.from, stages.to] {
        if let Some(name) = args.apps.iter().find(|name| !is_in(stage, name)) {
            return Err(elsewhere(name, &format!("it is not in `{}`", stage.environment.name)));
        }
    }
    let is_named = |app: &&App| args.apps.is_empty() || args.apps.contains(&app.name);
    let both = stages.from.apps.iter().filter(|app| is_in(stages.to, &app.name));
    let apps: Vec<&App> = both.filter(is_named).collect();
    if let Some(text) = args.image {
        let [app] = apps.as_slice() else {
            return Err(PromoteError::ImageOfOne {}.into());
        };
        let image = Some(pins::full_image(stages.to, &app.name, text)?);
        if pins::is_chart(fleet, env, &app.name) {
            let (app, option) = (app.name.clone(), "--image".to_owned());
            return Err(PromoteError::IsChart { app, option }.into());
        }
        return Ok(vec![(app, Pin { image, ..Pin::default() })]);
    }
    if stages.from.environment.deploy == Deploy::Kubectl {
        return running(stages, args, &apps, notes);
    }
    let mut found = Vec::new();
    let mut problems = Diagnostics::default();
    for app in apps {
        let pin = stages.from.environment.pin(&app.name);
        let pin = pin.map(|(pin, _)| pin.clone()).unwrap_or_default();
        if pin.image.is_some() || pin.version.is_some() {
            found.push((app, pin));
            continue;
        }
        let (name, env) = (app.name.clone(), env.clone());
        if args.apps.is_empty() {
            let why = pin.tag.map_or("nothing is pinned", |_| "it is pinned by tag");
            notes.push(format!("{name} is not promoted: {why} in {env}"));
            continue;
        }
        problems.push(Diagnostic::error(match pin.tag {
            Some(tag) => PromoteError::PinnedByTag { app: name, env, tag },
            None => PromoteError::NothingPinned { app: name, env },
        }));
    }
    if problems.has_errors() {
        return Err(problems);
    }
    Ok(found)
}

/// The same if the deploy task applies the built image: the running image is read from the cluster.
fn running<'a>(
    stages: Stages<'a>,
    args: &PromoteOptions<'_>,
    apps: &[&'a App],
    notes: &mut Vec<String>,
) -> Result<Vec<(&'a App, Pin)>, Diagnostics> {
    let environment = &stages.from.environment;
    let env = environment.name.clone();
    let target = args.target.or(environment.context.as_ref());
    if target.context.is_none() {
        return Err(PromoteError::ImageNotKnown { env }.into());
    }
    let connection = Connection::open(&target)?;
    let mut found = Vec::new();
    for app in apps {
        let pin = environment.pin(&app.name).map(|(pin, _)| pin);
        if let Some(pin) = pin.filter(|pin| pin.version.is_some()) {
            found.push((*app, pin.clone()));
            continue;
        }
        let Some(program) = app.main_program() else { continue };
        let live = connection.get(&object_of(&program), QUESTION)?;
        let image = live.as_ref().and_then(|live| rollout::image(live, &program.name));
        let Some(image) = image else {
            if args.apps.is_empty() {
                notes.push(format!("{} is not promoted: it does not run in {env}", app.name));
                continue;
            }
            let app = app.name.clone();
            return Err(PromoteError::NotRunning { app, env }.into());
        };
        let image = pins::full_image(stages.to, &app.name, image)?;
        found.push((*app, Pin { image: Some(image), ..Pin::default() }));
    }
    Ok(found)
}

/// Reports the remaining differences, and other changes that a commit of this app would include.
fn told(
    fleet: &Fleet,
    workspace: &Workspace,
    committed: &Committed,
    stages: Stages<'_>,
    app: &App,
    report: &mut PinReport,
) -> Result<(), Diagnostics> {
    report.differences.extend(differences(&fleet.spec, stages, &app.name));
    let Some(there) = stages.to.apps.iter().find(|found| found.name == app.name) else {
        return Ok(());
    };
    report.along.extend(along(fleet, workspace, committed, stages.to, there)?);
    Ok(())
}

/// Other uncommitted changes of an app that a commit of it would include.
pub(super) fn along(
    fleet: &Fleet,
    workspace: &Workspace,
    committed: &Committed,
    prepared: &Prepared,
    app: &App,
) -> Result<Option<(String, Vec<String>)>, Diagnostics> {
    let drift = committed.drift(fleet, workspace, prepared, app)?;
    if !drift.is_any() {
        return Ok(None);
    }
    let mut what = drift.paths;
    if drift.is_new {
        what.push("everything: nothing is committed there yet".to_owned());
    }
    if let Some(version) = drift.version {
        what.push(format!("differences between this gen and gen {version}"));
    }
    Ok(Some((app.name.clone(), what)))
}

/// Those of which the pin changes.
fn moved<'s, 'a>(stages: Stages<'_>, sources: &'s [(&'a App, Pin)]) -> Vec<&'s (&'a App, Pin)> {
    let environment = &stages.to.environment;
    let is_new = |(app, pin): &&(&App, Pin)| {
        let there = environment.pin(&app.name).map(|(there, _)| there.clone()).unwrap_or_default();
        promoted(pin, &there) != there
    };
    sources.iter().filter(is_new).collect()
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The next step.
fn next(stages: Stages<'_>, args: &PromoteOptions<'_>, report: &PinReport) -> String {
    let to = &stages.to.environment.name;
    if !report.is_change() {
        return "nothing".to_owned();
    }
    if args.check {
        return "run it again without `--check`".to_owned();
    }
    let changed = report.changes.iter().filter(|change| !change.fields.is_empty());
    let apps: String = changed.flat_map(|change| [" --app ", &change.app]).collect();
    let reason = args.reason.map(|reason| format!(" --reason {}", quoted(reason)));
    format!("run `gen commit --env {to}{apps}{}`", reason.unwrap_or_default())
}
