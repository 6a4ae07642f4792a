//! Determines the outcome for an object by dry runs.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::Outcome;
use super::judged::{Step, judged};
use super::kinds::Resource;
use super::request::{Failure, Purpose, Request, WHOLE};
use super::shared::{Shared, named, object, one};
use super::slim;
use crate::change::Class;
use crate::change::live::{
    MANAGER, Prediction, Refusal, bare, drifted, is_taken_over, predict, recreates, refusal,
};

/// An object whose dry run gave no result.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) request: Request,
    pub(super) failure: Failure,
    /// The account is not allowed to do this dry run; the server's message.
    pub(super) missing_right: Option<String>,
}

/// Determines the outcome for an object, given the live one.
pub(super) async fn ask(
    shared: Arc<Shared>,
    place: usize,
    resource: Arc<Resource>,
    live: Option<Box<str>>,
) -> Result<Outcome, Box<Unanswered>> {
    let entry = &shared.entries[place];
    let name = entry.identity.name.as_str();
    let path = resource.object(entry.identity.namespace.as_deref(), name);
    let mut live: Option<Value> = live.and_then(|text| serde_json::from_str(&text).ok());
    // Objects from a list were judged on arrival.
    let mut is_judged = live.is_some();
    // At most one retry, if somebody writes the object between two requests.
    for last_try in [false, true] {
        let desired = entry.desired(live.as_ref());
        let request = apply(&path, &desired);
        // Managed fields are half of a response.
        let owners = live.as_ref().is_none_or(is_taken_over);
        let answer = match send(&shared, &resource, &request, name, owners).await {
            Ok(answer) => answer,
            Err(failure) => return refused(&desired, live.as_ref(), request, failure),
        };
        if version(&answer).is_empty() {
            return Ok(match live {
                None => Outcome::plain(Class::Created).with(None, Some(bare(desired))),
                // It existed a moment ago.
                Some(_) => Outcome::because(Class::Created, "it has just been deleted")
                    .with(None, Some(bare(desired))),
            });
        }
        let current = match live.take() {
            Some(live) if version(&live) == version(&answer) || last_try => live,
            // Not found by its label, or written meanwhile.
            _ => {
                is_judged = false;
                let request = Request::get(Purpose::Get, path.clone());
                match one(&shared, &resource, &request, name).await {
                    Ok(Some(current)) => current,
                    Ok(None) => {
                        return Ok(Outcome::plain(Class::Created).with(None, Some(bare(desired))));
                    }
                    Err(failure) => return Err(unanswered(request, failure)),
                }
            }
        };
        if !is_judged {
            let has_moved = version(&current) != version(&answer);
            let knows_labels = entry.applier.is_some() || entry.desired(Some(&current)) == desired;
            let lacks_owners = !owners && is_taken_over(&current);
            if (has_moved || !knows_labels || lacks_owners) && !last_try {
                live = Some(current);
                continue;
            }
            // Directives of the live object were unknown before it was read.
            if let Step::Done(outcome) = judged(&shared, place, current.clone()) {
                return Ok(outcome);
            }
        }
        let prediction = predict(&desired, &current, answer);
        return settle(&shared, &resource, &path, name, &desired, current, prediction).await;
    }
    unreachable!("the last try returns")
}

/// The prediction with its defaults, and its outcome.
async fn settle(
    shared: &Shared,
    resource: &Resource,
    address: &str,
    name: &str,
    desired: &Value,
    live: Value,
    prediction: Prediction,
) -> Result<Outcome, Box<Unanswered>> {
    let mut after = prediction.after;
    if prediction.needs_defaults {
        let patch = merge_patch(&bare(live.clone()), &bare(after));
        let request = Request {
            purpose: Purpose::DryRun,
            accept: WHOLE,
            path: format!("{address}?dryRun=All&fieldManager={MANAGER}"),
            patch: Some(("application/merge-patch+json", patch.to_string().into_bytes())),
        };
        after = match send(shared, resource, &request, name, false).await {
            Ok(answer) => answer,
            Err(failure) => return refused(desired, Some(&live), request, failure),
        };
    }
    let writes = prediction.writes;
    // If Flux writes anyway, changes that alone would not cause a write count too: finalizers, owners.
    let differs = drifted(&live, &after) || writes && bare(live.clone()) != bare(after.clone());
    if differs {
        return Ok(Outcome::plain(Class::Changed).with(Some(bare(live)), Some(bare(after))));
    }
    let mut outcome = Outcome::plain(Class::Unchanged);
    if !prediction.taken_over.is_empty() {
        outcome.reason = Some(format!(
            "Flux takes ownership of {}, without changing values",
            prediction.taken_over.join(", ")
        ));
    }
    Ok(outcome)
}

fn apply(path: &str, desired: &Value) -> Request {
    Request {
        purpose: Purpose::DryRun,
        accept: WHOLE,
        // As Flux: forced (fluxcd/pkg ssa/manager_apply.go, `dryRunApply`). Fields that no schema knows are rejected by apply itself
        // ("field not declared in schema"). Validating fields would only look for keys that stand twice, which no object of ours has,
        // by reading each object a second time: a tenth of the server's whole work.
        path: format!("{path}?dryRun=All&fieldManager={MANAGER}&force=true&fieldValidation=Ignore"),
        patch: Some((
            "application/apply-patch+yaml",
            // On lines of its own, what stands before a colon is known to be a key at once. The server's YAML parser holds back the
            // tokens of a line while its beginning may yet become one, which takes more memory than all else that it does.
            format!("{desired:#}").into_bytes(),
        )),
    }
}

/// Sends a dry run; the response is read with or without managed fields.
async fn send(
    shared: &Shared,
    resource: &Resource,
    request: &Request,
    name: &str,
    owners: bool,
) -> Result<Value, Failure> {
    let _permit = shared.requests.acquire().await;
    shared
        .caller
        .call(request, |_, body| {
            if owners {
                return object(resource, name, body);
            }
            let answer = slim::read(body).map_err(|error| error.to_string())?;
            named(resource, name, answer)
        })
        .await
}

fn version(object: &Value) -> &str {
    object.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or_default()
}

fn unanswered(request: Request, failure: Failure) -> Box<Unanswered> {
    Box::new(Unanswered { request, failure, missing_right: None })
}

/// The outcome of a rejected dry run.
fn refused(
    desired: &Value,
    live: Option<&Value>,
    request: Request,
    failure: Failure,
) -> Result<Outcome, Box<Unanswered>> {
    let Failure::Refused { status, answer } = &failure else {
        return Err(unanswered(request, failure));
    };
    let before = || live.cloned().map(bare);
    match refusal(*status, answer) {
        Refusal::Invalid(_) if live.is_some() && recreates(desired, live) => Ok(Outcome::because(
            Class::Changed,
            "immutable field: with `force: enabled`, Flux deletes and recreates the object",
        )
        .with(before(), Some(bare(desired.clone())))),
        Refusal::Invalid(words) | Refusal::Blocked(words) | Refusal::NoNamespace(words) => {
            Ok(Outcome::because(Class::Blocked, words).with(before(), Some(bare(desired.clone()))))
        }
        Refusal::MissingRight(words) => {
            Err(Box::new(Unanswered { request, failure, missing_right: Some(words) }))
        }
        Refusal::Unknown(_) => Err(unanswered(request, failure)),
    }
}

/// The merge patch from one object to the other (RFC 7396): null for removed values, lists as a whole.
fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return to.clone();
    };
    let mut patch = Map::new();
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in to {
        match from.get(key) {
            Some(old) if old == value => {}
            Some(old) => {
                patch.insert(key.clone(), merge_patch(old, value));
            }
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(patch)
}
