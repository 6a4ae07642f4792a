//! Discovery of kinds: the first phase of a comparison.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::compare::Run;
use super::entry::{Entry, Outcome};
use super::kinds::{Kinds, Resource, kinds};
use super::request::{Failure, Purpose, Request};
use crate::change::Class;
use crate::diagnostics::ClusterError;

impl Run<'_> {
    /// The resource of each object, or none if the object is decided.
    pub(super) async fn kinds(&mut self) -> Result<Vec<Option<Arc<Resource>>>, ClusterError> {
        let versions: BTreeSet<String> =
            self.shared.entries.iter().map(|entry| entry.api_version.clone()).collect();
        let mut tasks = JoinSet::new();
        for version in &versions {
            let (shared, version) = (Arc::clone(&self.shared), version.clone());
            tasks.spawn(async move {
                let _permit = shared.requests.acquire().await;
                let answer = kinds(&shared.caller, &version).await;
                (version, answer)
            });
        }
        let mut found: HashMap<String, Result<Kinds, Failure>> = HashMap::new();
        while let Some(joined) = tasks.join_next().await {
            if let Ok((version, answer)) = joined {
                found.insert(version, answer);
            }
        }
        // If no request succeeded, there is nothing to report about objects.
        if !found.is_empty() && found.values().all(Result::is_err) {
            let failure = found.values().find_map(|answer| answer.as_ref().err());
            if let Some(error) = failure.and_then(|failure| self.problems.fatal(failure)) {
                return Err(error);
            }
        }
        let brought: BTreeSet<(String, String)> =
            self.shared.entries.iter().filter_map(|entry| entry.brings.clone()).collect();
        let mut shared_resources: HashMap<Resource, Arc<Resource>> = HashMap::new();
        let shared = Arc::clone(&self.shared);
        let mut resources = Vec::with_capacity(shared.entries.len());
        for (place, entry) in shared.entries.iter().enumerate() {
            let resource = match found.get(&entry.api_version) {
                Some(Ok(kinds)) => kinds.as_ref().and_then(|kinds| kinds.get(&entry.identity.kind)),
                Some(Err(failure)) => {
                    let request = Request::get(Purpose::Discovery, entry.api_version.clone());
                    self.fail(place, &request, failure);
                    resources.push(None);
                    continue;
                }
                None => None,
            };
            let resource = resource.map(|resource| {
                let shared = shared_resources
                    .entry(resource.clone())
                    .or_insert_with(|| Arc::new(resource.clone()));
                Arc::clone(shared)
            });
            match &resource {
                None => {
                    let key = (entry.identity.group.clone(), entry.identity.kind.clone());
                    let outcome = unknown_kind(entry, brought.contains(&key));
                    self.decide(place, outcome);
                }
                Some(resource) if resource.is_namespaced && entry.identity.namespace.is_none() => {
                    self.decide(
                        place,
                        Outcome::because(
                            Class::Blocked,
                            "its kind is namespaced, and no namespace is set",
                        ),
                    );
                    resources.push(None);
                    continue;
                }
                Some(_) => {}
            }
            resources.push(resource);
        }
        Ok(resources)
    }
}

/// An object of a kind unknown to the server.
fn unknown_kind(entry: &Entry, is_brought: bool) -> Outcome {
    let desired = entry.desired(None);
    if is_brought {
        return Outcome::because(
            Class::Created,
            "not validated: its kind does not exist yet, and is in the tree",
        )
        .with(None, Some(desired));
    }
    Outcome::because(
        Class::Blocked,
        format!(
            "the cluster does not know {} of {}: install it, or remove it from the environment's `apis`",
            entry.identity.kind, entry.api_version
        ),
    )
    .with(None, Some(desired))
}
