//! Names for completion. They are read leniently: a spec that is being written has errors, and its other names are wanted all the same.

use std::collections::BTreeSet;

use crate::check;
use crate::decode;
use crate::diagnose;
use crate::diagnostics::{FileId, Sources, all};
use crate::files::Files;
use crate::spec::explain::plain;
use crate::spec::next_keys;
use crate::template::Library;
use crate::yaml::{Node, read_one};

/// Maximum size of a file, in bytes, as in `spec::load`.
const LIMIT: u64 = 1 << 20;

/// The apps of gen.yaml and the files that it includes.
#[must_use]
pub fn apps(files: &dyn Files) -> Vec<String> {
    let mut names = BTreeSet::new();
    let Some(root) = node(files, "gen.yaml") else { return Vec::new() };
    let mut take = |node: &Node| {
        let entries = node.get("apps").and_then(Node::entries).unwrap_or_default();
        names.extend(entries.iter().map(|entry| entry.key.clone()));
    };
    take(&root);
    // One pattern may stand without a list.
    let include = root.get("include");
    let patterns = include.and_then(Node::items).or_else(|| include.map(std::slice::from_ref));
    for pattern in patterns.unwrap_or_default().iter().filter_map(Node::scalar) {
        for path in files.glob(&pattern.text).unwrap_or_default() {
            if let Some(included) = node(files, &path) {
                take(&included);
            }
        }
    }
    names.into_iter().filter(|name| is_harmless(name)).collect()
}

/// Whether a shell can be given a name: what is not valid yet can hold anything.
fn is_harmless(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// The environments.
#[must_use]
pub fn environments(files: &dyn Files) -> Vec<String> {
    let paths = files.glob("environments/*.yaml").unwrap_or_default();
    let names = paths.iter().filter(|path| !path.ends_with(".pins.yaml")).filter_map(|path| {
        path.strip_prefix("environments/")?.strip_suffix(".yaml").map(str::to_owned)
    });
    names.filter(|name| is_harmless(name)).collect()
}

/// The templates that are built in, and those of the repository.
#[must_use]
pub fn templates(files: Option<&impl Files>) -> Vec<String> {
    let built_in = crate::template::BUILT_IN.iter().map(|(name, _)| (*name).to_owned());
    let mut names: BTreeSet<String> = built_in.collect();
    let own = files.and_then(|files| files.list("templates").ok()).unwrap_or_default();
    names.extend(own.iter().filter_map(|path| path.strip_prefix("templates/").map(str::to_owned)));
    names.retain(|name| name.split('/').all(is_harmless));
    names.into_iter().collect()
}

/// The rules of `gen check`, with what each finds.
#[must_use]
pub fn rules() -> Vec<(String, String)> {
    check::rules().iter().map(|rule| (rule.id.to_owned(), rule.name.to_owned())).collect()
}

/// What `gen explain` can be asked that begins with this, with a word about each. Keys are offered step by step, codes only after their
/// first letter: there are hundreds.
#[must_use]
pub fn explained(typed: &str) -> Vec<(String, String)> {
    let mut found = next_keys(typed);
    if typed.starts_with("task.") {
        let (library, _) = Library::new(Vec::new(), &mut Sources::default());
        let catalogue = decode::catalogue(library.tasks()).unwrap_or_default();
        let tasks = catalogue.iter();
        found.extend(tasks.map(|task| (format!("task.{}", task.name), task.about.clone())));
    }
    if !typed.is_empty() {
        found.extend(all().iter().map(|entry| (entry.code.to_string(), plain(entry.message))));
        found.extend(rules());
        let failures = diagnose::signatures().iter();
        found.extend(failures.map(|one| (one.id.clone(), one.title.clone())));
    }
    for word in ["checks", "failures"] {
        found.push((word.to_owned(), format!("all {word} that gen knows")));
    }
    found.retain(|(name, _)| name.starts_with(typed));
    found
}

fn node(files: &dyn Files, path: &str) -> Option<Node> {
    let text = files.read(path, LIMIT).ok()??;
    read_one(FileId::BUILT_IN, &text).ok()
}
