//! From what is selected to what can be published: folders are rendered, compared with the tree and staged beside it, unless they are
//! what they were rendered from before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::EnvironmentReport;
use crate::diagnostics::{Diagnostic, Diagnostics, Kind, SpecError};
use crate::fleet::Prepared;
use crate::manifests::{Entry, Facts, entry_folder};
use crate::model::App;
use crate::ops::removals::{self, Gone, Scope};
use crate::ops::rendering::{
    Met, Rendering, Take, folder_of, met, read_by_all, read_by_entry, read_by_unit,
};
use crate::ops::{Progress, Watch};
use crate::tree::{Fingerprint, Folder};
use crate::workspace::{FileDiff, Outcome, Publication, Remember, Workspace, records};

/// The record of an app's folder.
const RECORD: &str = "gen.lock.json";

/// What is rendered beside the tree.
pub(in crate::ops) struct Staging<'a> {
    pub(in crate::ops) rendering: Rendering<'a>,
    pub(in crate::ops) workspace: &'a Workspace,
    /// Holds the lock: an interrupted render's rest was finished, so that the records are read whole.
    pub(in crate::ops) publication: &'a Publication,
    /// Nobody chose among the environments, so one whose file is gone goes too.
    pub(in crate::ops) everything: bool,
    /// Retired apps whose last traces go.
    pub(in crate::ops) forget: &'a [String],
    /// More than one app, an environment or a pinned workload may go.
    pub(in crate::ops) allow_removals: bool,
}

/// What a render did.
#[derive(Default)]
pub(in crate::ops) struct Done {
    pub(in crate::ops) environments: Vec<EnvironmentReport>,
    pub(in crate::ops) secrets: BTreeSet<(String, String, String, Option<String>)>,
    pub(in crate::ops) retired: BTreeSet<String>,
    pub(in crate::ops) warnings: Diagnostics,
    pub(in crate::ops) changes: Vec<FileDiff>,
    pub(in crate::ops) unchanged: usize,
    /// Units that were rendered, and those that are what they were rendered from before.
    pub(in crate::ops) units: (usize, usize),
}

impl Staging<'_> {
    /// Renders it. Edits that stand in the way are shown.
    ///
    /// # Errors
    /// What templates, patches and raw manifests are wrong about; refused hand edits and removals.
    pub(in crate::ops) fn run(self, watch: &dyn Watch) -> Result<Done, Diagnostics> {
        let selected = self.rendering.environments;
        let records = records(self.workspace.root())?;
        let scope = Scope {
            fleet: self.rendering.fleet,
            selected,
            everything: self.everything,
            forget: self.forget,
            allowed: self.allow_removals,
        };
        let gone = removals::plan(&scope, &records)?;
        let standing = gone.standing(&records, self.workspace)?;
        let steps = selected.iter().map(|prepared| prepared.apps.len()).sum();
        let progress = watch.begin("rendering", steps);
        let base = |prepared: &&Prepared| {
            let name = prepared.environment.name.clone();
            (name, read_by_all(self.rendering.fleet, prepared))
        };
        let stage = Stage {
            rendering: self.rendering,
            publication: self.publication,
            progress: progress.as_ref(),
            bases: selected.iter().map(base).collect(),
            edited: Mutex::default(),
        };
        let staged = self.rendering.fold(&standing, &stage);
        let done = staged.and_then(|staged| self.sum_up(&stage, &gone, staged));
        let edited = stage.edited.into_inner().unwrap_or_else(PoisonError::into_inner);
        drop(progress);
        if done.is_err() {
            watch.edited(&edited);
        }
        done
    }

    /// Sums up what came of the environments, and stages what goes.
    fn sum_up(
        &self,
        stage: &Stage<'_>,
        gone: &Gone,
        staged: Vec<Vec<Staged>>,
    ) -> Result<Done, Diagnostics> {
        let mut done = Done::default();
        let mut kept: BTreeSet<String> = BTreeSet::new();
        for (prepared, staged) in self.rendering.environments.iter().zip(staged) {
            let apps = prepared.apps.iter();
            kept.extend(apps.map(|app| format!("{}/{RECORD}", folder_of(app))));
            let environment = &prepared.environment;
            let mut report = EnvironmentReport {
                name: environment.name.clone(),
                cluster: environment.cluster.clone(),
                ..EnvironmentReport::default()
            };
            for one in staged {
                kept.insert(one.key);
                match one.is_known {
                    Some(true) => done.units.1 += 1,
                    Some(false) => done.units.0 += 1,
                    None => {}
                }
                report.apps += usize::from(one.is_known.is_some());
                for (kind, count) in one.facts.kinds {
                    *report.kinds.entry(kind).or_default() += count;
                }
                let secrets = one.facts.secrets.into_iter();
                let cluster = || environment.cluster.clone();
                done.secrets.extend(
                    secrets.map(|(namespace, name, key)| (cluster(), namespace, name, key)),
                );
                done.warnings.extend(one.warnings);
                done.note(one.outcome);
            }
            done.environments.push(report);
        }
        done.retired.extend(gone.names());
        for folder in gone.ended(self.workspace)? {
            done.note(stage.add(&folder, Some(Remember::default()))?);
        }
        for (folder, record) in gone.removed() {
            if !kept.contains(&format!("{folder}/{record}")) {
                done.note(stage.checked(self.publication.remove(folder, record)?)?);
            }
        }
        done.changes.sort_by(|a, b| a.path.cmp(&b.path));
        done.warnings.sort();
        Ok(done)
    }
}

impl Done {
    fn note(&mut self, outcome: Outcome) {
        self.unchanged += outcome.unchanged;
        self.changes.extend(outcome.changes);
    }
}

/// Compares folders with the tree, and writes beside it what has to change.
struct Stage<'a> {
    rendering: Rendering<'a>,
    publication: &'a Publication,
    progress: &'a dyn Progress,
    /// What every folder of an environment is rendered from, by the environment's name.
    bases: BTreeMap<String, Fingerprint>,
    /// Edits that stand in the way.
    edited: Mutex<Vec<FileDiff>>,
}

/// A folder, compared and staged.
struct Staged {
    /// Folder and record.
    key: String,
    facts: Facts,
    warnings: Diagnostics,
    outcome: Outcome,
    /// Of an app: whether it is what it was rendered from before.
    is_known: Option<bool>,
}

impl Staged {
    fn new(key: String, facts: Facts, outcome: Outcome) -> Self {
        Self { key, facts, warnings: Diagnostics::default(), outcome, is_known: None }
    }
}

impl Stage<'_> {
    fn base(&self, prepared: &Prepared) -> Fingerprint {
        let base = self.bases.get(&prepared.environment.name);
        base.cloned().unwrap_or_default()
    }

    /// What is remembered of a folder that would be rendered from the same again.
    fn known(&self, folder: &str, record: &str, digest: &str) -> Option<String> {
        let is_wanted = !self.rendering.verify;
        is_wanted.then(|| self.publication.fresh(folder, record, digest))?
    }

    fn add(&self, folder: &Folder, remember: Option<Remember>) -> Result<Outcome, Diagnostics> {
        self.checked(self.publication.add(folder, remember)?)
    }

    /// Refuses a folder with edits in it.
    fn checked(&self, outcome: Outcome) -> Result<Outcome, Diagnostics> {
        if outcome.refused.is_empty() {
            return Ok(outcome);
        }
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        edited.extend(outcome.changes);
        edited.sort_by(|a, b| a.path.cmp(&b.path));
        Err(outcome.refused)
    }

    fn unit(&self, prepared: &Prepared, app: &App) -> Result<(Met, Option<Staged>), Diagnostics> {
        let is_wanted = self.rendering.wants(&app.name);
        let manifests = self.rendering.manifests(app)?;
        let input_digest = read_by_unit(self.base(prepared), prepared, app, &manifests);
        let folder = folder_of(app);
        let key = format!("{folder}/{RECORD}");
        let known = is_wanted.then(|| self.known(&folder, RECORD, &input_digest));
        if let Some((facts, warnings)) = known.flatten().and_then(|text| recall(&text, app)) {
            let staged = Staged {
                warnings,
                is_known: Some(true),
                ..Staged::new(key, facts, Outcome::default())
            };
            return Ok((met(&staged.facts), Some(staged)));
        }
        let (folder, facts, warnings) = self.rendering.unit(prepared, app, &manifests)?;
        if !is_wanted {
            return Ok((met(&facts), None));
        }
        let remember = remembered(&facts, &warnings).map(|facts| Remember { input_digest, facts });
        let outcome = self.add(&folder, remember)?;
        let staged = Staged { warnings, is_known: Some(false), ..Staged::new(key, facts, outcome) };
        Ok((met(&staged.facts), Some(staged)))
    }
}

impl Take for Stage<'_> {
    type Taken = Staged;

    fn app(&self, prepared: &Prepared, app: &App) -> Result<(Met, Option<Staged>), Diagnostics> {
        let unit = self.unit(prepared, app);
        self.progress.advance(1);
        unit
    }

    /// Rendered every time; remembered only as what the tree holds.
    fn folder(&self, _: &Prepared, folder: Folder, facts: Facts) -> Result<Staged, Diagnostics> {
        let outcome = self.add(&folder, Some(Remember::default()))?;
        let key = format!("{}/{}", folder.path, folder.record);
        Ok(Staged::new(key, facts, outcome))
    }

    fn entry(&self, prepared: &Prepared, entry: &Entry<'_>) -> Result<Staged, Diagnostics> {
        let (folder, record) = entry_folder(&prepared.environment);
        let key = format!("{folder}/{record}");
        let input_digest = read_by_entry(self.base(prepared), entry);
        let known = self.known(&folder, &record, &input_digest);
        if let Some(facts) = known.and_then(|facts| serde_json::from_str(&facts).ok()) {
            return Ok(Staged::new(key, facts, Outcome::default()));
        }
        let (folder, facts) = entry.render()?;
        let text = serde_json::to_string(&facts).ok();
        let remember = text.map(|facts| Remember { input_digest, facts });
        let outcome = self.add(&folder, remember)?;
        Ok(Staged::new(key, facts, outcome))
    }
}

/// What is kept of a unit; none of one that has more to say than what it left out, so that it says it every time.
fn remembered(facts: &Facts, warnings: &Diagnostics) -> Option<String> {
    let left_out = |warning: &Diagnostic| match &warning.kind {
        Kind::Spec(SpecError::Unmet { what, why }) => Some((what.clone(), why.clone())),
        _ => None,
    };
    let left_out: Option<Vec<(String, String)>> = warnings.iter().map(left_out).collect();
    serde_json::to_string(&(facts, left_out?)).ok()
}

/// What was kept of a unit.
fn recall(text: &str, app: &App) -> Option<(Facts, Diagnostics)> {
    let (facts, left_out): (Facts, Vec<(String, String)>) = serde_json::from_str(text).ok()?;
    let mut warnings = Diagnostics::default();
    for (what, why) in left_out {
        warnings.push(Diagnostic::warning(SpecError::Unmet { what, why }).at(app.span));
    }
    Some((facts, warnings))
}
