//! From the files of an app's checkout to a spec to begin with.
//!
//! Pure: texts in, a spec and reasons out. Each value has its file and line; one that no file gives is a comment to fill in. Files are
//! hostile: they are searched, never run, and their text reaches the spec only as checked values and in one-line comments.

mod app;
mod checkout;
mod dockerfile;
mod git;
mod health;
mod language;
mod port;
mod roots;
mod runs;
mod unit;
mod write;

pub use app::{App, Line, Sure};
pub use checkout::{Checkout, OF_GIT, Place, is_manifest, is_own, is_source, shown};
pub use unit::Test;

use std::collections::BTreeSet;

use checkout::join;

use crate::import::compose::label;
use crate::name::Check;

/// A spec to begin with.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// The apps.
    pub apps: Vec<App>,
    /// What was found and is not an app, with the reason.
    pub left: Vec<String>,
    /// The text of gen.yaml.
    pub spec: String,
}

/// The longest name of an app: names that gen makes of it still fit.
const LONGEST: usize = 30;

/// Proposes a spec for a repository, of which only git's files are read; none if there is no app in the checkout.
#[must_use]
pub fn propose(checkout: &Checkout, repository: &Checkout) -> Option<Proposal> {
    let mut found = roots::roots(checkout);
    let is_path = |path: &str| path.is_empty() || Check::RelativePath.test(path).is_ok();
    let is_taken = |root: &roots::Root| {
        is_path(&root.folder) && root.dockerfile.as_deref().is_none_or(is_path)
    };
    let (all, odd): (Vec<_>, Vec<_>) = found.all.into_iter().partition(is_taken);
    found.all = all;
    let odd = odd.into_iter().map(|root| root.dockerfile.unwrap_or(root.folder));
    found.left.extend(odd.map(|path| (path, "its path is not valid in a spec")));
    if found.all.is_empty() {
        return None;
    }
    let origin = git::origin(checkout);
    let mut taken = BTreeSet::new();
    let names: Vec<String> = found
        .all
        .iter()
        .map(|root| {
            let whole = origin.url.as_ref().map(|(url, _)| url.as_str()).unwrap_or_default();
            let last = whole.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
            let of_url = last.strip_suffix(".git").unwrap_or(last);
            let all = [root.name.as_str(), of_url, &checkout.name];
            let name = all.into_iter().map(named).find(|name| !name.is_empty());
            free(name.unwrap_or_else(|| "app".to_owned()), &mut taken)
        })
        .collect();
    let mut apps: Vec<App> = Vec::new();
    for (root, name) in found.all.iter().zip(&names) {
        let beside = beside(root, &found.all);
        let beside: Vec<&str> = beside.iter().map(String::as_str).collect();
        apps.push(app::app(checkout, root, name, &origin, &beside));
    }
    // Other services of a Compose file are listed once.
    let mut said = BTreeSet::new();
    for app in &mut apps {
        app.left.retain(|left| said.insert(left.clone()));
        cut(&mut app.left);
    }
    let left = found.left.iter().map(|(path, why)| format!("{}: {why}", shown(path)));
    let mut left: Vec<String> = left.collect();
    cut(&mut left);
    let spec = write::spec(&apps, &git::origin(repository));
    Some(Proposal { apps, left, spec })
}

/// Folders of the other apps: their own, or in a folder that they share with this one, what is called as they are.
fn beside(root: &roots::Root, all: &[roots::Root]) -> Vec<String> {
    let others = all.iter().filter(|other| *other != root);
    let folders = others.flat_map(|other| {
        if other.folder != root.folder {
            return vec![other.folder.clone()];
        }
        let places = ["cmd/", "apps/", "services/", "bin/", ""];
        places.map(|place| join(&root.folder, &format!("{place}{}", other.name))).to_vec()
    });
    folders.filter(|folder| !folder.is_empty() && !folder.ends_with('/')).collect()
}

/// Cuts a list that nobody would read to its end.
pub fn cut(list: &mut Vec<String>) {
    const MOST: usize = 20;
    if list.len() > MOST + 1 {
        let more = list.len() - MOST;
        list.truncate(MOST);
        list.push(format!("{more} more"));
    }
}

/// A name as apps have it; empty if nothing is left of it.
fn named(text: &str) -> String {
    let name = label(&text.chars().take(200).collect::<String>());
    let mut name: String = name.chars().take(LONGEST).collect();
    name.truncate(name.trim_end_matches('-').len());
    // Names of Services begin with a letter.
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.truncate(LONGEST - 4);
        name = format!("app-{}", name.trim_end_matches('-'));
    }
    name
}

/// The name, or the first one with a number that is free.
fn free(name: String, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut all = std::iter::once(name.clone()).chain(numbered);
    let free = all.find(|name| taken.insert(name.clone()));
    free.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_kubernetes_takes() {
        for (text, name) in [
            ("My_Shop", "my-shop"),
            ("3d", "app-3d"),
            ("../..", ""),
            ("\u{1b}[31mx", "31mx"),
            ("ü", ""),
            (&"a".repeat(99), &"a".repeat(30)),
        ] {
            let expected = if name == "31mx" { "app-31mx" } else { name };
            assert_eq!(named(text), expected, "{text}");
        }
        let mut taken = BTreeSet::new();
        assert_eq!(free("a".to_owned(), &mut taken), "a");
        assert_eq!(free("a".to_owned(), &mut taken), "a-2");
    }
}
