//! A repository that Flux watches: what its Kustomizations (kustomize.toolkit.fluxcd.io) apply to each cluster, as
//! kustomize-controller builds it.
//!
//! A cluster is an environment. Paths are followed in the input only. Nothing is decrypted, and no value of a Secret is looked at. What a
//! Kustomization says and the new tree does not is told with its verdict.

mod artifacts;
mod clusters;
mod decrypt;
mod envsubst;
mod follow;
mod notes;
mod overlays;
mod paths;
mod place;
mod style;
mod substitute;
mod values;
mod variables;
mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::applied::Applied;
use super::environments;
use super::input::Input;
use super::kustomize::Texts;
use crate::kubernetes::{Object, documents_as_applied, items};
use clusters::{Cluster, Repository, clusters};
use follow::{Followed, Following};
use paths::{folder, is_within};
use place::{Seen, is_kustomization};

pub(super) use decrypt::decrypt;
pub(super) use wait::wait;

/// The most Kustomizations in an input.
const MOST: usize = 2000;

/// What Flux applies.
#[derive(Debug, Default)]
pub struct Watched {
    /// The environments.
    pub inputs: Vec<Input>,
    /// The folders and files that they are from.
    pub read: BTreeSet<String>,
    /// What could not be read, with the reason.
    pub unread: Vec<(String, String)>,
    /// Kustomizations that would delete what they no longer have, with the number of objects.
    pub pruned: BTreeMap<String, usize>,
}

/// What is said of objects that Flux does not apply.
pub const UNAPPLIED: &str = "no Kustomization of Flux in the input applies it";

/// Reads what Flux applies; nothing if the input is not its repository. `only` is the name of a single environment.
#[must_use]
pub fn watched(texts: &Texts, only: &str) -> Option<Watched> {
    let mut out = Watched::default();
    let (mut seen, loose) = objects(texts);
    if seen.len() > MOST {
        let why = format!("there are more than {MOST} Kustomizations; the others are not read");
        out.unread.push((seen[MOST].file.to_string(), why));
        seen.truncate(MOST);
    }
    let root = place::root(texts, &seen, &loose)?;
    let source = place::source(texts, &root, &seen, &loose);
    let repository = Repository { texts, root: &root, source: source.as_ref(), generators: &loose };
    let clusters = clusters(repository, &seen);
    let is_single = clusters.len() == 1;
    for cluster in clusters {
        let mut following = Following::new(repository);
        begin(&mut following, &cluster, &seen);
        let followed = following.run();
        out.read.extend(followed.read.iter().cloned());
        out.unread.extend(followed.unread.iter().cloned());
        for (name, count) in &followed.pruned {
            *out.pruned.entry(name.to_string()).or_default() += count;
        }
        let parts = overlays::parts(&followed);
        let is_single = is_single && parts.len() == 1;
        for (place, originals) in parts {
            let name = if is_single {
                only.to_owned()
            } else {
                let is_free = |name: &str| out.inputs.iter().all(|one| one.environment != name);
                environments::name(place.as_deref().unwrap_or(&cluster.folder), only, is_free)
            };
            let Followed { notes, waits, decryption, kept, sources, .. } = &followed;
            let is_here = |by: &Arc<str>| {
                originals.iter().any(|one| *one.object.identity().to_string() == **by)
            };
            let own = notes.iter().filter(|(by, _)| is_here(by));
            let applied = Applied {
                notes: own.map(|(by, notes)| (Arc::clone(by), notes.clone())).collect(),
                waits: waits.clone(),
                decryption: decryption.clone(),
                kept: kept.clone(),
                sources: sources.clone(),
            };
            out.inputs.push(Input { environment: name, originals, applied: Some(applied) });
        }
    }
    // Where none of them leads to anything, the input is read as what it is beside.
    (!out.read.is_empty()).then_some(out)
}

/// The Kustomizations of an input, and what their variables and artifacts are from.
fn objects(texts: &Texts) -> (Vec<Seen>, Vec<Object>) {
    let (mut seen, mut loose) = (Vec::new(), Vec::new());
    if !texts.values().any(|text| text.contains("kustomize.toolkit.fluxcd.io")) {
        return (seen, loose);
    }
    for (path, text) in texts {
        let is_yaml = [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
        let has_some = ["Kustomization", "ConfigMap", "Secret", "ArtifactGenerator"]
            .iter()
            .any(|kind| text.contains(kind));
        if !is_yaml || !has_some {
            continue;
        }
        let all = documents_as_applied(text).unwrap_or_default().into_iter().flat_map(items);
        for object in all.filter_map(|value| Object::new(value).ok()) {
            if is_kustomization(&object) {
                seen.push(Seen { file: Arc::from(path.as_str()), object });
            } else if ["ConfigMap", "Secret", "ArtifactGenerator"].contains(&object.kind()) {
                loose.push(object);
            }
        }
    }
    (seen, loose)
}

/// Takes in what a cluster begins with: its Kustomizations, and what else is in its folder, if nothing that they apply is there.
fn begin(following: &mut Following<'_>, cluster: &Cluster, seen: &[Seen]) {
    let (texts, root) = (following.texts, following.root);
    let roots: Vec<&Seen> = cluster.roots.iter().map(|at| &seen[*at]).collect();
    let is_above = |one: &Seen| {
        let path = artifacts::path(&one.object, following.loose.iter());
        path.is_some_and(|path| is_within(&paths::below(root, &path), &cluster.folder))
    };
    let is_whole = !seen.iter().any(is_above) && !cluster.folder.is_empty();
    let built = is_whole
        .then(|| super::kustomize::watched(texts, &cluster.folder, &crate::yaml::Value::Null).ok());
    if let Some(Some(built)) = built {
        let files: BTreeSet<&str> = built.objects.iter().map(|(_, file)| &**file).collect();
        if roots.iter().all(|one| files.contains(&*one.file)) {
            following.out.read.extend(built.read);
            following.out.unread.extend(built.unread);
            for found in built.objects {
                following.take(found, None);
            }
            return;
        }
    }
    for one in roots {
        following.out.read.insert(one.file.to_string());
        following.begin(one);
    }
}

/// The folder of a file, for those who name what they read.
#[must_use]
pub fn is_read(path: &str, read: &BTreeSet<String>) -> bool {
    let mut place = path;
    loop {
        if read.contains(place) {
            return true;
        }
        if place.is_empty() {
            return false;
        }
        place = folder(place);
    }
}
