//! Which of the namespaces that are needed are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::fetch::{Fetched, walk};
use super::judged::judged;
use super::kinds::Resource;
use super::plan::Read;
use super::request::{Failure, Purpose, Request};
use super::shared::{Shared, one};

/// Up to so many namespaces are read one by one.
const SINGLE: usize = 8;

/// What is known of namespaces.
#[derive(Debug, Default)]
pub(super) struct Namespaces(BTreeMap<String, bool>);

impl Namespaces {
    /// Whether it is known not to be there. What could not be learned counts as there: the server says it to whoever asks for
    /// something in it.
    pub(super) fn is_absent(&self, name: &str) -> bool {
        self.0.get(name) == Some(&false)
    }
}

/// Reads the namespaces that hold what is wanted, and judges those that the tree itself brings.
pub(super) async fn namespaces(
    shared: &Arc<Shared>,
    resources: &[Option<Arc<Resource>>],
    wanted: &[usize],
) -> (Namespaces, Vec<Fetched>) {
    let mut needed = BTreeSet::new();
    for place in wanted {
        let identity = &shared.entries[*place].identity;
        let is_namespaced = resources[*place]
            .as_ref()
            .is_some_and(|resource| resource.is_namespaced);
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

/// A read of the object itself where the tree brings it; of its presence alone where not.
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
        let mut fetched = Fetched {
            read: list(resource, place),
            steps: Vec::new(),
            failure: None,
        };
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
            // The object itself is read again later, and says then what is wrong; a namespace without one is taken to be there.
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
    let mut fetched = Fetched {
        read: list(resource, None),
        steps: Vec::new(),
        failure: None,
    };
    let seen = walk(shared, resource, None, "", |live, seen| {
        let name = live
            .pointer("/metadata/name")
            .and_then(|name| name.as_str());
        let name = name.unwrap_or_default().to_owned();
        if needed.contains(&name) {
            let place = shared.index.find("", "Namespace", None, &name);
            seen.push((
                name,
                place.map(|place| (place, judged(shared, place, live))),
            ));
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
