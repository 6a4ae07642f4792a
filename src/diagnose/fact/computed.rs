//! What no controller says, and comparing objects shows.

use serde_json::Value;

use super::kind::{Fact, Gravity};
use crate::diagnose::place::Place;
use crate::diagnose::snapshot::{Snapshot, Thing, time};
use crate::kubernetes::json::{list, map, text};

/// A pod that ends should be gone after so many seconds past its grace period.
const LONG: i64 = 300;

/// The facts of an object that follow from it and others.
#[must_use]
pub fn computed(snapshot: &Snapshot, thing: &Thing) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |gravity, reason: &str, message: &str| {
        facts.push(Fact::new(Place::Computed, gravity, reason, message));
    };
    if thing.is(&["spec", "suspend"]) && thing.group().ends_with(".fluxcd.io") {
        add(Gravity::Bad, "Suspended", "spec.suspend: true");
    }
    match thing.kind.as_str() {
        "Kustomization" => {
            if let Some(message) = behind(snapshot, thing) {
                add(Gravity::Busy, "RevisionBehind", &message);
            }
            if let Some(run) = unseen_run(snapshot, thing) {
                add(
                    Gravity::Bad,
                    "FalseReady",
                    &format!("PipelineRun/{}/{}", run.namespace, run.name),
                );
            }
        }
        "ImageUpdateAutomation" => {
            if let Some(image) = unwritten(snapshot, thing) {
                add(Gravity::Bad, "UpdateWithoutMarker", &image);
            }
        }
        "TaskRun" | "Task" => {
            if let Some(task) = substituted(snapshot, thing) {
                add(Gravity::Bad, "SubstitutedScript", &format!("Task {}", task.name));
            }
        }
        "Service" => {
            if let Some(message) = without_pods(snapshot, thing) {
                add(Gravity::Bad, "NoEndpoints", &message);
            }
        }
        "Ingress" | "Gateway" => {
            let addresses: [&[&str]; 2] =
                [&["status", "loadBalancer", "ingress"], &["status", "addresses"]];
            if thing.body.get("status").is_some()
                && addresses.iter().all(|keys| thing.list(keys).is_empty())
            {
                add(Gravity::Bad, "NoAddress", "the status has no address");
            }
        }
        "Pod" => {
            let ends = time(thing.text(&["metadata", "deletionTimestamp"]));
            let age =
                snapshot.moment().zip(ends).map(|(now, ends)| now.duration_since(ends).as_secs());
            if age.is_some_and(|age| age > LONG) {
                add(Gravity::Bad, "TerminatingLong", "it was to be gone by its deletionTimestamp");
            }
        }
        "Deployment" | "StatefulSet" | "DaemonSet" => {
            if let Some(message) = other_image(snapshot, thing) {
                add(Gravity::Bad, "ImageDiffers", &message);
            }
        }
        _ => {}
    }
    facts
}

/// Whether the source of a Kustomization that is ready has a newer revision.
fn behind(snapshot: &Snapshot, kustomization: &Thing) -> Option<String> {
    let is_ready = kustomization.condition("Ready").is_some_and(|one| one.status == "True");
    let reference = |key: &str| kustomization.text(&["spec", "sourceRef", key]);
    let namespace = match reference("namespace") {
        "" => &kustomization.namespace,
        namespace => namespace,
    };
    let source = snapshot.find(reference("kind"), namespace, reference("name"))?;
    let newest = source.text(&["status", "artifact", "revision"]);
    let applied = kustomization.text(&["status", "lastAppliedRevision"]);
    let is_behind = is_ready && !newest.is_empty() && !applied.is_empty() && newest != applied;
    is_behind.then(|| format!("{applied} is applied, {newest} is fetched"))
}

/// A failed run of a Kustomization that waits for its objects and is ready all the same.
fn unseen_run<'a>(snapshot: &'a Snapshot, kustomization: &Thing) -> Option<&'a Thing> {
    let is_ready = kustomization.condition("Ready").is_some_and(|one| one.status == "True");
    if !is_ready || !kustomization.is(&["spec", "wait"]) {
        return None;
    }
    snapshot.things.iter().find(|thing| {
        thing.kind == "PipelineRun"
            && thing.label("kustomize.toolkit.fluxcd.io/name") == kustomization.name
            && thing.condition("Succeeded").is_some_and(|one| one.status == "False")
    })
}

/// The image that a policy chose and no workload runs, though the automation says that all is written.
fn unwritten(snapshot: &Snapshot, automation: &Thing) -> Option<String> {
    let is_done = automation
        .condition("Ready")
        .is_some_and(|one| one.status == "True" && one.message.contains("up-to-date"));
    let policies = snapshot.things.iter().filter(|thing| {
        thing.kind == "ImagePolicy" && thing.namespace == automation.namespace && is_done
    });
    let chosen = policies.filter_map(|policy| {
        let latest = |key: &str| policy.text(&["status", "latestRef", key]);
        match (latest("name"), latest("tag")) {
            ("", _) => policy.text(&["status", "latestImage"]).rsplit_once(':'),
            pair => Some(pair),
        }
    });
    let images: Vec<&str> = snapshot.things.iter().flat_map(images).collect();
    let mut behind = chosen.filter(|(name, tag)| {
        let runs = |image: &&&str| repository(image) == *name;
        let has_tag = |image: &&str| image.contains(tag);
        images.iter().any(|image| runs(&image))
            && !images.iter().filter(runs).copied().any(|image| has_tag(&image))
    });
    behind.next().map(|(name, tag)| format!("{name}:{tag}"))
}

/// The images of a workload.
fn images(thing: &Thing) -> Vec<&str> {
    let workloads = ["Deployment", "StatefulSet", "DaemonSet"];
    if !workloads.contains(&thing.kind.as_str()) {
        return Vec::new();
    }
    let containers = thing.list(&["spec", "template", "spec", "containers"]);
    containers.iter().map(|container| text(container, &["image"])).collect()
}

/// A reference without tag and digest.
fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

/// The Task of a failed run, if Flux replaces variables in it.
fn substituted<'a>(snapshot: &'a Snapshot, thing: &'a Thing) -> Option<&'a Thing> {
    let task = match thing.kind.as_str() {
        "Task" => return None,
        _ => snapshot.find("Task", &thing.namespace, thing.text(&["spec", "taskRef", "name"]))?,
    };
    let has_failed = thing.condition("Succeeded").is_some_and(|one| one.status == "False");
    let by = task.label("kustomize.toolkit.fluxcd.io/name");
    let kustomization = snapshot.things.iter().find(|one| {
        one.kind == "Kustomization"
            && one.name == by
            && one.body.pointer("/spec/postBuild").is_some()
    })?;
    let annotation = ["metadata", "annotations", "kustomize.toolkit.fluxcd.io/substitute"];
    let is_off = task.text(&annotation) == "disabled";
    let has_script =
        task.list(&["spec", "steps"]).iter().any(|step| !text(step, &["script"]).is_empty());
    (has_failed && !is_off && has_script && !kustomization.name.is_empty()).then_some(task)
}

/// Why no pod answers for a Service, if pods of its namespace are known.
fn without_pods(snapshot: &Snapshot, service: &Thing) -> Option<String> {
    let selector = map(&service.body, &["spec", "selector"]).filter(|all| !all.is_empty())?;
    let pods = || {
        let near = |thing: &&Thing| thing.namespace == service.namespace && thing.kind == "Pod";
        snapshot.things.iter().filter(near)
    };
    let known = pods().count();
    let fits = |pod: &&Thing| {
        selector.iter().all(|(key, value)| pod.label(key) == value.as_str().unwrap_or_default())
    };
    let chosen: Vec<&Thing> = pods().filter(fits).collect();
    if known == 0 {
        return None;
    }
    if chosen.is_empty() {
        let labels: Vec<String> = selector
            .iter()
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        return Some(format!("no pod has the labels {}", labels.join(", ")));
    }
    let ports = list(&service.body, &["spec", "ports"]).iter();
    let mut named = ports.filter_map(|port| port.get("targetPort").and_then(Value::as_str));
    let has = |pod: &&Thing, name: &str| {
        let containers = pod.list(&["spec", "containers"]).iter();
        let mut ports = containers.flat_map(|container| list(container, &["ports"]));
        ports.any(|port| text(port, &["name"]) == name)
    };
    if let Some(name) = named.find(|name| !chosen.iter().any(|pod| has(pod, name))) {
        return Some(format!("no pod has a port named `{name}`"));
    }
    let ready = |pod: &Thing| pod.condition("Ready").is_some_and(|one| one.status == "True");
    (!chosen.iter().any(|pod| ready(pod)))
        .then(|| format!("none of its {} pods is ready", chosen.len()))
}

/// How the image that runs came to differ from the one that Git has.
fn other_image(snapshot: &Snapshot, workload: &Thing) -> Option<String> {
    let managers = workload.list(&["metadata", "managedFields"]).iter();
    let sets_image = |entry: &&Value| {
        let fields = entry.get("fieldsV1").map(Value::to_string).unwrap_or_default();
        let manager = text(entry, &["manager"]);
        fields.contains("\"f:image\"") && (manager == "kubectl-set" || manager == "kubectl-edit")
    };
    if let Some(entry) = { managers }.find(sets_image) {
        let manager = text(entry, &["manager"]);
        return Some(format!("`{manager}` set the image, past Git"));
    }
    if !workload.is(&["spec", "paused"]) {
        return None;
    }
    let wanted = images(workload);
    let runs = snapshot.things.iter().filter(|thing| {
        thing.kind == "Pod"
            && thing.namespace == workload.namespace
            && thing.name.starts_with(&format!("{}-", workload.name))
    });
    let containers = runs.flat_map(|pod| pod.list(&["spec", "containers"]));
    let mut others =
        containers.map(|one| text(one, &["image"])).filter(|one| !wanted.contains(one));
    others
        .next()
        .map(|image| format!("the rollout is paused (`spec.paused`), and `{image}` still runs"))
}
