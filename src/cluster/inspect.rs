//! What a cluster has of what a tree takes for granted: kinds, objects by name, settings, and what accounts may do.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all};
use serde_json::Value;

use super::discovery::kinds;
use super::kinds::path;
use super::object::ObjectRef;
use super::presence::{Presence, Sought, presence};
use super::problems::Problems;
use super::request::{Caller, Failed, Failure, Purpose, Request};
use super::reviews::{Answers, Review, reviews};
use super::rights::missing_role;
use super::shared::Shared;
use super::{Connection, Options};
use crate::diagnostics::ClusterError;
use crate::kubernetes::join_api;
use crate::kubernetes::json::at;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// API versions whose kinds are needed: `apps/v1`.
    pub api_versions: BTreeSet<String>,
    /// Objects that may exist.
    pub sought: Vec<Sought>,
    /// What accounts may do.
    pub reviews: Vec<Review>,
    /// ConfigMaps to read.
    pub settings: Vec<ObjectRef>,
}

/// What was found out.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The kinds of each API version; none for one that the server does not have. One that could not be asked is left out.
    pub kinds: BTreeMap<String, Option<BTreeSet<String>>>,
    /// Whether each sought object exists, in their order; none if that is not known.
    pub there: Vec<Option<bool>>,
    /// What accounts may do.
    pub answers: Answers,
    /// `data` of each ConfigMap, in their order; none if it does not exist, or is not known.
    pub settings: Vec<Option<BTreeMap<String, String>>>,
    /// The failures, each cause once.
    pub problems: Vec<ClusterError>,
    /// The ClusterRole with the permissions that are missing, as YAML.
    pub role: Option<String>,
}

/// Asks a cluster. The requests are concurrent, as many at a time as the options say.
///
/// # Errors
/// If no request could be sent: no connection, no credentials. Later failures are in the facts.
pub fn inspect(
    connection: &Connection,
    question: &Question,
    options: &Options,
) -> Result<Facts, ClusterError> {
    connection.block_on(async {
        let client = connection.client.clone();
        let caller = Caller::new(client, options.deadline, options.request_timeout);
        let shared = Shared::new(caller, Vec::new(), options);
        let mut problems = Problems::new(connection.server.clone(), options);
        let mut facts = Facts::default();
        // The first answer shows whether there is a server.
        let (found, failed) = discovered(&shared, &question.api_versions).await;
        if let Some(error) = failed.first().and_then(|failed| problems.fatal(failed)) {
            return Err(error);
        }
        facts.kinds = found;
        let (Presence { there, failed: unseen }, (answers, unanswered)) =
            join(presence(&shared, &question.sought), reviews(&shared, &question.reviews)).await;
        facts.there = vec![None; question.sought.len()];
        for (place, is_there) in there {
            facts.there[place] = Some(is_there);
        }
        facts.answers = answers;
        let read = join_all(question.settings.iter().map(|object| data(&shared, object))).await;
        let mut unread = Vec::new();
        for answer in read {
            facts.settings.push(answer.unwrap_or_else(|failed| {
                unread.push(failed);
                None
            }));
        }
        for failed in failed.iter().chain(&unseen).chain(&unanswered).chain(&unread) {
            problems.add(failed);
        }
        let (mut errors, missing) = problems.into_parts();
        if !missing.is_empty() {
            errors.insert(0, ClusterError::CheckForbidden { missing: missing.words() });
            facts.role = Some(missing_role(&missing));
        }
        facts.problems = errors;
        Ok(facts)
    })
}

/// The kinds of each API version.
async fn discovered(
    shared: &Shared,
    versions: &BTreeSet<String>,
) -> (BTreeMap<String, Option<BTreeSet<String>>>, Vec<Failed>) {
    let asked = versions.iter().map(|version| async move {
        let _permit = shared.requests.acquire().await;
        (version, kinds(&shared.caller, version).await)
    });
    let (mut found, mut failures) = (BTreeMap::new(), Vec::new());
    for (version, answer) in join_all(asked).await {
        match answer {
            Ok(kinds) => {
                let names = kinds.map(|kinds| kinds.into_keys().collect());
                found.insert(version.clone(), names);
            }
            Err(failed) => failures.push(failed),
        }
    }
    (found, failures)
}

/// `data` of a ConfigMap, if it exists.
async fn data(
    shared: &Shared,
    object: &ObjectRef,
) -> Result<Option<BTreeMap<String, String>>, Failed> {
    let ObjectRef { group, version, plural, namespace, name } = object;
    let path = path(&join_api(group, version), Some(namespace), &[plural, name]);
    let needs = Some((plural.clone(), Some(namespace.clone())));
    let request = Request { needs, ..Request::get(Purpose::Get, path) };
    let read = |body: &[u8]| {
        let live: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let data = at(&live, &["data"]).and_then(Value::as_object);
        let texts = data
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        Ok(texts.collect())
    };
    let _permit = shared.requests.acquire().await;
    match shared.caller.call(&request, read).await {
        Ok(data) => Ok(Some(data)),
        Err(Failure::Refused { status: 404, .. }) => Ok(None),
        Err(failure) => Err(request.failed(failure)),
    }
}
