//! Makes a spec of YAML that is there, proves what it does, and writes it where nothing is.

mod live;
mod texts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Target;
use super::check::{Texts, Unread, gather, is_manifest};
use super::diff::DiffReport;
use super::rendering::{Rendering, Standing};
use crate::check::Gate;
use crate::diagnostics::{Diagnostic, Diagnostics, ImportError, Sources};
use crate::files::Memory;
use crate::fleet::prepare;
use crate::import::{Import, Rendered, import as made};
use crate::kubernetes::{Object, documents};
use crate::name::Check;
use crate::workspace::{create, occupied};
use crate::yaml::{Map, Value};

/// What to import, and to where.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions<'a> {
    /// The folder that paths are relative to.
    pub start: &'a Path,
    /// What to import.
    pub from: From<'a>,
    /// The environment's name.
    pub environment: &'a str,
    /// The folder of the new repository, as typed.
    pub into: &'a Path,
    /// Nothing is written.
    pub dry_run: bool,
}

/// Where the objects are.
#[derive(Debug, Clone, Copy)]
pub enum From<'a> {
    /// Files and folders.
    Paths(&'a [PathBuf]),
    /// A namespace of a cluster.
    Namespace(&'a str, &'a Target),
}

/// The outcome of an import.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// The spec and the verdicts.
    pub import: Import,
    /// The folder as typed.
    pub into: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// Files and lists that could not be read.
    pub unread: Vec<Unread>,
    /// Number of live objects by kind that controllers made of others, so that nobody has to.
    pub owned: BTreeMap<String, usize>,
    /// What applies live objects already, with the number of these.
    pub appliers: BTreeMap<String, usize>,
    /// What the spec would change in the cluster, where that was asked.
    pub diff: Option<DiffReport>,
}

/// Imports files and folders, or what is in a namespace.
///
/// # Errors
/// A path that is not there; a cluster that cannot be asked; no objects; a file in the way; errors of the disk.
pub fn import(options: &ImportOptions<'_>) -> Result<ImportReport, Diagnostics> {
    Check::Label.test(options.environment)?;
    let mut report = ImportReport {
        into: options.into.display().to_string(),
        dry_run: options.dry_run,
        ..ImportReport::default()
    };
    let (inputs, about) = match options.from {
        From::Paths(paths) => {
            let mut texts = Texts::new();
            for path in paths {
                gather(options.start, path, &|_| true, &mut texts)?;
            }
            texts::read(&texts, options.environment, &mut report)
        }
        From::Namespace(name, target) => {
            live::read(name, target, options.environment, &mut report)?
        }
    };
    if inputs.iter().all(|input| input.originals.is_empty()) {
        let hint = report.unread.first().map(|one| format!("{}: {}", one.file, one.why));
        let place = options.from.words();
        return Err(ImportError::NothingToImport { place, hint: hint.unwrap_or_default() }.into());
    }
    report.import = made(inputs, about, &rendered)?;
    write(options, &report.import)?;
    Ok(report)
}

impl From<'_> {
    fn words(self) -> String {
        match self {
            Self::Paths(paths) => {
                let all: Vec<String> =
                    paths.iter().map(|path| format!("`{}`", path.display())).collect();
                all.join(", ")
            }
            Self::Namespace(name, _) => format!("namespace `{name}`"),
        }
    }
}

/// Renders files in memory, as `gen render` would write them. Places in them mean nothing to anybody, so errors have none.
fn rendered(files: &Memory) -> Result<Rendered, Diagnostics> {
    let nowhere = |found: Diagnostics| {
        let mut all = Diagnostics::default();
        for problem in found {
            all.push(Diagnostic { at: None, ..problem });
        }
        all
    };
    objects(files).map_err(nowhere)
}

fn objects(files: &Memory) -> Result<Rendered, Diagnostics> {
    let mut sources = Sources::default();
    let (fleet, _) = prepare(files, &mut sources)?;
    let selected: Vec<_> = fleet.environments.iter().collect();
    let gate = Gate::default();
    let rendering = Rendering::new(&fleet, files).of(&selected, &[]);
    let rendering = Rendering { gate: Some(&gate), ..rendering };
    let folders = rendering.each(&Standing::default(), |rendered| {
        (rendered.prepared.environment.name.clone(), rendered.folder)
    })?;
    let mut all = Rendered::new();
    for (environment, folder) in folders {
        let objects = all.entry(environment).or_default();
        let has_objects = |path: &str| is_manifest(path) && !path.ends_with("kustomization.yaml");
        for (_, text) in folder.files.iter().filter(|(path, _)| has_objects(path)) {
            let values = documents(text).unwrap_or_default().into_iter();
            for object in values.filter_map(|value| Object::new(value).ok()) {
                // With `deploy: kubectl`, the workload travels in a ConfigMap, from which the task applies it.
                if object.kind() == "ConfigMap" && object.name().ends_with("-workload") {
                    let data = object.at(&["data"]).and_then(Value::as_map);
                    for (_, text) in data.into_iter().flat_map(Map::iter) {
                        let inner =
                            documents(text.as_str().unwrap_or_default()).unwrap_or_default();
                        objects
                            .extend(inner.into_iter().filter_map(|value| Object::new(value).ok()));
                    }
                }
                objects.push(object);
            }
        }
    }
    Ok(all)
}

fn write(options: &ImportOptions<'_>, import: &Import) -> Result<(), Diagnostics> {
    let root = options.start.join(options.into);
    let paths = import.files.keys().map(String::as_str);
    if let Some(path) = occupied(&root, paths)? {
        let path = options.into.join(path).display().to_string();
        return Err(ImportError::ImportInTheWay { path }.into());
    }
    if options.dry_run {
        return Ok(());
    }
    create(&root, import.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())))
}
