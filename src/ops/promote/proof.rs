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
    /// The app's HelmReleases.
    pub releases: Vec<Value>,
}

impl Shown {
    /// Where the objects of a kind belong.
    pub fn place(&mut self, kind: &str) -> &mut Vec<Value> {
        match kind {
            "PipelineRun" => &mut self.runs,
            "Pod" => &mut self.pods,
            _ => &mut self.releases,
        }
    }
}

/// Why an image may not go on yet, one reason each. Lower case, no full stop.
pub(super) fn holds(gate: &Gate, pin: &Pin, shown: &Shown, now: Time) -> Vec<String> {
    // No run builds a chart.
    let is_asked = gate.run && pin.version.is_none();
    let run = is_asked.then(|| run(pin, &shown.runs)).and_then(Ended::why);
    let soak = gate.soak.and_then(|wanted| match &pin.version {
        Some(version) => {
            served(released(version, &shown.releases), "no release of it is ready", wanted, now)
        }
        None => served(started(pin, &shown.pods), "no ready pod runs it", wanted, now),
    });
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

/// How the run of an image ended, and if not well, why it counts as that. Lower case, no full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// It succeeded.
    Well,
    /// It failed, or goes on.
    NotWell(String),
    /// It is not there: it was removed, or there never was one.
    Unknown(String),
}

impl Ended {
    /// What keeps it from counting as a success.
    pub fn why(self) -> Option<String> {
        match self {
            Self::Well => None,
            Self::NotWell(why) | Self::Unknown(why) => Some(why),
        }
    }
}

/// How the newest run of the image ended: one that has the digest among its results, otherwise one that has the commit as a
/// parameter. A commit may already be pinned to be built while the image is still the one before.
pub(super) fn run(pin: &Pin, runs: &[Value]) -> Ended {
    let says = |run: &Value, keys: &[&str], wanted: &str| {
        !wanted.is_empty()
            && list(run, keys).iter().any(|one| text(one, &["value"]).contains(wanted))
    };
    let revision = pin.revision.as_deref().unwrap_or_default();
    let made_it = |run: &&Value| says(run, &["status", "results"], digest(pin));
    let of_commit = |run: &&Value| says(run, &["spec", "params"], revision);
    let created = |run: &&Value| text(run, &["metadata", "creationTimestamp"]).to_owned();
    let what = match &pin.revision {
        Some(revision) => format!("commit {}", revision.chars().take(12).collect::<String>()),
        None => "its digest".to_owned(),
    };
    let newest = runs.iter().filter(made_it).max_by_key(created);
    let Some(run) = newest.or_else(|| runs.iter().filter(of_commit).max_by_key(created)) else {
        return Ended::Unknown(format!("no run of {what} is in the cluster"));
    };
    let name = text(run, &["metadata", "name"]);
    let conditions = list(run, &["status", "conditions"]);
    let ended = conditions.iter().find(|one| text(one, &["type"]) == "Succeeded");
    match ended.map(|one| text(one, &["status"])) {
        Some("True") => Ended::Well,
        Some("False") => {
            let reason = ended.map(|one| text(one, &["reason"])).unwrap_or_default();
            Ended::NotWell(format!("PipelineRun {name} of {what} did not end well: {reason}"))
        }
        _ => Ended::NotWell(format!("PipelineRun {name} of {what} has not ended")),
    }
}

/// When the oldest pod that is ready started: where pods are replaced, that is later than the image came, and never earlier.
fn started(pin: &Pin, pods: &[Value]) -> Option<Time> {
    let digest = digest(pin);
    let is_its = |pod: &&Value| {
        let images = list(pod, &["spec", "containers"]).iter().map(|one| text(one, &["image"]));
        let ids = list(pod, &["status", "containerStatuses"]);
        let ids = ids.iter().map(|one| text(one, &["imageID"]));
        is_ready(pod)
            && at(pod, &["metadata", "deletionTimestamp"]).is_none()
            && !digest.is_empty()
            && images.chain(ids).any(|image| image.ends_with(digest))
    };
    pods.iter().filter(is_its).filter_map(|pod| time(text(pod, &["status", "startTime"]))).min()
}

/// When this version of a chart was last installed or upgraded to, as the release says itself (helm-controller, `Snapshot`).
fn released(version: &str, releases: &[Value]) -> Option<Time> {
    let newest = releases.iter().filter(|release| is_ready(release)).filter_map(|release| {
        let last = list(release, &["status", "history"]).first()?;
        let is_its = text(last, &["chartVersion"]) == version;
        is_its.then(|| time(text(last, &["lastDeployed"]))).flatten()
    });
    newest.min()
}

fn is_ready(object: &Value) -> bool {
    let conditions = list(object, &["status", "conditions"]);
    let ready = conditions.iter().find(|one| text(one, &["type"]) == "Ready");
    ready.is_some_and(|one| text(one, &["status"]) == "True")
}

/// What is missing of the time that it must have run.
fn served(since: Option<Time>, nothing: &str, wanted: u64, now: Time) -> Option<String> {
    let Some(since) = since else { return Some(nothing.to_owned()) };
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
