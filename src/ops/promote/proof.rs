//! What a stage's cluster shows of an image: how the run of its commit ended, and how long it has run.

use serde_json::Value;

use crate::diagnose::{Time, time};
use crate::environment::Gate;
use crate::kubernetes::json::{at, list, text};
use crate::spec::Pin;
use crate::status::lasting;

/// What a stage's cluster has of an app.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// The app's PipelineRuns.
    pub runs: Vec<Value>,
    /// The app's pods.
    pub pods: Vec<Value>,
}

/// Why an image may not go on yet, one reason each. Lower case, no full stop.
pub(super) fn holds(gate: &Gate, pin: &Pin, shown: &Shown, now: Time) -> Vec<String> {
    let run = gate.run.then(|| run(pin, &shown.runs)).flatten();
    let soak = gate.soak.and_then(|wanted| soak(pin, &shown.pods, wanted, now));
    run.into_iter().chain(soak).collect()
}

/// The moments at which nothing may go on.
pub(super) fn closed(gate: &Gate, now: Time) -> Vec<String> {
    let window = gate.window.as_ref().and_then(|window| window.opens(now));
    let window = window.map(|opens| format!("the window opens {opens}"));
    let freeze = gate.freeze.iter().find_map(|freeze| freeze.ends(now));
    let freeze = freeze.map(|ends| format!("promotions are frozen until {ends}"));
    freeze.into_iter().chain(window).collect()
}

/// The newest run of the image: it has the commit as a parameter, or the digest among its results.
fn run(pin: &Pin, runs: &[Value]) -> Option<String> {
    let digest = digest(pin);
    let is_its = |run: &&Value| {
        let says = |keys: &[&str], wanted: &str| {
            let values = list(run, keys).iter().map(|one| text(one, &["value"]));
            !wanted.is_empty() && values.into_iter().any(|value| value.contains(wanted))
        };
        let revision = pin.revision.as_deref().unwrap_or_default();
        says(&["spec", "params"], revision)
            || says(&["status", "results"], revision)
            || says(&["status", "results"], digest)
    };
    let created = |run: &&Value| text(run, &["metadata", "creationTimestamp"]).to_owned();
    let what = match &pin.revision {
        Some(revision) => format!("commit {}", revision.chars().take(12).collect::<String>()),
        None => "its digest".to_owned(),
    };
    let Some(run) = runs.iter().filter(is_its).max_by_key(created) else {
        return Some(format!("no run of {what} is in the cluster"));
    };
    let name = text(run, &["metadata", "name"]);
    let conditions = list(run, &["status", "conditions"]);
    let ended = conditions.iter().find(|one| text(one, &["type"]) == "Succeeded");
    match ended.map(|one| text(one, &["status"])) {
        Some("True") => None,
        Some("False") => {
            let reason = ended.map(|one| text(one, &["reason"])).unwrap_or_default();
            Some(format!("PipelineRun {name} of {what} did not end well: {reason}"))
        }
        _ => Some(format!("PipelineRun {name} of {what} has not ended")),
    }
}

/// Since its oldest pod that is ready started: where pods are replaced, that is later than the image came, and never earlier.
fn soak(pin: &Pin, pods: &[Value], wanted: u64, now: Time) -> Option<String> {
    let digest = digest(pin);
    let is_its = |pod: &&Value| {
        let images = list(pod, &["spec", "containers"]).iter().map(|one| text(one, &["image"]));
        let ids = list(pod, &["status", "containerStatuses"]);
        let mut ids = ids.iter().map(|one| text(one, &["imageID"]));
        let conditions = list(pod, &["status", "conditions"]);
        let ready = conditions.iter().find(|one| text(one, &["type"]) == "Ready");
        ready.is_some_and(|one| text(one, &["status"]) == "True")
            && at(pod, &["metadata", "deletionTimestamp"]).is_none()
            && !digest.is_empty()
            && (images.into_iter().any(|image| image.ends_with(digest))
                || ids.any(|id| id.ends_with(digest)))
    };
    let started =
        pods.iter().filter(is_its).filter_map(|pod| time(text(pod, &["status", "startTime"])));
    let Some(since) = started.min() else {
        return Some("no ready pod runs it".to_owned());
    };
    let served = u64::try_from(now.as_second() - since.as_second()).unwrap_or(0);
    (served < wanted).then(|| {
        let at = now.as_second() + i64::try_from(wanted - served).unwrap_or(i64::MAX);
        let at = Time::from_second(at).map(|at| at.strftime("%F %H:%M UTC").to_string());
        let until = at.map(|at| format!(", and may go on at {at}")).unwrap_or_default();
        format!("it has run for {} of {}{until}", lasting(served), lasting(wanted))
    })
}

/// `sha256:…`; empty if there is none.
fn digest(pin: &Pin) -> &str {
    let image = pin.image.as_deref().unwrap_or_default();
    image.split_once('@').map_or("", |(_, digest)| digest)
}
