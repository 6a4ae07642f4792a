//! Reads many objects with few requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::kinds::Resource;

/// Maximum number of objects of a kind read one by one.
const SINGLE: usize = 4;
/// Maximum number of namespaces listed one by one; beyond it, all at once.
const NAMESPACES: usize = 3;

/// A read of objects of one kind: their indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) resource: Arc<Resource>,
    pub(super) entries: Vec<usize>,
    pub(super) how: How,
}

/// How objects are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// The first one, by its name.
    One,
    /// All objects of the kind applied by Flux, in one namespace or in all.
    List(Option<String>),
}

/// An object to read: its index, its kind and its namespace.
pub(super) type Wanted = (usize, Arc<Resource>, Option<String>);

/// The reads for these objects.
pub(super) fn plan(wanted: Vec<Wanted>) -> Vec<Read> {
    let mut kinds: BTreeMap<Arc<Resource>, BTreeMap<Option<String>, Vec<usize>>> = BTreeMap::new();
    for (entry, resource, namespace) in wanted {
        kinds.entry(resource).or_default().entry(namespace).or_default().push(entry);
    }
    let mut reads = Vec::new();
    for (resource, namespaces) in kinds {
        let entries: Vec<usize> = namespaces.values().flatten().copied().collect();
        if entries.len() <= SINGLE {
            reads.extend(one_by_one(&resource, entries));
        } else if resource.is_namespaced && namespaces.len() <= NAMESPACES {
            reads.extend(by_namespace(&resource, namespaces));
        } else {
            reads.push(Read { resource, entries, how: How::List(None) });
        }
    }
    reads
}

/// A read for each object.
pub(super) fn one_by_one(resource: &Arc<Resource>, entries: Vec<usize>) -> Vec<Read> {
    let read = |entry| Read { resource: Arc::clone(resource), entries: vec![entry], how: How::One };
    entries.into_iter().map(read).collect()
}

/// A list for each namespace.
pub(super) fn by_namespace(
    resource: &Arc<Resource>,
    namespaces: BTreeMap<Option<String>, Vec<usize>>,
) -> Vec<Read> {
    let read = |(namespace, entries)| Read {
        resource: Arc::clone(resource),
        entries,
        how: How::List(namespace),
    };
    namespaces.into_iter().map(read).collect()
}
