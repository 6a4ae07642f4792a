//! The side of the spec: rendered in memory, and read as Flux would read it.

use std::collections::{BTreeMap, BTreeSet};

use super::DiffOptions;
use crate::change::live::GROUP;
use crate::change::{Applied, Desired, applied, assemble};
use crate::diagnostics::Diagnostics;
use crate::fleet::{Fleet, Prepared};
use crate::ops::blame::Blame;
use crate::ops::removals::{self, Scope};
use crate::ops::rendering::Rendering;
use crate::tree::{Folder, FoundRecord, GEN_VERSION, Record};
use crate::workspace::Workspace;

/// The rendered objects.
pub(super) struct Rendered {
    /// All compared objects.
    pub(super) desired: Vec<Desired>,
    /// The names of all Flux Kustomizations of each environment, regardless of the selection.
    pub(super) kustomizations: BTreeMap<String, BTreeSet<String>>,
    /// Remarks for the report.
    pub(super) notes: Vec<String>,
}

/// Renders the selection. `there` are the records of the other side, `on_disk` those of the checkout.
///
/// # Errors
/// Errors in templates, patches and raw manifests.
pub(super) fn render(
    fleet: &Fleet,
    selected: &[&Prepared],
    options: &DiffOptions<'_>,
    workspace: &Workspace,
    there: &[FoundRecord],
    on_disk: &[FoundRecord],
    blame: &Blame<'_>,
) -> Result<Rendered, Diagnostics> {
    let apps = options.selection.apps;
    let scope = Scope {
        fleet,
        selected,
        everything: options.selection.environments.is_empty(),
        forget: &[],
        // A comparison is to show removals.
        allowed: true,
    };
    let gone = removals::plan(&scope, on_disk)?;
    let standing = gone.standing(on_disk, workspace)?;
    let rendering = Rendering::new(fleet, workspace).of(selected, apps).over(workspace);
    let others: BTreeMap<(&str, &str), &Record> = there
        .iter()
        .filter(|found| found.record.gen_version != GEN_VERSION)
        .map(|found| ((found.folder.as_str(), found.record_name.as_str()), &found.record))
        .collect();
    // With the other version of gen that wrote this folder, if it wrote something else.
    let read = |folder: &Folder| -> Result<(Applied, Option<&str>), Diagnostics> {
        let other = others.get(&(folder.path.as_str(), folder.record.as_str()));
        let differs = |record: &&&Record| Record::of(folder, GEN_VERSION).files != record.files;
        Ok((applied(folder)?, other.filter(differs).map(|record| record.gen_version.as_str())))
    };
    let mut folders = rendering.each(&standing, |rendered| read(&rendered.folder))?;
    // A tree has the remaining objects of removed environments; a cluster is asked only about environments of the spec.
    if !there.is_empty() {
        folders.extend(gone.ended(workspace)?.iter().map(read));
    }
    let mut all: Vec<Applied> = Vec::with_capacity(folders.len());
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    for result in folders {
        let (folder, version) = result?;
        all.push(folder);
        if let Some(version) = version {
            *versions.entry(version).or_default() += 1;
        }
    }
    let mut desired = assemble(all);
    let mut kustomizations: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in desired.iter().filter(|object| object.identity.group == GROUP) {
        let names = kustomizations.entry(object.environment.to_string());
        names.or_default().insert(object.identity.name.clone());
    }
    keep_apps(&mut desired, apps);
    for object in &mut desired {
        object.origin = blame.object(&object.environment, object.app.as_deref(), &object.path);
    }
    let note = |(version, count): (&str, usize)| {
        let folders = if count == 1 { "1 folder".to_owned() } else { format!("{count} folders") };
        format!(
            "{folders} of the other side were rendered by gen {version}, this is gen {GEN_VERSION}: some differences may come from that"
        )
    };
    Ok(Rendered { desired, kustomizations, notes: versions.into_iter().map(note).collect() })
}

/// Keeps only the objects of these apps; all if none are given.
pub(super) fn keep_apps(objects: &mut Vec<Desired>, apps: &[String]) {
    if !apps.is_empty() {
        let apps: BTreeSet<&str> = apps.iter().map(String::as_str).collect();
        objects.retain(|object| object.app.as_deref().is_some_and(|app| apps.contains(app)));
    }
}
