//! Rendering into the tree: from the spec to clusters/.

pub(super) mod again;
mod report;
pub(super) mod stage;

use std::fmt::Write as _;
use std::mem::ManuallyDrop;

pub use report::{EnvironmentReport, RenderReport};

use super::rendering::{Rendering, Standing};
use super::{Context, Selection};
use crate::diagnostics::{Diagnostic, Diagnostics, Kind, SpecError};
use crate::fleet::{Fleet, prepare};
use crate::tree::Folder;
use crate::workspace::{FileDiff, Noted, Options, Publication};
use again::Again;
use stage::Staging;

/// What to render, and how.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct RenderOptions<'a> {
    /// What is written; everything is read.
    pub selection: Selection<'a>,
    /// Write nothing, and report what differs.
    pub check: bool,
    /// Overwrite hand edits and files in the way.
    pub force: bool,
    /// More than one app, an environment or a pinned workload may go.
    pub allow_removals: bool,
    /// Retired apps whose last traces go.
    pub forget: &'a [String],
    /// Read everything that is written back, and compare.
    pub verify: bool,
}

/// Renders what is selected into the tree.
///
/// # Errors
/// What is wrong with the spec, templates or files; refused hand edits and removals.
pub fn render(
    context: &mut Context<'_>,
    options: &RenderOptions<'_>,
) -> Result<RenderReport, Diagnostics> {
    let workspace = context.workspace;
    // Details are warnings to show, which are not remembered.
    let again = Again::new(options).filter(|_| !context.watch.wants_details());
    if let Some(report) = again.as_ref().and_then(|again| again.told(workspace)) {
        return Ok(report);
    }
    let files = Noted::new(workspace);
    let (fleet, found) = prepare(&files, context.sources)?;
    // The command ends with the process, which need not give back a thousand apps one by one.
    let fleet = ManuallyDrop::new(fleet);
    let selected = options.selection.of(&fleet)?;
    let mut report = RenderReport { check: options.check, ..RenderReport::default() };
    let mut told_all = sort_warnings(context, found, &mut report);
    if !options.allow_removals {
        refuse_empty_includes(&fleet)?;
    }
    // First the lock and an interrupted render's rest, then the records: they may be among what was left unfinished.
    let publication = Publication::begin(
        workspace.root(),
        Options { force: options.force, check: options.check },
    )?;
    let staging = Staging {
        rendering: Rendering {
            verify: options.verify,
            ..Rendering::new(&fleet, &files).of(&selected, options.selection.apps)
        },
        workspace,
        publication: &publication,
        everything: options.selection.environments.is_empty(),
        forget: options.forget,
        allow_removals: options.allow_removals,
    };
    let done = staging.run(context.watch)?;
    told_all &= sort_warnings(context, done.warnings, &mut report);
    report.environments = done.environments;
    report.secrets = done.secrets;
    report.retired = done.retired;
    report.units = done.units;
    if options.check {
        report.compared(done.changes, done.unchanged);
        return Ok(report);
    }
    let again = again.filter(|_| told_all);
    let last = |summary| again?.remembered(&files, &report, summary);
    let (summary, _) = publication.publish_and_hold(last)?;
    report.written = summary.written;
    report.unchanged = summary.unchanged;
    report.removed = summary.removed;
    report.kept = summary.kept;
    report.rolled_forward = summary.rolled_forward;
    Ok(report)
}

/// All objects that are selected, as one YAML stream.
///
/// # Errors
/// What is wrong with the spec, templates or files.
pub fn stream(
    context: &mut Context<'_>,
    options: &RenderOptions<'_>,
) -> Result<String, Diagnostics> {
    let (fleet, found) = context.fleet()?;
    let selected = options.selection.of(&fleet)?;
    sort_warnings(context, found, &mut RenderReport::default());
    if !options.allow_removals {
        refuse_empty_includes(&fleet)?;
    }
    let rendering = Rendering {
        verify: options.verify,
        ..Rendering::new(&fleet, context.workspace).of(&selected, options.selection.apps)
    };
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

/// Refuses a pattern of `include` that matches nothing: all apps behind it would go.
///
/// # Errors
/// The first of them.
pub(super) fn refuse_empty_includes(fleet: &Fleet) -> Result<(), Diagnostics> {
    let Some((span, pattern)) = fleet.spec.empty_includes.first() else {
        return Ok(());
    };
    let pattern = pattern.clone();
    let error = Diagnostic::error(SpecError::IncludeMatchesNothing { pattern });
    Err(error.at(*span).into())
}

/// What was left out and which images are named by tag is told in the summary, in a line each; with `-v`, and for every other
/// warning, with its place. Says whether the summary tells all of it.
pub(super) fn sort_warnings(
    context: &Context<'_>,
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
        if context.watch.wants_details() {
            shown.push(diagnostic);
        }
    }
    context.warn(&shown);
    shown.is_empty()
}

impl RenderReport {
    /// Takes over what `--check` found.
    fn compared(&mut self, differs: Vec<FileDiff>, unchanged: usize) {
        self.written = differs.iter().filter(|one| one.after.is_some()).count();
        self.removed = differs.len() - self.written;
        self.unchanged = unchanged;
        self.differs = differs;
    }
}
