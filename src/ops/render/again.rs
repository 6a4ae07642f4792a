//! A repeated render: its summary is shown again, and nothing is rendered.

use super::{RenderOptions, RenderReport};
use crate::workspace::{Noted, Recalled, Summary, Workspace, recall};

/// A render that may be the same as the last one.
pub(in crate::ops) struct Again {
    /// Identifies the program.
    program: String,
}

impl Again {
    /// Only for a render of everything, without special options.
    pub(super) fn new(options: &RenderOptions<'_>) -> Option<Self> {
        let RenderOptions { selection, check, force, allow_removals, forget, verify, no_check } =
            *options;
        let special = check || force || allow_removals || verify || no_check || !forget.is_empty();
        (selection.is_everything() && !special).then(Self::whole)?
    }

    /// For a render of everything.
    pub(in crate::ops) fn whole() -> Option<Self> {
        program().map(|program| Self { program })
    }

    /// The last render, if it is the same.
    pub(in crate::ops) fn recall(&self, workspace: &Workspace) -> Option<Recalled> {
        recall(workspace.root(), workspace, &self.program)
    }

    /// The summary of the last render, if this one would write nothing.
    pub(super) fn told(&self, workspace: &Workspace) -> Option<RenderReport> {
        serde_json::from_str(&self.recall(workspace)?.told()?).ok()
    }

    /// The report for next time: the same, except that nothing is written. Only if `report` has all there is to show.
    pub(in crate::ops) fn remembered(
        &self,
        files: &Noted<'_>,
        report: &RenderReport,
        summary: Summary,
    ) -> Option<String> {
        let mut report = report.clone();
        report.unchanged = summary.written + summary.unchanged;
        let told = serde_json::to_string(&report).ok()?;
        files.remembered(&self.program, told)
    }
}

/// Distinguishes builds of the same version, for developers.
fn program() -> Option<String> {
    let file = std::env::current_exe().ok()?.metadata().ok()?;
    Some(format!("{} {:?}", file.len(), file.modified().ok()?))
}
