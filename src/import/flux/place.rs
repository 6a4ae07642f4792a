//! Where a path of a Kustomization leads: to a folder of the input, or to nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::artifacts::{Source, path, read};
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

/// A path below the repository's root, without its dots. As in Flux, `/apps` is `./apps`; what leads above the root is refused, where
/// Flux would stop at the root.
pub(super) fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path below a folder.
pub(super) fn below(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// Whether a file or folder lies in a folder, or is it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether there is something in a folder.
pub(super) fn exists(texts: &Texts, folder: &str) -> bool {
    let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    texts.range(start.clone()..).next().is_some_and(|(path, _)| path.starts_with(&start))
}

/// The folder of a path.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
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

/// The deepest folder that all of them are in.
pub(super) fn common<'p>(mut folders: impl Iterator<Item = &'p str>) -> String {
    let Some(first) = folders.next() else { return String::new() };
    let mut parts: Vec<&str> = first.split('/').filter(|part| !part.is_empty()).collect();
    for folder in folders {
        let same = parts.iter().zip(folder.split('/')).take_while(|(one, other)| *one == other);
        let count = same.count();
        parts.truncate(count);
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_root() {
        for (path, expected) in [
            ("./apps/staging", Some("apps/staging")),
            ("/apps/", Some("apps")),
            ("", Some("")),
            ("./", Some("")),
            ("a/../b//c/.", Some("b/c")),
            ("../../etc", None),
            ("a/../../b", None),
        ] {
            assert_eq!(normal(path).as_deref(), expected, "{path}");
        }
        assert!(is_within("a/b", "a") && is_within("a", "a") && !is_within("ab", "a"));
        assert_eq!(common(["a/b/c", "a/b", "a/b/d"].into_iter()), "a/b");
        assert_eq!(common(["a", ""].into_iter()), "");
    }
}
