//! The objects that are judged together.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use super::finding::{Finding, Within};
use crate::kubernetes::{Identity, Object};
use crate::yaml::Value;

/// One object, and where it was read.
#[derive(Debug, Clone)]
pub struct Item {
    /// The object.
    pub object: Object,
    /// Path of its file.
    pub file: Arc<str>,
    /// Where in the file.
    pub within: Within,
}

/// Objects that are judged together: all that a reader gave, or what an environment has.
#[derive(Debug, Default)]
pub struct Objects {
    items: Vec<Item>,
    by_name: HashMap<(String, String), Vec<usize>>,
    by_kind: HashMap<String, Vec<usize>>,
    /// All files that were read, also those without objects.
    files: BTreeSet<Arc<str>>,
}

impl Objects {
    /// Takes them in.
    #[must_use]
    pub fn new(items: Vec<Item>) -> Self {
        let mut by_name: HashMap<(String, String), Vec<usize>> = HashMap::new();
        let mut by_kind: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, item) in items.iter().enumerate() {
            let key = (item.object.kind().to_owned(), item.object.name().to_owned());
            by_kind.entry(key.0.clone()).or_default().push(at);
            by_name.entry(key).or_default().push(at);
        }
        let files = items.iter().map(|item| item.file.clone()).collect();
        Self { items, by_name, by_kind, files }
    }

    /// With further files that were read and hold no object, such as a `kustomization.yaml`.
    #[must_use]
    pub fn with_files(mut self, files: impl IntoIterator<Item = Arc<str>>) -> Self {
        self.files.extend(files);
        self
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &**file)
    }

    /// Whether a file begins with this folder, which ends with `/`.
    #[must_use]
    pub fn has_files_below(&self, folder: &str) -> bool {
        let mut from = self.files.range::<str, _>((Bound::Included(folder), Bound::Unbounded));
        from.next().is_some_and(|file| file.starts_with(folder))
    }

    /// All of them, in the order of their files.
    pub fn iter(&self) -> std::slice::Iter<'_, Item> {
        self.items.iter()
    }

    /// Gives them back, in that order.
    #[must_use]
    pub fn into_items(self) -> Vec<Item> {
        self.items
    }

    /// Those of a kind in an API group, in the order of their files.
    pub fn of<'a>(&'a self, group: &'a str, kind: &str) -> impl Iterator<Item = &'a Item> {
        let all = self.by_kind.get(kind).into_iter().flatten().map(|&at| &self.items[at]);
        all.filter(move |item| item.object.group() == group)
    }

    /// The object of that kind and name in a namespace. Of a namespace that nobody wrote nothing is known, so objects without one are
    /// taken to be in the same.
    #[must_use]
    pub fn get(
        &self,
        (group, kind): (&str, &str),
        namespace: Option<&str>,
        name: &str,
    ) -> Option<&Item> {
        self.named(kind, name).find(|item| {
            item.object.group() == group
                && (item.object.namespace() == namespace
                    || item.object.namespace().is_none()
                    || namespace.is_none())
        })
    }

    /// Those of a kind with a name, in all API groups and namespaces, in the order of their files.
    pub fn named(&self, kind: &str, name: &str) -> impl Iterator<Item = &Item> {
        let all = self.by_name.get(&(kind.to_owned(), name.to_owned()));
        all.into_iter().flatten().map(|&at| &self.items[at])
    }

    /// The object that a finding is about.
    #[must_use]
    pub fn of_finding(&self, finding: &Finding) -> Option<&Value> {
        let identity = finding.object.as_ref()?;
        let found =
            self.named(&identity.kind, &identity.name).find(|item| item.identity() == *identity);
        found.map(|item| item.object.value())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Their number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }
}

impl<'a> IntoIterator for &'a Objects {
    type Item = &'a Item;
    type IntoIter = std::slice::Iter<'a, Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Item {
    /// Its identity.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.object.identity()
    }

    /// Whether it is one of these kinds in an API group.
    #[must_use]
    pub fn is(&self, group: &str, kinds: &[&str]) -> bool {
        self.object.group() == group && kinds.contains(&self.object.kind())
    }
}
