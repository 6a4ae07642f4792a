//! What the containers of a pod show.

use serde_json::Value;

use super::kind::{Fact, Gravity};
use crate::diagnose::place::Place;
use crate::diagnose::snapshot::{Thing, time};
use crate::kubernetes::json::{list, text};

/// Reasons of waiting that are the usual way.
const USUAL: [&str; 3] = ["PodInitializing", "ContainerCreating", ""];

/// The states of the containers, those of init containers first; then that of the pod itself.
pub(super) fn containers(pod: &Thing) -> Vec<Fact> {
    let mut facts = Vec::new();
    for of in ["initContainerStatuses", "containerStatuses"] {
        for status in list(&pod.body, &["status", of]) {
            facts.extend(container(status));
        }
    }
    let [phase, reason, message] =
        ["phase", "reason", "message"].map(|key| pod.text(&["status", key]));
    let gravity = match phase {
        "Failed" => Gravity::Bad,
        "Succeeded" => Gravity::Well,
        _ => Gravity::Busy,
    };
    let is_known = facts.iter().any(|fact| fact.gravity == Gravity::Bad);
    let is_ready = pod.condition("Ready").is_some_and(|one| one.status == "True");
    if (phase == "Running" && !is_ready)
        || gravity == Gravity::Well
        || !reason.is_empty()
        || (phase == "Failed" && !is_known)
    {
        facts.push(Fact::new(Place::Condition, gravity, reason, message));
    }
    facts
}

fn container(status: &Value) -> Vec<Fact> {
    let name = text(status, &["name"]);
    let state = |of: &str, state: &str| status.get(of).and_then(|all| all.get(state));
    let fact = |place: Place, gravity: Gravity, state: &Value| Fact {
        container: name.to_owned(),
        time: time(text(state, &["finishedAt"])),
        ..Fact::new(place, gravity, text(state, &["reason"]), text(state, &["message"]))
    };
    let mut facts = Vec::new();
    if let Some(waiting) = state("state", "waiting") {
        let is_usual = USUAL.contains(&text(waiting, &["reason"]));
        let gravity = if is_usual { Gravity::Busy } else { Gravity::Bad };
        facts.push(fact(Place::Waiting, gravity, waiting));
    }
    let is_running = state("state", "running").is_some();
    for of in ["state", "lastState"] {
        let Some(ended) = state(of, "terminated") else { continue };
        let code = ended.get("exitCode").and_then(Value::as_i64).unwrap_or_default();
        // One that runs again and is ready has got over it.
        let is_over = of == "lastState"
            && is_running
            && status.get("ready").and_then(Value::as_bool).unwrap_or_default();
        if code != 0 && !is_over {
            let mut one = fact(Place::Terminated, Gravity::Bad, ended);
            one.status = code.to_string();
            facts.push(one);
        }
    }
    facts
}
