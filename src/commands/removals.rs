//! What goes from the tree: apps that left the spec, environments without a file, moved folders. Nothing by accident.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Diagnostic, Diagnostics, TreeError, UsageError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::model::{App, Kind};
use crate::rendering::{Standing, folder_of};
use crate::spec::nearest;
use crate::tree::{Folder, Owner};
use crate::workspace::FoundRecord;

/// What outlives an app until it is forgotten.
const STAYS: &str = "access/apply.yaml";

/// What was asked for.
pub(super) struct Request<'a> {
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
    /// Folders that go with everything in them that is gen's: folder and record.
    remove: Vec<(String, String)>,
}

/// Compares the records on disk with the spec.
///
/// # Errors
/// More than one app that would go, an environment, or a pinned workload, unless `--allow-removals` is given; a `--forget` of what
/// is not retired.
pub(super) fn plan(request: &Request<'_>, records: &[FoundRecord]) -> Result<Gone, Diagnostics> {
    let mut gone = Gone::default();
    let mut listed: Vec<String> = Vec::new();
    let mut apps_gone: BTreeSet<String> = BTreeSet::new();
    let fleet = request.fleet;
    let known: BTreeMap<&str, &str> = fleet
        .environments
        .iter()
        .map(|prepared| {
            (
                prepared.environment.name.as_str(),
                prepared.environment.cluster.as_str(),
            )
        })
        .collect();
    let expected: BTreeMap<String, &App> = fleet
        .environments
        .iter()
        .flat_map(|prepared| &prepared.apps)
        .map(|app| (folder_of(app), app))
        .collect();
    check_forget(request.forget, records)?;
    for found in records {
        let owner = found.record.owner();
        let in_place = known
            .get(owner.environment.as_str())
            .is_some_and(|cluster| found.folder.starts_with(&format!("clusters/{cluster}/")));
        let selected = request
            .selected
            .iter()
            .any(|prepared| prepared.environment.name == owner.environment);
        let place = (found.folder.clone(), found.record_name.clone());
        match &owner.app {
            _ if !known.contains_key(owner.environment.as_str()) && request.everything => {
                listed.push(format!(
                    "{} (there is no environments/{}.yaml)",
                    found.folder, owner.environment
                ));
                gone.remove.push(place);
            }
            _ if !in_place && selected => {
                listed.push(format!(
                    "{} ({} is on another cluster now)",
                    found.folder, owner.environment
                ));
                gone.remove.push(place);
            }
            Some(app) if request.forget.contains(app) && selected => gone.remove.push(place),
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
    if !listed.is_empty() && !request.allowed {
        let mut found = Diagnostics::default();
        for what in listed {
            found.push(Diagnostic::error(TreeError::RemovalRefused { what }));
        }
        return Err(found);
    }
    Ok(gone)
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

fn check_forget(forget: &[String], records: &[FoundRecord]) -> Result<(), UsageErrors> {
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
        None => format!(
            "retired are {}",
            retired.iter().copied().collect::<Vec<_>>().join(", ")
        ),
    };
    Err(UsageErrors(UsageError::NotRetired {
        name: name.clone(),
        hint,
    }))
}

struct UsageErrors(UsageError);

impl From<UsageErrors> for Diagnostics {
    fn from(error: UsageErrors) -> Self {
        Diagnostic::error(error.0).into()
    }
}

impl Gone {
    /// Apps of an environment that stay only with their accounts.
    pub(super) fn retired(&self, environment: &str, cluster: &str) -> Vec<String> {
        let of = |found: &&FoundRecord| {
            found.record.environment == environment
                && found.folder.starts_with(&format!("clusters/{cluster}/"))
        };
        self.retire
            .iter()
            .filter(of)
            .filter_map(|found| found.record.app.clone())
            .collect()
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
                    crate::resources::kustomization(&found.record.environment, &[name]),
                );
            }
            folders.push(Folder {
                path: found.folder.clone(),
                record: found.record_name.clone(),
                owner: Owner {
                    retired: true,
                    ..found.record.owner()
                },
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
        let folders = records
            .iter()
            .filter(|found| !found.record.retired)
            .map(|found| found.folder.clone());
        Ok(Standing {
            folders: folders.collect(),
            retired: self.retire(files)?,
        })
    }

    /// Folder and record of everything that goes whole.
    pub(super) fn removed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.remove
            .iter()
            .map(|(folder, record)| (folder.as_str(), record.as_str()))
    }
}
