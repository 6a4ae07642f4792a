//! Reads live objects, and judges each on arrival.

use std::sync::Arc;

use serde_json::Value;

use super::judged::{Step, judged};
use super::kinds::Resource;
use super::page;
use super::plan::Read;
use super::request::{Failure, Purpose, Request};
use super::shared::{Shared, one};
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
    pub(super) failure: Option<(Request, Failure)>,
}

/// Reads.
pub(super) async fn fetch(shared: Arc<Shared>, read: Read) -> Fetched {
    let mut steps = Vec::new();
    let failure = match &read {
        Read::One { resource, entry } => {
            let identity = &shared.entries[*entry].identity;
            let request = Request::get(
                Purpose::Get,
                resource.object(identity.namespace.as_deref(), &identity.name),
            );
            match one(&shared, resource, &request, &identity.name).await {
                Ok(Some(live)) => {
                    steps.push((*entry, judged(&shared, *entry, live)));
                    None
                }
                Ok(None) => {
                    steps.push((*entry, Step::Absent));
                    None
                }
                Err(failure) => Some((request, failure)),
            }
        }
        Read::List { resource, namespace, .. } => {
            list(&shared, resource, namespace.as_deref(), &mut steps).await.err()
        }
    };
    Fetched { read, steps, failure }
}

/// Reads a list page by page.
async fn list(
    shared: &Arc<Shared>,
    resource: &Arc<Resource>,
    namespace: Option<&str>,
    steps: &mut Vec<(usize, Step)>,
) -> Result<(), (Request, Failure)> {
    // Only objects applied by Flux: the rest of a cluster is not read. An object of ours without the label is found by its dry run.
    let selector = format!("labelSelector={GROUP}/name");
    walk(shared, resource, namespace, &selector, |live, found| {
        let text = |path: &str| live.pointer(path).and_then(Value::as_str);
        let name = text("/metadata/name").unwrap_or_default();
        let place =
            shared.index.find(&resource.group, &resource.kind, text("/metadata/namespace"), name);
        if let Some(place) = place
            && shared.entries[place].api_version == resource.api_version()
        {
            found.push((place, judged(shared, place, live)));
        }
    })
    .await
    .map(|found| steps.extend(found))
}

/// Reads all pages of a list. The results of `see` are returned once the whole list has been read: if a list
/// is restarted, nothing counts twice.
pub(super) async fn walk<T>(
    shared: &Shared,
    resource: &Resource,
    namespace: Option<&str>,
    selector: &str,
    see: impl Fn(Value, &mut Vec<T>),
) -> Result<Vec<T>, (Request, Failure)> {
    let mut found = Vec::new();
    let mut token = String::new();
    let mut restarts = 0;
    for _ in 0..MOST_PAGES {
        let mut path = format!("{}?limit={PAGE}", resource.collection(namespace));
        if !selector.is_empty() {
            path.push('&');
            path.push_str(&query(selector));
        }
        if !token.is_empty() {
            path.push_str("&continue=");
            path.push_str(&query_value(&token));
        }
        let request = Request::get(Purpose::List, path);
        let answer = {
            let _page = shared.pages.acquire().await;
            let _permit = shared.requests.acquire().await;
            shared
                .caller
                .call(&request, |_, body| {
                    let mut seen = Vec::new();
                    page::read(resource, body, |object| see(object, &mut seen))
                        .map(|page| (page, seen))
                })
                .await
        };
        match answer {
            Ok((page, seen)) => {
                found.extend(seen);
                match page.next {
                    None => return Ok(found),
                    Some(next) if next == token => {
                        let problem = "the next page is the same page again".to_owned();
                        return Err((request, Failure::BadAnswer(problem)));
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
            Err(failure) => return Err((request, failure)),
        }
    }
    let request = Request::get(Purpose::List, resource.collection(namespace));
    Err((request, Failure::BadAnswer("it never ends".to_owned())))
}

/// `key=value` with the value escaped.
fn query(pair: &str) -> String {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    format!("{key}={}", query_value(value))
}

fn query_value(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
