//! The work of a render: units in parallel, what environments share, the entries for Flux, what goes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::removals;
use crate::cli::Progress;
use crate::cli::args::Render;
use crate::error::{Diagnostic, Diagnostics, SpecError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::model::App;
use crate::report::EnvironmentReport;
use crate::resources::{Entry, Facts, Unit, entry, shared, unit};
use crate::tree::{Folder, GEN_VERSION};
use crate::workspace::{Change, FoundRecord, Outcome, Publication, Remember, Workspace};

/// A raw manifest may have this many bytes.
const MANIFEST_LIMIT: u64 = 4 << 20;

/// What a render did.
#[derive(Default)]
pub(super) struct Done {
    pub(super) environments: Vec<EnvironmentReport>,
    pub(super) secrets: BTreeSet<(String, String, String, Option<String>)>,
    pub(super) retired: BTreeSet<String>,
    pub(super) warnings: Diagnostics,
    pub(super) changes: Vec<Change>,
    pub(super) unchanged: usize,
}

/// Why a render stopped, with the edits that stand in its way.
#[derive(Default)]
pub(super) struct Failure {
    pub(super) found: Diagnostics,
    pub(super) changes: Vec<Change>,
}

impl From<Diagnostics> for Failure {
    fn from(found: Diagnostics) -> Self {
        Self {
            found,
            changes: Vec::new(),
        }
    }
}

/// One render.
pub(super) struct Work<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) selected: &'a [&'a Prepared],
    pub(super) args: &'a Render,
    workspace: &'a Workspace,
    publication: Option<&'a Publication>,
}

/// What came of one unit.
struct Rendered {
    facts: Facts,
    warnings: Diagnostics,
    outcome: Option<Outcome>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        fleet: &'a Fleet,
        selected: &'a [&'a Prepared],
        args: &'a Render,
        workspace: &'a Workspace,
        publication: Option<&'a Publication>,
    ) -> Self {
        Self {
            fleet,
            selected,
            args,
            workspace,
            publication,
        }
    }

    fn wants(&self, app: &str) -> bool {
        self.args.apps.is_empty() || self.args.apps.iter().any(|name| name == app)
    }

    /// Everything, up to where it can be published.
    pub(super) fn run(
        &self,
        records: &[FoundRecord],
        progress: &Progress,
    ) -> Result<Done, Failure> {
        let mut done = Done::default();
        let mut failure = Failure::default();
        let mut kept: BTreeSet<String> = BTreeSet::new();
        let gone = removals::plan(self, records)?;
        for prepared in self.selected {
            let retired = gone.retired(&prepared.environment.name, &prepared.environment.cluster);
            if let Err(failed) =
                self.environment(prepared, records, &retired, progress, &mut done, &mut kept)
            {
                failure.found.extend(failed.found);
                failure.changes.extend(failed.changes);
            }
            done.retired.extend(retired);
        }
        if failure.found.has_errors() {
            failure.found.sort();
            return Err(failure);
        }
        let publication = self.publication.expect("a stream does not come here");
        for folder in gone.retire(self.workspace)? {
            note(&mut done, publication.add(&folder, None)?)?;
        }
        for (folder, record) in gone.removed() {
            if !kept.contains(&format!("{folder}/{record}")) {
                note(&mut done, publication.remove(folder, record)?)?;
            }
        }
        done.changes.sort_by(|a, b| a.path.cmp(&b.path));
        done.warnings.sort();
        Ok(done)
    }

    fn environment(
        &self,
        prepared: &'a Prepared,
        records: &[FoundRecord],
        retired: &[String],
        progress: &Progress,
        done: &mut Done,
        kept: &mut BTreeSet<String>,
    ) -> Result<(), Failure> {
        let environment = &prepared.environment;
        let base = self.base_digest(prepared);
        let results: Vec<Result<Rendered, Diagnostics>> = prepared
            .apps
            .par_iter()
            // An app that is not selected is rendered only where a patch might be meant for it alone.
            .filter(|app| self.wants(&app.name) || !prepared.patches.is_empty())
            .map(|app| {
                let result = self.unit(prepared, app, &base, self.wants(&app.name));
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
        let mut patched = vec![false; prepared.patches.len()];
        let mut names: Vec<(String, String)> = Vec::new();
        for result in results {
            let rendered = match result {
                Ok(rendered) => rendered,
                Err(found) => {
                    failure.found.extend(found);
                    continue;
                }
            };
            for (all, one) in patched.iter_mut().zip(&rendered.facts.patched) {
                *all |= one;
            }
            names.extend(rendered.facts.names.iter().cloned());
            let Some(outcome) = rendered.outcome else {
                continue;
            };
            failure.found.extend(outcome.refused.clone());
            if !outcome.refused.is_empty() {
                failure.changes.extend(outcome.changes.clone());
            }
            done.warnings.extend(rendered.warnings);
            report.apps += 1;
            count(prepared, rendered.facts, &mut report, done);
            done.unchanged += outcome.unchanged;
            done.changes.extend(outcome.changes);
        }
        // What a unit that failed would have held is not known, so nothing is said about patches for it.
        let is_known = !failure.found.has_errors();
        for (patch, _) in prepared
            .patches
            .iter()
            .zip(&patched)
            .filter(|(_, matched)| is_known && !**matched)
        {
            failure.found.push(
                patch.without_match(
                    names
                        .iter()
                        .map(|(kind, name)| (kind.as_str(), name.as_str())),
                ),
            );
        }
        if failure.found.has_errors() {
            return Err(failure);
        }
        for app in &prepared.apps {
            kept.insert(format!("{}/gen.lock.json", folder_of(app)));
        }
        self.around(prepared, records, retired, &mut report, done, kept)?;
        done.environments.push(report);
        Ok(())
    }

    /// What the apps share, and the entry for Flux.
    fn around(
        &self,
        prepared: &Prepared,
        records: &[FoundRecord],
        retired: &[String],
        report: &mut EnvironmentReport,
        done: &mut Done,
        kept: &mut BTreeSet<String>,
    ) -> Result<(), Failure> {
        let shared_folder = self.shared(prepared)?;
        let has_shared = shared_folder.is_some();
        let publication = self.publication.expect("a stream does not come here");
        let mut folders: Vec<(Folder, Facts)> = shared_folder.into_iter().collect();
        folders.push(self.entry(prepared, records, retired, has_shared)?);
        for (folder, facts) in folders {
            kept.insert(format!("{}/{}", folder.path, folder.record));
            note(done, publication.add(&folder, None)?)?;
            count(prepared, facts, report, done);
        }
        Ok(())
    }

    fn entry(
        &self,
        prepared: &Prepared,
        records: &[FoundRecord],
        retired: &[String],
        has_shared: bool,
    ) -> Result<(Folder, Facts), Diagnostics> {
        let repository = self.fleet.repository();
        // With `--app`, an app of somebody else's that was never rendered has no folder yet, and Flux would look for it in vain.
        let is_there = |app: &App| {
            self.wants(&app.name)
                || records
                    .iter()
                    .any(|found| found.folder == folder_of(app) && !found.record.retired)
        };
        entry(&Entry {
            engine: &self.fleet.engine,
            environment: &prepared.environment,
            seen: &prepared.seen,
            repository: (&repository.url, &repository.branch),
            root: &repository.path,
            has_shared,
            apps: prepared.apps.iter().filter(|app| is_there(app)).collect(),
            retired: retired.to_vec(),
        })
    }

    /// What the units of an environment are rendered with.
    fn what(&self, prepared: &'a Prepared) -> Unit<'a> {
        Unit {
            engine: &self.fleet.engine,
            environment: &prepared.environment,
            plan: &prepared.plan,
            shared: &prepared.seen,
            patches: &prepared.patches,
            verify: self.args.verify,
        }
    }

    /// What the apps of an environment share, where they share anything.
    fn shared(&self, prepared: &Prepared) -> Result<Option<(Folder, Facts)>, Diagnostics> {
        shared(
            &self.fleet.engine,
            &prepared.environment,
            &prepared.plan,
            &prepared.seen,
        )
    }

    /// What every unit of an environment depends on.
    fn base_digest(&self, prepared: &Prepared) -> Sha256 {
        let mut digest = Sha256::new();
        digest.update(GEN_VERSION);
        digest.update(&self.fleet.templates);
        digest.update(format!("{:?}", prepared.environment));
        digest
    }

    fn unit(
        &self,
        prepared: &'a Prepared,
        app: &App,
        base: &Sha256,
        wanted: bool,
    ) -> Result<Rendered, Diagnostics> {
        let manifests = self.manifests(app)?;
        let digest = unit_digest(base.clone(), prepared, app, &manifests);
        let folder = folder_of(app);
        let remembered = self
            .publication
            .filter(|_| wanted && !self.args.verify)
            .and_then(|publication| publication.fresh(&folder, "gen.lock.json", &digest));
        if let Some(Ok((facts, left_out))) = remembered
            .as_deref()
            .map(serde_json::from_str::<(Facts, Vec<(String, String)>)>)
        {
            let mut warnings = Diagnostics::default();
            for (what, why) in left_out {
                warnings.push(Diagnostic::warning(SpecError::Unmet { what, why }).at(app.span));
            }
            return Ok(Rendered {
                facts,
                warnings,
                outcome: Some(Outcome::default()),
            });
        }
        let what = self.what(prepared);
        let (folder, facts, warnings) = unit(what, app, &manifests)?;
        let Some(publication) = self.publication.filter(|_| wanted) else {
            return Ok(Rendered {
                facts,
                warnings,
                outcome: None,
            });
        };
        // A unit that has more to say than what it left out is not remembered, so that it says it every time.
        let left_out: Option<Vec<(String, String)>> = warnings
            .iter()
            .map(|warning| match &warning.kind {
                crate::error::Kind::Spec(SpecError::Unmet { what, why }) => {
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
        let outcome = publication.add(&folder, remember)?;
        Ok(Rendered {
            facts,
            warnings,
            outcome: Some(outcome),
        })
    }

    fn manifests(&self, app: &App) -> Result<Vec<(String, Arc<str>)>, Diagnostics> {
        let Some(folder) = &app.extra else {
            return Ok(Vec::new());
        };
        let mut manifests = Vec::new();
        for path in self.workspace.list(folder)? {
            let is_yaml = [".yaml", ".yml"]
                .iter()
                .any(|ending| path.ends_with(ending));
            if is_yaml && !path.ends_with("kustomization.yaml") {
                manifests.extend(
                    self.workspace
                        .read(&path, MANIFEST_LIMIT)?
                        .map(|text| (path, text)),
                );
            }
        }
        if manifests.is_empty() {
            let problem = "it holds no manifests".to_owned();
            return Err(Diagnostic::error(SpecError::BadManifest {
                path: folder.clone(),
                problem,
            })
            .at(app.extra_span)
            .into());
        }
        Ok(manifests)
    }

    /// All objects as one stream.
    pub(super) fn stream(&self) -> Result<String, Diagnostics> {
        let mut out = String::new();
        for prepared in self.selected {
            let what = self.what(prepared);
            let rendered: Vec<Result<Folder, Diagnostics>> = prepared
                .apps
                .par_iter()
                .filter(|app| self.wants(&app.name))
                .map(|app| Ok(unit(what, app, &self.manifests(app)?)?.0))
                .collect();
            let shared_folder = self.shared(prepared)?;
            let has_shared = shared_folder.is_some();
            let mut folders: Vec<Folder> = shared_folder
                .into_iter()
                .map(|(folder, _)| folder)
                .collect();
            for folder in rendered {
                folders.push(folder?);
            }
            folders.push(self.entry(prepared, &[], &[], has_shared)?.0);
            for folder in folders {
                for (path, text) in &folder.files {
                    if !path.ends_with("kustomization.yaml") {
                        let _ = write!(out, "---\n# {}/{path}\n{text}", folder.path);
                    }
                }
            }
        }
        Ok(out)
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
        return Err(Failure {
            found: outcome.refused,
            changes: outcome.changes,
        });
    }
    done.unchanged += outcome.unchanged;
    done.changes.extend(outcome.changes);
    Ok(())
}

/// The folder of a unit.
pub(super) fn folder_of(app: &App) -> String {
    format!("clusters/{}/{}/{}", app.cluster, app.environment, app.name)
}

/// A digest of everything that a unit is rendered from.
fn unit_digest(
    mut digest: Sha256,
    prepared: &Prepared,
    app: &App,
    manifests: &[(String, Arc<str>)],
) -> String {
    digest.update(serde_json::to_vec(app).unwrap_or_default());
    digest.update(format!("{:?}", prepared.plan.own(app)));
    for (path, text) in manifests {
        digest.update(path);
        digest.update([0]);
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    crate::tree::hash(&digest.finalize())
}
