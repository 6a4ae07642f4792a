//! Kustomizations of Flux in files, and where the repository that they are for lies in the input.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::artifacts::{Source, path, read};
use super::paths::{below, common, exists, folder};
use crate::import::kustomize::Texts;
use crate::kubernetes::Object;
use crate::yaml::Value;

/// A Kustomization of Flux in a file.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Its file.
    pub(super) file: Arc<str>,
    /// The object.
    pub(super) object: Object,
}

/// The group of its API.
const GROUP: &str = "kustomize.toolkit.fluxcd.io";

/// Whether an object is a Kustomization of Flux.
pub(super) fn is_kustomization(object: &Object) -> bool {
    object.kind() == "Kustomization" && object.group() == GROUP
}

/// Its `spec`.
pub(super) fn spec(object: &Object) -> &Value {
    static NONE: Value = Value::Null;
    object.at(&["spec"]).unwrap_or(&NONE)
}

/// Its name as reports have it.
pub(super) fn identity(object: &Object) -> Arc<str> {
    Arc::from(object.identity().to_string())
}

/// The folder of the input that is the repository's root: the one below which most paths lead to something.
pub(super) fn root(texts: &Texts, all: &[Seen], generators: &[Object]) -> Option<String> {
    let mut votes: BTreeMap<String, usize> = BTreeMap::new();
    let mut has_root = false;
    for seen in all {
        let Some(path) = path(&seen.object, generators.iter()) else { continue };
        if path.is_empty() {
            has_root = true;
            continue;
        }
        let file: &str = &seen.file;
        let ends = file.match_indices('/').map(|(end, _)| &file[..end]);
        for ancestor in std::iter::once("").chain(ends) {
            if exists(texts, &below(ancestor, &path)) {
                *votes.entry(ancestor.to_owned()).or_default() += 1;
            }
        }
    }
    // Of several, the highest.
    let best =
        votes.iter().max_by_key(|(folder, count)| (**count, std::cmp::Reverse(folder.len())));
    if let Some((folder, _)) = best {
        return Some(folder.clone());
    }
    has_root.then(|| common(texts.keys().map(|path| folder(path))))
}

/// The source that is this repository: the one of most Kustomizations whose paths lead to something.
pub(super) fn source(
    texts: &Texts,
    root: &str,
    all: &[Seen],
    generators: &[Object],
) -> Option<Source> {
    let mut votes: BTreeMap<Source, usize> = BTreeMap::new();
    for seen in all {
        let Some((Some(source), path)) = read(&seen.object, generators.iter()) else { continue };
        if !path.is_empty() && exists(texts, &below(root, &path)) {
            *votes.entry(source).or_default() += 1;
        }
    }
    votes.into_iter().max_by_key(|(_, count)| *count).map(|(source, _)| source)
}
