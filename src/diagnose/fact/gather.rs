//! Everything that an object shows, the gravest first.

use super::computed::computed;
use super::kind::{Fact, Gravity};
use super::pod;
use crate::diagnose::place::Place;
use crate::diagnose::signature::is_noise;
use crate::diagnose::snapshot::{Condition, Snapshot, Thing, Time, time};

/// What an object itself and its events show, the gravest first.
#[must_use]
pub fn facts(snapshot: &Snapshot, thing: &Thing) -> Vec<Fact> {
    let mut facts: Vec<Fact> =
        thing.conditions.iter().flat_map(|one| condition(thing, one)).collect();
    if thing.kind == "Pod" {
        facts.extend(pod::containers(thing));
    }
    facts.extend(computed(snapshot, thing));
    // What is well had its troubles before, and they are over.
    let is_well = facts.iter().any(|fact| fact.gravity == Gravity::Well)
        && !facts.iter().any(|fact| fact.gravity < Gravity::Well);
    if !is_well {
        facts.extend(events(snapshot, thing));
    }
    facts.retain(|fact| !is_noise(&fact.reason, &fact.message));
    facts.sort_by_key(|fact| fact.gravity);
    facts
}

fn condition(thing: &Thing, condition: &Condition) -> Vec<Fact> {
    let Some(gravity) = gravity(thing, condition) else { return Vec::new() };
    let fact = |reason: &str, message: &str| {
        // `[User error]` marks what the author of a run can cure.
        let message = message.trim_start().trim_start_matches("[User error] ");
        Fact {
            status: condition.status.clone(),
            time: condition.since,
            ..Fact::new(Place::Condition, gravity, reason, message)
        }
    };
    // A run that was stopped keeps on a second line why it had not gone on.
    let (message, before) = match condition.message.split_once("Previous status: [") {
        Some((message, before)) => (message.trim_end(), before.split_once("] ")),
        None => (condition.message.as_str(), None),
    };
    let mut facts = vec![fact(&condition.reason, message)];
    facts.extend(before.map(|(reason, message)| fact(reason, message)));
    facts
}

/// How a condition counts; nothing if it says nothing that others do not say better.
fn gravity(thing: &Thing, condition: &Condition) -> Option<Gravity> {
    let status = condition.status.as_str();
    let by = |good: &str| match status {
        "Unknown" => Gravity::Busy,
        status if status == good => Gravity::Well,
        _ => Gravity::Bad,
    };
    let of = (thing.kind.as_str(), condition.kind.as_str());
    // The containers of a pod say more, and Flux repeats what Ready says.
    let is_said_elsewhere = matches!(
        of,
        ("Pod", "ContainersReady" | "Initialized")
            | ("Kustomization" | "HelmRelease", "Healthy" | "Released")
    );
    if is_said_elsewhere {
        return None;
    }
    match of {
        ("Pod", "PodScheduled") => (condition.reason == "Unschedulable").then_some(Gravity::Bad),
        ("Job", "Complete") | ("Pod", "Ready") => (status == "True").then_some(Gravity::Well),
        ("Pod", "DisruptionTarget")
        | ("Job", "Failed")
        | (
            _,
            "Stalled" | "ReplicaFailure" | "FetchFailed" | "BuildFailed" | "StorageOperationFailed",
        ) => (status == "True").then_some(Gravity::Bad),
        (_, "Reconciling") => (status == "True").then_some(Gravity::Busy),
        // A rollout that goes on is not available yet; one that hangs says so under Progressing.
        ("Deployment", "Available") if status == "False" => Some(Gravity::Busy),
        (_, "Progressing") => match status {
            "False" => Some(Gravity::Bad),
            _ => None,
        },
        (
            _,
            "Succeeded" | "Ready" | "Available" | "SourceVerified" | "ArtifactInStorage"
            | "AbleToScale" | "ScalingActive" | "Deployment" | "Service" | "Established"
            | "Complete" | "TestSuccess",
        ) => Some(by("True")),
        _ => None,
    }
}

/// Warnings about an object.
fn events(snapshot: &Snapshot, thing: &Thing) -> Vec<Fact> {
    let about = snapshot.events.iter().filter(|event| event.is_about(thing));
    // A pod that has its node has got over the scheduling.
    let has_node = !thing.text(&["spec", "nodeName"]).is_empty();
    let about = about.filter(|event| !has_node || event.reason != "FailedScheduling");
    let mut facts: Vec<Fact> = about
        .filter(|event| event.is_warning || event.reason == "FailedBinding")
        .map(|event| Fact {
            time: event.time,
            ..Fact::new(Place::Event, Gravity::Bad, &event.reason, &event.message)
        })
        .collect();
    facts.sort_by_key(|fact| std::cmp::Reverse(fact.time));
    facts
}

/// When an object began to fail.
#[must_use]
pub fn failed_at(thing: &Thing) -> Option<Time> {
    let ended = time(thing.text(&["status", "completionTime"]));
    let changed = || {
        let all = thing.conditions.iter().filter(|one| one.status == "False");
        all.filter_map(|one| one.since).min()
    };
    ended.or_else(changed)
}
