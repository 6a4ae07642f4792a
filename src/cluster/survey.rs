//! Reads the lists of a whole fleet: each once for the cluster where that is allowed, else namespace by namespace.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::Value;

use super::kinds::escape;
use super::look::{Listing, Looked, Unread, fatal, shared, unread};
use super::page;
use super::request::{Failed, Failure, Request};
use super::shared::Shared;
use super::{Connection, Options};
use crate::diagnostics::ClusterError;

/// Maximum number of objects of a page. Few large pages cost the server less than many small ones.
const PAGE: usize = 2_500;
/// Maximum number of pages of a list.
const PAGES: usize = 40;
/// Maximum number of namespaces that are asked one by one.
const NAMESPACES: usize = 50;

/// A list to read.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The list; of the whole cluster if it names no namespace.
    pub list: Listing,
    /// The namespaces that are asked one by one if the whole cluster may not be.
    pub namespaces: Vec<String>,
}

/// Reads lists, concurrently. `keep` leaves of each object what is needed, before the next one is read.
///
/// # Errors
/// If there is no connection, or no credentials that the server takes.
pub fn survey(
    connection: &Connection,
    all: &[Survey],
    keep: &(dyn Fn(&mut Value) + Sync),
    options: &Options,
) -> Result<Looked, ClusterError> {
    connection.block_on(async {
        let shared = shared(connection, options);
        let asker = Asker { shared, keep, requests: AtomicUsize::new(0) };
        let answers = join_all(all.iter().map(|one| asker.one(one))).await;
        let mut looked = Looked::default();
        for parts in answers {
            for (list, answer) in parts {
                match answer {
                    Ok((objects, is_whole)) => {
                        looked.objects.extend(objects);
                        if !is_whole {
                            let why = format!("only the first {} were read", PAGE * PAGES);
                            looked.unread.push(Unread::of(&list, why));
                        }
                    }
                    Err(failed) => {
                        if let Some(fatal) = fatal(&failed, connection, options) {
                            return Err(fatal);
                        }
                        let of = Unread::of(&list, String::new());
                        looked.unread.push(unread(of, &failed, options));
                    }
                }
            }
        }
        looked.requests = asker.requests.load(Ordering::Relaxed);
        Ok(looked)
    })
}

/// Objects of a list, and whether these are all.
type Answer = Result<(Vec<Value>, bool), Failed>;

struct Asker<'a> {
    shared: Shared,
    keep: &'a (dyn Fn(&mut Value) + Sync),
    requests: AtomicUsize,
}

impl Asker<'_> {
    /// The answers to a list, each with what was asked.
    async fn one(&self, survey: &Survey) -> Vec<(Listing, Answer)> {
        let answer = self.whole(&survey.list).await;
        let is_refused = matches!(&answer, Err(failed) if failed.1.is_forbidden());
        if survey.list.namespace.is_some() || !is_refused || survey.namespaces.is_empty() {
            return vec![(survey.list.clone(), answer)];
        }
        let own = |namespace: &String| Listing {
            namespace: Some(namespace.clone()),
            ..survey.list.clone()
        };
        if survey.namespaces.len() > NAMESPACES {
            return vec![(survey.list.clone(), answer)];
        }
        let lists: Vec<Listing> = survey.namespaces.iter().map(own).collect();
        let answers = join_all(lists.iter().map(|list| self.whole(list))).await;
        lists.into_iter().zip(answers).collect()
    }

    /// All pages of a list. A kind that the cluster does not have has no objects.
    async fn whole(&self, list: &Listing) -> Answer {
        let resource = list.resource();
        let mut objects = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let mut query = format!("?limit={PAGE}");
            if !list.selector.is_empty() {
                query = format!("{query}&labelSelector={}", escape(&list.selector));
            }
            if let Some(token) = &next {
                query = format!("{query}&continue={}", escape(token));
            }
            let request = Request::list(&resource, list.namespace.as_deref(), &query);
            let read = |body: &[u8]| {
                let mut found = Vec::new();
                let next = page::read(&resource, body, |mut object| {
                    (self.keep)(&mut object);
                    found.push(object);
                })?;
                Ok((found, next))
            };
            let _permit = self.shared.requests.acquire().await;
            self.requests.fetch_add(1, Ordering::Relaxed);
            match self.shared.caller.call(&request, read).await {
                Ok((found, token)) => {
                    objects.extend(found);
                    next = token;
                }
                Err(Failure::Refused { status: 404, .. }) => return Ok((objects, true)),
                Err(failure) => return Err(request.failed(failure)),
            }
            if next.is_none() {
                return Ok((objects, true));
            }
        }
        Ok((objects, false))
    }
}
