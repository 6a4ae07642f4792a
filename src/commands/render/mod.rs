//! `gen render`: from the spec to clusters/.

pub(super) mod again;
pub(super) mod stage;
mod work;

use std::fmt::Write as _;
use std::mem::ManuallyDrop;

use crate::cli::OutputFormat;
use crate::cli::args::Render;
use crate::commands::Session;
use crate::diagnostics::{Diagnostic, Diagnostics, Exit, Kind, SpecError};
use crate::fleet::prepare;
use crate::rendering::{Rendering, Standing};
use crate::report::{RenderReport, unified};
use crate::tree::Folder;
use crate::workspace::{Change, Noted, Options, Publication};
use again::Again;
use stage::Staging;

/// Renders what was selected.
///
/// # Errors
/// What is wrong with the spec, templates or files; refused hand edits and removals.
pub fn render(session: &mut Session, args: &Render) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    // With `-v` there are warnings to show, which are not remembered.
    let again = Again::new(args).filter(|_| session.screen.verbose == 0);
    if let Some(report) = again.as_ref().and_then(|again| again.told(&workspace)) {
        print(session, args, &report);
        return Ok(Exit::Done);
    }
    let files = Noted::new(&workspace);
    let (fleet, found) = prepare(&files, &mut session.sources)?;
    // The command ends with the process, which need not give back a thousand apps one by one.
    let fleet = ManuallyDrop::new(fleet);
    let selected = fleet.select_environments(&args.environments)?;
    fleet.check_apps(&args.apps)?;
    let mut report = RenderReport {
        check: args.check,
        ..RenderReport::default()
    };
    let mut told_all = sort_warnings(session, found, &mut report);
    if let Some((span, pattern)) = fleet
        .spec
        .empty_includes
        .iter()
        .find(|_| !args.allow_removals)
    {
        return Err(Diagnostic::error(SpecError::IncludeMatchesNothing {
            pattern: pattern.clone(),
        })
        .at(*span)
        .into());
    }
    let rendering = Rendering {
        fleet: &fleet,
        environments: &selected,
        apps: &args.apps,
        files: &files,
        verify: args.verify,
    };
    if args.stdout {
        session.screen.data(&stream(&rendering)?);
        return Ok(Exit::Done);
    }
    // First the lock and an interrupted render's rest, then the records: they may be among what was left unfinished.
    let publication = Publication::begin(
        workspace.root(),
        Options {
            force: args.force,
            check: args.check,
        },
    )?;
    let staging = Staging {
        rendering,
        workspace: &workspace,
        publication: &publication,
        everything: args.environments.is_empty(),
        forget: &args.forget,
        allow_removals: args.allow_removals,
    };
    let done = staging.run(session)?;
    told_all &= sort_warnings(session, done.warnings, &mut report);
    report.environments = done.environments;
    report.secrets = done.secrets;
    report.retired = done.retired;
    report.units = done.units;
    if args.check {
        return Ok(compared(
            session,
            args,
            &done.changes,
            done.unchanged,
            report,
        ));
    }
    let again = again.filter(|_| told_all);
    let summary =
        publication.publish_and_remember(|summary| again?.remembered(&files, &report, summary))?;
    report.written = summary.written;
    report.unchanged = summary.unchanged;
    report.removed = summary.removed;
    report.kept = summary.kept;
    report.rolled_forward = summary.rolled_forward;
    print(session, args, &report);
    Ok(Exit::Done)
}

/// `--check`: what differs, and nothing written.
fn compared(
    session: &Session,
    args: &Render,
    changes: &[Change],
    unchanged: usize,
    mut report: RenderReport,
) -> Exit {
    let exit = if changes.is_empty() {
        Exit::Done
    } else {
        Exit::Differences
    };
    report.written = changes
        .iter()
        .filter(|change| change.after.is_some())
        .count();
    report.removed = changes.len() - report.written;
    report.unchanged = unchanged;
    report.differs = changes.iter().map(|change| change.path.clone()).collect();
    if args.output == OutputFormat::Text {
        let look = session.screen.look();
        for change in changes {
            let (before, after) = (change.before.as_deref(), change.after.as_deref());
            let text = unified(&change.path, before, after, look);
            if !session.screen.data(&text) {
                return exit;
            }
        }
    }
    print(session, args, &report);
    exit
}

/// All objects as one stream.
fn stream(rendering: &Rendering<'_>) -> Result<String, Diagnostics> {
    let texts = rendering.each(&Standing::default(), |rendered| {
        let mut out = String::new();
        let Folder { path, files, .. } = rendered.folder;
        for (name, text) in files {
            if !name.ends_with("kustomization.yaml") {
                let _ = write!(out, "---\n# {path}/{name}\n{text}");
            }
        }
        out
    })?;
    Ok(texts.concat())
}

fn print(session: &Session, args: &Render, report: &RenderReport) {
    match args.output {
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

/// The edits that stopped a render, as diffs from what gen would write to what stands there.
fn show_changes(session: &Session, changes: &[Change]) {
    for change in changes {
        session.screen.talk(&unified(
            &change.path,
            change.after.as_deref(),
            change.before.as_deref(),
            crate::diagnostics::Look::Plain,
        ));
    }
}

/// What was left out and which images are named by tag is told in the summary, in a line each; with `-v`, and for every other
/// warning, with its place. Says whether the summary tells all of it.
pub(super) fn sort_warnings(
    session: &Session,
    found: Diagnostics,
    report: &mut RenderReport,
) -> bool {
    let mut shown = Diagnostics::default();
    for diagnostic in found {
        match &diagnostic.kind {
            _ if !diagnostic.is_for_the_summary() => {
                shown.push(diagnostic);
                continue;
            }
            Kind::Spec(SpecError::Unmet { what, why }) => {
                report.left_out.insert(format!("{what}: {why}"));
            }
            Kind::Spec(SpecError::ImageByTag { image }) => {
                report.by_tag.insert(image.clone());
            }
            _ => {}
        }
        if session.screen.verbose > 0 {
            shown.push(diagnostic);
        }
    }
    session.warn(&shown);
    shown.is_empty()
}
