//! Makes a spec of YAML that is there, proves what it does, and writes it where nothing is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::{Texts, Unread, gather, is_manifest};
use super::rendering::{Rendering, Standing};
use crate::check::{Gate, parse};
use crate::diagnostics::{Diagnostic, Diagnostics, ImportError, Sources};
use crate::files::Memory;
use crate::fleet::prepare;
use crate::import::{
    About, Import, Input, Original, Rendered, compose, import as made, kustomize, procfile,
};
use crate::kubernetes::{Object, documents};
use crate::name::Check;
use crate::workspace::{create, occupied};
use crate::yaml::{Map, Value};

/// What to import, and to where.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions<'a> {
    /// The folder that paths are relative to.
    pub start: &'a Path,
    /// Files and folders.
    pub paths: &'a [PathBuf],
    /// The environment's name.
    pub environment: &'a str,
    /// The folder of the new repository, as typed.
    pub into: &'a Path,
    /// Nothing is written.
    pub dry_run: bool,
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
    /// Files that could not be read.
    pub unread: Vec<Unread>,
}

/// Imports files and folders.
///
/// # Errors
/// A path that is not there; no objects; a file in the way; errors of the disk.
pub fn import(options: &ImportOptions<'_>) -> Result<ImportReport, Diagnostics> {
    Check::Label.test(options.environment)?;
    let mut texts = Texts::new();
    for path in options.paths {
        gather(options.start, path, &|_| true, &mut texts)?;
    }
    let mut report = ImportReport {
        into: options.into.display().to_string(),
        dry_run: options.dry_run,
        ..ImportReport::default()
    };
    let (inputs, about) = read(&texts, options.environment, &mut report.unread);
    if inputs.iter().all(|input| input.originals.is_empty()) {
        let places: Vec<String> =
            options.paths.iter().map(|path| format!("`{}`", path.display())).collect();
        let hint = report.unread.first().map(|one| format!("{}: {}", one.file, one.why));
        let place = places.join(", ");
        return Err(ImportError::NothingToImport { place, hint: hint.unwrap_or_default() }.into());
    }
    report.import = made(inputs, about, &rendered)?;
    write(options, &report.import)?;
    Ok(report)
}

/// The objects among these texts: those of each kustomization that no other one names are an environment, and what is in none is in
/// all of them.
fn read(texts: &Texts, environment: &str, unread: &mut Vec<Unread>) -> (Vec<Input>, About) {
    let mut fail = |file: &str, why: String| unread.push(Unread { file: file.to_owned(), why });
    let readable: kustomize::Texts = texts
        .iter()
        .filter_map(|(path, text)| Some((path.clone(), text.as_ref().ok()?.clone())))
        .collect();
    let mut about = About::default();
    let mut inputs: Vec<Input> = Vec::new();
    let mut used = BTreeSet::new();
    let roots = kustomize::roots(&readable);
    for folder in &roots {
        match kustomize::build(&readable, folder) {
            Ok(built) => {
                used.extend(built.read);
                let name = environment_of(folder, &roots, environment, &inputs);
                let objects = built.objects.into_iter();
                let originals = objects.map(|(object, file)| Original::new(object, file)).collect();
                inputs.push(Input { environment: name, originals });
            }
            Err(why) => fail(folder, why),
        }
    }
    if inputs.is_empty() {
        inputs.push(Input { environment: environment.to_owned(), ..Input::default() });
    }
    about.lines =
        used.iter().filter_map(|path| readable.get(path)).map(|text| text.lines().count()).sum();
    // What lies in the folder of a kustomization is for it alone.
    let is_used = |path: &str| {
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        used.contains(path) || folders.chain([""]).any(|folder| used.contains(folder))
    };
    for (path, text) in texts {
        if procfile::is_procfile(path) {
            match text.as_ref().map(|text| procfile::procfile(path, text)) {
                Ok(Ok(objects)) => {
                    about.lines += text.as_ref().map_or(0, |text| text.lines().count());
                    add(&mut inputs, path, objects);
                }
                Ok(Err(why)) => fail(path, why),
                Err(why) => fail(path, why.clone()),
            }
            continue;
        }
        if !is_manifest(path) || is_used(path) {
            continue;
        }
        let file: Arc<str> = Arc::from(path.as_str());
        let parsed = match text.as_ref().map_err(Clone::clone).and_then(|text| parse(&file, text)) {
            Ok(parsed) => parsed,
            Err(why) => {
                fail(path, why);
                continue;
            }
        };
        if !parsed.items.is_empty() {
            about.lines += text.as_ref().map_or(0, |text| text.lines().count());
        }
        for why in parsed.problems {
            fail(path, why);
        }
        for (document, other) in &parsed.others {
            if compose::is_compose(other) {
                about.lines += text.as_ref().map_or(0, |text| text.lines().count());
                add(&mut inputs, path, compose::compose(other));
            } else {
                fail(path, format!("document {} is no object of Kubernetes", document + 1));
            }
        }
        for item in parsed.items {
            let original = Original::new(item.object, item.file);
            for input in &mut inputs {
                input.originals.push(original.clone());
            }
        }
    }
    (inputs, about)
}

/// Adds programs that are no objects yet.
fn add(inputs: &mut [Input], path: &str, objects: Vec<Object>) {
    let file: Arc<str> = Arc::from(path);
    for object in objects {
        let original = Original::new(object, Arc::clone(&file));
        let original = Original { is_inner: true, is_planned: true, ..original };
        for input in inputs.iter_mut() {
            input.originals.push(original.clone());
        }
    }
}

/// The environment of a kustomization: the only one is that of the user's choice, and overlays have the names of their folders.
fn environment_of(folder: &str, roots: &[String], only: &str, taken: &[Input]) -> String {
    if roots.len() == 1 {
        return only.to_owned();
    }
    let name = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let name = name.trim_matches('-');
    let name = if name.is_empty() { only } else { name };
    let is_free = |name: &String| taken.iter().all(|input| input.environment != *name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
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
    create(&root, import.files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}
