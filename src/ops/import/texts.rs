//! The objects in files: manifests, kustomizations, compose files and Procfiles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ImportReport;
use crate::check::parse;
use crate::import::{About, Input, Original, compose, environments, flux, kustomize, procfile};
use crate::kubernetes::Object;
use crate::ops::check::{Texts, Unread, is_manifest};

/// So many Kustomizations are listed.
const FEW: usize = 5;

/// The objects among these texts: those of each kustomization that no other one names are an environment, and what is in none is in
/// all of them.
pub(super) fn read(
    texts: &Texts,
    environment: &str,
    report: &mut ImportReport,
) -> (Vec<Input>, About) {
    let unread = &mut report.unread;
    let mut fail = |file: &str, why: String| tell(unread, file, why);
    let readable: kustomize::Texts = texts
        .iter()
        .filter_map(|(path, text)| Some((path.clone(), text.as_ref().ok()?.clone())))
        .collect();
    let mut about = About::default();
    let mut inputs: Vec<Input> = Vec::new();
    let mut used = BTreeSet::new();
    let watched = flux::watched(&readable, environment);
    let is_watched = watched.is_some();
    if let Some(watched) = watched {
        inputs = watched.inputs;
        used = watched.read;
        report.appliers = appliers(watched.pruned);
        watched.unread.into_iter().for_each(|(file, why)| fail(&file, why));
    }
    let mut roots = kustomize::roots(&readable);
    roots.retain(|folder| !flux::is_read(folder, &used));
    for folder in &roots {
        match kustomize::build(&readable, folder) {
            Ok(built) => {
                used.extend(built.read);
                built.unread.into_iter().for_each(|(file, why)| fail(&file, why));
                let objects = built.objects.into_iter();
                let originals = objects.map(|(object, file)| Original::new(object, file));
                if is_watched {
                    leave(&mut inputs, originals);
                    continue;
                }
                let is_free = |name: &str| inputs.iter().all(|input| input.environment != name);
                let name = match roots.len() {
                    1 => environment.to_owned(),
                    _ => environments::name(folder, environment, is_free),
                };
                let originals = originals.collect();
                inputs.push(Input { environment: name, originals, applied: None });
            }
            Err(why) => fail(folder, why),
        }
    }
    if inputs.is_empty() {
        inputs.push(Input { environment: environment.to_owned(), ..Input::default() });
    }
    about.lines =
        used.iter().filter_map(|path| readable.get(path)).map(|text| text.lines().count()).sum();
    for (path, text) in texts {
        if procfile::is_procfile(path) && !is_watched {
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
        // What lies in the folder of a kustomization is for it alone.
        if !is_manifest(path) || flux::is_read(path, &used) {
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
            if compose::is_compose(other) && !is_watched {
                about.lines += text.as_ref().map_or(0, |text| text.lines().count());
                add(&mut inputs, path, compose::compose(other));
            } else {
                fail(path, format!("document {} is no object of Kubernetes", document + 1));
            }
        }
        for item in parsed.items {
            let original = Original::new(item.object, item.file);
            if is_watched {
                leave(&mut inputs, std::iter::once(original));
                continue;
            }
            for input in &mut inputs {
                input.originals.push(original.clone());
            }
        }
    }
    for original in inputs.iter_mut().flat_map(|input| &mut input.originals) {
        if let Some(text) = readable.get(&*original.file) {
            original.compare(text);
        }
    }
    (inputs, about)
}

/// What Flux and kustomize both look at is told once.
fn tell(unread: &mut Vec<Unread>, file: &str, why: String) {
    if !unread.iter().any(|one| one.file == file && one.why == why) {
        unread.push(Unread { file: file.to_owned(), why });
    }
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

/// What Flux does not apply has a verdict, and is in no spec.
fn leave(inputs: &mut [Input], originals: impl Iterator<Item = Original>) {
    if let Some(first) = inputs.first_mut() {
        let left = |original| Original { left: Some(flux::UNAPPLIED.to_owned()), ..original };
        first.originals.extend(originals.map(left));
    }
}

/// The Kustomizations that would delete objects, each by name if there are few.
fn appliers(pruned: BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let (count, objects) = (pruned.len(), pruned.values().sum());
    if count <= FEW {
        pruned
    } else {
        BTreeMap::from([(format!("{count} Kustomizations"), objects)])
    }
}
