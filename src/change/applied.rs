//! What Flux would apply from a tree: the objects in the folders that its Kustomizations point to.
//!
//! As in Flux, a folder is what its kustomization.yaml lists, and nothing else is applied. The same code reads
//! freshly rendered folders, a tree on disk and one at a git revision; the last two are untrusted input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::{Applier, Desired};
use crate::diagnostics::{Diagnostic, Diagnostics, DiffError, FileId};
use crate::files::Files;
use crate::kubernetes::KUSTOMIZATIONS;
use crate::kubernetes::json::{at, list, text};
use crate::kubernetes::{Identity, Object};
use crate::tree::{Folder, Record, path_problem};
use crate::yaml::{self, Limits, Node, read_documents};

/// Maximum size of a file in a tree, in bytes: the listing of a thousand apps has three megabytes.
const LARGEST: u64 = 64 << 20;

/// Maximum number of values in a file, after expanding aliases: ten times those of such a listing.
const LIMITS: Limits = Limits { depth: 64, nodes: 5_000_000 };

/// The file that lists a folder's resources.
const KUSTOMIZATION: &str = "kustomization.yaml";

/// The objects of one folder of the tree and, for an entry, the folders that its Kustomizations point to.
#[derive(Debug, Default)]
pub struct Applied {
    objects: Vec<Desired>,
    /// Whether it is an environment's entry, and of which cluster and environment.
    entry: Option<(String, String)>,
    /// Folder, relative to the root of Flux's source, and the Kustomization that applies it.
    pointers: Vec<(String, Applier)>,
}

/// Reads a folder of a tree: the files that gen recorded, and those listed next to them.
///
/// # Errors
/// Unreadable files; a listed file that does not exist.
pub fn standing(
    files: &dyn Files,
    folder: &str,
    name: &str,
    record: &Record,
) -> Result<Folder, Diagnostics> {
    let mut texts = BTreeMap::new();
    let mut take = |path: &str| -> Result<Arc<str>, Diagnostics> {
        let whole = format!("{folder}/{path}");
        let text = files.read(&whole, LARGEST)?.ok_or(DiffError::Missing { path: whole })?;
        texts.insert(path.to_owned(), text.to_string());
        Ok(text)
    };
    for path in record.files.keys() {
        if is_entry(name) {
            take(path)?;
        } else if let Some(inner) = kustomized(path) {
            let text = take(path)?;
            for listed in resources(&format!("{folder}/{path}"), &text)? {
                take(&join(inner, &listed))?;
            }
        }
    }
    Ok(Folder {
        path: folder.to_owned(),
        record: name.to_owned(),
        owner: record.owner(),
        files: texts,
    })
}

/// The objects of a folder.
///
/// # Errors
/// Invalid YAML, an invalid object, or a kustomization.yaml with more than resources.
pub fn applied(folder: &Folder) -> Result<Applied, Diagnostics> {
    let mut all = Applied::default();
    let environment: Arc<str> = Arc::from(folder.owner.environment.as_str());
    let app: Option<Arc<str>> = folder.owner.app.as_deref().map(Arc::from);
    let read = |path: &str| -> Result<Vec<Desired>, Diagnostics> {
        let whole: Arc<str> = Arc::from(format!("{}/{path}", folder.path));
        let missing = || DiffError::Missing { path: whole.to_string() };
        let text = folder.files.get(path).ok_or_else(missing)?;
        written(&whole, text, &environment, app.as_ref())
    };
    if is_entry(&folder.record) {
        let cluster = folder.path.split('/').nth(1).unwrap_or_default();
        all.entry = Some((cluster.to_owned(), environment.to_string()));
        for path in folder.files.keys().filter(|path| is_yaml(path)) {
            all.objects.extend(read(path)?);
        }
        all.pointers = pointers(&all.objects);
        return Ok(all);
    }
    for (path, text) in &folder.files {
        if let Some(inner) = kustomized(path) {
            for listed in resources(&format!("{}/{path}", folder.path), text)? {
                all.objects.extend(read(&join(inner, &listed))?);
            }
        }
    }
    Ok(all)
}

/// The objects of one file of a tree.
///
/// # Errors
/// Invalid YAML, or an invalid object.
pub fn written(
    path: &Arc<str>,
    text: &str,
    environment: &Arc<str>,
    app: Option<&Arc<str>>,
) -> Result<Vec<Desired>, Diagnostics> {
    let mut objects = Vec::new();
    for node in read(path, text)?.iter().filter(|node| !node.is_null()) {
        flatten(path, node.to_value(), &mut objects)?;
    }
    let identity = |object: &Object| {
        let mut identity = object.identity();
        identity.namespace.take_if(|namespace| namespace.is_empty());
        identity
    };
    let desired = |object: Object| Desired {
        identity: identity(&object),
        api_version: object.api_version().to_owned(),
        body: json!(object.value()),
        environment: Arc::clone(environment),
        app: app.cloned(),
        path: Arc::clone(path),
        origin: None,
        applier: None,
    };
    Ok(objects.into_iter().map(desired).collect())
}

/// All objects of a tree, each with the Kustomization that applies it. A folder to which an environment's entry does not point is
/// not applied; without an entry, as in a part of a tree, all are taken.
#[must_use]
pub fn assemble(folders: Vec<Applied>) -> Vec<Desired> {
    let mut appliers: BTreeMap<String, Arc<Applier>> = BTreeMap::new();
    let mut entries: BTreeSet<(String, String)> = BTreeSet::new();
    let mut apps: BTreeMap<(String, String), Arc<str>> = BTreeMap::new();
    for folder in &folders {
        let pointers = folder.pointers.iter();
        appliers.extend(pointers.map(|(path, applier)| (path.clone(), Arc::new(applier.clone()))));
        entries.extend(folder.entry.clone());
        for object in &folder.objects {
            if let Some(app) = &object.app {
                // The Flux objects of an app carry its instance's name.
                let (app, environment) = (Arc::clone(app), &object.environment);
                let names = KUSTOMIZATIONS.map(|end| format!("{app}-{environment}{end}"));
                apps.extend(names.map(|name| ((environment.to_string(), name), Arc::clone(&app))));
            }
        }
    }
    let mut all = Vec::new();
    for folder in folders {
        let is_entry = folder.entry.is_some();
        all.extend(folder.objects.into_iter().filter_map(|mut object| {
            let environment = object.environment.to_string();
            if is_entry {
                object.app = apps.get(&(environment, object.identity.name.clone())).cloned();
                return Some(object);
            }
            object.applier = applier_of(&appliers, &object.path);
            let is_pointed_at = object.applier.is_some();
            let entry = (object.cluster().to_owned(), environment);
            (is_pointed_at || !entries.contains(&entry)).then_some(object)
        }));
    }
    all
}

/// A Kustomization's path may begin with the folder of gen.yaml in the repository, which the tree itself does not know.
fn applier_of(appliers: &BTreeMap<String, Arc<Applier>>, path: &str) -> Option<Arc<Applier>> {
    let folder = path.rsplit_once('/')?.0;
    let below = || appliers.iter().find(|(path, _)| path.ends_with(&format!("/{folder}")));
    appliers.get(folder).or_else(|| below().map(|(_, applier)| applier)).cloned()
}

/// The folders that the Kustomizations of an entry point to: directly, or through the artifact generated from an app's folder.
fn pointers(objects: &[Desired]) -> Vec<(String, Applier)> {
    let mut artifacts: BTreeMap<&str, &str> = BTreeMap::new();
    let generators = objects.iter().filter(|o| o.identity.kind == "ArtifactGenerator");
    for artifact in generators.flat_map(|o| list(&o.body, &["spec", "artifacts"])) {
        for copy in list(artifact, &["copy"]) {
            let from = text(copy, &["from"]).trim_end_matches("/**");
            if let Some((_, folder)) = from.split_once('/').filter(|_| from.starts_with('@')) {
                artifacts.insert(text(artifact, &["name"]), folder);
            }
        }
    }
    let pointer = |object: &Desired| {
        let source = at(&object.body, &["spec", "sourceRef"])?;
        let path = text(&object.body, &["spec", "path"]);
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let path = if text(source, &["kind"]) == "ExternalArtifact" {
            join(artifacts.get(text(source, &["name"]))?, path)
        } else {
            path.to_owned()
        };
        let Identity { namespace, name, .. } = object.identity.clone();
        Some((path, Applier { namespace: namespace.unwrap_or_default(), name }))
    };
    let is_flux = |object: &&Desired| object.identity.kind == "Kustomization";
    objects.iter().filter(is_flux).filter_map(pointer).collect()
}

/// The documents of a file. Its text is not among the sources, so that an error has no line to show, only the file.
fn read(path: &str, text: &str) -> Result<Vec<Node>, Diagnostics> {
    read_documents(FileId::BUILT_IN, text, LIMITS).map_err(|found| {
        let mut all = Diagnostics::default();
        for diagnostic in found {
            let line = diagnostic.at.map(|span| span.start.line);
            let place = line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"));
            all.push(Diagnostic { at: None, ..diagnostic }.in_file(place));
        }
        all
    })
}

/// The objects of one document; a List is expanded, as in kustomize.
fn flatten(path: &str, value: yaml::Value, all: &mut Vec<Object>) -> Result<(), Diagnostics> {
    if value.str_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"))
        && let Some(items) = value.get("items").and_then(yaml::Value::as_seq)
    {
        return items.iter().try_for_each(|item| flatten(path, item.clone(), all));
    }
    let bad = |problem| DiffError::NotAnObject { path: path.to_owned(), problem };
    all.push(Object::new(value).map_err(bad)?);
    Ok(())
}

/// The files listed in a kustomization.yaml.
fn resources(path: &str, text: &str) -> Result<Vec<String>, Diagnostics> {
    let not_plain = |what: &str| {
        Diagnostics::from(DiffError::NotPlain { path: path.to_owned(), what: what.to_owned() })
    };
    let documents = read(path, text)?;
    let [node] = documents.as_slice() else {
        return Err(not_plain("several documents"));
    };
    let value = node.to_value();
    let map = value.as_map().ok_or_else(|| not_plain("not a mapping"))?;
    let known = ["apiVersion", "kind", "metadata", "resources"];
    if let Some(key) = map.keys().find(|key| !known.contains(key)) {
        return Err(not_plain(key));
    }
    let listed = map.get("resources").and_then(yaml::Value::as_seq).unwrap_or_default();
    let name = |item: &yaml::Value| {
        let name = item.as_str().unwrap_or_default().trim_start_matches("./");
        if path_problem(name).is_some() || !is_yaml(name) {
            return Err(not_plain(&item.to_string()));
        }
        Ok(name.to_owned())
    };
    listed.iter().map(name).collect()
}

fn is_entry(record: &str) -> bool {
    record != "gen.lock.json"
}

fn is_yaml(path: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| path.ends_with(ending))
}

/// The folder of a kustomization.yaml, if the path is one.
fn kustomized(path: &str) -> Option<&str> {
    path.strip_suffix(KUSTOMIZATION)
        .filter(|inner| inner.is_empty() || inner.ends_with('/'))
        .map(|inner| inner.trim_end_matches('/'))
}

fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", _) => name.to_owned(),
        (_, "" | ".") => folder.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}
