//! The objects in files: manifests, kustomizations, compose files and Procfiles.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check::parse;
use crate::import::{About, Input, Original, compose, kustomize, procfile};
use crate::kubernetes::Object;
use crate::ops::check::{Texts, Unread, is_manifest};

/// The objects among these texts: those of each kustomization that no other one names are an environment, and what is in none is in
/// all of them.
pub(super) fn read(
    texts: &Texts,
    environment: &str,
    unread: &mut Vec<Unread>,
) -> (Vec<Input>, About) {
    let mut fail = |file: &str, why: String| unread.push(Unread { file: file.to_owned(), why });
    let readable: kustomize::Texts = texts
        .iter()
        .filter_map(|(path, text)| Some((path.clone(), text.as_ref().ok()?.clone())))
        .collect();
    let mut about = About::default();
    let mut inputs: Vec<Input> = Vec::new();
    let mut used = BTreeSet::new();
    let roots = kustomize::roots(&readable);
    for folder in &roots {
        match kustomize::build(&readable, folder) {
            Ok(built) => {
                used.extend(built.read);
                let name = environment_of(folder, &roots, environment, &inputs);
                let objects = built.objects.into_iter();
                let originals = objects.map(|(object, file)| Original::new(object, file)).collect();
                inputs.push(Input { environment: name, originals });
            }
            Err(why) => fail(folder, why),
        }
    }
    if inputs.is_empty() {
        inputs.push(Input { environment: environment.to_owned(), ..Input::default() });
    }
    about.lines =
        used.iter().filter_map(|path| readable.get(path)).map(|text| text.lines().count()).sum();
    // What lies in the folder of a kustomization is for it alone.
    let is_used = |path: &str| {
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        used.contains(path) || folders.chain([""]).any(|folder| used.contains(folder))
    };
    for (path, text) in texts {
        if procfile::is_procfile(path) {
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
        if !is_manifest(path) || is_used(path) {
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
            if compose::is_compose(other) {
                about.lines += text.as_ref().map_or(0, |text| text.lines().count());
                add(&mut inputs, path, compose::compose(other));
            } else {
                fail(path, format!("document {} is no object of Kubernetes", document + 1));
            }
        }
        for item in parsed.items {
            let original = Original::new(item.object, item.file);
            for input in &mut inputs {
                input.originals.push(original.clone());
            }
        }
    }
    (inputs, about)
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

/// The environment of a kustomization: the only one is that of the user's choice, and overlays have the names of their folders.
fn environment_of(folder: &str, roots: &[String], only: &str, taken: &[Input]) -> String {
    if roots.len() == 1 {
        return only.to_owned();
    }
    let name = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let name = name.trim_matches('-');
    let name = if name.is_empty() { only } else { name };
    let is_free = |name: &String| taken.iter().all(|input| input.environment != *name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}
