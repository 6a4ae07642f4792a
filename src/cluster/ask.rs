//! Determines the outcome for an object by dry runs.

use serde_json::{Map, Value};

use super::entry::Outcome;
use super::judged::{Step, judged};
use super::kinds::Resource;
use super::request::{Failed, Failure, Request};
use super::shared::{Shared, named};
use super::slim;
use crate::change::Class;
use crate::change::live::{
    RECREATED, Refusal, bare, drifted, is_taken_over, predict, recreates, refusal,
};
use crate::kubernetes::json::text;

/// Determines the outcome for an object, given the live one.
pub(super) async fn ask(
    shared: &Shared,
    place: usize,
    resource: &Resource,
    live: Option<Box<str>>,
) -> Result<Outcome, Failed> {
    let entry = &shared.entries[place];
    let identity = &entry.object.identity;
    let mut live: Option<Value> = live.and_then(|text| serde_json::from_str(&text).ok());
    // Objects from a list were judged on arrival.
    let mut is_judged = live.is_some();
    // At most one retry, if somebody writes the object between two requests.
    for last_try in [false, true] {
        let desired = entry.desired(live.as_ref());
        let created = |outcome: Outcome| outcome.with(None, Some(bare(desired.clone())));
        // As Flux: forced (fluxcd/pkg ssa/manager_apply.go, `dryRunApply`). Fields that no schema knows are rejected by apply itself
        // ("field not declared in schema"). Validating fields would only look for keys that stand twice, which no object of ours has,
        // by reading each object a second time: a tenth of the server's whole work.
        let query = "&force=true&fieldValidation=Ignore";
        // On lines of its own, what stands before a colon is known to be a key at once. The server's YAML parser holds back the
        // tokens of a line while its beginning may yet become one, which takes more memory than all else that it does.
        let patch = ("application/apply-patch+yaml", format!("{desired:#}"));
        let request = Request::dry_run(resource, identity, query, patch);
        // Managed fields are half of a response.
        let owners = live.as_ref().is_none_or(is_taken_over);
        let answer = match send(shared, resource, request, &identity.name, owners).await {
            Ok(answer) => answer,
            Err(failed) => return refused(&desired, live.as_ref(), failed),
        };
        if version(&answer).is_empty() {
            return Ok(created(match live {
                None => Outcome::plain(Class::Created),
                // It existed a moment ago.
                Some(_) => Outcome::because(Class::Created, "it has just been deleted"),
            }));
        }
        let current = match live.take() {
            Some(live) if version(&live) == version(&answer) || last_try => live,
            // Not found by its label, or written meanwhile.
            _ => {
                is_judged = false;
                match shared.one(resource, identity).await? {
                    Some(current) => current,
                    None => return Ok(created(Outcome::plain(Class::Created))),
                }
            }
        };
        if !is_judged {
            let has_moved = version(&current) != version(&answer);
            let knows_labels =
                entry.object.applier.is_some() || entry.desired(Some(&current)) == desired;
            let lacks_owners = !owners && is_taken_over(&current);
            if (has_moved || !knows_labels || lacks_owners) && !last_try {
                live = Some(current);
                continue;
            }
            // Directives of the live object were unknown before it was read.
            if let Step::Done(outcome) = judged(shared, place, current.clone()) {
                return Ok(outcome);
            }
        }
        let prediction = predict(&desired, &current, answer);
        let mut after = prediction.after;
        if prediction.needs_defaults {
            let patch = merge_patch(&bare(current.clone()), &bare(after));
            let patch = ("application/merge-patch+json", patch.to_string());
            let request = Request::dry_run(resource, identity, "", patch);
            after = match send(shared, resource, request, &identity.name, false).await {
                Ok(answer) => answer,
                Err(failed) => return refused(&desired, Some(&current), failed),
            };
        }
        // If Flux writes anyway, changes that alone would not cause a write count too: finalizers, owners.
        let differs = drifted(&current, &after);
        let (before, after) = (bare(current), bare(after));
        if differs || prediction.writes && before != after {
            return Ok(Outcome::plain(Class::Changed).with(Some(before), Some(after)));
        }
        let managers = prediction.taken_over.join(", ");
        let reason = format!("Flux takes ownership of {managers}, without changing values");
        let reason = (!managers.is_empty()).then_some(reason);
        return Ok(Outcome { reason, ..Outcome::plain(Class::Unchanged) });
    }
    unreachable!("the last try returns")
}

/// Sends a dry run; the response is read with or without managed fields.
async fn send(
    shared: &Shared,
    resource: &Resource,
    request: Request,
    name: &str,
    owners: bool,
) -> Result<Value, Failed> {
    let _permit = shared.requests.acquire().await;
    let read = |body: &[u8]| {
        let answer = if owners { serde_json::from_slice(body) } else { slim::read(body) };
        named(resource, name, answer.map_err(|error| error.to_string())?)
    };
    let answer = shared.caller.call(&request, read).await;
    answer.map_err(|failure| request.failed(failure))
}

fn version(object: &Value) -> &str {
    text(object, &["metadata", "resourceVersion"])
}

/// The outcome of a rejected dry run.
fn refused(desired: &Value, live: Option<&Value>, failed: Failed) -> Result<Outcome, Failed> {
    let Failure::Refused { status, answer } = &failed.1 else {
        return Err(failed);
    };
    let outcome = match refusal(*status, answer) {
        Refusal::Invalid(_) if live.is_some() && recreates(desired, live) => {
            Outcome::because(Class::Changed, RECREATED)
        }
        Refusal::Invalid(words) | Refusal::Blocked(words) | Refusal::NoNamespace(words) => {
            Outcome::because(Class::Blocked, words)
        }
        Refusal::MissingRight(_) | Refusal::Unknown(_) => return Err(failed),
    };
    Ok(outcome.with(live.cloned().map(bare), Some(bare(desired.clone()))))
}

/// The merge patch from one object to the other (RFC 7396): null for removed values, lists as a whole.
fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return to.clone();
    };
    let removed = from.keys().filter(|key| !to.contains_key(*key));
    let removed = removed.map(|key| (key.clone(), Value::Null));
    let changed = to.iter().filter_map(|(key, value)| match from.get(key) {
        Some(old) if old == value => None,
        Some(old) => Some((key.clone(), merge_patch(old, value))),
        None => Some((key.clone(), value.clone())),
    });
    Value::Object(removed.chain(changed).collect::<Map<_, _>>())
}
