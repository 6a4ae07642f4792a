//! The side of the spec: rendered in memory, read as Flux would read it.

use std::collections::{BTreeMap, BTreeSet};

use super::DiffOptions;
use crate::change::{Applied, Desired, applied, assemble};
use crate::diagnostics::Diagnostics;
use crate::fleet::{Fleet, Prepared};
use crate::ops::blame::Blame;
use crate::ops::removals::{self, Scope};
use crate::ops::rendering::Rendering;
use crate::tree::{Folder, FoundRecord, GEN_VERSION, Record};
use crate::workspace::Workspace;

/// The API group of Flux's Kustomizations.
const FLUX: &str = "kustomize.toolkit.fluxcd.io";

/// What the spec says, as objects.
pub(super) struct Rendered {
    /// Every object that is compared.
    pub(super) desired: Vec<Desired>,
    /// The names of all Flux Kustomizations of each environment, whatever is compared of it.
    pub(super) kustomizations: BTreeMap<String, Vec<String>>,
    /// What a reader should know beside it.
    pub(super) notes: Vec<String>,
}

/// Renders what was selected. `there` are the records of the side that it is compared with, `on_disk` those of the checkout.
///
/// # Errors
/// What templates, patches and raw manifests are wrong about.
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
        // What goes is what a reader wants to see.
        allowed: true,
    };
    let gone = removals::plan(&scope, on_disk)?;
    let standing = gone.standing(on_disk, workspace)?;
    let rendering = Rendering::new(fleet, workspace).of(selected, apps);
    let others = OtherVersions::of(there);
    let read = |folder: &Folder| -> Result<(Applied, Option<&str>), Diagnostics> {
        Ok((applied(folder)?, others.wrote_otherwise(folder)))
    };
    let mut folders = rendering.each(&standing, |rendered| read(&rendered.folder))?;
    // A tree holds what stays of environments that are gone; of a cluster only those are asked that the spec has.
    if !there.is_empty() {
        folders.extend(gone.ended(workspace)?.iter().map(read));
    }
    let mut all: Vec<Applied> = Vec::with_capacity(folders.len());
    let mut versions: BTreeMap<String, usize> = BTreeMap::new();
    for result in folders {
        let (folder, version) = result?;
        all.push(folder);
        if let Some(version) = version {
            *versions.entry(version.to_owned()).or_default() += 1;
        }
    }
    let mut desired = assemble(all);
    let mut kustomizations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for object in desired.iter().filter(|object| object.identity.group == FLUX) {
        let names = kustomizations.entry(object.environment.to_string());
        names.or_default().push(object.identity.name.clone());
    }
    keep_apps(&mut desired, apps);
    for object in &mut desired {
        object.origin = blame.object(&object.environment, object.app.as_deref(), &object.path);
    }
    let note = |(version, count): (String, usize)| {
        let folders = if count == 1 { "1 folder".to_owned() } else { format!("{count} folders") };
        format!(
            "{folders} of what is there were rendered by gen {version}, and this is gen {GEN_VERSION}: some of what differs may come from that"
        )
    };
    Ok(Rendered { desired, kustomizations, notes: versions.into_iter().map(note).collect() })
}

/// Leaves the objects of these apps; all where none is named.
pub(super) fn keep_apps(objects: &mut Vec<Desired>, apps: &[String]) {
    if !apps.is_empty() {
        let apps: BTreeSet<&str> = apps.iter().map(String::as_str).collect();
        objects.retain(|object| object.app.as_deref().is_some_and(|app| apps.contains(app)));
    }
}

/// Records of other versions of gen.
struct OtherVersions<'a>(BTreeMap<(&'a str, &'a str), &'a Record>);

impl<'a> OtherVersions<'a> {
    fn of(records: &'a [FoundRecord]) -> Self {
        let others = records.iter().filter(|found| found.record.gen_version != GEN_VERSION);
        Self(
            others
                .map(|found| ((found.folder.as_str(), found.record_name.as_str()), &found.record))
                .collect(),
        )
    }

    /// The other version that wrote this folder, where it wrote something else.
    fn wrote_otherwise(&self, folder: &Folder) -> Option<&'a str> {
        let record = self.0.get(&(folder.path.as_str(), folder.record.as_str()))?;
        let differs = Record::of(folder, GEN_VERSION).files != record.files;
        differs.then_some(record.gen_version.as_str())
    }
}
