//! What Flux would apply from a tree: the objects in the folders that its Kustomizations point to.
//!
//! As in Flux, a folder is what its kustomization.yaml lists, and nothing else is applied. The same code reads
//! freshly rendered folders, a tree on disk and one at a git revision; the last two are untrusted input.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Applier, Desired};
use crate::diagnostics::{Diagnostic, Diagnostics, DiffError, FileId};
use crate::files::Files;
use crate::kubernetes::{Identity, Object};
use crate::tree::{Folder, Record, path_problem};
use crate::yaml::{self, Limits, read_documents};

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
        let missing =
            || Diagnostics::from(Diagnostic::error(DiffError::Missing { path: whole.clone() }));
        let text = files.read(&whole, LARGEST)?.ok_or_else(missing)?;
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
        let Some(text) = folder.files.get(path) else {
            let path = whole.to_string();
            return Err(Diagnostic::error(DiffError::Missing { path }).into());
        };
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
    let desired = |body: Value| Desired {
        identity: identity(&body),
        api_version: text_at(&body, "apiVersion").to_owned(),
        body,
        environment: Arc::clone(environment),
        app: app.cloned(),
        path: Arc::clone(path),
        origin: None,
        applier: None,
    };
    Ok(bodies(path, text)?.into_iter().map(desired).collect())
}

/// All objects of a tree, each with the Kustomization that applies it. A folder to which an environment's entry does not point is
/// not applied; without an entry, as in a part of a tree, all are taken.
#[must_use]
pub fn assemble(folders: Vec<Applied>) -> Vec<Desired> {
    let mut appliers: BTreeMap<String, Arc<Applier>> = BTreeMap::new();
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut apps: BTreeMap<(String, String), Arc<str>> = BTreeMap::new();
    for folder in &folders {
        for (path, applier) in &folder.pointers {
            appliers.insert(path.clone(), Arc::new(applier.clone()));
        }
        entries.extend(folder.entry.clone());
        for object in &folder.objects {
            if let Some(app) = &object.app {
                for name in names_of(app, &object.environment) {
                    apps.insert((object.environment.to_string(), name), Arc::clone(app));
                }
            }
        }
    }
    let mut all = Vec::new();
    for folder in folders {
        let is_entry = folder.entry.is_some();
        for mut object in folder.objects {
            if is_entry {
                // The Flux objects of an app carry its instance's name.
                let key = (object.environment.to_string(), object.identity.name.clone());
                object.app = apps.get(&key).cloned();
                all.push(object);
                continue;
            }
            object.applier = applier_of(&appliers, &object.path);
            let has_entry = |(cluster, environment): &(String, String)| {
                **environment == *object.environment
                    && object.path.split('/').nth(1) == Some(cluster.as_str())
            };
            if object.applier.is_some() || !entries.iter().any(has_entry) {
                all.push(object);
            }
        }
    }
    all
}

/// The names of an app's Flux objects.
fn names_of(app: &str, environment: &str) -> [String; 3] {
    ["", "-access", "-run"].map(|end| format!("{app}-{environment}{end}"))
}

/// A Kustomization's path may begin with the folder of gen.yaml in the repository, which the tree itself does not know.
fn applier_of(appliers: &BTreeMap<String, Arc<Applier>>, path: &str) -> Option<Arc<Applier>> {
    let folder = path.rsplit_once('/')?.0;
    if let Some(applier) = appliers.get(folder) {
        return Some(Arc::clone(applier));
    }
    let below = format!("/{folder}");
    let found = appliers.iter().find(|(path, _)| path.ends_with(&below));
    found.map(|(_, applier)| Arc::clone(applier))
}

/// The folders that the Kustomizations of an entry point to: directly, or through the artifact generated from an app's folder.
fn pointers(objects: &[Desired]) -> Vec<(String, Applier)> {
    let mut artifacts: BTreeMap<&str, &str> = BTreeMap::new();
    let generators = objects.iter().filter(|o| o.identity.kind == "ArtifactGenerator");
    for artifact in generators.flat_map(|o| items(&o.body, "/spec/artifacts")) {
        let name = text_at(artifact, "name");
        for copy in items(artifact, "/copy") {
            let from = text_at(copy, "from").trim_end_matches("/**");
            if let Some((_, folder)) = from.split_once('/').filter(|_| from.starts_with('@')) {
                artifacts.insert(name, folder);
            }
        }
    }
    let is_flux = |o: &&Desired| o.identity.kind == "Kustomization";
    let pointer = |object: &Desired| {
        let spec = object.body.get("spec")?;
        let path = text_at(spec, "path").trim_start_matches("./").trim_end_matches('/');
        let source = spec.get("sourceRef")?;
        let path = if text_at(source, "kind") == "ExternalArtifact" {
            join(artifacts.get(text_at(source, "name"))?, path)
        } else {
            path.to_owned()
        };
        let applier = Applier {
            namespace: object.identity.namespace.clone().unwrap_or_default(),
            name: object.identity.name.clone(),
        };
        Some((path, applier))
    };
    objects.iter().filter(is_flux).filter_map(pointer).collect()
}

/// The objects of one file; a List is expanded, as in kustomize.
fn bodies(path: &str, text: &str) -> Result<Vec<Value>, Diagnostics> {
    let documents =
        read_documents(FileId::BUILT_IN, text, LIMITS).map_err(|found| in_file(found, path))?;
    let mut all = Vec::with_capacity(documents.len());
    for node in documents.iter().filter(|node| !node.is_null()) {
        flatten(path, node.to_value(), &mut all)?;
    }
    Ok(all)
}

fn flatten(path: &str, value: yaml::Value, all: &mut Vec<Value>) -> Result<(), Diagnostics> {
    if value.str_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"))
        && let Some(items) = value.get("items").and_then(yaml::Value::as_seq)
    {
        return items.iter().try_for_each(|item| flatten(path, item.clone(), all));
    }
    let bad = |problem: String| DiffError::NotAnObject { path: path.to_owned(), problem };
    let object = Object::new(value).map_err(|problem| Diagnostic::error(bad(problem)))?;
    let body = serde_json::to_value(object.value());
    all.push(body.map_err(|error| Diagnostic::error(bad(error.to_string())))?);
    Ok(())
}

/// The files listed in a kustomization.yaml.
fn resources(path: &str, text: &str) -> Result<Vec<String>, Diagnostics> {
    let not_plain = |what: &str| {
        let (path, what) = (path.to_owned(), what.to_owned());
        Diagnostics::from(Diagnostic::error(DiffError::NotPlain { path, what }))
    };
    let mut documents =
        read_documents(FileId::BUILT_IN, text, LIMITS).map_err(|found| in_file(found, path))?;
    let value = match (documents.pop(), documents.is_empty()) {
        (Some(node), true) => node.to_value(),
        _ => return Err(not_plain("several documents")),
    };
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

/// Without the text there is no line to show, only the file.
fn in_file(found: Diagnostics, path: &str) -> Diagnostics {
    let mut all = Diagnostics::default();
    for diagnostic in found {
        let line = diagnostic.at.map(|span| span.start.line);
        let place = line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"));
        all.push(Diagnostic { at: None, ..diagnostic }.in_file(place));
    }
    all
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

fn items<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text_at<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn identity(body: &Value) -> Identity {
    let metadata =
        |key: &str| body.get("metadata").map(|m| text_at(m, key)).filter(|text| !text.is_empty());
    let group = text_at(body, "apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    Identity {
        group: group.to_owned(),
        kind: text_at(body, "kind").to_owned(),
        namespace: metadata("namespace").map(str::to_owned),
        name: metadata("name").or_else(|| metadata("generateName")).unwrap_or_default().to_owned(),
    }
}
