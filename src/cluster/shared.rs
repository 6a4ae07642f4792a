//! What every task of a comparison needs, and the reading of one object.

use serde_json::Value;
use tokio::sync::Semaphore;

use super::entry::{Entry, Index};
use super::kinds::Resource;
use super::request::{Caller, Failure, Request};

/// Pages in memory at the same time.
const PAGES: usize = 4;

/// The shared state of all tasks.
pub(super) struct Shared {
    pub(super) caller: Caller,
    pub(super) entries: Vec<Entry>,
    pub(super) index: Index,
    pub(super) requests: Semaphore,
    pub(super) pages: Semaphore,
    pub(super) read_only: bool,
}

impl Shared {
    pub(super) fn new(
        caller: Caller,
        entries: Vec<Entry>,
        concurrency: usize,
        read_only: bool,
    ) -> Self {
        let index = Index::new(&entries);
        let concurrency = concurrency.max(1);
        Self {
            caller,
            entries,
            index,
            requests: Semaphore::new(concurrency),
            pages: Semaphore::new(concurrency.min(PAGES)),
            read_only,
        }
    }
}

/// Reads one object; none if it does not exist.
pub(super) async fn one(
    shared: &Shared,
    resource: &Resource,
    request: &Request,
    name: &str,
) -> Result<Option<Value>, Failure> {
    let _permit = shared.requests.acquire().await;
    let answer = shared.caller.call(request, |_, body| object(resource, name, body)).await;
    match answer {
        Ok(live) => Ok(Some(live)),
        // A 404 that is not about this object means a wrong URL, a proxy, or a removed kind.
        Err(Failure::Refused { status: 404, answer })
            if answer.pointer("/details/name").and_then(Value::as_str) == Some(name) =>
        {
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// A response that must be that one object.
pub(super) fn object(resource: &Resource, name: &str, body: &[u8]) -> Result<Value, String> {
    let live = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    named(resource, name, live)
}

/// Rejects an object other than the requested one.
pub(super) fn named(resource: &Resource, name: &str, live: Value) -> Result<Value, String> {
    let text = |path: &str| live.pointer(path).and_then(Value::as_str).unwrap_or_default();
    if text("/kind") != resource.kind || text("/apiVersion") != resource.api_version() {
        return Err(format!(
            "it is `{}` of `{}`, expected {}",
            text("/kind"),
            text("/apiVersion"),
            resource.kind
        ));
    }
    if text("/metadata/name") != name {
        return Err("it is another object".to_owned());
    }
    Ok(live)
}
