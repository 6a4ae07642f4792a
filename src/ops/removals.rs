//! Plans removals from the tree: apps removed from the spec, environments without a file, moved folders. Nothing by accident.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostics, TreeError, UsageError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::manifests::{APPLY, RETIRED, entry_of_retired, kustomization};
use crate::model::App;
use crate::name::naturally;
use crate::ops::rendering::Standing;
use crate::spec::hint;
use crate::tree::{Folder, FoundRecord, Owner};

/// Maximum size of an entry for Flux, in bytes.
const ENTRY: u64 = 64 << 20;
/// The files of a retired app that are kept until the app is forgotten.
const STAY: [&str; 2] = [APPLY, RETIRED];

/// The scope of a render.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// All apps in all environments.
    pub(super) fleet: &'a Fleet,
    /// The selected environments.
    pub(super) selected: &'a [&'a Prepared],
    /// No environment was named, so that one without a file is removed.
    pub(super) everything: bool,
    /// Retired apps to remove completely.
    pub(super) forget: &'a [String],
    /// Allow removing more than one app, an environment or a pinned workload.
    pub(super) allowed: bool,
}

/// Planned removals.
#[derive(Default)]
pub(super) struct Gone {
    /// Folders of apps that were removed from the spec: only what Flux needs to prune their objects is kept.
    retire: Vec<FoundRecord>,
    /// Entries for Flux of environments that ended here, each with the apps whose accounts are kept.
    ended: Vec<(FoundRecord, Vec<String>)>,
    /// Folders to remove with all of gen's files: folder and record.
    remove: Vec<(String, String)>,
}

/// Environments that ended on a cluster: the file was removed, or it is on another cluster now. Their apps are retired like apps
/// removed from the spec, for the same reason: without their accounts Flux prunes nothing. Shared objects are kept until all apps
/// are forgotten.
#[derive(Default)]
struct Ended {
    /// Apps that remain retired.
    staying: BTreeMap<(String, String), Vec<String>>,
    /// With apps that end only now.
    new: BTreeSet<(String, String)>,
    /// With apps at all.
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
/// Removal of more than one app, of an environment or of a pinned workload, unless allowed; `--forget` of an app that is not
/// retired.
pub(super) fn plan(scope: &Scope<'_>, records: &[FoundRecord]) -> Result<Gone, Diagnostics> {
    let mut gone = Gone::default();
    let mut listed: Vec<String> = Vec::new();
    let mut apps_gone: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
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
        .map(|app| (app.folder(), app))
        .collect();
    check_forget(scope.forget, records)?;
    let is_selected = |environment: &str| {
        let mut selected = scope.selected.iter();
        selected.any(|prepared| prepared.environment.name == environment)
    };
    // The reason why the environment of a record has ended, if it has.
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
            Some(app) if owner.retired && scope.forget.contains(app) && selected => {
                gone.remove.push(place);
            }
            Some(app) if !fleet.spec.has(app, &owner.environment) && selected => {
                if !owner.retired {
                    let places = apps_gone.entry(app.clone()).or_default();
                    places.insert(&found.record.environment);
                }
                gone.retire.push(found.clone());
            }
            Some(_) => {
                let app = expected.get(&found.folder).filter(|_| selected);
                listed.extend(app.and_then(|app| lost_pin(app, found)));
            }
            // The caller removes shared folders and entries that are rendered again from this list.
            None if selected => gone.remove.push(place),
            None => {}
        }
    }
    if apps_gone.len() > 1 {
        let lines = naturally(apps_gone.keys()).into_iter().map(|app| {
            let places = &apps_gone[app];
            format!("the app `{app}` from {}", naturally(places.iter().copied()).join(", "))
        });
        listed.splice(0..0, lines);
    }
    if !listed.is_empty() && !scope.allowed {
        let refused = listed.into_iter().map(|what| Err(TreeError::RemovalRefused { what }.into()));
        return Err(Diagnostics::partition::<()>(refused).1);
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
            if !is_forgotten(found, forget) {
                ended.staying.entry(stage(found)).or_default().push(app.clone());
            }
        }
        ended
    }

    /// Whether this record's folder ends only now, not in an earlier render.
    fn is_new(&self, found: &FoundRecord) -> bool {
        match found.record.app {
            Some(_) => !found.record.retired,
            None => self.new.contains(&stage(found)) || !self.had_apps.contains(&stage(found)),
        }
    }

    /// Plans the removal of a folder.
    fn take(&self, found: &FoundRecord, forget: &[String], gone: &mut Gone) {
        let staying = self.staying.get(&stage(found));
        match (&found.record.app, staying) {
            (Some(_), _) if !is_forgotten(found, forget) => gone.retire.push(found.clone()),
            (None, Some(apps)) if found.folder.ends_with("/flux") => {
                gone.ended.push((found.clone(), apps.clone()));
            }
            // Shared objects: namespaces used by the accounts of retired apps.
            (None, Some(_)) => {}
            _ => gone.remove.push((found.folder.clone(), found.record_name.clone())),
        }
    }
}

/// Whether a folder goes because its app, retired in an earlier render, is forgotten.
fn is_forgotten(found: &FoundRecord, forget: &[String]) -> bool {
    found.record.retired && found.record.app.as_ref().is_some_and(|app| forget.contains(app))
}

/// A workload in the tree that would be removed because its pin was removed.
fn lost_pin(app: &App, found: &FoundRecord) -> Option<String> {
    let stood = found.record.files.contains_key("app/workload.yaml");
    let goes = app.has_program() && !app.flux_runs_workload() && !app.task_runs_workload();
    let (name, env) = (&app.name, &app.environment);
    (stood && goes)
        .then(|| format!("the workload of `{name}` in {env} (its image is no longer pinned)"))
}

fn check_forget(forget: &[String], records: &[FoundRecord]) -> Result<(), UsageError> {
    let retired: BTreeSet<&str> = records
        .iter()
        .filter(|found| found.record.retired || found.record.files.contains_key(RETIRED))
        .filter_map(|found| found.record.app.as_deref())
        .collect();
    let Some(name) = forget.iter().find(|name| !retired.contains(name.as_str())) else {
        return Ok(());
    };
    let hint = hint(name, retired.iter().copied(), || {
        if retired.is_empty() {
            return "no app is retired: an app is retired by the first render without it"
                .to_owned();
        }
        format!("retired apps: {}", naturally(retired.iter().copied()).join(", "))
    });
    let name = name.clone();
    Err(UsageError::NotRetired { name, hint })
}

/// The entry for Flux of an environment that ended. Its input was removed with the environment's file, so it is the existing entry
/// without the removed objects.
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
    /// The apps of which only the accounts are kept, each with an environment.
    pub(super) fn names(&self) -> impl Iterator<Item = (String, String)> {
        let records = self.retire.iter().map(|found| &found.record);
        records.filter_map(|record| Some((record.app.clone()?, record.environment.clone())))
    }

    /// The remaining folders of environments that ended: those of their apps, and their entries for Flux.
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

    /// The folders of retired apps, with the files that are kept.
    pub(super) fn retire(&self, tree: &dyn Files) -> Result<Vec<Folder>, Diagnostics> {
        let mut folders = Vec::new();
        for found in &self.retire {
            let mut files = BTreeMap::new();
            let mut names = Vec::new();
            for path in STAY.into_iter().filter(|path| found.record.files.contains_key(*path)) {
                if let Some(text) = tree.read(&format!("{}/{path}", found.folder), 1 << 20)? {
                    names.push(path.trim_start_matches("access/").to_owned());
                    files.insert(path.to_owned(), text.to_string());
                }
            }
            if !names.is_empty() {
                let list = kustomization(&found.record.environment, &names);
                files.insert("access/kustomization.yaml".to_owned(), list);
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

    /// The parts of the tree that a rendering depends on.
    pub(super) fn standing(
        &self,
        records: &[FoundRecord],
        files: &dyn Files,
    ) -> Result<Standing, Diagnostics> {
        let folders =
            records.iter().filter(|found| !found.record.retired).map(|found| found.folder.clone());
        Ok(Standing { folders: folders.collect(), retired: self.retire(files)? })
    }

    /// Folder and record of everything that is removed completely.
    pub(super) fn removed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.remove.iter().map(|(folder, record)| (folder.as_str(), record.as_str()))
    }
}
