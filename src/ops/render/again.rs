//! A render of what was rendered last time: its summary is told again, and nothing is done.

use super::{RenderOptions, RenderReport};
use crate::workspace::{Noted, Recalled, Summary, Workspace, recall};

/// A render that may be one of the same again.
pub(in crate::ops) struct Again {
    /// Which program renders.
    program: String,
}

impl Again {
    /// Only a render of everything, with nothing special about it, can be.
    pub(super) fn new(options: &RenderOptions<'_>) -> Option<Self> {
        let RenderOptions { selection, check, force, allow_removals, forget, verify } = *options;
        let special = check || force || allow_removals || verify || !forget.is_empty();
        (selection.is_everything() && !special).then(Self::whole)?
    }

    /// A render of everything.
    pub(in crate::ops) fn whole() -> Option<Self> {
        program().map(|program| Self { program })
    }

    /// The last render, where it was of the same.
    pub(in crate::ops) fn recall(&self, workspace: &Workspace) -> Option<Recalled> {
        recall(workspace.root(), workspace, &self.program)
    }

    /// The summary of a render that would write nothing, as it was told last time.
    pub(super) fn told(&self, workspace: &Workspace) -> Option<RenderReport> {
        serde_json::from_str(&self.recall(workspace)?.told()?).ok()
    }

    /// What is to be told next time, where `report` tells all there is: the same, but that nothing is written.
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

/// Tells this program from another of the same version, as developers build them.
fn program() -> Option<String> {
    let file = std::env::current_exe().ok()?.metadata().ok()?;
    Some(format!("{} {:?}", file.len(), file.modified().ok()?))
}
