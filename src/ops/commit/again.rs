//! Detects without rendering that there is nothing to commit: the last render is still valid, and git sees no difference.

use super::candidate::is_clean;
use super::{CommitOptions, CommitReport, as_committed, refuse_behind};
use crate::diagnostics::Diagnostics;
use crate::git::{Builder, Repository};
use crate::ops::Context;
use crate::ops::render::RenderReport;
use crate::ops::render::again::Again;
use crate::workspace::{Noted, Publication};

/// Whether everything is rendered, without the details of `-v`.
pub(super) fn is_of_everything(context: &Context<'_>, options: &CommitOptions<'_>) -> bool {
    options.selection.is_everything() && !options.no_check && !context.watch.wants_details()
}

/// Remembers the render, for the next render or commit.
pub(super) fn remember(files: &Noted<'_>, report: &RenderReport, publication: &Publication) {
    let last =
        Again::whole().and_then(|again| again.remembered(files, report, publication.summary()));
    if let Some(last) = last {
        publication.remember(last);
    }
}

/// The report if there is clearly nothing to commit. Not for a push, which may still have something to push.
pub(super) fn nothing(
    context: &Context<'_>,
    repository: &Repository,
    options: &CommitOptions<'_>,
) -> Result<Option<CommitReport>, Diagnostics> {
    let is_plain = is_of_everything(context, options)
        && !options.push
        && repository.in_progress().is_none()
        && !Builder::is_interrupted(repository);
    // Usually something has changed, and then git need not be called.
    let recalled =
        Again::whole().filter(|_| is_plain).and_then(|again| again.recall(context.workspace));
    let Some(recalled) = recalled else {
        return Ok(None);
    };
    let read = recalled.read();
    let head = repository.head()?;
    if head.branch.is_none() || head.commit.is_none() {
        return Ok(None);
    }
    // In parallel, since git is a separate process.
    let (is_same, is_clean) = std::thread::scope(|scope| {
        let asked = scope.spawn(|| is_clean(repository, &read));
        let is_same = recalled.told().is_some();
        (is_same, asked.join().unwrap_or(Ok(false)))
    });
    if !(is_same && is_clean?) {
        return Ok(None);
    }
    refuse_behind(repository, &head, *options)?;
    Ok(Some(CommitReport {
        dry_run: options.dry_run,
        branch: head.branch.clone(),
        nothing: Some(as_committed(&head)),
        ..CommitReport::default()
    }))
}
