//! Reads many objects with few requests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::kinds::Resource;

/// Maximum number of objects of a kind read one by one.
const SINGLE: usize = 4;
/// Maximum number of namespaces listed one by one; beyond it, all at once.
const NAMESPACES: usize = 3;

/// A read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// One object.
    One { resource: Arc<Resource>, entry: usize },
    /// All objects of a kind applied by Flux, in one namespace or in all.
    List { resource: Arc<Resource>, namespace: Option<String>, entries: Vec<usize> },
}

/// An object to read: its index, its kind and its namespace.
pub(super) type Wanted = (usize, Arc<Resource>, Option<String>);

/// The reads for these objects.
pub(super) fn plan(wanted: Vec<Wanted>) -> Vec<Read> {
    let mut kinds: BTreeMap<Arc<Resource>, Vec<(usize, Option<String>)>> = BTreeMap::new();
    for (entry, resource, namespace) in wanted {
        kinds.entry(resource).or_default().push((entry, namespace));
    }
    let mut reads = Vec::new();
    for (resource, objects) in kinds {
        let namespaces: BTreeSet<&Option<String>> =
            objects.iter().map(|(_, namespace)| namespace).collect();
        if objects.len() <= SINGLE {
            reads.extend(
                objects
                    .into_iter()
                    .map(|(entry, _)| Read::One { resource: Arc::clone(&resource), entry }),
            );
        } else if resource.is_namespaced && namespaces.len() <= NAMESPACES {
            reads.extend(by_namespace(&resource, objects));
        } else {
            reads.push(Read::List {
                resource,
                namespace: None,
                entries: objects.into_iter().map(|(entry, _)| entry).collect(),
            });
        }
    }
    reads
}

/// A list for each namespace.
pub(super) fn by_namespace(
    resource: &Arc<Resource>,
    objects: Vec<(usize, Option<String>)>,
) -> Vec<Read> {
    let mut namespaces: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
    for (entry, namespace) in objects {
        namespaces.entry(namespace).or_default().push(entry);
    }
    namespaces
        .into_iter()
        .map(|(namespace, entries)| Read::List {
            resource: Arc::clone(resource),
            namespace,
            entries,
        })
        .collect()
}
