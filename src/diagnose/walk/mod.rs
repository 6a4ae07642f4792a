//! The way from the symptom to the first cause.

mod group;
mod logs;
mod related;
mod station;
mod subject;
mod tell;
mod trail;
mod wanted;

use std::collections::HashSet;

pub use subject::Subject;
pub use wanted::wanted_logs;

use super::certainty::Certainty;
use super::diagnosis::{Diagnosis, Report, State, Weight, Well};
use super::fact::{Gravity, facts};
use super::mask::Mask;
use super::signature::Role;
use super::snapshot::{Snapshot, Thing};
use station::{Trail, reference};
use trail::Walk;

/// Kinds that people ask about, those first whose failure explains the others.
const ROOTS: [&str; 24] = [
    "PipelineRun",
    "TaskRun",
    "CustomRun",
    "HelmRelease",
    "Kustomization",
    "ImageUpdateAutomation",
    "ImagePolicy",
    "ImageRepository",
    "GitRepository",
    "OCIRepository",
    "HelmChart",
    "EventListener",
    "Receiver",
    "CronJob",
    "Job",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Service",
    "Ingress",
    "HorizontalPodAutoscaler",
    "ReplicaSet",
    "Pod",
    "PersistentVolumeClaim",
];

/// What is wrong in a snapshot, and why; of one subject, if it is asked for.
#[must_use]
pub fn diagnose(snapshot: &Snapshot, subject: Option<&Subject>) -> Report {
    let ghosts = ghosts(snapshot);
    let walk = Walk::new(snapshot, &ghosts);
    let mask = Mask::of(snapshot);
    let mut seen = HashSet::new();
    let mut trails: Vec<Trail<'_>> = Vec::new();
    let mut well = Vec::new();
    for thing in roots(snapshot, &ghosts, subject) {
        if !seen.insert(reference(thing)) {
            continue;
        }
        if let Some(later) = outdated(snapshot, thing).filter(|_| subject.is_none()) {
            let stands = format!("replaced by the later run {}", later.name);
            well.push(Well { of: reference(thing), stands });
            continue;
        }
        match walk.descend(thing) {
            Some(trail) => {
                seen.extend(trail.all());
                trails.push(trail);
            }
            None => well.extend(stands(snapshot, thing)),
        }
    }
    // A text explains what failed; where nothing did, it stands for itself.
    if subject.is_none() && !trails.iter().any(|trail| trail.weight() < Weight::Waits) {
        trails.extend(snapshot.logs.iter().filter_map(logs::trail));
    }
    let told = trails.iter().map(|trail| tell::tell(&walk, trail, &mask)).collect();
    let diagnoses = group::group(told);
    let lines = snapshot.logs.iter().map(|log| log.lines.len()).sum();
    let read = (snapshot.things.len(), snapshot.events.len(), lines);
    let mut unseen = snapshot.unseen.clone();
    unseen.sort();
    unseen.dedup();
    let state = state(&diagnoses, &well, read, !unseen.is_empty());
    Report { state, diagnoses, well, unseen, left_out: snapshot.left_out, read }
}

fn state(
    diagnoses: &[Diagnosis],
    well: &[Well],
    read: (usize, usize, usize),
    is_blind: bool,
) -> State {
    let wrong = || diagnoses.iter().filter(|one| one.stands < Weight::Waits);
    let is_unknown = |one: &Diagnosis| {
        one.signature.is_none_or(|signature| {
            signature.role == Role::Consequence
                || (signature.role == Role::Symptom && one.certainty == Certainty::Possible)
        })
    };
    let is_busy = diagnoses.iter().any(|one| one.stands == Weight::Waits)
        || well.iter().any(|one| one.stands == RUNNING);
    if wrong().any(is_unknown) {
        State::Unknown
    } else if wrong().next().is_some() {
        State::Found
    } else if read == (0, 0, 0) || (is_blind && well.is_empty() && diagnoses.is_empty()) {
        State::Nothing
    } else if is_busy {
        State::Busy
    } else {
        State::Well
    }
}

/// How something stands that goes on.
const RUNNING: &str = "in progress";

/// How an object stands that has no failure; nothing if it has no state.
fn stands(snapshot: &Snapshot, thing: &Thing) -> Option<Well> {
    let facts = facts(snapshot, thing);
    let is_busy = facts.iter().any(|fact| fact.gravity < Gravity::Well);
    let word = match thing.kind.as_str() {
        _ if facts.is_empty() => return None,
        _ if is_busy => RUNNING,
        "PipelineRun" | "TaskRun" | "CustomRun" | "Job" => "succeeded",
        _ => "ready",
    };
    Some(Well { of: reference(thing), stands: word.to_owned() })
}

/// The objects to begin at: those that nothing else here made.
fn roots<'a>(
    snapshot: &'a Snapshot,
    ghosts: &'a [Thing],
    subject: Option<&Subject>,
) -> Vec<&'a Thing> {
    let all = snapshot.things.iter().chain(ghosts.iter().filter(|_| snapshot.things.is_empty()));
    if let Some(subject) = subject {
        return all.filter(|thing| subject.is(thing)).collect();
    }
    let owners: HashSet<&str> =
        snapshot.things.iter().map(|thing| thing.text(&["metadata", "uid"])).collect();
    let is_root = |thing: &&Thing| {
        snapshot.is_asked(thing)
            && !thing.list(&["metadata", "ownerReferences"]).iter().any(|reference| {
                let of = |key: &str| reference.get(key).and_then(serde_json::Value::as_str);
                let by_uid = of("uid").is_some_and(|uid| !uid.is_empty() && owners.contains(uid));
                by_uid
                    || snapshot
                        .find(
                            of("kind").unwrap_or_default(),
                            &thing.namespace,
                            of("name").unwrap_or_default(),
                        )
                        .is_some()
            })
    };
    let mut roots: Vec<&Thing> = all.filter(is_root).collect();
    let place =
        |thing: &Thing| ROOTS.iter().position(|kind| *kind == thing.kind).unwrap_or(ROOTS.len());
    roots.sort_by_key(|thing| place(thing));
    roots
}

/// Objects that are known only from events about them.
fn ghosts(snapshot: &Snapshot) -> Vec<Thing> {
    let mut known: HashSet<(&str, &str)> =
        snapshot.things.iter().map(|thing| (thing.kind.as_str(), thing.name.as_str())).collect();
    let mut ghosts = Vec::new();
    for event in &snapshot.events {
        if known.insert((&event.kind, &event.name)) {
            ghosts.push(Thing::read(serde_json::json!({
                "kind": event.kind,
                "metadata": {"name": event.name, "namespace": event.namespace},
            })));
        }
    }
    ghosts
}

/// The later run of the same Pipeline, by which a run that failed is of no interest any more.
fn outdated<'a>(snapshot: &'a Snapshot, run: &Thing) -> Option<&'a Thing> {
    if run.kind != "PipelineRun" {
        return None;
    }
    let pipeline = |run: &Thing| match run.label("tekton.dev/pipeline") {
        "" => run.text(&["spec", "pipelineRef", "name"]).to_owned(),
        name => name.to_owned(),
    };
    let of = pipeline(run);
    let later = snapshot.things.iter().filter(|other| {
        other.kind == "PipelineRun"
            && other.namespace == run.namespace
            && pipeline(other) == of
            && other.created() > run.created()
            && other.condition("Succeeded").is_some_and(|one| one.status != "Unknown")
    });
    later.max_by_key(|other| other.created()).filter(|_| !of.is_empty())
}
