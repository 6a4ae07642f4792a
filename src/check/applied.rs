//! Which Kustomization of Flux applies which objects.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::objects::{Item, Objects};

/// The API group of Kustomizations.
pub(super) const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";

/// A Kustomization with the objects below its path.
#[derive(Debug)]
pub(super) struct Kustomization<'a> {
    /// The Kustomization.
    pub(super) item: &'a Item,
    /// Its path in the repository, without `./`; empty for the root.
    pub(super) path: String,
    /// What it applies. Nothing where the path is not among the files.
    pub(super) objects: Vec<&'a Item>,
}

/// All Kustomizations.
#[derive(Debug, Default)]
pub(super) struct Applied<'a> {
    /// In the order of their files.
    pub(super) all: Vec<Kustomization<'a>>,
    /// The root of the repository among the paths that were read, if a path of a Kustomization leads to files.
    pub(super) root: Option<String>,
}

/// The path of a Kustomization, without `./` and a trailing `/`.
fn path(item: &Item) -> String {
    let path = item.object.value().str_at(&["spec", "path"]).unwrap_or_default();
    let path = path.trim_start_matches("./").trim_matches('/');
    if path == "." { String::new() } else { path.to_owned() }
}

/// The folders above a file, from the nearest.
fn above(file: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(file.rsplit_once('/').map(|(folder, _)| folder), |folder| {
        folder.rsplit_once('/').map(|(above, _)| above)
    })
}

impl<'a> Applied<'a> {
    /// Finds what each applies.
    pub(super) fn new(objects: &'a Objects) -> Self {
        let mut all: Vec<Kustomization<'a>> = objects
            .of(KUSTOMIZE, "Kustomization")
            .map(|item| Kustomization { item, path: path(item), objects: Vec::new() })
            .collect();
        if all.is_empty() {
            return Self::default();
        }
        let Some(root) = root(objects, &all) else { return Self { all, root: None } };
        let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, one) in all.iter().enumerate().filter(|(_, one)| !one.path.is_empty()) {
            by_path.entry(one.path.clone()).or_default().push(at);
        }
        let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
        for item in objects {
            let Some(file) = item.file.strip_prefix(&prefix) else { continue };
            for folder in above(file) {
                for &at in by_path.get(folder).into_iter().flatten() {
                    all[at].objects.push(item);
                }
            }
        }
        Self { all, root: Some(root) }
    }

    /// Whether a folder of the repository is among the files.
    pub(super) fn has_folder(&self, objects: &Objects, path: &str) -> bool {
        let Some(root) = &self.root else { return false };
        let dash = if root.is_empty() { "" } else { "/" };
        let folder = format!("{root}{dash}{path}/");
        objects.has_files_below(&folder)
    }
}

/// What stands before the paths of the repository in the paths that were read: the prefix with which most of the Kustomizations lead to
/// files.
fn root(objects: &Objects, all: &[Kustomization<'_>]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let wanted: HashSet<&str> =
        all.iter().filter(|one| !one.path.is_empty()).map(|one| one.path.as_str()).collect();
    let mut seen: HashSet<&str> = HashSet::new();
    for file in objects.files() {
        for folder in above(file) {
            if !seen.insert(folder) {
                break;
            }
            // Every end of the folder's path may be what a Kustomization names.
            let starts = std::iter::once(0).chain(folder.match_indices('/').map(|(at, _)| at + 1));
            for start in starts {
                if wanted.contains(&folder[start..]) {
                    let before = folder[..start].trim_end_matches('/');
                    *counts.entry(before).or_default() += 1;
                }
            }
        }
    }
    let best = counts.into_iter().max_by_key(|(prefix, count)| (*count, usize::MAX - prefix.len()));
    best.map(|(prefix, _)| prefix.to_owned())
}
