//! Checks which of the needed namespaces exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use super::fetch::walk;
use super::judged::{Step, judged};
use super::kinds::Resource;
use super::request::Failed;
use super::shared::Shared;
use crate::kubernetes::Identity;

/// Maximum number of namespaces read one by one.
const SINGLE: usize = 8;

/// The state of namespaces.
#[derive(Default)]
pub(super) struct Namespaces {
    /// Those known to be missing. Unknown ones count as existing: the server rejects requests for missing ones.
    absent: BTreeSet<String>,
    /// What is known of those in the tree, by their index.
    pub(super) steps: Vec<(usize, Step)>,
    pub(super) failures: Vec<Failed>,
}

impl Namespaces {
    pub(super) fn is_absent(&self, name: &str) -> bool {
        self.absent.contains(name)
    }
}

/// The identity of a namespace.
pub(super) fn namespace(name: &str) -> Identity {
    let (group, kind) = (String::new(), "Namespace".to_owned());
    Identity { group, kind, namespace: None, name: name.to_owned() }
}

/// Reads the needed namespaces, and judges those in the tree.
pub(super) async fn namespaces(
    shared: &Arc<Shared>,
    resources: &[Option<Arc<Resource>>],
) -> Namespaces {
    let mut needed = BTreeSet::new();
    for (entry, resource) in shared.entries.iter().zip(resources) {
        let identity = &entry.object.identity;
        match resource {
            Some(resource) if resource.is_namespaced => needed.extend(identity.namespace.clone()),
            Some(_) if identity.kind == "Namespace" && identity.group.is_empty() => {
                needed.insert(identity.name.clone());
            }
            _ => {}
        }
    }
    let resource = Resource::namespaces();
    if needed.len() > SINGLE {
        let seen = walk(shared, &resource, None, "", |live, seen| {
            let name = resource.identity(&live).name;
            if needed.contains(&name) {
                let step = step(shared, &name, live);
                seen.push((name, step));
            }
        });
        match seen.await {
            Ok(seen) => {
                let (there, steps): (BTreeSet<String>, Vec<_>) = seen.into_iter().unzip();
                return Namespaces {
                    absent: needed.difference(&there).cloned().collect(),
                    steps: steps.into_iter().flatten().collect(),
                    failures: Vec::new(),
                };
            }
            Err(failed) if failed.1.is_forbidden() => {}
            Err(failed) => return Namespaces { failures: vec![failed], ..Namespaces::default() },
        }
    }
    singly(shared, &Arc::new(resource), needed).await
}

/// A read of the object itself if it is in the tree; else only of its existence.
async fn singly(
    shared: &Arc<Shared>,
    resource: &Arc<Resource>,
    needed: BTreeSet<String>,
) -> Namespaces {
    let mut tasks = JoinSet::new();
    for name in needed {
        let (shared, resource) = (Arc::clone(shared), Arc::clone(resource));
        tasks.spawn(async move {
            let answer = shared.one(&resource, &namespace(&name)).await;
            (name, answer)
        });
    }
    let mut known = Namespaces::default();
    while let Some(Ok((name, answer))) = tasks.join_next().await {
        match answer {
            Ok(Some(live)) => known.steps.extend(step(shared, &name, live)),
            Ok(None) => drop(known.absent.insert(name)),
            // The object itself is read again later, which reports errors; a namespace not in the tree counts as existing.
            Err(failed) if failed.1.is_forbidden() => {}
            Err(failed) => known.failures.push(failed),
        }
    }
    known
}

/// The verdict on a namespace, if it is in the tree.
fn step(shared: &Shared, name: &str, live: Value) -> Option<(usize, Step)> {
    let place = *shared.index.get(&namespace(name))?;
    Some((place, judged(shared, place, live)))
}
