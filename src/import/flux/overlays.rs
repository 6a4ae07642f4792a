//! Overlays of one app in one cluster: staging beside production. Each of them is an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::follow::Followed;
use crate::import::original::Original;
use crate::import::world::WORKLOADS;

/// The objects of each environment, with its folder if it is an overlay.
pub(super) fn parts(followed: &Followed) -> Vec<(Option<String>, Vec<Original>)> {
    let apart = apart(&followed.originals);
    if apart.is_empty() {
        return vec![(None, followed.originals.clone())];
    }
    let mut rest: Vec<Original> = Vec::new();
    let mut of_overlays: BTreeMap<&Arc<str>, Vec<Original>> = BTreeMap::new();
    for original in &followed.originals {
        match original.by.as_ref().and_then(|by| apart.get(by)) {
            Some(by) => of_overlays.entry(by).or_default().push(original.clone()),
            None => rest.push(original.clone()),
        }
    }
    let mut parts: Vec<(Option<String>, Vec<Original>)> =
        of_overlays.into_iter().map(|(by, all)| (followed.folders.get(by).cloned(), all)).collect();
    if rest.iter().any(|original| is_program(original) && original.left.is_none()) {
        parts.push((None, rest));
    } else if let Some((_, first)) = parts.first_mut() {
        first.extend(rest);
    }
    parts
}

fn is_program(original: &Original) -> bool {
    WORKLOADS[..5].contains(&original.kind()) || original.object.kind() == "HelmRelease"
}

/// Kustomizations that make the same program of the same file.
fn apart(originals: &[Original]) -> BTreeSet<Arc<str>> {
    let mut all: BTreeMap<(&str, &str, &str), BTreeSet<&Arc<str>>> = BTreeMap::new();
    for original in originals.iter().filter(|original| is_program(original)) {
        if let Some(by) = &original.by {
            let key = (&*original.file, original.object.kind(), original.name());
            all.entry(key).or_default().insert(by);
        }
    }
    let shared = all.into_values().filter(|by| by.len() > 1);
    shared.flatten().cloned().collect()
}
