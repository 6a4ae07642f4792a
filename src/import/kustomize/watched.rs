//! A folder as kustomize-controller builds it: with a kustomization that names all its files if it has none, and with what a
//! Kustomization of Flux adds to it (fluxcd/pkg/kustomize, `kustomize_generator.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::building::{Building, Texts};
use super::{Built, NAMES, at, document, joined, text_of};
use crate::kubernetes::{Object, documents_as_applied, items};
use crate::yaml::{Map, Value, emit_document};

/// Files that Flux never reads as manifests (fluxcd/pkg/sourceignore).
const IGNORED: [&str; 6] =
    [".goreleaser.yml", ".sops.yaml", ".flux.yaml", ".travis.yml", ".gitlab-ci.yml", ".drone.yml"];
/// Folders that it never reads.
const IGNORED_FOLDERS: [&str; 3] = [".git", ".github", ".circleci"];

/// Builds a folder for the `spec` of a Kustomization of Flux.
///
/// # Errors
/// What it does that is not known here, a file that is missing, or a circle.
pub fn watched(texts: &Texts, folder: &str, spec: &Value) -> Result<Built, String> {
    let mut built = Built::default();
    let mut building = Building { texts, read: BTreeSet::new(), depth: 1, unread: Vec::new() };
    let content = match text_of(texts, folder) {
        Some(text) => document(folder, text)?.to_value(),
        None => made(texts, folder, &mut built.unread),
    };
    building.read.insert(folder.to_owned());
    let content = Value::Map(with(&content, spec, texts, folder));
    let node = document(folder, &emit_document(&content))?;
    building.kustomization(folder, &node, &mut built.objects)?;
    built.read = building.read;
    built.unread.extend(building.unread);
    Ok(built)
}

/// The kustomization of a folder without one: each file, and each folder below that has one.
fn made(texts: &Texts, folder: &str, unread: &mut Vec<(String, String)>) -> Value {
    let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let below: BTreeMap<&str, &str> = texts
        .range(start.clone()..)
        .take_while(|(path, _)| path.starts_with(&start))
        .map(|(path, text)| (&path[start.len()..], &**text))
        .collect();
    let mut folders: Vec<&str> = below
        .keys()
        .filter_map(|path| path.rsplit_once('/'))
        .filter(|(_, name)| NAMES.contains(name))
        .map(|(folder, _)| folder)
        .collect();
    folders.sort_by_key(|folder| folder.len());
    let mut resources: BTreeSet<&str> = BTreeSet::new();
    let within = |resources: &BTreeSet<&str>, path: &str| {
        path.match_indices('/').any(|(end, _)| resources.contains(&path[..end]))
    };
    for folder in folders {
        if !within(&resources, folder) {
            resources.insert(folder);
        }
    }
    for (path, text) in below {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_ignored =
            IGNORED.contains(&name) || path.split('/').any(|part| IGNORED_FOLDERS.contains(&part));
        let is_yaml = [".yaml", ".yml"].iter().any(|end| path.ends_with(end));
        if is_ignored || !is_yaml || within(&resources, path) {
            continue;
        }
        match problem(text) {
            Some(why) => unread.push((at(folder, path), why)),
            None => drop(resources.insert(path)),
        }
    }
    let resources: Vec<Value> = resources.into_iter().map(Value::from).collect();
    Value::from([("resources", Value::Seq(resources))])
}

/// Why a file would keep Flux from applying the folder.
fn problem(text: &str) -> Option<String> {
    let all = match documents_as_applied(text) {
        Ok(all) => all,
        Err(why) => return Some(why),
    };
    let mut objects = all.into_iter().flat_map(items);
    let is_none = objects.any(|value| Object::new(value).is_err());
    is_none.then(|| "not a Kubernetes object: Flux applies nothing from its folder".to_owned())
}

/// A kustomization with what Flux adds.
fn with(content: &Value, spec: &Value, texts: &Texts, folder: &str) -> Map {
    let mut content = content.as_map().cloned().unwrap_or_default();
    for (key, to) in [
        ("targetNamespace", "namespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ] {
        if let Some(text) = spec.str_at(&[key]) {
            content.insert(to, text);
        }
    }
    for key in ["patches", "patchesStrategicMerge", "patchesJson6902", "components"] {
        let is_there = |item: &&Value| {
            let path = item.as_str().filter(|_| key == "components");
            let place = path.and_then(|path| joined(folder, path));
            let is_ignored = spec.get("ignoreMissingComponents").is_some_and(Value::is_true);
            !is_ignored || place.is_none_or(|place| text_of(texts, &place).is_some())
        };
        let added: Vec<Value> = spec.list_at(&[key]).iter().filter(is_there).map(patch).collect();
        if !added.is_empty() {
            content.list_at(key).extend(added);
        }
    }
    for image in spec.list_at(&["images"]) {
        let all = content.list_at("images");
        let is_it = |other: &&mut Value| other.get("name") == image.get("name");
        let Some(there) = all.iter_mut().find(is_it).and_then(Value::as_map_mut) else {
            all.push(image.clone());
            continue;
        };
        if let Some(name) = image.get("newName") {
            there.insert("newName", name.clone());
        }
        let version = ["newTag", "digest"].map(|key| (key, image.get(key)));
        if version.iter().any(|(_, value)| value.is_some()) {
            for (key, value) in version {
                there.remove(key);
                there.push_some(key, value.cloned());
            }
        }
    }
    content
}

/// A patch as kustomize has it: in older versions of Flux, it is written as YAML and not as a text.
fn patch(item: &Value) -> Value {
    let is_text = item.get("patch").is_none_or(|patch| patch.as_str().is_some());
    match item.as_map() {
        Some(map) if map.contains_key("patch") && !is_text => {
            let mut map = map.clone();
            let text = map.get("patch").map(emit_document).unwrap_or_default();
            map.insert("patch", text);
            Value::Map(map)
        }
        // A strategic merge patch.
        Some(map) if map.contains_key("kind") => {
            Value::from(emit_document(&Value::Map(map.clone())))
        }
        _ => item.clone(),
    }
}
