//! Where the cause of a failure is in the spec, and what to change there.

use std::sync::Arc;

use similar::TextDiff;

use super::suggestion::{Known, Suggestion, suggestions};
use crate::diagnose::{Cure, Report, Snapshot, Unseen};
use crate::files::Files as _;
use crate::ops::Context;
use crate::workspace::Workspace;

/// Signatures whose cure can be a key of the spec; what was refused to an account always can.
const IN_SPEC: [&str; 5] = ["B12", "G4", "B2", "B4", "B5"];

/// Why no change of the spec is known.
pub(super) const BROKEN: &str = "the spec has errors; `gen render` lists them";

/// Adds the changes of the spec that mend failures, and returns them.
pub(super) fn trace(
    context: &mut Context<'_>,
    snapshot: &Snapshot,
    environment: Option<&str>,
    report: &mut Report,
) -> Vec<Suggestion> {
    let can_be = report.diagnoses.iter().any(|one| {
        let id = one.signature.map(|signature| signature.id.as_str()).unwrap_or_default();
        !one.denied.is_empty() || IN_SPEC.contains(&id)
    });
    if !can_be {
        return Vec::new();
    }
    let Ok((fleet, _)) = context.fleet() else {
        report.unseen.push(Unseen {
            what: "the change to the spec".to_owned(),
            why: BROKEN.to_owned(),
            right: String::new(),
        });
        return Vec::new();
    };
    let named: Vec<String> = environment.map(str::to_owned).into_iter().collect();
    if let Err(unknown) = fleet.select_environments(&named) {
        report.unseen.push(Unseen {
            what: "the change to the spec".to_owned(),
            why: unknown.to_string(),
            right: String::new(),
        });
        return Vec::new();
    }
    let known = Known { fleet: &fleet, sources: context.sources, snapshot, environment };
    let mut all = Vec::new();
    for (at, diagnosis) in report.diagnoses.iter_mut().enumerate() {
        let found = suggestions(known, at, diagnosis);
        for one in &found {
            diagnosis.places.push(format!("{}:{}", one.file, one.line));
            // The change of the spec is better than a Role that nobody keeps.
            let cure = cure(context.workspace, one);
            diagnosis.cures.insert(1.min(diagnosis.cures.len()), cure);
        }
        all.extend(found);
    }
    all
}

fn cure(workspace: &Workspace, one: &Suggestion) -> Cure {
    let (file, line) = (one.file.clone(), one.line);
    let Some(edit) = &one.edit else { return Cure::Advice(one.title.clone()) };
    let before = text_of(workspace, &file);
    let after = before.as_ref().and_then(|text| edit.apply(text));
    match before.zip(after) {
        Some((before, after)) => {
            let diff = diff(&file, &before, &after);
            Cure::Change { file, line, title: one.title.clone(), diff }
        }
        None => Cure::Advice(format!("{file}:{line}: {}; change it by hand", one.title)),
    }
}

/// The text of a file of the spec.
pub(super) fn text_of(workspace: &Workspace, file: &str) -> Option<Arc<str>> {
    workspace.read(file, Workspace::LARGEST_SPEC).ok().flatten()
}

/// A unified diff.
fn diff(file: &str, before: &str, after: &str) -> String {
    let (old, new) = (format!("a/{file}"), format!("b/{file}"));
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(&old, &new)
        .to_string()
}
