//! Which clusters a repository is for: each begins with Kustomizations that no other one applies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::artifacts::{Source, is_same, read};
use super::paths::{below, common, exists, folder, is_within};
use super::place::{Seen, spec};
use crate::import::kustomize::{Texts, watched};
use crate::kubernetes::Object;
use crate::yaml::Value;

/// A cluster, or what is taken for one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    /// Its folder.
    pub(super) folder: String,
    /// The Kustomizations that it begins with.
    pub(super) roots: Vec<usize>,
}

/// What Kustomizations read.
#[derive(Clone, Copy)]
pub(super) struct Repository<'t> {
    /// Its files.
    pub(super) texts: &'t Texts,
    /// Its root in the input.
    pub(super) root: &'t str,
    /// The source that it is.
    pub(super) source: Option<&'t Source>,
    /// What artifacts are made by.
    pub(super) generators: &'t [Object],
}

/// The folder that a Kustomization's path leads to, if there is something in it.
fn target(repository: Repository<'_>, seen: &Seen) -> Option<String> {
    let Repository { texts, root, source, generators } = repository;
    let (own, path) = read(&seen.object, generators.iter())?;
    if own.zip(source).is_some_and(|(own, source)| !is_same(&own, source)) {
        return None;
    }
    Some(below(root, &path)).filter(|folder| exists(texts, folder))
}

/// The files of objects that folders are built of.
struct Reading<'t> {
    texts: &'t Texts,
    done: BTreeMap<(String, String), Arc<BTreeSet<Arc<str>>>>,
}

impl Reading<'_> {
    fn files(&mut self, folder: &str, spec: &Value) -> Arc<BTreeSet<Arc<str>>> {
        // Nothing else in a spec adds files.
        let keys = ["components", "ignoreMissingComponents"];
        let added = keys.iter().filter_map(|key| Some((*key, spec.get(key)?.clone())));
        let added = Value::Map(added.collect());
        let key = (folder.to_owned(), added.to_string());
        let texts = self.texts;
        let found = self.done.entry(key).or_insert_with(|| {
            let objects = watched(texts, folder, &added).map(|built| built.objects);
            Arc::new(objects.unwrap_or_default().into_iter().map(|(_, file)| file).collect())
        });
        Arc::clone(found)
    }
}

/// The clusters. There is at least one Kustomization.
pub(super) fn clusters(repository: Repository<'_>, all: &[Seen]) -> Vec<Cluster> {
    let targets: Vec<Option<String>> = all.iter().map(|seen| target(repository, seen)).collect();
    let mut reading = Reading { texts: repository.texts, done: BTreeMap::new() };
    let applied: Vec<Arc<BTreeSet<Arc<str>>>> = all
        .iter()
        .zip(&targets)
        .map(|(seen, target)| match target {
            Some(folder) => reading.files(folder, spec(&seen.object)),
            None => Arc::default(),
        })
        .collect();
    let applies_itself = |at: usize| applied[at].contains(&all[at].file);
    let is_root = |at: &usize| {
        let mut others = (0..all.len()).filter(|other| other != at);
        !others.any(|other| {
            applied[other].contains(&all[*at].file)
                // Of two that apply each other, the first is first.
                && !(applied[*at].contains(&all[other].file) && *at < other)
        })
    };
    let mut roots: Vec<usize> = (0..all.len()).filter(is_root).collect();
    if roots.is_empty() {
        // A circle begins somewhere.
        roots.push(0);
    }
    let (own, others): (Vec<usize>, Vec<usize>) =
        roots.into_iter().partition(|at| applies_itself(*at));
    let mut clusters: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for at in own {
        let folder = targets[at].clone().unwrap_or_default();
        clusters.entry(folder).or_default().push(at);
    }
    let has_entry = !clusters.is_empty();
    let mut loose: Vec<usize> = Vec::new();
    for at in others {
        let file = &*all[at].file;
        let within = clusters.keys().find(|folder| is_within(file, folder)).cloned();
        match within.or_else(|| of_clusters(file)) {
            Some(folder) => clusters.entry(folder).or_default().push(at),
            None => loose.push(at),
        }
    }
    // Where Flux begins somewhere, it does not read what is nowhere named.
    if !has_entry {
        for (folder, roots) in split(all, &loose) {
            clusters.entry(folder).or_default().extend(roots);
        }
    }
    clusters.into_iter().map(|(folder, roots)| Cluster { folder, roots }).collect()
}

/// The folder of a cluster, where clusters are in a folder of that name: `clusters/home`.
fn of_clusters(file: &str) -> Option<String> {
    let parts: Vec<&str> = file.split('/').collect();
    let place = parts.iter().position(|part| *part == "clusters")?;
    (place + 2 < parts.len()).then(|| parts[..place + 2].join("/"))
}

/// One cluster, unless two Kustomizations have the same name: then the folders in which they differ are clusters.
fn split(all: &[Seen], loose: &[usize]) -> BTreeMap<String, Vec<usize>> {
    let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for &at in loose {
        let files = names.entry(all[at].object.identity().to_string()).or_default();
        files.push(folder(&all[at].file));
    }
    let above = common(loose.iter().map(|at| folder(&all[*at].file)));
    let is_one = names.values().all(|files| files.len() == 1);
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for &at in loose {
        let own = folder(&all[at].file);
        let rest = own.strip_prefix(above.as_str()).unwrap_or(own).trim_start_matches('/');
        let part = rest.split('/').next().unwrap_or_default();
        let key = if is_one { above.clone() } else { below(&above, part) };
        found.entry(key).or_default().push(at);
    }
    found
}
