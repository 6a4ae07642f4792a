//! Paths in the input, as texts.

use crate::import::kustomize::Texts;

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

/// The deepest folder that all of them are in.
pub(super) fn common<'p>(mut folders: impl Iterator<Item = &'p str>) -> String {
    let Some(first) = folders.next() else { return String::new() };
    let mut parts: Vec<&str> = first.split('/').collect();
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
