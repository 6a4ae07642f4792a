//! All apps in all environments, decoded from the files of a repository; nothing is rendered yet.
//!
//! Everything is read, whatever a command selects: otherwise an override that matches nothing, or two environments that claim one
//! namespace, would go unnoticed.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::decode::{Context, catalogue, decode};
use crate::diagnostics::{Diagnostic, Diagnostics, Sources, SpecError, UsageError};
use crate::environment::{Environment, environments};
use crate::files::Files;
use crate::kubernetes::definitions::Definitions;
use crate::kubernetes::patch::{Patch, Patches};
use crate::manifests::{
    Plan, Shared, circles, idle_listener, overlaps, same_doors, same_hosts, unknown_tasks,
};
use crate::model::{App, Catalogue};
use crate::spec::{Spec, View, hint, load, root};
use crate::template::{Engine, Library};

/// All apps in all environments.
pub struct Fleet {
    /// The spec as written.
    pub spec: Spec,
    /// Environments, in the order of promotion.
    pub environments: Vec<Prepared>,
    /// The templates.
    pub engine: Engine,
    /// A digest of every template and of gen's version, which every unit depends on.
    pub templates: String,
    /// What `crds/` adds to gen's own definitions.
    pub definitions: Definitions,
    /// Entries are rendered by the user's own templates, which may use everything in an app.
    pub own_entries: bool,
}

/// An environment with its apps.
pub struct Prepared {
    /// The environment.
    pub environment: Environment,
    /// Its apps, by name.
    pub apps: Vec<App>,
    /// Its namespaces.
    pub plan: Plan,
    /// The data for its templates.
    pub seen: Shared,
    /// Its patches.
    pub patches: Patches,
}

/// The repository that Flux reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its URL.
    pub url: String,
    /// The branch.
    pub branch: String,
    /// The folder of gen.yaml; empty for the root.
    pub path: String,
    /// The software of its host, if set: `github`, `gitlab` or `gitea`.
    pub forge: Option<String>,
}

/// Reads and decodes everything. Returns the fleet and warnings.
///
/// # Errors
/// All errors in the spec, its environments and the user's templates.
pub fn prepare(
    files: &dyn Files,
    sources: &mut Sources,
) -> Result<(Fleet, Diagnostics), Diagnostics> {
    let templates = templates(files, sources);
    let definitions = definitions(files);
    let spec = load(files, sources);
    // Errors in templates, definitions and in the spec are shown together.
    let (templates, definitions, spec) = match (templates, definitions, spec) {
        (Ok(templates), Ok(definitions), Ok(spec)) => (templates, definitions, spec),
        (templates, definitions, spec) => {
            let all = [templates.map(drop), definitions.map(drop), spec.map(drop)];
            return Err(Diagnostics::partition(all).1);
        }
    };
    let Templates {
        catalogue,
        engine,
        digest: templates,
        own_entries,
        own_routes,
        own_services,
        mut warnings,
    } = templates;
    let (definitions, left_out) = definitions;
    warnings.extend(left_out);
    for (what, why) in spec.unused.iter().cloned() {
        warnings.push(Diagnostic::warning(SpecError::Unmet { what, why }));
    }
    let (read, found) = environments(&spec);
    let mut problems = Diagnostics::default();
    if found.has_errors() {
        problems.extend(found);
    } else {
        warnings.extend(found);
    }
    let read: Vec<_> =
        read.into_par_iter().map(|environment| one(&spec, environment, &catalogue)).collect();
    let (read, errors) = Diagnostics::partition(read);
    problems.extend(errors);
    let mut prepared = Vec::with_capacity(read.len());
    for (environment, found) in read {
        warnings.extend(found);
        prepared.push(environment);
    }
    problems
        .extend(overlaps(prepared.iter().map(|p| (&p.environment, &p.plan, p.apps.as_slice()))));
    if !own_routes {
        let all = prepared.iter().map(|p| (&p.environment, &p.patches, p.apps.as_slice()));
        problems.extend(same_hosts(all));
    }
    if !own_services {
        let all = prepared.iter().map(|p| (&p.environment, &p.patches, p.apps.as_slice()));
        problems.extend(same_doors(all));
    }
    if problems.has_errors() {
        problems.sort();
        return Err(problems);
    }
    let fleet = Fleet { spec, environments: prepared, engine, templates, definitions, own_entries };
    Ok((fleet, warnings))
}

/// The templates of routes.
const ROUTES: [&str; 3] =
    ["workload/ingress.yaml", "workload/httproute.yaml", "trigger/ingress.yaml"];

/// All templates, parsed.
struct Templates {
    catalogue: Catalogue,
    engine: Engine,
    digest: String,
    own_entries: bool,
    /// Routes are rendered by the user's own templates, whose paths can differ.
    own_routes: bool,
    /// Or Services.
    own_services: bool,
    warnings: Diagnostics,
}

fn templates(files: &dyn Files, sources: &mut Sources) -> Result<Templates, Diagnostics> {
    let (library, warnings) = library(files, sources)?;
    Ok(Templates {
        digest: library.digest(),
        own_entries: library.replaces_in("flux/"),
        own_services: library.replaces_in("workload/service.yaml"),
        own_routes: ROUTES.iter().any(|template| library.replaces_in(template)),
        catalogue: catalogue(library.tasks())?,
        engine: library.into_engine()?,
        warnings,
    })
}

/// The folder with the repository's own definitions.
const DEFINITIONS: &str = "crds";

/// What `crds/` adds to gen's own definitions. Warns about files that cannot hold any.
fn definitions(files: &dyn Files) -> Result<(Definitions, Diagnostics), Diagnostics> {
    let mut definitions = Definitions::default();
    let mut warnings = Diagnostics::default();
    let mut problems = Diagnostics::default();
    for path in files.list(DEFINITIONS)? {
        if ![".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end)) {
            let why = "it is neither YAML nor JSON".to_owned();
            warnings.push(Diagnostic::warning(SpecError::Unmet { what: path, why }));
            continue;
        }
        let Some(text) = files.read(&path, 8 << 20)? else { continue };
        if let Err(problem) = definitions.add_crds(&text) {
            problems.push(Diagnostic::error(SpecError::BadDefinition { problem }).in_file(&path));
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok((definitions, warnings)) }
}

/// The built-in templates, overridden by the user's.
///
/// # Errors
/// A user's template that overrides nothing, or cannot be read.
pub fn library(
    files: &dyn Files,
    sources: &mut Sources,
) -> Result<(Library, Diagnostics), Diagnostics> {
    let mut user = Vec::new();
    for path in files.list("templates")? {
        let name = path.strip_prefix("templates/").unwrap_or(&path);
        if name.starts_with("init/") || name.starts_with("ci/") {
            continue;
        }
        if let Some(text) = files.read(&path, 1 << 20)? {
            user.push((name.to_owned(), text));
        }
    }
    let (library, found) = Library::new(user, sources);
    if found.has_errors() { Err(found) } else { Ok((library, found)) }
}

fn one(
    spec: &Spec,
    environment: Environment,
    catalogue: &Catalogue,
) -> Result<(Prepared, Diagnostics), Diagnostics> {
    let is_here = |name: &&String| spec.has(name, &environment.name);
    let names: Vec<&String> = spec.apps.keys().filter(is_here).collect();
    let context = Context { spec, environment: &environment, catalogue };
    let decoded: Vec<(App, Diagnostics)> = names
        .par_iter()
        .map(|name| {
            let mut found = Diagnostics::default();
            (decode(context, name, &mut found), found)
        })
        .collect();
    let mut found = Diagnostics::default();
    let mut apps = Vec::with_capacity(decoded.len());
    for (app, of_app) in decoded {
        found.extend(of_app);
        apps.push(app);
    }
    let (patches, errors) = Diagnostics::partition(patches(spec, &environment, &apps));
    found.extend(errors);
    let task_names: BTreeSet<String> = apps
        .iter()
        .flat_map(|app| app.pipeline.iter().flat_map(|p| p.all().map(|task| task.name.clone())))
        .collect();
    found.extend(circles(&apps));
    found.extend(unknown_tasks(&environment, catalogue, &task_names));
    found.extend(idle_listener(&environment, &apps));
    if found.has_errors() {
        return Err(found);
    }
    let plan = Plan::new(&environment, &apps)?;
    let seen = Shared::new(&environment);
    Ok((Prepared { environment, apps, plan, seen, patches: Patches::new(patches) }, found))
}

/// The patches of an environment, in the order in which they apply: of gen.yaml, of the apps, of the environment itself.
fn patches(
    spec: &Spec,
    environment: &Environment,
    apps: &[App],
) -> Vec<Result<Patch, Diagnostics>> {
    let whole = View::new(Some(&spec.root), root()).items("patches");
    let whole = whole.iter().map(|node| Patch::read(node).map(Patch::of_all));
    let here = environment.namespace.span.file;
    let of_apps = apps.iter().flat_map(|app| {
        app.patches.iter().map(move |node| {
            let patch = Patch::read(node)?.of_app(&app.name);
            Ok(if node.span.file == here { patch } else { patch.of_all() })
        })
    });
    let own = environment.patches.iter().map(Patch::read);
    whole.chain(of_apps).chain(own).collect()
}

impl Fleet {
    /// The repository that Flux reads.
    #[must_use]
    pub fn repository(&self) -> Repository {
        let view = View::new(Some(&self.spec.root), root()).view("repository");
        let path = view.string("path").unwrap_or_default();
        Repository {
            url: view.string("url").unwrap_or_default(),
            branch: view.string("branch").unwrap_or_else(|| "main".to_owned()),
            path: if path == "." { String::new() } else { path },
            forge: view.string("forge"),
        }
    }

    /// The environments with these names; all if none is given.
    ///
    /// # Errors
    /// An unknown name.
    pub fn select_environments(&self, names: &[String]) -> Result<Vec<&Prepared>, UsageError> {
        let known = || self.environments.iter().map(|prepared| prepared.environment.name.as_str());
        if let Some(name) = names.iter().find(|name| !known().any(|other| other == name.as_str())) {
            let list = || format!("environments: {}", known().collect::<Vec<_>>().join(", "));
            let hint = hint(name, known(), list);
            return Err(UsageError::UnknownEnvironment { name: name.clone(), hint });
        }
        let wanted =
            |prepared: &&Prepared| names.is_empty() || names.contains(&prepared.environment.name);
        Ok(self.environments.iter().filter(wanted).collect())
    }

    /// Checks that the spec has these apps.
    ///
    /// # Errors
    /// An unknown name.
    pub fn check_apps(&self, names: &[String]) -> Result<(), UsageError> {
        let Some(name) = names.iter().find(|name| !self.spec.apps.contains_key(name.as_str()))
        else {
            return Ok(());
        };
        let known = self.spec.apps.keys().map(String::as_str);
        let hint = hint(name, known, || "see `gen explain apps`".to_owned());
        Err(UsageError::UnknownApp { name: name.clone(), hint })
    }
}
