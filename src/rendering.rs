//! What was decided becomes folders of files, in memory: for `render` to publish, for `diff` and `commit` to compare.
//!
//! One app in one environment is rendered, handed over and dropped at a time, in parallel, so that memory does not grow with the
//! fleet. What comes out depends neither on the number of threads nor on what is selected: a folder is the same in every selection.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::manifests::{Entry, Facts, Listed, Unit, shared, unit};
use crate::model::App;
use crate::tree::{Fingerprint, Folder, GEN_VERSION};

/// A raw manifest may have this many bytes.
const MANIFEST_LIMIT: u64 = 4 << 20;

/// What is to be rendered, and with what.
#[derive(Clone, Copy)]
pub struct Rendering<'a> {
    /// All apps in all environments.
    pub fleet: &'a Fleet,
    /// The environments that are wanted.
    pub environments: &'a [&'a Prepared],
    /// The apps that are wanted; all where none is named.
    pub apps: &'a [String],
    /// Where raw manifests come from.
    pub files: &'a dyn Files,
    /// Reads everything that is written back and compares.
    pub verify: bool,
}

/// What stands in the tree already and is not rendered: it decides what the entries for Flux name.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Folders of apps, but those of retired ones. Where only some apps are wanted, an entry names the others that stand here.
    pub folders: BTreeSet<String>,
    /// What stays of apps that left the spec: their folders, each with its one file.
    pub retired: Vec<Folder>,
}

/// A folder that was rendered.
pub struct Rendered<'a> {
    /// Its environment.
    pub prepared: &'a Prepared,
    /// The app; none for what an environment's apps share, for its entry for Flux, and for what stays of a retired app.
    pub app: Option<&'a App>,
    /// The folder.
    pub folder: Folder,
    /// What is known of its objects; nothing of a retired app's.
    pub facts: Facts,
    /// What was left out of it, and the like.
    pub warnings: Diagnostics,
}

/// What every folder of an environment is rendered from.
#[must_use]
pub fn read_by_all(fleet: &Fleet, prepared: &Prepared) -> Fingerprint {
    let mut read = Fingerprint::default();
    read.add((GEN_VERSION, &fleet.templates, &prepared.environment));
    read
}

/// A digest of everything that a unit is rendered from, and of nothing else.
#[must_use]
pub fn read_by_unit(
    mut read: Fingerprint,
    prepared: &Prepared,
    app: &App,
    manifests: &[(String, Arc<str>)],
) -> String {
    read.add((app, prepared.plan.own(app), manifests));
    read.text()
}

/// The same of an entry.
#[must_use]
pub fn read_by_entry(mut read: Fingerprint, entry: &Entry<'_>) -> String {
    read.add(entry);
    read.text()
}

/// The folder of an app in an environment.
#[must_use]
pub fn folder_of(app: &App) -> String {
    format!("clusters/{}/{}/{}", app.cluster, app.environment, app.name)
}

impl<'a> Rendering<'a> {
    /// Whether an app is wanted.
    #[must_use]
    pub fn wants(&self, app: &str) -> bool {
        self.apps.is_empty() || self.apps.iter().any(|name| name == app)
    }

    /// Renders everything that is wanted and hands it over folder by folder: an environment's shared folder, its apps by name,
    /// what stays of retired ones, its entry. `take` is called from several threads; what it gives is collected in that order.
    ///
    /// # Errors
    /// What templates, patches and raw manifests are wrong about, in all environments; a patch that met nothing.
    pub fn each<T: Send>(
        &self,
        standing: &Standing,
        take: impl Fn(Rendered<'_>) -> T + Sync,
    ) -> Result<Vec<T>, Diagnostics> {
        let mut all = Vec::new();
        let mut problems = Diagnostics::default();
        for prepared in self.environments {
            match self.environment(prepared, standing, &take) {
                Ok(taken) => all.extend(taken),
                Err(found) => problems.extend(found),
            }
        }
        if problems.has_errors() {
            problems.sort();
            return Err(problems);
        }
        Ok(all)
    }

    fn environment<T: Send>(
        &self,
        prepared: &Prepared,
        standing: &Standing,
        take: &(impl Fn(Rendered<'_>) -> T + Sync),
    ) -> Result<Vec<T>, Diagnostics> {
        let units: Vec<Result<(Facts, Option<T>), Diagnostics>> = self
            .units(prepared)
            .map(|app| {
                let (folder, facts, warnings) = self.app(prepared, app)?;
                let seen = facts.clone();
                let taken = self.wants(&app.name).then(|| {
                    take(Rendered {
                        prepared,
                        app: Some(app),
                        folder,
                        facts,
                        warnings,
                    })
                });
                Ok((seen, taken))
            })
            .collect();
        let mut problems = Diagnostics::default();
        let mut patched = Patched::new(prepared);
        let mut taken = Vec::new();
        for unit in units {
            match unit {
                Ok((facts, one)) => {
                    patched.note(&facts);
                    taken.extend(one);
                }
                Err(found) => problems.extend(found),
            }
        }
        // What a unit that failed would have held is not known, so nothing is said about patches for it.
        if !problems.has_errors() {
            problems.extend(patched.unmet());
        }
        if problems.has_errors() {
            return Err(problems);
        }
        let around = |folder: Folder, facts: Facts| {
            take(Rendered {
                prepared,
                app: None,
                folder,
                facts,
                warnings: Diagnostics::default(),
            })
        };
        let mut all = Vec::with_capacity(taken.len() + 2);
        let shared = self.shared(prepared)?;
        let has_shared = shared.is_some();
        all.extend(shared.map(|(folder, facts)| around(folder, facts)));
        all.extend(taken);
        let environment = &prepared.environment;
        let below = format!("clusters/{}/{}/", environment.cluster, environment.name);
        let retired = || {
            standing
                .retired
                .iter()
                .filter(|f| f.path.starts_with(&below))
        };
        all.extend(retired().map(|folder| around(folder.clone(), Facts::default())));
        let names = retired()
            .filter_map(|folder| folder.owner.app.clone())
            .collect();
        let is_there =
            |app: &&App| self.wants(&app.name) || standing.folders.contains(&folder_of(app));
        let apps = prepared.apps.iter().filter(is_there);
        let (folder, facts) = self.entry(prepared, apps, names, has_shared).render()?;
        all.push(around(folder, facts));
        Ok(all)
    }

    /// The apps of an environment that are rendered: those that are wanted, and all where a patch might be meant for another alone.
    #[must_use]
    pub fn units(&self, prepared: &'a Prepared) -> impl ParallelIterator<Item = &'a App> {
        let this = *self;
        prepared
            .apps
            .par_iter()
            .filter(move |app| this.wants(&app.name) || !prepared.patches.is_empty())
    }

    /// Renders an app in an environment.
    ///
    /// # Errors
    /// What templates, patches and raw manifests are wrong about, and what of these cannot be read.
    pub fn app(
        &self,
        prepared: &Prepared,
        app: &App,
    ) -> Result<(Folder, Facts, Diagnostics), Diagnostics> {
        let manifests = self.manifests(app)?;
        self.unit(prepared, app, &manifests)
    }

    /// The same, of which the raw manifests were read already.
    ///
    /// # Errors
    /// What templates, patches and raw manifests are wrong about.
    pub fn unit(
        &self,
        prepared: &Prepared,
        app: &App,
        manifests: &[(String, Arc<str>)],
    ) -> Result<(Folder, Facts, Diagnostics), Diagnostics> {
        let what = Unit {
            engine: &self.fleet.engine,
            environment: &prepared.environment,
            plan: &prepared.plan,
            shared: &prepared.seen,
            patches: &prepared.patches,
            verify: self.verify,
        };
        unit(what, app, manifests)
    }

    /// What the apps of an environment share, where they share anything.
    ///
    /// # Errors
    /// What a template says.
    pub fn shared(&self, prepared: &Prepared) -> Result<Option<(Folder, Facts)>, Diagnostics> {
        shared(
            &self.fleet.engine,
            &prepared.environment,
            &prepared.plan,
            &prepared.seen,
        )
    }

    /// An environment's entry for Flux: for these apps, and for the accounts of retired ones.
    pub fn entry<'e>(
        &self,
        prepared: &'e Prepared,
        apps: impl Iterator<Item = &'e App>,
        retired: Vec<String>,
        has_shared: bool,
    ) -> Entry<'e>
    where
        'a: 'e,
    {
        let repository = self.fleet.repository();
        let namespace = &prepared.environment.flux.namespace;
        let listed = |app: &'e App| Listed::new(app, namespace, self.fleet.own_entries);
        Entry {
            engine: &self.fleet.engine,
            environment: &prepared.environment,
            seen: &prepared.seen,
            repository: (repository.url, repository.branch),
            root: repository.path,
            has_shared,
            apps: apps.map(listed).collect(),
            retired,
        }
    }

    /// The raw manifests of an app: path and text.
    ///
    /// # Errors
    /// What cannot be read; a folder without manifests.
    pub fn manifests(&self, app: &App) -> Result<Vec<(String, Arc<str>)>, Diagnostics> {
        let Some(folder) = &app.extra else {
            return Ok(Vec::new());
        };
        let mut manifests = Vec::new();
        for path in self.files.list(folder)? {
            let is_yaml = [".yaml", ".yml"]
                .iter()
                .any(|ending| path.ends_with(ending));
            if is_yaml && !path.ends_with("kustomization.yaml") {
                let text = self.files.read(&path, MANIFEST_LIMIT)?;
                manifests.extend(text.map(|text| (path, text)));
            }
        }
        if manifests.is_empty() {
            let problem = "it holds no manifests".to_owned();
            let path = folder.clone();
            let error = Diagnostic::error(SpecError::BadManifest { path, problem });
            return Err(error.at(app.extra_span).into());
        }
        Ok(manifests)
    }
}

/// Which patches of an environment met an object in any of its apps.
pub struct Patched<'a> {
    prepared: &'a Prepared,
    met: Vec<bool>,
    names: Vec<(String, String)>,
}

impl<'a> Patched<'a> {
    /// None has met anything yet.
    #[must_use]
    pub fn new(prepared: &'a Prepared) -> Self {
        Self {
            prepared,
            met: vec![false; prepared.patches.iter().len()],
            names: Vec::new(),
        }
    }

    /// Takes over what is known of an app.
    pub fn note(&mut self, facts: &Facts) {
        for (all, one) in self.met.iter_mut().zip(&facts.patched) {
            *all |= one;
        }
        self.names.extend(facts.names.iter().cloned());
    }

    /// An error for each patch that met nothing, with what comes nearest.
    #[must_use]
    pub fn unmet(&self) -> Diagnostics {
        let mut problems = Diagnostics::default();
        let patches = self.prepared.patches.iter().zip(&self.met);
        for (patch, _) in patches.filter(|(_, met)| !**met) {
            let names = self.names.iter();
            let names = names.map(|(kind, name)| (kind.as_str(), name.as_str()));
            problems.push(patch.without_match(names));
        }
        problems
    }
}
