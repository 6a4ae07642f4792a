//! Renders folders, compares them with the tree and stages the changes. Folders with unchanged input are skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::{EnvironmentReport, RenderReport};
use crate::diagnostics::{Diagnostic, Diagnostics, Kind, SpecError};
use crate::fleet::Prepared;
use crate::manifests::{Entry, Facts, entry_folder};
use crate::model::App;
use crate::ops::removals::{self, Gone, Scope};
use crate::ops::rendering::{Met, Rendering, Take, met, read_by_all, read_by_entry, read_by_unit};
use crate::ops::{Progress, Watch};
use crate::tree::{Fingerprint, Folder};
use crate::workspace::{FileDiff, Outcome, Publication, Remember, Workspace, records};

/// The record of an app's folder.
const RECORD: &str = "gen.lock.json";

/// A rendering to be staged.
pub(in crate::ops) struct Staging<'a> {
    pub(in crate::ops) rendering: Rendering<'a>,
    pub(in crate::ops) workspace: &'a Workspace,
    /// Holds the lock: an interrupted render was finished, so that all records are complete.
    pub(in crate::ops) publication: &'a Publication,
    pub(in crate::ops) scope: Scope<'a>,
}

impl Staging<'_> {
    /// Renders and stages everything, fills in the report and returns warnings. Edits in the way are shown to the observer.
    ///
    /// # Errors
    /// Errors in templates, patches and raw manifests; refused hand edits and removals.
    pub(in crate::ops) fn run(
        self,
        watch: &dyn Watch,
        report: &mut RenderReport,
    ) -> Result<Diagnostics, Diagnostics> {
        let selected = self.rendering.environments;
        let records = records(self.workspace.root())?;
        let gone = removals::plan(&self.scope, &records)?;
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
        let done = staged.and_then(|staged| self.sum_up(&stage, &gone, staged, report));
        let edited = stage.edited.into_inner().unwrap_or_else(PoisonError::into_inner);
        drop(progress);
        if done.is_err() {
            watch.edited(&edited);
        }
        done
    }

    /// Sums up the environments, and stages removals.
    fn sum_up(
        &self,
        stage: &Stage<'_>,
        gone: &Gone,
        staged: Vec<Vec<Staged>>,
        report: &mut RenderReport,
    ) -> Result<Diagnostics, Diagnostics> {
        let mut warnings = Diagnostics::default();
        let mut kept: BTreeSet<String> = BTreeSet::new();
        let mut all_made = BTreeSet::new();
        for (prepared, staged) in self.rendering.environments.iter().zip(staged) {
            let apps = prepared.apps.iter();
            kept.extend(apps.map(|app| format!("{}/{RECORD}", app.folder())));
            let environment = &prepared.environment;
            let mut of_one = EnvironmentReport {
                name: environment.name.clone(),
                cluster: environment.cluster.clone(),
                ..EnvironmentReport::default()
            };
            for one in staged {
                if let Some(app) = one.facts.retires.clone() {
                    report.retiring.entry(app).or_default().insert(environment.name.clone());
                }
                kept.insert(one.key);
                report.by_tag.extend(one.facts.by_tag);
                report.units.0 += usize::from(one.is_known == Some(false));
                report.units.1 += usize::from(one.is_known == Some(true));
                of_one.apps += usize::from(one.is_known.is_some());
                for (kind, count) in one.facts.kinds {
                    *of_one.kinds.entry(kind).or_default() += count;
                }
                let cluster = || environment.cluster.clone();
                let made = one.facts.made.into_iter();
                all_made.extend(made.map(|(namespace, name)| (cluster(), namespace, name)));
                let secrets = one.facts.secrets.into_iter();
                report.secrets.extend(
                    secrets.map(|(namespace, name, key)| (cluster(), namespace, name, key)),
                );
                warnings.extend(one.warnings);
                report.note(one.outcome);
            }
            report.environments.push(of_one);
        }
        report.secrets.retain(|(cluster, namespace, name, _)| {
            !all_made.contains(&(cluster.clone(), namespace.clone(), name.clone()))
        });
        for (app, environment) in gone.names() {
            report.retired.entry(app).or_default().insert(environment);
        }
        for folder in gone.ended(self.workspace)? {
            report.note(stage.add(&folder, Some(Remember::default()))?);
        }
        for (folder, record) in gone.removed() {
            if !kept.contains(&format!("{folder}/{record}")) {
                report.note(stage.checked(self.publication.remove(folder, record)?)?);
            }
        }
        report.differs.sort_by(|a, b| a.path.cmp(&b.path));
        warnings.sort();
        Ok(warnings)
    }
}

impl RenderReport {
    fn note(&mut self, outcome: Outcome) {
        self.unchanged += outcome.unchanged;
        self.differs.extend(outcome.changes);
    }
}

/// Compares folders with the tree, and stages the changes.
struct Stage<'a> {
    rendering: Rendering<'a>,
    publication: &'a Publication,
    progress: &'a dyn Progress,
    /// The common input of an environment's folders, by the environment's name.
    bases: BTreeMap<String, Fingerprint>,
    /// Edits in the way.
    edited: Mutex<Vec<FileDiff>>,
}

/// A staged folder.
struct Staged {
    /// Folder and record.
    key: String,
    facts: Facts,
    warnings: Diagnostics,
    outcome: Outcome,
    /// For an app: whether its input was unchanged.
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

    /// The remembered facts of a folder with unchanged input.
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
        let folder = app.folder();
        let key = format!("{folder}/{RECORD}");
        let is_forgotten = self.rendering.forget.contains(&app.name);
        let known =
            (is_wanted && !is_forgotten).then(|| self.known(&folder, RECORD, &input_digest));
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

    /// Rendered every time; only the files in the tree are remembered.
    fn folder(&self, _: &Prepared, folder: Folder, facts: Facts) -> Result<Staged, Diagnostics> {
        let outcome = self.add(&folder, Some(Remember::default()))?;
        let key = format!("{}/{}", folder.path, folder.record);
        Ok(Staged::new(key, facts, outcome))
    }

    fn entry(&self, prepared: &Prepared, entry: &Entry<'_>) -> Result<(Met, Staged), Diagnostics> {
        let (folder, record) = entry_folder(&prepared.environment);
        let key = format!("{folder}/{record}");
        let input_digest = read_by_entry(self.base(prepared), entry);
        let known = self.known(&folder, &record, &input_digest);
        if let Some(facts) = known.and_then(|facts| serde_json::from_str(&facts).ok()) {
            return Ok((met(&facts), Staged::new(key, facts, Outcome::default())));
        }
        let (folder, facts) = entry.render()?;
        let text = serde_json::to_string(&facts).ok();
        let remember = text.map(|facts| Remember { input_digest, facts });
        let outcome = self.add(&folder, remember)?;
        Ok((met(&facts), Staged::new(key, facts, outcome)))
    }
}

/// The facts to remember of a unit; none if it has warnings other than left out features, so that they are shown every time.
fn remembered(facts: &Facts, warnings: &Diagnostics) -> Option<String> {
    let left_out = |warning: &Diagnostic| match &warning.kind {
        Kind::Spec(SpecError::Unmet { what, why }) => Some((what.clone(), why.clone())),
        _ => None,
    };
    let left_out: Option<Vec<(String, String)>> = warnings.iter().map(left_out).collect();
    serde_json::to_string(&(facts, left_out?)).ok()
}

/// The remembered facts of a unit.
fn recall(text: &str, app: &App) -> Option<(Facts, Diagnostics)> {
    let (facts, left_out): (Facts, Vec<(String, String)>) = serde_json::from_str(text).ok()?;
    let mut warnings = Diagnostics::default();
    for (what, why) in left_out {
        warnings.push(Diagnostic::warning(SpecError::Unmet { what, why }).at(app.span));
    }
    Some((facts, warnings))
}
