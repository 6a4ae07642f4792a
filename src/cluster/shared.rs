//! What every task of a comparison needs, and the reading of one object.

use std::collections::HashMap;

use serde_json::Value;
use tokio::sync::Semaphore;

use super::Options;
use super::entry::Entry;
use super::kinds::Resource;
use super::request::{Caller, Failed, Failure, Request};
use crate::kubernetes::Identity;
use crate::kubernetes::json::text;

/// Pages in memory at the same time.
const PAGES: usize = 4;

/// The shared state of all tasks.
pub(super) struct Shared {
    pub(super) caller: Caller,
    pub(super) entries: Vec<Entry>,
    /// The objects by identity, to find those in a list.
    pub(super) index: HashMap<Identity, usize>,
    pub(super) requests: Semaphore,
    pub(super) pages: Semaphore,
    pub(super) read_only: bool,
}

impl Shared {
    pub(super) fn new(caller: Caller, entries: Vec<Entry>, options: &Options) -> Self {
        let places = entries.iter().enumerate().rev();
        let concurrency = options.concurrency.max(1);
        Self {
            caller,
            index: places.map(|(place, entry)| (entry.object.identity.clone(), place)).collect(),
            entries,
            requests: Semaphore::new(concurrency),
            pages: Semaphore::new(concurrency.min(PAGES)),
            read_only: options.read_only,
        }
    }

    /// Reads one object; none if it does not exist.
    pub(super) async fn one(
        &self,
        resource: &Resource,
        identity: &Identity,
    ) -> Result<Option<Value>, Failed> {
        let request = Request::one(resource, identity);
        let name = identity.name.as_str();
        let _permit = self.requests.acquire().await;
        let read = |body: &[u8]| {
            let live = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            named(resource, name, live)
        };
        match self.caller.call(&request, read).await {
            Ok(live) => Ok(Some(live)),
            // A 404 that is not about this object means a wrong URL, a proxy, or a removed kind.
            Err(Failure::Refused { status: 404, answer })
                if text(&answer, &["details", "name"]) == name =>
            {
                Ok(None)
            }
            Err(failure) => Err(request.failed(failure)),
        }
    }
}

/// Rejects an object other than the requested one.
pub(super) fn named(resource: &Resource, name: &str, live: Value) -> Result<Value, String> {
    let (kind, api_version) = (text(&live, &["kind"]), text(&live, &["apiVersion"]));
    if kind != resource.kind || api_version != resource.api_version() {
        return Err(format!("it is `{kind}` of `{api_version}`, expected {}", resource.kind));
    }
    if text(&live, &["metadata", "name"]) != name {
        return Err("it is another object".to_owned());
    }
    Ok(live)
}
