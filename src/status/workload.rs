//! What runs of an app: its workloads and their pods.

use serde_json::Value;

use super::app::Wanted;
use super::read::{Seen, condition, first_line, label, moment, number};
use crate::kubernetes::json::{list, text};
use crate::name::image_parts;

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The whole reference.
    pub reference: String,
    /// The tag.
    pub tag: Option<String>,
    /// The first digits of the digest.
    pub digest: Option<String>,
}

impl Image {
    /// From a reference.
    #[must_use]
    pub fn of(reference: &str) -> Self {
        let parts = image_parts(reference);
        let digest = parts.as_ref().and_then(|parts| parts.digest);
        Self {
            reference: reference.to_owned(),
            tag: parts.as_ref().and_then(|parts| parts.tag).map(str::to_owned),
            digest: digest
                .map(|digest| digest.trim_start_matches("sha256:").chars().take(8).collect()),
        }
    }

    /// In short: the digest or else the tag.
    #[must_use]
    pub fn short(&self) -> String {
        let short = self.digest.clone().or_else(|| self.tag.clone());
        short.unwrap_or_else(|| self.reference.clone())
    }
}

/// How far workloads are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollout {
    /// There are programs whose pods are counted; the others run and end.
    pub is_counted: bool,
    /// Number of pods that are ready.
    pub ready: u64,
    /// Number of pods that shall be.
    pub wanted: u64,
    /// Number of pods of the new version.
    pub updated: u64,
    /// Restarts of containers.
    pub restarts: u64,
    /// Something is being rolled out.
    pub busy: bool,
    /// Workloads that are paused, and CronJobs that are suspended.
    pub paused: Vec<String>,
    /// Workloads that are not in the cluster.
    pub absent: Vec<String>,
    /// What is wrong: object and reason.
    pub wrong: Vec<(String, String)>,
}

/// Reasons of a container that waits for nothing that comes by itself.
const STUCK: [&str; 9] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "OOMKilled",
];

/// Whether something that would show how the programs are could not be read.
pub(super) fn is_hidden(wanted: &Wanted, seen: &Seen<'_>) -> bool {
    let lacks = |kind: &str| seen.lacks(kind, &wanted.namespace);
    wanted.programs.iter().any(|program| lacks(&program.kind))
        || (!wanted.programs.is_empty() && lacks("Pod"))
        || (wanted.has_kind(&["CronJob"]) && lacks("Job"))
}

/// The running image, and how far the workloads are; none if nothing of that was seen.
pub(super) fn rollout(wanted: &Wanted, seen: &Seen<'_>) -> (Option<Image>, Option<Rollout>) {
    let mut image = None;
    let mut rollout = Rollout::default();
    let mut is_any = false;
    for program in &wanted.programs {
        let (kind, name) = (program.kind.as_str(), program.name.as_str());
        let found = match kind {
            "Job" => job_of(wanted, seen, name),
            _ => seen.get(kind, &wanted.namespace, name),
        };
        let Some(object) = found else {
            // A Job that ended may be gone.
            if kind != "Job" && !seen.lacks(kind, &wanted.namespace) {
                rollout.absent.push(format!("{kind} {name}"));
            }
            continue;
        };
        is_any = true;
        image = image.or_else(|| running(object, name));
        match kind {
            "Job" => ended(object, &mut rollout),
            "CronJob" => scheduled(object, seen, &mut rollout),
            _ => {
                rollout.is_counted = true;
                workload(object, &mut rollout);
            }
        }
    }
    for pod in seen.of("Pod", &wanted.instance, &wanted.namespace) {
        if label(pod, "tekton.dev/taskRun").is_empty() {
            of_pod(pod, &mut rollout);
        }
    }
    let is_any = is_any || !rollout.absent.is_empty() || !rollout.wrong.is_empty();
    (image, is_any.then_some(rollout))
}

/// The newest Job of a program: its name ends in a hash of what it runs.
fn job_of<'a>(wanted: &Wanted, seen: &Seen<'a>, program: &str) -> Option<&'a Value> {
    let is_its = |one: &&Value| {
        let containers = list(one, &["spec", "template", "spec", "containers"]);
        list(one, &["metadata", "ownerReferences"]).is_empty()
            && containers.iter().any(|container| text(container, &["name"]) == program)
    };
    newest(seen.of("Job", &wanted.instance, &wanted.namespace).filter(is_its))
}

fn newest<'a>(all: impl Iterator<Item = &'a Value>) -> Option<&'a Value> {
    all.max_by_key(|one| {
        (moment(one, &["metadata", "creationTimestamp"]), text(one, &["metadata", "name"]))
    })
}

/// A CronJob, by the last Job that it made.
fn scheduled(object: &Value, seen: &Seen<'_>, rollout: &mut Rollout) {
    if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        rollout.paused.push(format!("CronJob {}", text(object, &["metadata", "name"])));
    }
    if let Some(last) = newest(seen.owned("Job", object).iter().copied()) {
        ended(last, rollout);
    }
}

/// A Job.
fn ended(object: &Value, rollout: &mut Rollout) {
    let failed = condition(object, "Failed").filter(|one| text(one, &["status"]) == "True");
    if let Some(one) = failed {
        let name = format!("Job {}", text(object, &["metadata", "name"]));
        rollout.wrong.push((name, reason(one)));
    }
}

/// Reason and message of a condition.
fn reason(condition: &Value) -> String {
    format!("{}: {}", text(condition, &["reason"]), first_line(text(condition, &["message"])))
}

fn running(object: &Value, container: &str) -> Option<Image> {
    let pods: &[&str] = match text(object, &["kind"]) {
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec", "containers"],
        _ => &["spec", "template", "spec", "containers"],
    };
    let all = list(object, pods);
    let found = all.iter().find(|one| text(one, &["name"]) == container).or_else(|| all.first())?;
    Some(Image::of(text(found, &["image"])))
}

fn workload(object: &Value, rollout: &mut Rollout) {
    let kind = text(object, &["kind"]);
    let name = format!("{kind} {}", text(object, &["metadata", "name"]));
    let status = |key: &str| number(object, &["status", key]).unwrap_or(0);
    let (wanted, ready, updated) = if kind == "DaemonSet" {
        let [wanted, ready, updated] =
            ["desiredNumberScheduled", "numberReady", "updatedNumberScheduled"].map(status);
        (wanted, ready, updated)
    } else {
        let wanted = number(object, &["spec", "replicas"]).unwrap_or(1);
        (wanted, status("readyReplicas"), status("updatedReplicas"))
    };
    rollout.wanted += wanted;
    rollout.ready += ready;
    rollout.updated += updated;
    let generation = number(object, &["metadata", "generation"]).unwrap_or(0);
    let is_unseen = status("observedGeneration") < generation;
    let is_paused = object.pointer("/spec/paused") == Some(&Value::Bool(true));
    if is_paused {
        rollout.paused.push(name.clone());
    }
    let progress = condition(object, "Progressing").filter(|one| text(one, &["status"]) == "False");
    if let Some(stopped) = progress.filter(|_| !is_paused) {
        rollout.wrong.push((name, reason(stopped)));
    } else if is_unseen || ready < wanted || (updated < wanted && !is_paused) {
        rollout.busy = true;
    }
}

fn of_pod(pod: &Value, rollout: &mut Rollout) {
    let all = ["initContainerStatuses", "containerStatuses"];
    let name = format!("Pod {}", text(pod, &["metadata", "name"]));
    for container in all.iter().flat_map(|key| list(pod, &["status", key])) {
        rollout.restarts += number(container, &["restartCount"]).unwrap_or(0);
        let waiting = text(container, &["state", "waiting", "reason"]);
        if STUCK.contains(&waiting) {
            let message = first_line(text(container, &["state", "waiting", "message"]));
            let why = if message.is_empty() {
                waiting.to_owned()
            } else {
                format!("{waiting}: {message}")
            };
            rollout.wrong.push((name.clone(), why));
        }
    }
    let unscheduled = condition(pod, "PodScheduled").filter(|one| {
        text(one, &["status"]) == "False" && text(one, &["reason"]) == "Unschedulable"
    });
    if let Some(one) = unscheduled {
        rollout.wrong.push((name, reason(one)));
    }
}
