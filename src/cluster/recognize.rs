//! Discovery of kinds: the first phase of a comparison.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::compare::Run;
use super::discovery::{Kinds, kinds};
use super::entry::{Entry, Outcome};
use super::kinds::Resource;
use super::request::Failed;
use crate::change::Class;
use crate::diagnostics::ClusterError;

impl Run<'_> {
    /// The resource of each object, or none if the object is decided.
    pub(super) async fn kinds(&mut self) -> Result<Vec<Option<Arc<Resource>>>, ClusterError> {
        let shared = Arc::clone(&self.shared);
        let versions: BTreeSet<&String> =
            shared.entries.iter().map(|entry| &entry.object.api_version).collect();
        let mut tasks = JoinSet::new();
        for version in versions {
            let (shared, version) = (Arc::clone(&shared), version.clone());
            tasks.spawn(async move {
                let _permit = shared.requests.acquire().await;
                let answer = kinds(&shared.caller, &version).await;
                (version, answer)
            });
        }
        let found: HashMap<String, Result<Kinds, Failed>> =
            tasks.join_all().await.into_iter().collect();
        // If no request succeeded, there is nothing to report about objects.
        if found.values().all(Result::is_err)
            && let Some(Err(failed)) = found.values().next()
            && let Some(error) = self.problems.fatal(failed)
        {
            return Err(error);
        }
        let brought: BTreeSet<&(String, String)> =
            shared.entries.iter().filter_map(|entry| entry.brings.as_ref()).collect();
        let mut known: HashMap<&Resource, Arc<Resource>> = HashMap::new();
        let mut resources = Vec::with_capacity(shared.entries.len());
        for (place, entry) in shared.entries.iter().enumerate() {
            let identity = &entry.object.identity;
            let resource = match found.get(&entry.object.api_version) {
                Some(Err(failed)) => {
                    self.fail(place, failed);
                    None
                }
                Some(Ok(Some(kinds))) if kinds.contains_key(&identity.kind) => {
                    let resource = &kinds[&identity.kind];
                    if resource.is_namespaced && identity.namespace.is_none() {
                        let reason = "its kind is namespaced, and no namespace is set";
                        self.decide(place, Outcome::because(Class::Blocked, reason));
                        None
                    } else {
                        let shared = known.entry(resource);
                        Some(Arc::clone(shared.or_insert_with(|| Arc::new(resource.clone()))))
                    }
                }
                _ => {
                    let key = (identity.group.clone(), identity.kind.clone());
                    self.decide(place, unknown_kind(entry, brought.contains(&key)));
                    None
                }
            };
            resources.push(resource);
        }
        Ok(resources)
    }
}

/// An object of a kind unknown to the server.
fn unknown_kind(entry: &Entry, is_brought: bool) -> Outcome {
    let (kind, api) = (&entry.object.identity.kind, &entry.object.api_version);
    let outcome = if is_brought {
        let reason = "not validated: its kind does not exist yet, and is in the tree";
        Outcome::because(Class::Created, reason)
    } else {
        let reason = format!(
            "the cluster does not know {kind} of {api}: install it, or remove it from the environment's `apis`"
        );
        Outcome::because(Class::Blocked, reason)
    };
    outcome.with(None, Some(entry.desired(None)))
}
