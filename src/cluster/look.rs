//! Reads lists and ends of logs, to explain a failure. What may not be read is said, with the right that lets it, and the rest goes on.

use futures_util::future::join_all;
use serde_json::Value;

use super::kinds::{Resource, escape, path};
use super::page;
use super::request::{Caller, Failed, Failure, Purpose, Request};
use super::shared::Shared;
use super::{Connection, Options};
use crate::diagnostics::ClusterError;

/// Maximum number of objects of a list; a list with more is cut.
const PAGE: usize = 500;

/// Maximum number of bytes of a log.
const LOG: usize = 256 << 10;

/// A list to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// API group; empty for the core group.
    pub group: String,
    /// Version.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Plural.
    pub plural: String,
    /// The namespace; none for all of them.
    pub namespace: Option<String>,
    /// Selector of labels; empty for everything.
    pub selector: String,
}

impl Listing {
    /// The kind that is listed. Which kinds are in no namespace, a list does not ask.
    pub(super) fn resource(&self) -> Resource {
        Resource {
            group: self.group.clone(),
            version: self.version.clone(),
            kind: self.kind.clone(),
            plural: self.plural.clone(),
            is_namespaced: true,
        }
    }
}

/// The log of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogOf {
    /// Namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Of the container before its last restart.
    pub is_previous: bool,
    /// Number of lines from its end.
    pub lines: usize,
}

/// What could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
    /// The right that lets it; empty if it is not a matter of rights.
    pub right: String,
    /// Plural of the kind, with the subresource of a log.
    pub plural: String,
    /// The namespace; none for all of them.
    pub namespace: Option<String>,
}

/// Objects, and what could not be read.
#[derive(Debug, Default)]
pub struct Looked {
    /// The objects, in the order of the lists.
    pub objects: Vec<Value>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Number of requests.
    pub requests: usize,
}

/// Reads lists, concurrently. A kind that the cluster does not have has no objects.
///
/// # Errors
/// If there is no connection, or no credentials that the server takes.
pub fn look(
    connection: &Connection,
    lists: &[Listing],
    options: &Options,
) -> Result<Looked, ClusterError> {
    connection.block_on(async {
        let shared = shared(connection, options);
        let answers = join_all(lists.iter().map(|list| one(&shared, list))).await;
        let mut looked = Looked { requests: lists.len(), ..Looked::default() };
        for (list, answer) in lists.iter().zip(answers) {
            match answer {
                Ok((objects, is_whole)) => {
                    if !is_whole {
                        let why = format!("only the first {PAGE} were read");
                        looked.unread.push(Unread::of(list, why));
                    }
                    looked.objects.extend(objects);
                }
                Err(failed) => {
                    if let Some(fatal) = fatal(&failed, connection, options) {
                        return Err(fatal);
                    }
                    looked.unread.push(unread(Unread::of(list, String::new()), &failed, options));
                }
            }
        }
        Ok(looked)
    })
}

/// Reads ends of logs, concurrently: their texts in the order of the question; nothing for one that could not be read.
pub fn logs(
    connection: &Connection,
    wanted: &[LogOf],
    options: &Options,
) -> (Vec<Option<String>>, Vec<Unread>) {
    connection.block_on(async {
        let shared = shared(connection, options);
        let answers = join_all(wanted.iter().map(|log| text_of(&shared, log))).await;
        let mut unseen = Vec::new();
        let texts = wanted.iter().zip(answers).map(|(log, answer)| match answer {
            Ok(text) => Some(text),
            Err(failed) => {
                let what = format!(
                    "log of container {} of pod {}/{}",
                    log.container, log.namespace, log.pod
                );
                let of = Unread {
                    what,
                    plural: "pods/log".to_owned(),
                    namespace: Some(log.namespace.clone()),
                    ..Unread::default()
                };
                unseen.push(unread(of, &failed, options));
                None
            }
        });
        let texts = texts.collect();
        (texts, unseen)
    })
}

pub(super) fn shared(connection: &Connection, options: &Options) -> Shared {
    let client = connection.client.clone();
    Shared::new(Caller::new(client, options.deadline, options.request_timeout), Vec::new(), options)
}

/// The objects of a list, and whether these are all.
async fn one(shared: &Shared, list: &Listing) -> Result<(Vec<Value>, bool), Failed> {
    let resource = list.resource();
    let mut query = format!("?limit={PAGE}");
    if !list.selector.is_empty() {
        query = format!("{query}&labelSelector={}", escape(&list.selector));
    }
    let request = Request::list(&resource, list.namespace.as_deref(), &query);
    let read = |body: &[u8]| {
        let mut objects = Vec::new();
        let next = page::read(&resource, body, |object| objects.push(object))?;
        Ok((objects, next.is_none()))
    };
    let _permit = shared.requests.acquire().await;
    match shared.caller.call(&request, read).await {
        Ok(read) => Ok(read),
        Err(Failure::Refused { status: 404, .. }) => Ok((Vec::new(), true)),
        Err(failure) => Err(request.failed(failure)),
    }
}

async fn text_of(shared: &Shared, log: &LogOf) -> Result<String, Failed> {
    let of = path("v1", Some(&log.namespace), &["pods", &log.pod, "log"]);
    let previous = if log.is_previous { "&previous=true" } else { "" };
    let query = format!(
        "?container={}&tailLines={}&limitBytes={LOG}&timestamps=true{previous}",
        escape(&log.container),
        log.lines
    );
    let needs = Some(("pods/log".to_owned(), Some(log.namespace.clone())));
    let request = Request { needs, ..Request::get(Purpose::Get, format!("{of}{query}")) };
    let read = |body: &[u8]| Ok(String::from_utf8_lossy(body).into_owned());
    let _permit = shared.requests.acquire().await;
    shared.caller.call(&request, read).await.map_err(|failure| request.failed(failure))
}

fn words(list: &Listing) -> String {
    let place = list.namespace.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
    let dot = if list.group.is_empty() { "" } else { "." };
    format!("{}{dot}{}{place}", list.plural, list.group)
}

impl Unread {
    /// A list, and why it was not read or not to its end.
    pub(super) fn of(list: &Listing, why: String) -> Self {
        let (plural, namespace) = (list.plural.clone(), list.namespace.clone());
        Self { what: words(list), why, right: String::new(), plural, namespace }
    }
}

/// With the reason of a failure, and the right that lets it.
pub(super) fn unread(of: Unread, failed: &Failed, options: &Options) -> Unread {
    let (request, failure) = &**failed;
    let right = match (&request.needs, failure.is_forbidden()) {
        (Some((resource, namespace)), true) => {
            let place = namespace
                .as_ref()
                .map_or_else(|| " everywhere".to_owned(), |name| format!(" in {name}"));
            format!("{} {resource}{place}", request.purpose.verb())
        }
        _ => String::new(),
    };
    let why = match failure {
        Failure::Refused { status: 404, .. } => "it is gone".to_owned(),
        _ if failure.is_forbidden() => "the server does not allow it".to_owned(),
        _ => failure.words(options.deadline.as_secs()),
    };
    Unread { why, right, ..of }
}

/// The failure after which no other request would be answered.
pub(super) fn fatal(
    failed: &Failed,
    connection: &Connection,
    options: &Options,
) -> Option<ClusterError> {
    let (request, failure) = &**failed;
    let seconds = options.deadline.as_secs();
    failure
        .is_fatal()
        .then(|| failure.error(request, failure.words(seconds), &connection.server, seconds))
}
