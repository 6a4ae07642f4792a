//! What goes from the tree: apps that left the spec, environments without a file, moved folders. Nothing by accident.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostic, Diagnostics, TreeError, UsageError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::manifests::entry_of_retired;
use crate::model::{App, Kind};
use crate::ops::rendering::{Standing, folder_of};
use crate::spec::nearest;
use crate::tree::{Folder, FoundRecord, Owner};

/// An entry for Flux may have this many bytes.
const ENTRY: u64 = 64 << 20;
/// What outlives an app until it is forgotten.
const STAYS: &str = "access/apply.yaml";

/// What was asked for.
pub(super) struct Scope<'a> {
    /// All apps in all environments.
    pub(super) fleet: &'a Fleet,
    /// The environments that are selected.
    pub(super) selected: &'a [&'a Prepared],
    /// Nobody chose among the environments, so one whose file is gone goes too.
    pub(super) everything: bool,
    /// Retired apps whose last traces go.
    pub(super) forget: &'a [String],
    /// More than one app, an environment or a pinned workload may go.
    pub(super) allowed: bool,
}

/// What goes, and what stays of it.
#[derive(Default)]
pub(super) struct Gone {
    /// Units of apps that left the spec: what Flux needs to prune their objects stays.
    retire: Vec<FoundRecord>,
    /// Entries for Flux of environments that ended here, each with the apps whose accounts stay.
    ended: Vec<(FoundRecord, Vec<String>)>,
    /// Folders that go with everything in them that is gen's: folder and record.
    remove: Vec<(String, String)>,
}

/// An environment that ended on a cluster: its file is gone, or it is on another cluster now. Its apps are retired like apps that left
/// the spec, and for the same reason: without its account Flux prunes nothing. What they share stays until all are forgotten.
#[derive(Default)]
struct Ended {
    /// Apps that stay retired.
    staying: BTreeMap<(String, String), Vec<String>>,
    /// Where something ends only now.
    new: BTreeSet<(String, String)>,
    /// Where there has been an app at all.
    had_apps: BTreeSet<(String, String)>,
}

/// Environment and cluster of a record.
fn stage(found: &FoundRecord) -> (String, String) {
    let cluster = found.folder.split('/').nth(1).unwrap_or_default();
    (found.record.environment.clone(), cluster.to_owned())
}

/// Compares the records on disk with the spec.
///
/// # Errors
/// More than one app that would go, an environment, or a pinned workload, unless `--allow-removals` is given; a `--forget` of what
/// is not retired.
pub(super) fn plan(scope: &Scope<'_>, records: &[FoundRecord]) -> Result<Gone, Diagnostics> {
    let mut gone = Gone::default();
    let mut listed: Vec<String> = Vec::new();
    let mut apps_gone: BTreeSet<String> = BTreeSet::new();
    let fleet = scope.fleet;
    let known: BTreeMap<&str, &str> = fleet
        .environments
        .iter()
        .map(|prepared| (prepared.environment.name.as_str(), prepared.environment.cluster.as_str()))
        .collect();
    let expected: BTreeMap<String, &App> = fleet
        .environments
        .iter()
        .flat_map(|prepared| &prepared.apps)
        .map(|app| (folder_of(app), app))
        .collect();
    check_forget(scope.forget, records)?;
    let is_selected = |environment: &str| {
        let mut selected = scope.selected.iter();
        selected.any(|prepared| prepared.environment.name == environment)
    };
    // Why an environment has ended where a record stands.
    let end = |found: &FoundRecord| {
        let (environment, cluster) = stage(found);
        match known.get(environment.as_str()) {
            None if scope.everything => {
                Some(format!("there is no environments/{environment}.yaml"))
            }
            Some(now) if *now != cluster && is_selected(&environment) => {
                Some(format!("{environment} is on another cluster now"))
            }
            _ => None,
        }
    };
    let ended = Ended::of(records.iter().filter(|found| end(found).is_some()), scope.forget);
    for found in records {
        let owner = found.record.owner();
        let selected = is_selected(&owner.environment);
        let place = (found.folder.clone(), found.record_name.clone());
        if let Some(why) = end(found) {
            if ended.is_new(found) {
                listed.push(format!("{} ({why})", found.folder));
            }
            ended.take(found, scope.forget, &mut gone);
            continue;
        }
        match &owner.app {
            Some(app) if scope.forget.contains(app) && selected => gone.remove.push(place),
            Some(app) if !fleet.spec.apps.contains_key(app) && selected => {
                if !owner.retired {
                    apps_gone.insert(app.clone());
                }
                gone.retire.push(found.clone());
            }
            Some(_) => {
                if let Some(app) = expected.get(&found.folder).filter(|_| selected) {
                    listed.extend(lost_pin(app, found));
                }
            }
            // A shared folder or an entry that is rendered again is taken out of this list by the caller.
            None if selected => gone.remove.push(place),
            None => {}
        }
    }
    if apps_gone.len() > 1 {
        listed.splice(0..0, apps_gone.iter().map(|app| format!("the app `{app}`")));
    }
    if !listed.is_empty() && !scope.allowed {
        let mut found = Diagnostics::default();
        for what in listed {
            found.push(Diagnostic::error(TreeError::RemovalRefused { what }));
        }
        return Err(found);
    }
    Ok(gone)
}

impl Ended {
    fn of<'a>(records: impl Iterator<Item = &'a FoundRecord>, forget: &[String]) -> Self {
        let mut ended = Self::default();
        for found in records {
            let Some(app) = &found.record.app else {
                continue;
            };
            ended.had_apps.insert(stage(found));
            if !found.record.retired {
                ended.new.insert(stage(found));
            }
            if !forget.contains(app) {
                ended.staying.entry(stage(found)).or_default().push(app.clone());
            }
        }
        ended
    }

    /// Whether this record's folder ends only now, and did not in a render before.
    fn is_new(&self, found: &FoundRecord) -> bool {
        match found.record.app {
            Some(_) => !found.record.retired,
            None => self.new.contains(&stage(found)) || !self.had_apps.contains(&stage(found)),
        }
    }

    /// What becomes of a folder.
    fn take(&self, found: &FoundRecord, forget: &[String], gone: &mut Gone) {
        let staying = self.staying.get(&stage(found));
        match (&found.record.app, staying) {
            (Some(app), _) if !forget.contains(app) => gone.retire.push(found.clone()),
            (None, Some(apps)) if found.folder.ends_with("/flux") => {
                gone.ended.push((found.clone(), apps.clone()));
            }
            // What the apps share: namespaces that the accounts of retired ones work in.
            (None, Some(_)) => {}
            _ => gone.remove.push((found.folder.clone(), found.record_name.clone())),
        }
    }
}

/// A workload that stands in the tree and would go because its pin is gone.
fn lost_pin(app: &App, found: &FoundRecord) -> Option<String> {
    let stood = found.record.files.contains_key("app/workload.yaml");
    let goes =
        app.workload.kind != Kind::None && !app.flux_runs_workload() && !app.task_runs_workload();
    (stood && goes).then(|| {
        format!(
            "the workload of `{}` in {} (its image is no longer pinned)",
            app.name, app.environment
        )
    })
}

fn check_forget(forget: &[String], records: &[FoundRecord]) -> Result<(), UsageError> {
    let retired: BTreeSet<&str> = records
        .iter()
        .filter(|found| found.record.retired)
        .filter_map(|found| found.record.app.as_deref())
        .collect();
    let Some(name) = forget.iter().find(|name| !retired.contains(name.as_str())) else {
        return Ok(());
    };
    let hint = match nearest(name, retired.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if retired.is_empty() => {
            "no app is retired: an app is when it left the spec and gen has rendered since"
                .to_owned()
        }
        None => format!("retired are {}", retired.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    let name = name.clone();
    Err(UsageError::NotRetired { name, hint })
}

/// The entry for Flux of an environment that ended. What it is made of is gone with the environment's file, so it is what stands there,
/// without the objects that go.
fn entry_of_ended(
    found: &FoundRecord,
    apps: &[String],
    tree: &dyn Files,
) -> Result<Option<Folder>, Diagnostics> {
    let owner = found.record.owner();
    let name = format!("gen-{}.yaml", owner.environment);
    let Some(text) = tree.read(&format!("{}/{name}", found.folder), ENTRY)? else {
        return Ok(None);
    };
    let text = entry_of_retired(&owner.environment, apps, &text);
    Ok(Some(Folder {
        path: found.folder.clone(),
        record: found.record_name.clone(),
        owner,
        files: BTreeMap::from([(name, text)]),
    }))
}

impl Gone {
    /// The apps that stay only with their accounts, in all environments.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let records = self.retire.iter();
        records.filter_map(|found| found.record.app.clone())
    }

    /// What stays of environments that ended: the folders of their apps, and their entries for Flux.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn ended(&self, tree: &dyn Files) -> Result<Vec<Folder>, Diagnostics> {
        let ended: BTreeSet<_> = self.ended.iter().map(|(found, _)| stage(found)).collect();
        let is_below = |folder: &Folder| {
            ended.iter().any(|(environment, cluster)| {
                folder.path.starts_with(&format!("clusters/{cluster}/{environment}/"))
            })
        };
        let mut folders = self.retire(tree)?;
        folders.retain(is_below);
        for (found, apps) in &self.ended {
            folders.extend(entry_of_ended(found, apps, tree)?);
        }
        Ok(folders)
    }

    /// The folders of retired apps, with what stays in them.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn retire(&self, tree: &dyn Files) -> Result<Vec<Folder>, Diagnostics> {
        let mut folders = Vec::new();
        for found in &self.retire {
            let mut files = BTreeMap::new();
            if found.record.files.contains_key(STAYS)
                && let Some(text) = tree.read(&format!("{}/{STAYS}", found.folder), 1 << 20)?
            {
                files.insert(STAYS.to_owned(), text.to_string());
                let name = STAYS.rsplit('/').next().unwrap_or(STAYS).to_owned();
                files.insert(
                    "access/kustomization.yaml".to_owned(),
                    crate::manifests::kustomization(&found.record.environment, &[name]),
                );
            }
            folders.push(Folder {
                path: found.folder.clone(),
                record: found.record_name.clone(),
                owner: Owner { retired: true, ..found.record.owner() },
                files,
            });
        }
        Ok(folders)
    }

    /// What stands in the tree and takes part in a rendering.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn standing(
        &self,
        records: &[FoundRecord],
        files: &dyn Files,
    ) -> Result<Standing, Diagnostics> {
        let folders =
            records.iter().filter(|found| !found.record.retired).map(|found| found.folder.clone());
        Ok(Standing { folders: folders.collect(), retired: self.retire(files)? })
    }

    /// Folder and record of everything that goes whole.
    pub(super) fn removed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.remove.iter().map(|(folder, record)| (folder.as_str(), record.as_str()))
    }
}
