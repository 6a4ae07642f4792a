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

/// What becomes of a rendering, folder by folder. It is asked from several threads.
pub trait Take: Sync {
    /// What is made of a folder.
    type Taken: Send;

    /// Renders an app, unless it is known what comes of it: which patches it met, and, where it is wanted, what is made of it.
    ///
    /// # Errors
    /// What it is wrong about, and what is refused.
    fn app(
        &self,
        prepared: &Prepared,
        app: &App,
    ) -> Result<(Met, Option<Self::Taken>), Diagnostics>;

    /// Takes what an environment's apps share, or what stays of a retired one.
    ///
    /// # Errors
    /// What is refused.
    fn folder(
        &self,
        prepared: &Prepared,
        folder: Folder,
        facts: Facts,
    ) -> Result<Self::Taken, Diagnostics>;

    /// Renders an entry for Flux, unless it is known what comes of it.
    ///
    /// # Errors
    /// What it is wrong about, and what is refused.
    fn entry(&self, prepared: &Prepared, entry: &Entry<'_>) -> Result<Self::Taken, Diagnostics>;
}

/// Which patches met an object of an app, and what the app's objects are called where there are patches: kind and name.
pub type Met = (Vec<bool>, Vec<(String, String)>);

/// What patches met in an app, as far as it is known.
#[must_use]
pub fn met(facts: &Facts) -> Met {
    (facts.patched.clone(), facts.names.clone())
}

/// Renders every folder.
struct Each<'a, F> {
    rendering: Rendering<'a>,
    take: F,
}

impl<T: Send, F: Fn(Rendered<'_>) -> T + Sync> Take for Each<'_, F> {
    type Taken = T;

    fn app(&self, prepared: &Prepared, app: &App) -> Result<(Met, Option<T>), Diagnostics> {
        let (folder, facts, warnings) = self.rendering.app(prepared, app)?;
        let met = met(&facts);
        let is_wanted = self.rendering.wants(&app.name);
        let taken = is_wanted
            .then(|| (self.take)(Rendered { prepared, app: Some(app), folder, facts, warnings }));
        Ok((met, taken))
    }

    fn folder(&self, prepared: &Prepared, folder: Folder, facts: Facts) -> Result<T, Diagnostics> {
        Ok((self.take)(Rendered {
            prepared,
            app: None,
            folder,
            facts,
            warnings: Diagnostics::default(),
        }))
    }

    fn entry(&self, prepared: &Prepared, entry: &Entry<'_>) -> Result<T, Diagnostics> {
        let (folder, facts) = entry.render()?;
        self.folder(prepared, folder, facts)
    }
}

/// A result's value; its problems go to the others.
fn or_note<T>(result: Result<T, Diagnostics>, problems: &mut Diagnostics) -> Option<T> {
    result.map_err(|found| problems.extend(found)).ok()
}

/// The folder of an app in an environment.
#[must_use]
pub fn folder_of(app: &App) -> String {
    format!("clusters/{}/{}/{}", app.cluster, app.environment, app.name)
}

impl<'a> Rendering<'a> {
    /// Of nothing yet. Raw manifests come from `files`.
    #[must_use]
    pub fn new(fleet: &'a Fleet, files: &'a dyn Files) -> Self {
        Self { fleet, environments: &[], apps: &[], files, verify: false }
    }

    /// Of these environments, and of these apps; of all apps where none is named.
    #[must_use]
    pub fn of(self, environments: &'a [&'a Prepared], apps: &'a [String]) -> Self {
        Self { environments, apps, ..self }
    }

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
        let rendering = *self;
        let all = self.fold(standing, &Each { rendering, take })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// The same, by environment, where `take` decides what is rendered at all.
    ///
    /// # Errors
    /// As [`Rendering::each`], and what `take` refuses.
    pub fn fold<K: Take>(
        &self,
        standing: &Standing,
        take: &K,
    ) -> Result<Vec<Vec<K::Taken>>, Diagnostics> {
        // Side by side, so that nobody waits for the last unit or for the one large file of another.
        let of_each: Vec<Result<Vec<K::Taken>, Diagnostics>> = self
            .environments
            .par_iter()
            .map(|prepared| self.environment(prepared, standing, take))
            .collect();
        let mut problems = Diagnostics::default();
        let all = of_each.into_iter().filter_map(|one| or_note(one, &mut problems));
        let all = all.collect();
        if problems.has_errors() {
            problems.sort();
            return Err(problems);
        }
        Ok(all)
    }

    fn environment<K: Take>(
        &self,
        prepared: &Prepared,
        standing: &Standing,
        take: &K,
    ) -> Result<Vec<K::Taken>, Diagnostics> {
        let units: Vec<Result<_, Diagnostics>> =
            self.units(prepared).map(|app| take.app(prepared, app)).collect();
        let mut problems = Diagnostics::default();
        let mut patched = Patched::new(prepared);
        let mut taken = Vec::new();
        for (met, one) in units.into_iter().filter_map(|unit| or_note(unit, &mut problems)) {
            patched.note(met);
            taken.extend(one);
        }
        // What a unit that failed would have held is not known, so nothing is said about patches for it.
        if !problems.has_errors() {
            problems.extend(patched.unmet());
        }
        if problems.has_errors() {
            return Err(problems);
        }
        let mut all = Vec::with_capacity(taken.len() + 2);
        let shared = self.shared(prepared)?;
        let has_shared = shared.is_some();
        if let Some((folder, facts)) = shared {
            all.push(take.folder(prepared, folder, facts)?);
        }
        all.extend(taken);
        let environment = &prepared.environment;
        let below = format!("clusters/{}/{}/", environment.cluster, environment.name);
        let retired = standing.retired.iter();
        let mut names = Vec::new();
        for folder in retired.filter(|folder| folder.path.starts_with(&below)) {
            names.extend(folder.owner.app.clone());
            all.push(take.folder(prepared, folder.clone(), Facts::default())?);
        }
        // With `--app`, an app of somebody else's that was never rendered has no folder yet, and Flux would look for it in vain.
        let is_there =
            |app: &&App| self.wants(&app.name) || standing.folders.contains(&folder_of(app));
        let apps = prepared.apps.iter().filter(is_there);
        let entry = self.entry(prepared, apps, names, has_shared);
        all.push(take.entry(prepared, &entry)?);
        Ok(all)
    }

    /// The apps of an environment that are rendered: those that are wanted, and all where a patch might be meant for another alone.
    fn units<'p>(
        &self,
        prepared: &'p Prepared,
    ) -> impl ParallelIterator<Item = &'p App> + use<'p, 'a> {
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
        shared(&self.fleet.engine, &prepared.environment, &prepared.plan, &prepared.seen)
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
            let is_yaml = [".yaml", ".yml"].iter().any(|ending| path.ends_with(ending));
            if is_yaml && !path.ends_with("kustomization.yaml") {
                let text = self.files.read(&path, MANIFEST_LIMIT)?;
                manifests.extend(text.map(|text| (path, text)));
            }
        }
        if manifests.is_empty() {
            let problem = "no manifests".to_owned();
            let path = folder.clone();
            let error = Diagnostic::error(SpecError::BadManifest { path, problem });
            return Err(error.at(app.extra_span).into());
        }
        Ok(manifests)
    }
}

/// Which patches of an environment met an object in any of its apps.
struct Patched<'a> {
    prepared: &'a Prepared,
    met: Vec<bool>,
    names: Vec<(String, String)>,
}

impl<'a> Patched<'a> {
    fn new(prepared: &'a Prepared) -> Self {
        Self { prepared, met: vec![false; prepared.patches.iter().len()], names: Vec::new() }
    }

    fn note(&mut self, (met, names): Met) {
        for (all, one) in self.met.iter_mut().zip(met) {
            *all |= one;
        }
        self.names.extend(names);
    }

    /// An error for each patch that met nothing, with what comes nearest.
    fn unmet(&self) -> Diagnostics {
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
