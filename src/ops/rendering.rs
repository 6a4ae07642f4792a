//! Renders the fleet to folders of files in memory: for `render` to publish, for `diff` and `commit` to compare.
//!
//! Each app in each environment is rendered, handed over and dropped, in parallel, so that memory does not grow with the fleet. The
//! output depends neither on the number of threads nor on the selection: a folder is the same in every selection.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::check::Gate;
use crate::diagnostics::{Diagnostic, Diagnostics, Span, SpecError};
use crate::files::Files;
use crate::fleet::{Fleet, Prepared};
use crate::kubernetes::patch::Patch;
use crate::manifests::{
    APPLY, Before, Entry, Facts, Listed, Patching, RETIRED, Unit, shared, unit,
};
use crate::model::App;
use crate::ops::mounted::{filled, mounted};
use crate::ops::raw::{Raw, raw};
use crate::tree::{Fingerprint, Folder, GEN_VERSION};

/// Maximum size of a file with rights, in bytes.
const RIGHTS: u64 = 1 << 20;

/// The path of the namespaces that apps share, in an environment's folder.
const SHARED: &str = "shared/namespaces.yaml";

/// A rendering, not started yet.
#[derive(Clone, Copy)]
pub struct Rendering<'a> {
    /// All apps in all environments.
    pub fleet: &'a Fleet,
    /// The selected environments.
    pub environments: &'a [&'a Prepared],
    /// The selected apps; all if empty.
    pub apps: &'a [String],
    /// The source of raw manifests.
    pub files: &'a dyn Files,
    /// Parse all output and compare it with the input.
    pub verify: bool,
    /// The tree that stood before: what Flux could prune, it still can. None for a rendering that Flux never sees.
    pub tree: Option<&'a dyn Files>,
    /// Apps of which Flux has pruned everything.
    pub forget: &'a [String],
    /// Judges what is written; nothing where nothing is.
    pub gate: Option<&'a Gate>,
    /// Hands over the objects of apps beside their files ([`Facts::objects`]).
    pub keep: bool,
}

/// The parts of the existing tree that are not rendered, but listed in the entries for Flux.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Folders of apps, except for retired ones. If only some apps are selected, an entry lists the others from here.
    pub folders: BTreeSet<String>,
    /// The remaining folders of apps that were removed from the spec, each with one file.
    pub retired: Vec<Folder>,
}

/// A rendered folder.
pub struct Rendered<'a> {
    /// Its environment.
    pub prepared: &'a Prepared,
    /// The app; none for an environment's shared objects, its entry for Flux, and a retired app.
    pub app: Option<&'a App>,
    /// The folder.
    pub folder: Folder,
    /// Facts about its objects; none for a retired app.
    pub facts: Facts,
    /// Warnings, such as about left out objects.
    pub warnings: Diagnostics,
}

/// What is needed to make the objects of an environment's units, with nothing judged or kept.
#[must_use]
pub fn unit_of<'a>(fleet: &'a Fleet, prepared: &'a Prepared) -> Unit<'a> {
    Unit {
        engine: &fleet.engine,
        environment: &prepared.environment,
        plan: &prepared.plan,
        shared: &prepared.seen,
        patches: &prepared.patches,
        definitions: &fleet.definitions,
        verify: false,
        gate: None,
        keep: false,
        traced: false,
    }
}

/// A digest of the common input of an environment's folders.
#[must_use]
pub fn read_by_all(fleet: &Fleet, prepared: &Prepared) -> Fingerprint {
    let mut read = Fingerprint::default();
    read.add((GEN_VERSION, &fleet.templates, &fleet.definitions, &prepared.environment));
    // All of them: which one a unit's objects meet is remembered by its place in the list.
    read.add(fleet.spec.root.get("patches"));
    // What was excepted yesterday may be refused today.
    read.add(fleet.spec.root.get("check"));
    for app in prepared.apps.iter().filter(|app| !app.patches.is_empty()) {
        read.add((&app.name, &app.patches));
    }
    read
}

/// A digest of the whole input of a unit, and of nothing else.
#[must_use]
pub fn read_by_unit(
    mut read: Fingerprint,
    prepared: &Prepared,
    app: &App,
    manifests: &Raw,
) -> String {
    read.add((app, prepared.plan.own(app), manifests));
    read.text()
}

/// The same for an entry.
#[must_use]
pub fn read_by_entry(mut read: Fingerprint, entry: &Entry<'_>) -> String {
    read.add(entry);
    read.text()
}

/// Processes a rendering, folder by folder, from several threads.
pub trait Take: Sync {
    /// The result for a folder.
    type Taken: Send;

    /// Renders an app, unless the result is known. Returns the objects matched by patches, and the result if the app is selected.
    fn app(
        &self,
        prepared: &Prepared,
        app: &App,
    ) -> Result<(Met, Option<Self::Taken>), Diagnostics>;

    /// Takes the folder of an environment's shared objects, or of a retired app.
    fn folder(
        &self,
        prepared: &Prepared,
        folder: Folder,
        facts: Facts,
    ) -> Result<Self::Taken, Diagnostics>;

    /// Renders an entry for Flux, unless the result is known.
    fn entry(
        &self,
        prepared: &Prepared,
        entry: &Entry<'_>,
    ) -> Result<(Met, Self::Taken), Diagnostics>;
}

/// Whether each patch matched an object of an app, and, if there are patches, kind and name of the app's objects.
pub type Met = (Vec<bool>, Vec<(String, String)>);

/// The patches that matched in an app.
#[must_use]
pub fn met(facts: &Facts) -> Met {
    (facts.patched.clone(), facts.names.clone())
}

/// What was taken of an environment's folders, and what patches met in each.
type Environment<T> = (Vec<T>, Vec<Met>);

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
        let rendered = Rendered { prepared, app: Some(app), folder, facts, warnings };
        Ok((met, self.rendering.wants(&app.name).then(|| (self.take)(rendered))))
    }

    fn folder(&self, prepared: &Prepared, folder: Folder, facts: Facts) -> Result<T, Diagnostics> {
        let warnings = Diagnostics::default();
        Ok((self.take)(Rendered { prepared, app: None, folder, facts, warnings }))
    }

    fn entry(&self, prepared: &Prepared, entry: &Entry<'_>) -> Result<(Met, T), Diagnostics> {
        let (folder, facts) = entry.render()?;
        Ok((met(&facts), self.folder(prepared, folder, facts)?))
    }
}

impl<'a> Rendering<'a> {
    /// An empty selection.
    #[must_use]
    pub fn new(fleet: &'a Fleet, files: &'a dyn Files) -> Self {
        Self {
            fleet,
            environments: &[],
            apps: &[],
            files,
            verify: false,
            tree: None,
            forget: &[],
            gate: None,
            keep: false,
        }
    }

    /// With this selection; all apps if none is given.
    #[must_use]
    pub fn of(self, environments: &'a [&'a Prepared], apps: &'a [String]) -> Self {
        Self { environments, apps, ..self }
    }

    /// Over a tree that Flux applies.
    #[must_use]
    pub fn over(self, tree: &'a dyn Files) -> Self {
        Self { tree: Some(tree), ..self }
    }

    /// Whether an app is selected.
    #[must_use]
    pub fn wants(&self, app: &str) -> bool {
        self.apps.is_empty() || self.apps.iter().any(|name| name == app)
    }

    /// Renders the selection and hands it over folder by folder: an environment's shared folder, its apps by name, retired apps,
    /// its entry. `take` is called from several threads; its results are collected in that order.
    ///
    /// # Errors
    /// Errors in templates, patches and raw manifests, in all environments; a patch without a match.
    pub fn each<T: Send>(
        &self,
        standing: &Standing,
        take: impl Fn(Rendered<'_>) -> T + Sync,
    ) -> Result<Vec<T>, Diagnostics> {
        let rendering = *self;
        let all = self.fold(standing, &Each { rendering, take })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// The same by environment; `take` decides what is rendered at all.
    ///
    /// # Errors
    /// As [`Rendering::each`], and errors of `take`.
    pub fn fold<K: Take>(
        &self,
        standing: &Standing,
        take: &K,
    ) -> Result<Vec<Vec<K::Taken>>, Diagnostics> {
        // In parallel, so that none waits for the last unit or for the one large file of another.
        let of_each: Vec<Result<Environment<K::Taken>, Diagnostics>> = self
            .environments
            .par_iter()
            .map(|prepared| self.environment(prepared, standing, take))
            .collect();
        let (of_each, mut problems) = Diagnostics::partition(of_each);
        let (all, met): (Vec<_>, Vec<_>) = of_each.into_iter().unzip();
        // What only another environment has may be what a patch for all is meant for.
        if !problems.has_errors() && self.environments.len() == self.fleet.environments.len() {
            problems.extend(unmet_anywhere(self.environments, &met));
        }
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
    ) -> Result<Environment<K::Taken>, Diagnostics> {
        // All units if a patch might be meant only for one that is not selected.
        let is_rendered = |app: &&App| self.wants(&app.name) || !prepared.patches.is_empty();
        let apps = prepared.apps.par_iter().filter(is_rendered);
        let units: Vec<_> = apps.map(|app| take.app(prepared, app)).collect();
        // The objects of a unit that failed are unknown, and patches may be meant for them.
        let (units, problems) = Diagnostics::partition(units);
        if problems.has_errors() {
            return Err(problems);
        }
        let (mut met, taken): (Vec<Met>, Vec<_>) = units.into_iter().unzip();
        let mut all = Vec::with_capacity(taken.len() + 2);
        let shared = self.shared(prepared)?;
        let has_shared = shared.is_some();
        if let Some((folder, facts)) = shared {
            met.push(self::met(&facts));
            all.push(take.folder(prepared, folder, facts)?);
        }
        all.extend(taken.into_iter().flatten());
        let environment = &prepared.environment;
        let below = format!("clusters/{}/{}/", environment.cluster, environment.name);
        let retired = standing.retired.iter();
        let mut names = Vec::new();
        for folder in retired.filter(|folder| folder.path.starts_with(&below)) {
            names.extend(folder.owner.app.clone());
            all.push(take.folder(prepared, folder.clone(), Facts::default())?);
        }
        // With `--app`, another app that was never rendered has no folder yet, and Flux would not find it.
        let is_there =
            |app: &&App| self.wants(&app.name) || standing.folders.contains(&app.folder());
        let apps = prepared.apps.iter().filter(is_there);
        let entry = self.entry(prepared, apps, names, has_shared);
        let (of_entry, entry) = take.entry(prepared, &entry)?;
        met.push(of_entry);
        all.push(entry);
        let problems = unmet(prepared, &met);
        if problems.has_errors() { Err(problems) } else { Ok((all, met)) }
    }

    /// Renders an app in an environment.
    ///
    /// # Errors
    /// Errors in templates, patches and raw manifests, and in reading them.
    pub fn app(
        &self,
        prepared: &Prepared,
        app: &App,
    ) -> Result<(Folder, Facts, Diagnostics), Diagnostics> {
        self.unit(prepared, app, &self.manifests(app)?)
    }

    /// The same with raw manifests that were already read.
    ///
    /// # Errors
    /// Errors in templates, patches and raw manifests.
    pub fn unit(
        &self,
        prepared: &Prepared,
        app: &App,
        raw: &Raw,
    ) -> Result<(Folder, Facts, Diagnostics), Diagnostics> {
        let what = Unit {
            verify: self.verify,
            gate: self.gate,
            keep: self.keep,
            ..unit_of(self.fleet, prepared)
        };
        let app = &*filled(app, &raw.mounted)?;
        let (folder, facts, mut warnings) = unit(what, app, &raw.manifests, &self.before(app))?;
        for (what, why) in raw.left_out.iter().cloned() {
            warnings.push(Diagnostic::warning(SpecError::Unmet { what, why }).at(app.extra_span));
        }
        Ok((folder, facts, warnings))
    }

    /// What the account that applies an app could delete until now. What cannot be read is refused where it would be overwritten.
    fn before(&self, app: &App) -> Before {
        let mut before = Before::default();
        let Some(tree) = self.tree.filter(|_| !self.forget.contains(&app.name)) else {
            return before;
        };
        let folder = app.folder();
        for path in [APPLY, RETIRED] {
            let Ok(Some(text)) = tree.read(&format!("{folder}/{path}"), RIGHTS) else {
                break;
            };
            before.0.push(text);
        }
        before
    }

    /// The shared objects of an environment's apps, if any.
    ///
    /// # Errors
    /// Errors in a template.
    pub fn shared(&self, prepared: &Prepared) -> Result<Option<(Folder, Facts)>, Diagnostics> {
        let patching = self.patching(prepared);
        let Prepared { environment, plan, seen, .. } = prepared;
        let path = format!("clusters/{}/{}/{SHARED}", environment.cluster, environment.name);
        let text = self.tree.and_then(|tree| tree.read(&path, RIGHTS).ok().flatten());
        let before = Before(text.into_iter().collect());
        let apps = prepared.apps.as_slice();
        shared(&self.fleet.engine, environment, (plan, apps), seen, patching, &before)
    }

    fn patching<'e>(&self, prepared: &'e Prepared) -> Patching<'e>
    where
        'a: 'e,
    {
        Patching { patches: &prepared.patches, definitions: &self.fleet.definitions }
    }

    /// An environment's entry for Flux, with these apps and the accounts of retired ones.
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
        let listed =
            |app: &'e App| Listed::new(app, &prepared.apps, namespace, self.fleet.own_entries);
        Entry {
            engine: &self.fleet.engine,
            environment: &prepared.environment,
            seen: &prepared.seen,
            patching: self.patching(prepared),
            repository: (repository.url, repository.branch),
            root: repository.path,
            has_shared,
            apps: apps.map(listed).collect(),
            retired,
        }
    }

    /// What an app takes from files of the repository.
    ///
    /// # Errors
    /// A file that cannot be read, or is none that gen can pass through; a folder without manifests.
    pub fn manifests(&self, app: &App) -> Result<Raw, Diagnostics> {
        let mut read = match &app.extra {
            Some(folder) => raw(self.files, app, folder)?,
            None => Raw::default(),
        };
        read.mounted = mounted(self.files, app)?;
        Ok(read)
    }
}

/// An error for each patch of an environment without a match in it, with the most similar object.
fn unmet(prepared: &Prepared, met: &[Met]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for (number, patch) in prepared.patches.iter().enumerate() {
        if !patch.everywhere && !is_met(met, number) {
            problems.push(without_match(patch, met.iter()));
        }
    }
    problems
}

/// The same for patches of all environments, none of which has a match.
fn unmet_anywhere(environments: &[&Prepared], met: &[Vec<Met>]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut found: BTreeSet<Span> = BTreeSet::new();
    let each = || {
        let all = environments.iter().zip(met);
        all.flat_map(|(prepared, met)| {
            let patches = prepared.patches.iter().enumerate();
            let patches = patches.filter(|(_, patch)| patch.everywhere);
            patches.map(move |(number, patch)| (patch, is_met(met, number)))
        })
    };
    found.extend(each().filter(|(_, is_met)| *is_met).map(|(patch, _)| patch.span));
    for (patch, _) in each() {
        if found.insert(patch.span) {
            problems.push(without_match(patch, met.iter().flatten()));
        }
    }
    problems
}

fn is_met(met: &[Met], number: usize) -> bool {
    met.iter().any(|(patches, _)| patches.get(number) == Some(&true))
}

fn without_match<'m>(patch: &Patch, met: impl Iterator<Item = &'m Met>) -> Diagnostic {
    let names = met.flat_map(|(_, names)| names);
    patch.without_match(names.map(|(kind, name)| (kind.as_str(), name.as_str())))
}
