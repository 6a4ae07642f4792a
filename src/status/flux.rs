//! How far Flux is with an app: its Kustomizations.

use serde_json::Value;

use super::app::Wanted;
use super::read::{Seen, condition, first_line, moment};
use crate::diagnose::Time;
use crate::kubernetes::KUSTOMIZATIONS;
use crate::kubernetes::json::text;

/// How a Kustomization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applied {
    /// It is applied.
    Done,
    /// It is being applied.
    Busy,
    /// It waits for another one.
    Waiting,
    /// Somebody holds it back.
    Suspended,
    /// It is not in the cluster.
    Absent,
    /// It failed.
    Failed,
}

impl Applied {
    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "applied",
            Self::Busy => "applying",
            Self::Waiting => "waiting",
            Self::Suspended => "suspended",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }
}

/// How far Flux is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flux {
    /// The Kustomization that it is about: the app's own, or the one that stops it.
    pub name: String,
    /// How it stands.
    pub state: Applied,
    /// One of the app's Kustomizations is being applied, whatever holds or fails another.
    pub busy: bool,
    /// The revision that the app's own has applied, shortened.
    pub revision: Option<String>,
    /// What it says.
    pub why: String,
    /// Since when.
    pub since: Option<Time>,
}

/// How far Flux is with an app; of several, the worst one is told. None if that could not be read.
pub(super) fn flux(wanted: &Wanted, seen: &Seen<'_>) -> Option<Flux> {
    let one = |end: &str| {
        let name = format!("{}{end}", wanted.instance);
        let object = seen.get("Kustomization", &wanted.flux_namespace, &name);
        object.map(|object| kustomization(&name, object))
    };
    let own = one("");
    let revision = own.as_ref().and_then(|own| own.revision.clone());
    // Of two that fail, the first is the cause.
    let all = KUSTOMIZATIONS.iter().filter_map(|end| one(end)).rev();
    let all: Vec<Flux> = all.collect();
    let busy = all.iter().any(|one| one.busy);
    let worst = all.into_iter().max_by_key(|one| one.state);
    let absent = Flux {
        name: wanted.instance.clone(),
        state: Applied::Absent,
        busy: false,
        revision: None,
        why: String::new(),
        since: None,
    };
    let told = match (own, worst) {
        (_, Some(worst)) if worst.state == Applied::Failed => Some(Flux { revision, ..worst }),
        (None, _) if seen.lacks("Kustomization", &wanted.flux_namespace) => None,
        (None, worst) if wanted.expects_own || worst.is_none() => Some(absent),
        (Some(own), Some(worst)) if worst.state == own.state => Some(own),
        (own, worst) => worst.map(|worst| Flux { revision, ..worst }).or(own),
    };
    told.map(|told| Flux { busy, ..told })
}

fn kustomization(name: &str, object: &Value) -> Flux {
    let of = |key: &str| text(object, &["status", key]);
    let applied = [of("lastAppliedOriginRevision"), of("lastAppliedRevision")];
    let revision = applied.into_iter().find(|one| !one.is_empty()).map(short);
    let ready = condition(object, "Ready");
    let part = |key: &str| ready.map(|one| text(one, &[key])).unwrap_or_default();
    let is_suspended = object.pointer("/spec/suspend") == Some(&Value::Bool(true));
    let state = match (part("status"), part("reason")) {
        _ if is_suspended => Applied::Suspended,
        (_, "DependencyNotReady") => Applied::Waiting,
        ("True", _) => Applied::Done,
        ("False", "Progressing" | "HealthCheckCanceled") => Applied::Busy,
        ("False", _) => Applied::Failed,
        _ => Applied::Busy,
    };
    let why = match state {
        Applied::Done => String::new(),
        _ => [part("reason").to_owned(), first_line(part("message"))]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(": "),
    };
    let since = ready.and_then(|one| moment(one, &["lastTransitionTime"]));
    let busy = state == Applied::Busy;
    Flux { name: name.to_owned(), state, busy, revision, why, since }
}

/// A revision with the first digits of its commit: `main@0f1b7a5`.
fn short(revision: &str) -> String {
    let (branch, rest) = revision.rsplit_once('@').unwrap_or(("", revision));
    let commit = rest.rsplit_once(':').map_or(rest, |(_, commit)| commit);
    let is_commit = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = if is_commit { &commit[..7] } else { commit };
    if branch.is_empty() { commit.to_owned() } else { format!("{branch}@{commit}") }
}
