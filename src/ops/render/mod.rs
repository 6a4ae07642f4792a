//! Renders the spec to clusters/.

pub(super) mod again;
mod report;
pub(super) mod stage;

use std::fmt::Write as _;
use std::mem::ManuallyDrop;

pub use report::{EnvironmentReport, RenderReport};

use super::check::gate;
use super::removals::Scope;
use super::rendering::{Rendering, Standing};
use super::{Context, Selection};
use crate::diagnostics::{Diagnostic, Diagnostics, Kind, SpecError};
use crate::fleet::{Fleet, prepare};
use crate::tree::Folder;
use crate::workspace::{Noted, Options, Publication};
use again::Again;
use stage::Staging;

/// The options of a render.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct RenderOptions<'a> {
    /// The selection to write; everything is read.
    pub selection: Selection<'a>,
    /// Write nothing, and report the differences.
    pub check: bool,
    /// Overwrite hand edits and files in the way.
    pub force: bool,
    /// Allow removing more than one app, an environment or a pinned workload.
    pub allow_removals: bool,
    /// Retired apps to remove completely.
    pub forget: &'a [String],
    /// Parse all output and compare it with the input.
    pub verify: bool,
    /// Only warn of what Kubernetes or Tekton would refuse.
    pub no_check: bool,
}

/// Renders the selection to the tree.
///
/// # Errors
/// Errors in the spec, templates and files; refused hand edits and removals.
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
    // The process ends with the command, and need not free a thousand apps one by one.
    let fleet = ManuallyDrop::new(fleet);
    let selected = options.selection.of(&fleet)?;
    let mut report = RenderReport { check: options.check, ..RenderReport::default() };
    let mut told_all = sort_warnings(context, found, &mut report);
    if !options.allow_removals {
        refuse_empty_includes(&fleet)?;
    }
    let gate = gate(&fleet, context.sources, options.no_check)?;
    // First the lock and an interrupted render, then the records: some may not have been written yet.
    let publication = Publication::begin(
        workspace.root(),
        Options { force: options.force, check: options.check },
    )?;
    let staging = Staging {
        rendering: Rendering {
            verify: options.verify,
            forget: options.forget,
            gate: Some(&gate),
            ..Rendering::new(&fleet, &files).of(&selected, options.selection.apps).over(workspace)
        },
        workspace,
        publication: &publication,
        scope: Scope {
            fleet: &fleet,
            selected: &selected,
            everything: options.selection.environments.is_empty(),
            forget: options.forget,
            allowed: options.allow_removals,
        },
    };
    let warnings = staging.run(context.watch, &mut report)?;
    told_all &= sort_warnings(context, warnings, &mut report);
    if options.check {
        report.written = report.differs.iter().filter(|one| one.after.is_some()).count();
        report.removed = report.differs.len() - report.written;
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

/// The selected objects, as one YAML stream.
///
/// # Errors
/// Errors in the spec, templates and files.
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

/// Refuses a pattern of `include` without a match: all of its apps would be removed.
pub(super) fn refuse_empty_includes(fleet: &Fleet) -> Result<(), Diagnostics> {
    let Some((span, pattern)) = fleet.spec.empty_includes.first() else {
        return Ok(());
    };
    let error = SpecError::IncludeMatchesNothing { pattern: pattern.clone() };
    Err(Diagnostic::error(error).at(*span).into())
}

/// Left out features and images pinned by tag are listed in the summary, and shown as warnings only with `-v`; all other warnings
/// are always shown. Returns whether the summary has everything.
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
