//! What kustomize would make of a folder: as much of it as people use, and an error for the rest, never silence.
//!
//! Names get no hash here: whoever reads the spec wants the name, and gen rolls pods by itself.

mod building;
mod generate;
mod patch;
mod referrer;
mod selector;
mod transform;
mod watched;

use std::collections::BTreeSet;
use std::sync::Arc;

use building::Building;

use crate::diagnostics::FileId;
use crate::kubernetes::{Object, documents_as_applied, items};
use crate::yaml::{Limits, Map, Node, Value, read_documents};

pub use building::{Found, Texts};
pub use watched::watched;

/// The names that kustomize looks for.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The deepest chain of kustomizations.
const DEEPEST: usize = 20;
/// The most objects of a folder, for components and bases can be named again and again.
const MOST: usize = 50_000;

/// Keys that change nothing here.
const SILENT: [&str; 8] = [
    "apiVersion",
    "kind",
    "metadata",
    "sortOptions",
    "buildMetadata",
    "openapi",
    "crds",
    "generatorOptions",
];

/// Keys that are read elsewhere.
const KNOWN: [&str; 13] = [
    "resources",
    "bases",
    "components",
    "configMapGenerator",
    "secretGenerator",
    "images",
    "replicas",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "namespace",
    "namePrefix",
    "nameSuffix",
];

/// A kustomization and what it read.
#[derive(Debug, Default)]
pub struct Built {
    /// Its objects.
    pub objects: Vec<Found>,
    /// The folders and files that it is made of.
    pub read: BTreeSet<String>,
    /// What is left out, with the reason: what would be fetched, and files that are no objects, where a kustomization had to be made.
    pub unread: Vec<(String, String)>,
}

/// The folders with a kustomization that no other one names, with the names of the environments that they are for.
#[must_use]
pub fn roots(texts: &Texts) -> Vec<String> {
    let folders: Vec<&str> = texts.keys().filter_map(|path| folder_of(path)).collect();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for folder in &folders {
        let Some(content) = content(texts, folder) else { continue };
        for key in ["resources", "bases", "components"] {
            let all = content.list_at(&[key]).iter().filter_map(Value::as_str);
            named.extend(all.filter_map(|path| joined(folder, path)));
        }
    }
    let mut roots: Vec<String> =
        folders.into_iter().filter(|folder| !named.contains(*folder)).map(str::to_owned).collect();
    // A component is for others.
    roots.retain(|folder| {
        content(texts, folder).is_none_or(|it| it.str_at(&["kind"]) != Some("Component"))
    });
    roots
}

/// Builds a folder.
///
/// # Errors
/// What it does that is not known here, a file that is missing, or a circle.
pub fn build(texts: &Texts, folder: &str) -> Result<Built, String> {
    let mut built = Built::default();
    let mut building = Building { texts, read: BTreeSet::new(), depth: 0, unread: Vec::new() };
    building.folder(folder, &mut built.objects)?;
    built.read = building.read;
    built.unread = building.unread;
    Ok(built)
}

/// The folder of a path to a kustomization.
fn folder_of(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    NAMES.contains(&name).then_some(folder)
}

/// What stands in the kustomization of a folder.
fn content(texts: &Texts, folder: &str) -> Option<Value> {
    let text = text_of(texts, folder)?;
    documents_as_applied(text).ok()?.into_iter().next()
}

fn text_of<'t>(texts: &'t Texts, folder: &str) -> Option<&'t str> {
    NAMES.iter().find_map(|name| texts.get(&at(folder, name)).map(|text| &**text))
}

fn at(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A path in a folder, which may lead up, but not out.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if path.starts_with('/') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    // What is named by an absolute path is read by it.
    let start = if folder.starts_with('/') { "/" } else { "" };
    Some(format!("{start}{}", parts.join("/")))
}

/// The kustomization in a text.
fn document(folder: &str, text: &str) -> Result<Node, String> {
    let mut nodes = read_documents(FileId::BUILT_IN, text, Limits::default())
        .map_err(|_| format!("the kustomization in `{folder}` is not plain YAML"))?;
    match nodes.pop() {
        Some(node) if nodes.is_empty() => Ok(node),
        _ => Err(format!("the kustomization in `{folder}` is not one document")),
    }
}

impl Building<'_> {
    fn folder(&mut self, folder: &str, objects: &mut Vec<Found>) -> Result<(), String> {
        let text = text_of(self.texts, folder)
            .ok_or_else(|| format!("there is no kustomization in `{folder}`"))?
            .to_owned();
        self.depth += 1;
        if self.depth > DEEPEST || objects.len() > MOST {
            return Err(format!("`{folder}` names too many others, or itself"));
        }
        self.read.insert(folder.to_owned());
        let node = document(folder, &text)?;
        self.kustomization(folder, &node, objects)?;
        self.depth -= 1;
        Ok(())
    }

    /// Builds what a kustomization says.
    fn kustomization(
        &mut self,
        folder: &str,
        node: &Node,
        objects: &mut Vec<Found>,
    ) -> Result<(), String> {
        let content = node.to_value();
        let map = content.as_map().cloned().unwrap_or_default();
        let mut own: Vec<Found> = Vec::new();
        for key in ["resources", "bases"] {
            for path in content.list_at(&[key]).iter().filter_map(Value::as_str) {
                self.resource(folder, path, &mut own)?;
            }
        }
        self.generators(folder, &map, &mut own)?;
        for path in content.list_at(&["components"]).iter().filter_map(Value::as_str) {
            let place = joined(folder, path).ok_or_else(|| outside(path))?;
            self.folder(&place, &mut own)?;
        }
        if content.str_at(&["kind"]) == Some("Component") {
            // A component changes what is there.
            own.splice(0..0, objects.drain(..));
        }
        self.transform(folder, node, &map, &mut own)?;
        objects.extend(own);
        Ok(())
    }

    fn resource(&mut self, folder: &str, path: &str, own: &mut Vec<Found>) -> Result<(), String> {
        if path.contains("://") || path.starts_with("git@") || path.contains("?ref=") {
            let why = format!("`{path}` is fetched, and import fetches nothing");
            self.unread.push((folder.to_owned(), why));
            return Ok(());
        }
        let place = joined(folder, path).ok_or_else(|| outside(path))?;
        let Some(text) = self.texts.get(&place).cloned() else {
            return self.folder(&place, own);
        };
        self.read.insert(place.clone());
        let file: Arc<str> = Arc::from(place.as_str());
        for value in documents_as_applied(&text).map_err(|why| format!("`{place}`: {why}"))? {
            for value in items(value) {
                let object = Object::new(value).map_err(|why| format!("`{place}`: {why}"))?;
                own.push((object, Arc::clone(&file)));
            }
        }
        if own.len() > MOST {
            return Err(format!("`{folder}` has too many objects"));
        }
        Ok(())
    }

    /// The text of a file beside a kustomization.
    fn text(&mut self, folder: &str, path: &str) -> Result<Arc<str>, String> {
        let place = joined(folder, path).ok_or_else(|| outside(path))?;
        let text = self.texts.get(&place).cloned();
        self.read.insert(place.clone());
        text.ok_or_else(|| format!("there is no file `{place}`, or it is no text"))
    }

    fn transform(
        &mut self,
        folder: &str,
        node: &Node,
        map: &Map,
        own: &mut Vec<Found>,
    ) -> Result<(), String> {
        let mut referrers = Vec::new();
        // In kustomize's own order: patches know objects by the names in their files.
        for key in map.keys() {
            match key {
                "patches" | "patchesStrategicMerge" | "patchesJson6902" => {
                    let node = node.get(key);
                    for patch in node.and_then(Node::items).unwrap_or_default() {
                        self.patch(folder, key, patch, own)?;
                    }
                }
                "configurations" => {
                    for path in map.get(key).and_then(Value::as_seq).unwrap_or_default() {
                        let path = path.as_str().unwrap_or_default();
                        referrers.extend(self.referrers(folder, path)?);
                    }
                }
                key if SILENT.contains(&key) || KNOWN.contains(&key) => {}
                key => return Err(format!("`{key}` in `{folder}` is not understood")),
            }
        }
        transform::all(map, &referrers, own);
        Ok(())
    }
}

fn outside(path: &str) -> String {
    format!("`{path}` leads out of what is imported")
}
