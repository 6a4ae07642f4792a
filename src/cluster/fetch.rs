//! Reads live objects, and judges each on arrival.

use std::sync::Arc;

use serde_json::Value;

use super::judged::{Step, judged};
use super::kinds::{Resource, escape};
use super::page;
use super::plan::{How, Read};
use super::request::{Failed, Failure, METADATA_LIST, Request, WHOLE};
use super::shared::Shared;
use crate::change::live::GROUP;

/// Objects per page of a list.
const PAGE: usize = 500;
/// Maximum number of restarts of a list whose continue token has expired.
const RESTARTS: usize = 3;
/// Maximum number of pages of a list; a server with more is broken.
const MOST_PAGES: usize = 10_000;

/// The result of a read.
pub(super) struct Fetched {
    pub(super) read: Read,
    pub(super) steps: Vec<(usize, Step)>,
    /// Why its other objects are unknown.
    pub(super) failure: Option<Failed>,
}

/// Reads.
pub(super) async fn fetch(shared: Arc<Shared>, read: Read) -> Fetched {
    let Read { resource, entries, how } = &read;
    let steps = match how {
        How::One => {
            let place = entries[0];
            let live = shared.one(resource, &shared.entries[place].object.identity).await;
            let step = |live: Option<Value>| {
                live.map_or(Step::Absent, |live| judged(&shared, place, live))
            };
            live.map(|live| vec![(place, step(live))])
        }
        // Only objects applied by Flux: the rest of a cluster is not read. An object of ours without the label is found by its dry run.
        How::List(namespace) => {
            let selector = format!("{GROUP}/name");
            let api_version = resource.api_version();
            walk(&shared, resource, namespace.as_deref(), &selector, |live, found| {
                if let Some(place) = shared.index.get(&resource.identity(&live))
                    && shared.entries[*place].object.api_version == api_version
                {
                    found.push((*place, judged(&shared, *place, live)));
                }
            })
            .await
        }
    };
    match steps {
        Ok(steps) => Fetched { read, steps, failure: None },
        Err(failed) => Fetched { read, steps: Vec::new(), failure: Some(failed) },
    }
}

/// Reads all pages of a list of objects with these labels. The results of `see` are returned once the whole list has been read: if
/// a list is restarted, nothing counts twice.
pub(super) async fn walk<T>(
    shared: &Shared,
    resource: &Resource,
    namespace: Option<&str>,
    selector: &str,
    see: impl Fn(Value, &mut Vec<T>),
) -> Result<Vec<T>, Failed> {
    pages(shared, (resource, resource, WHOLE), namespace, selector, see).await
}

/// The same of metadata alone: the rest of the objects does not leave the server.
pub(super) async fn walk_metadata<T>(
    shared: &Shared,
    resource: &Resource,
    namespace: Option<&str>,
    see: impl Fn(Value, &mut Vec<T>),
) -> Result<Vec<T>, Failed> {
    let shape = Resource {
        group: "meta.k8s.io".to_owned(),
        version: "v1".to_owned(),
        kind: "PartialObjectMetadata".to_owned(),
        ..resource.clone()
    };
    pages(shared, (resource, &shape, METADATA_LIST), namespace, "", see).await
}

/// Reads a list of a resource, whose answer has a shape and a media type.
async fn pages<T>(
    shared: &Shared,
    (resource, shape, accept): (&Resource, &Resource, &'static str),
    namespace: Option<&str>,
    selector: &str,
    see: impl Fn(Value, &mut Vec<T>),
) -> Result<Vec<T>, Failed> {
    let mut found = Vec::new();
    let mut token = String::new();
    let mut restarts = 0;
    let mut query = format!("?limit={PAGE}");
    if !selector.is_empty() {
        query = format!("{query}&labelSelector={}", escape(selector));
    }
    for _ in 0..MOST_PAGES {
        let page =
            if token.is_empty() { String::new() } else { format!("&continue={}", escape(&token)) };
        let request =
            Request { accept, ..Request::list(resource, namespace, &format!("{query}{page}")) };
        let answer = {
            let _page = shared.pages.acquire().await;
            let _permit = shared.requests.acquire().await;
            let read = |body: &[u8]| {
                let mut seen = Vec::new();
                let next = page::read(shape, body, |object| see(object, &mut seen))?;
                Ok((next, seen))
            };
            shared.caller.call(&request, read).await
        };
        match answer {
            Ok((next, seen)) => {
                found.extend(seen);
                match next {
                    None => return Ok(found),
                    Some(next) if next == token => {
                        let problem = "the next page is the same page again".to_owned();
                        return Err(request.failed(Failure::BadAnswer(problem)));
                    }
                    Some(next) => token = next,
                }
            }
            // The pages belong to one snapshot, which has expired.
            Err(Failure::Refused { status: 410, .. })
                if !token.is_empty() && restarts < RESTARTS =>
            {
                restarts += 1;
                token.clear();
                found.clear();
            }
            Err(failure) => return Err(request.failed(failure)),
        }
    }
    let request = Request::list(resource, namespace, "");
    Err(request.failed(Failure::BadAnswer("it never ends".to_owned())))
}
