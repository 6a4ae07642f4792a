//! The work of a render: units in parallel, what environments share, the entries for Flux, what goes.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::cli::Progress;
use crate::commands::removals::Gone;
use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::fleet::Prepared;
use crate::manifests::{Entry, Facts, entry_folder};
use crate::model::App;
use crate::rendering::{Patched, Rendering, folder_of, read_by_all, read_by_entry, read_by_unit};
use crate::report::EnvironmentReport;
use crate::tree::{Fingerprint, Folder};
use crate::workspace::{Change, FoundRecord, Outcome, Publication, Remember, Workspace};

/// What a render did.
#[derive(Default)]
pub(in crate::commands) struct Done {
    pub(in crate::commands) environments: Vec<EnvironmentReport>,
    pub(in crate::commands) secrets: BTreeSet<(String, String, String, Option<String>)>,
    pub(in crate::commands) retired: BTreeSet<String>,
    pub(in crate::commands) warnings: Diagnostics,
    pub(in crate::commands) changes: Vec<Change>,
    pub(in crate::commands) unchanged: usize,
    /// Units that were rendered, and those that are what they were rendered from before.
    pub(in crate::commands) units: (usize, usize),
}

impl Done {
    fn extend(&mut self, other: Self) {
        let Self {
            environments,
            mut secrets,
            mut retired,
            warnings,
            changes,
            unchanged,
            units: (rendered, known),
        } = other;
        self.environments.extend(environments);
        self.secrets.append(&mut secrets);
        self.retired.append(&mut retired);
        self.warnings.extend(warnings);
        self.changes.extend(changes);
        self.unchanged += unchanged;
        self.units.0 += rendered;
        self.units.1 += known;
    }
}

/// Why a render stopped, with the edits that stand in its way.
#[derive(Default)]
pub(in crate::commands) struct Failure {
    pub(in crate::commands) found: Diagnostics,
    pub(in crate::commands) changes: Vec<Change>,
}

impl Failure {
    /// An edit that stands in the way.
    fn of(outcome: Outcome) -> Self {
        Self {
            found: outcome.refused,
            changes: outcome.changes,
        }
    }

    fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
        self.changes.extend(other.changes);
    }
}

impl From<Diagnostics> for Failure {
    fn from(found: Diagnostics) -> Self {
        Self {
            found,
            changes: Vec::new(),
        }
    }
}

/// One render that is published.
pub(in crate::commands) struct Work<'a> {
    pub(in crate::commands) rendering: Rendering<'a>,
    pub(in crate::commands) workspace: &'a Workspace,
    pub(in crate::commands) publication: &'a Publication,
    pub(in crate::commands) gone: &'a Gone,
}

/// What came of one unit.
struct Rendered {
    /// It is what it was rendered from before.
    is_known: bool,
    facts: Facts,
    warnings: Diagnostics,
    outcome: Option<Outcome>,
}

/// What the folders around an environment's apps are made of.
struct Around<'a> {
    prepared: &'a Prepared,
    records: &'a [FoundRecord],
    retired: Vec<String>,
    base: Fingerprint,
}

/// A folder that is no app's, compared and staged.
struct Written {
    key: String,
    facts: Facts,
    outcome: Outcome,
}

impl Work<'_> {
    /// Everything, up to where it can be published.
    pub(in crate::commands) fn run(
        &self,
        records: &[FoundRecord],
        progress: &Progress,
    ) -> Result<Done, Failure> {
        let mut done = Done::default();
        let mut failure = Failure::default();
        let mut kept: BTreeSet<String> = BTreeSet::new();
        let environments = self.rendering.environments;
        // Side by side, so that nobody waits for the last unit or for the one large file of another.
        let of_each: Vec<Result<(Done, Vec<String>), Failure>> = environments
            .par_iter()
            .map(|prepared| self.environment(prepared, records, progress))
            .collect();
        for (prepared, of_one) in environments.iter().zip(of_each) {
            kept.extend(
                prepared
                    .apps
                    .iter()
                    .map(|app| folder_of(app) + "/gen.lock.json"),
            );
            match of_one {
                Ok((of_one, keys)) => {
                    done.extend(of_one);
                    kept.extend(keys);
                }
                Err(failed) => failure.extend(failed),
            }
        }
        if failure.found.has_errors() {
            failure.found.sort();
            return Err(failure);
        }
        done.retired.extend(self.gone.names());
        let mut rest = self.gone.retire(self.workspace)?;
        let of_apps: BTreeSet<String> = rest.iter().map(|folder| folder.path.clone()).collect();
        let ended = self.gone.ended(self.workspace)?.into_iter();
        rest.extend(ended.filter(|folder| !of_apps.contains(&folder.path)));
        for folder in rest {
            let remember = Some(Remember::default());
            note(&mut done, self.publication.add(&folder, remember)?)?;
        }
        for (folder, record) in self.gone.removed() {
            if !kept.contains(&format!("{folder}/{record}")) {
                note(&mut done, self.publication.remove(folder, record)?)?;
            }
        }
        done.changes.sort_by(|a, b| a.path.cmp(&b.path));
        done.warnings.sort();
        Ok(done)
    }

    /// An environment: its units, and what stands around them, whose keys are given.
    fn environment(
        &self,
        prepared: &Prepared,
        records: &[FoundRecord],
        progress: &Progress,
    ) -> Result<(Done, Vec<String>), Failure> {
        let mut done = Done::default();
        let base = read_by_all(self.rendering.fleet, prepared);
        let mut report = self.units(prepared, &base, progress, &mut done)?;
        let environment = &prepared.environment;
        let around = Around {
            prepared,
            records,
            retired: self.gone.retired(&environment.name, &environment.cluster),
            base,
        };
        let mut keys = Vec::new();
        for folder in self.around(&around)? {
            keys.push(folder.key);
            note(&mut done, folder.outcome)?;
            count(prepared, folder.facts, &mut report, &mut done);
        }
        done.environments.push(report);
        Ok((done, keys))
    }

    /// The units of an environment: what is to be told of them.
    fn units(
        &self,
        prepared: &Prepared,
        base: &Fingerprint,
        progress: &Progress,
        done: &mut Done,
    ) -> Result<EnvironmentReport, Failure> {
        let environment = &prepared.environment;
        let results: Vec<Result<Rendered, Diagnostics>> = self
            .rendering
            .units(prepared)
            .map(|app| {
                let result = self.unit(prepared, app, base, self.rendering.wants(&app.name));
                progress.step();
                result
            })
            .collect();
        let mut failure = Failure::default();
        let mut report = EnvironmentReport {
            name: environment.name.clone(),
            cluster: environment.cluster.clone(),
            ..EnvironmentReport::default()
        };
        let mut patched = Patched::new(prepared);
        for result in results {
            let rendered = match result {
                Ok(rendered) => rendered,
                Err(found) => {
                    failure.found.extend(found);
                    continue;
                }
            };
            patched.note(&rendered.facts);
            let Some(outcome) = rendered.outcome else {
                continue;
            };
            failure.found.extend(outcome.refused.clone());
            if !outcome.refused.is_empty() {
                failure.changes.extend(outcome.changes.clone());
            }
            done.warnings.extend(rendered.warnings);
            report.apps += 1;
            if rendered.is_known {
                done.units.1 += 1;
            } else {
                done.units.0 += 1;
            }
            count(prepared, rendered.facts, &mut report, done);
            done.unchanged += outcome.unchanged;
            done.changes.extend(outcome.changes);
        }
        // What a unit that failed would have held is not known, so nothing is said about patches for it.
        if !failure.found.has_errors() {
            failure.found.extend(patched.unmet());
        }
        if failure.found.has_errors() {
            return Err(failure);
        }
        Ok(report)
    }

    /// What the apps share, and the entry for Flux.
    fn around(&self, around: &Around<'_>) -> Result<Vec<Written>, Failure> {
        let mut all = Vec::with_capacity(2);
        let shared = self.rendering.shared(around.prepared)?;
        let has_shared = shared.is_some();
        if let Some((folder, facts)) = shared {
            // Rendered every time; remembered only as what the tree holds.
            all.push(self.write(&folder, facts, Some(Remember::default()))?);
        }
        let (folder, record) = entry_folder(&around.prepared.environment);
        let entry = self.entry(around, has_shared);
        let input_digest = read_by_entry(around.base.clone(), &entry);
        let remembered = (!self.rendering.verify)
            .then(|| self.publication.fresh(&folder, &record, &input_digest))
            .flatten();
        if let Some(facts) = remembered.and_then(|facts| serde_json::from_str(&facts).ok()) {
            all.push(Written {
                key: format!("{folder}/{record}"),
                facts,
                outcome: Outcome::default(),
            });
            return Ok(all);
        }
        let (folder, facts) = entry.render()?;
        let facts_text = serde_json::to_string(&facts).ok();
        let remember = facts_text.map(|facts| Remember {
            input_digest,
            facts,
        });
        all.push(self.write(&folder, facts, remember)?);
        Ok(all)
    }

    fn write(
        &self,
        folder: &Folder,
        facts: Facts,
        remember: Option<Remember>,
    ) -> Result<Written, Failure> {
        let outcome = self.publication.add(folder, remember)?;
        if !outcome.refused.is_empty() {
            return Err(Failure::of(outcome));
        }
        Ok(Written {
            key: format!("{}/{}", folder.path, folder.record),
            facts,
            outcome,
        })
    }

    /// An environment's entry. With `--app`, an app of somebody else's that was never rendered has no folder yet, and Flux would look
    /// for it in vain.
    fn entry<'e>(&'e self, around: &'e Around<'_>, has_shared: bool) -> Entry<'e> {
        let prepared = around.prepared;
        let is_there = |app: &&App| {
            self.rendering.wants(&app.name)
                || around
                    .records
                    .iter()
                    .any(|found| found.folder == folder_of(app) && !found.record.retired)
        };
        let apps = prepared.apps.iter().filter(is_there);
        let retired = around.retired.clone();
        self.rendering.entry(prepared, apps, retired, has_shared)
    }

    fn unit(
        &self,
        prepared: &Prepared,
        app: &App,
        base: &Fingerprint,
        wanted: bool,
    ) -> Result<Rendered, Diagnostics> {
        let manifests = self.rendering.manifests(app)?;
        let digest = read_by_unit(base.clone(), prepared, app, &manifests);
        let folder = folder_of(app);
        let remembered = (wanted && !self.rendering.verify)
            .then(|| self.publication.fresh(&folder, "gen.lock.json", &digest))
            .flatten();
        if let Some(Ok((facts, left_out))) = remembered
            .as_deref()
            .map(serde_json::from_str::<(Facts, Vec<(String, String)>)>)
        {
            let mut warnings = Diagnostics::default();
            for (what, why) in left_out {
                warnings.push(Diagnostic::warning(SpecError::Unmet { what, why }).at(app.span));
            }
            return Ok(Rendered {
                is_known: true,
                facts,
                warnings,
                outcome: Some(Outcome::default()),
            });
        }
        let rendered = self.rendering.unit(prepared, app, &manifests);
        let (folder, facts, warnings) = rendered?;
        if !wanted {
            return Ok(Rendered {
                is_known: false,
                facts,
                warnings,
                outcome: None,
            });
        }
        // A unit that has more to say than what it left out is not remembered, so that it says it every time.
        let left_out: Option<Vec<(String, String)>> = warnings
            .iter()
            .map(|warning| match &warning.kind {
                crate::diagnostics::Kind::Spec(SpecError::Unmet { what, why }) => {
                    Some((what.clone(), why.clone()))
                }
                _ => None,
            })
            .collect();
        let facts_text =
            left_out.and_then(|left_out| serde_json::to_string(&(&facts, left_out)).ok());
        let remember = facts_text.map(|facts| Remember {
            input_digest: digest,
            facts,
        });
        let outcome = self.publication.add(&folder, remember)?;
        Ok(Rendered {
            is_known: false,
            facts,
            warnings,
            outcome: Some(outcome),
        })
    }
}

/// Adds what is known of a folder to the report.
fn count(prepared: &Prepared, facts: Facts, report: &mut EnvironmentReport, done: &mut Done) {
    for (kind, count) in facts.kinds {
        *report.kinds.entry(kind).or_default() += count;
    }
    for (namespace, name, key) in facts.secrets {
        done.secrets
            .insert((prepared.environment.cluster.clone(), namespace, name, key));
    }
}

/// Takes over what came of a folder that is not an app's; an edit in it stops the render.
fn note(done: &mut Done, outcome: Outcome) -> Result<(), Failure> {
    if !outcome.refused.is_empty() {
        return Err(Failure::of(outcome));
    }
    done.unchanged += outcome.unchanged;
    done.changes.extend(outcome.changes);
    Ok(())
}
