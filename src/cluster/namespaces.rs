//! Checks which of the needed namespaces exist.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::fetch::{Fetched, walk};
use super::judged::judged;
use super::kinds::Resource;
use super::plan::Read;
use super::request::{Failure, Purpose, Request};
use super::shared::{Shared, one};

/// Maximum number of namespaces read one by one.
const SINGLE: usize = 8;

/// The state of namespaces.
#[derive(Debug, Default)]
pub(super) struct Namespaces(BTreeMap<String, bool>);

impl Namespaces {
    /// Whether it is known to be missing. Unknown ones count as existing: the server rejects requests for
    /// missing ones.
    pub(super) fn is_absent(&self, name: &str) -> bool {
        self.0.get(name) == Some(&false)
    }
}

/// Reads the needed namespaces, and judges those in the tree.
pub(super) async fn namespaces(
    shared: &Arc<Shared>,
    resources: &[Option<Arc<Resource>>],
    wanted: &[usize],
) -> (Namespaces, Vec<Fetched>) {
    let mut needed = BTreeSet::new();
    for place in wanted {
        let identity = &shared.entries[*place].identity;
        let is_namespaced =
            resources[*place].as_ref().is_some_and(|resource| resource.is_namespaced);
        if is_namespaced && let Some(namespace) = &identity.namespace {
            needed.insert(namespace.clone());
        } else if identity.kind == "Namespace" && identity.group.is_empty() {
            needed.insert(identity.name.clone());
        }
    }
    let resource = Arc::new(Resource {
        group: String::new(),
        version: "v1".to_owned(),
        kind: "Namespace".to_owned(),
        plural: "namespaces".to_owned(),
        is_namespaced: false,
    });
    if needed.len() <= SINGLE {
        singly(shared, &resource, needed).await
    } else {
        listed(shared, &resource, needed).await
    }
}

/// A read of the object itself if it is in the tree; else only of its existence.
async fn singly(
    shared: &Arc<Shared>,
    resource: &Arc<Resource>,
    needed: BTreeSet<String>,
) -> (Namespaces, Vec<Fetched>) {
    let mut tasks = JoinSet::new();
    for name in needed {
        let (shared, resource) = (Arc::clone(shared), Arc::clone(resource));
        tasks.spawn(async move {
            let request = Request::get(Purpose::Get, resource.object(None, &name));
            let answer = one(&shared, &resource, &request, &name).await;
            (name, request, answer)
        });
    }
    let mut known = Namespaces::default();
    let mut all = Vec::new();
    while let Some(Ok((name, request, answer))) = tasks.join_next().await {
        let place = shared.index.find("", "Namespace", None, &name);
        let mut fetched = Fetched { read: list(resource, place), steps: Vec::new(), failure: None };
        match answer {
            Ok(Some(live)) => {
                known.0.insert(name, true);
                if let Some(place) = place {
                    fetched.steps.push((place, judged(shared, place, live)));
                }
            }
            Ok(None) => {
                known.0.insert(name, false);
            }
            // The object itself is read again later, which reports errors; a namespace not in the tree counts as existing.
            Err(Failure::Refused { status: 403, .. }) => {}
            Err(failure) => fetched.failure = Some((request, failure)),
        }
        all.push(fetched);
    }
    (known, all)
}

async fn listed(
    shared: &Arc<Shared>,
    resource: &Arc<Resource>,
    needed: BTreeSet<String>,
) -> (Namespaces, Vec<Fetched>) {
    let mut fetched = Fetched { read: list(resource, None), steps: Vec::new(), failure: None };
    let seen = walk(shared, resource, None, "", |live, seen| {
        let name = live.pointer("/metadata/name").and_then(|name| name.as_str());
        let name = name.unwrap_or_default().to_owned();
        if needed.contains(&name) {
            let place = shared.index.find("", "Namespace", None, &name);
            seen.push((name, place.map(|place| (place, judged(shared, place, live)))));
        }
    })
    .await;
    let mut known = Namespaces::default();
    match seen {
        Ok(seen) => {
            let mut there = BTreeSet::new();
            for (name, step) in seen {
                there.insert(name);
                fetched.steps.extend(step);
            }
            for name in needed {
                let is_there = there.contains(&name);
                known.0.insert(name, is_there);
            }
        }
        Err((_, Failure::Refused { status: 403, .. })) => {
            return Box::pin(singly(shared, resource, needed)).await;
        }
        Err(failure) => fetched.failure = Some(failure),
    }
    (known, vec![fetched])
}

fn list(resource: &Arc<Resource>, place: Option<usize>) -> Read {
    Read::List {
        resource: Arc::clone(resource),
        namespace: None,
        entries: place.into_iter().collect(),
    }
}
