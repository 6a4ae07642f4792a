//! Where the cause of an object's failure may be: the objects below it, the likeliest first.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::diagnose::fact::failed_at;
use crate::diagnose::signature::Hit;
use crate::diagnose::snapshot::{Snapshot, Thing};
use crate::kubernetes::json::text;

/// The objects in the message of a health check: `Deployment/shop/web status: 'InProgress'`.
static WAITED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?P<kind>[A-Z]\w+)/(?:(?P<namespace>[\w.-]+)/)?(?P<name>[\w.-]+) status: ").ok()
});

/// The objects below an object that failed or does not go on.
pub(super) fn below<'a>(
    snapshot: &'a Snapshot,
    ghosts: &'a [Thing],
    thing: &'a Thing,
    hits: &[Hit],
) -> Vec<&'a Thing> {
    let near = Near { snapshot, ghosts, thing };
    match thing.kind.as_str() {
        "PipelineRun" => near.of_run(),
        "TaskRun" => near.of_task(),
        "Pod" => near.of_pod(hits),
        "Kustomization" => near.of_kustomization(hits),
        "HelmRelease" => near.of_release(),
        "ImageUpdateAutomation" => near.source(&["spec", "sourceRef"]).into_iter().collect(),
        "ImagePolicy" => {
            let reference = |key: &str| thing.text(&["spec", "imageRepositoryRef", key]);
            let namespace = or(reference("namespace"), &thing.namespace);
            near.find("ImageRepository", namespace, reference("name")).into_iter().collect()
        }
        "EventListener" => {
            let named = thing.text(&["status", "configuration", "generatedName"]);
            let usual = format!("el-{}", thing.name);
            near.find("Deployment", &thing.namespace, or(named, &usual)).into_iter().collect()
        }
        "Deployment" => near.of_deployment(),
        "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            let pods: Vec<&Thing> = snapshot.owned(thing, "Pod").collect();
            if pods.is_empty() { near.selected("/spec/selector/matchLabels") } else { pods }
        }
        "CronJob" => snapshot.owned(thing, "Job").collect(),
        "Service" => near.selected("/spec/selector"),
        _ => Vec::new(),
    }
}

/// An object with what is around it.
struct Near<'a> {
    snapshot: &'a Snapshot,
    ghosts: &'a [Thing],
    thing: &'a Thing,
}

impl<'a> Near<'a> {
    /// An object, known from itself or only from its events.
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&'a Thing> {
        let is_it =
            |one: &&Thing| one.kind == kind && one.name == name && one.namespace == namespace;
        self.snapshot.find(kind, namespace, name).or_else(|| self.ghosts.iter().find(is_it))
    }

    fn owned(&self, kind: &'static str) -> impl Iterator<Item = &'a Thing> {
        self.snapshot.owned(self.thing, kind)
    }

    /// The source that a reference names.
    fn source(&self, path: &[&str]) -> Option<&'a Thing> {
        let part = |key: &'static str| {
            let keys: Vec<&str> = path.iter().copied().chain([key]).collect();
            self.thing.text(&keys)
        };
        self.find(part("kind"), or(part("namespace"), &self.thing.namespace), part("name"))
    }

    fn of_run(&self) -> Vec<&'a Thing> {
        let run = self.thing;
        let is_child = |one: &&Thing| {
            ["TaskRun", "CustomRun", "PipelineRun"].contains(&one.kind.as_str())
                && (one.is_owned_by(run)
                    || (one.label("tekton.dev/pipelineRun") == run.name
                        && one.namespace == run.namespace))
        };
        let mut children: Vec<&Thing> = self.snapshot.things.iter().filter(is_child).collect();
        // The first that failed is the culprit; what has not failed comes last.
        children.sort_by_key(|one| {
            let at = failed_at(one);
            (at.is_none(), at, one.created(), one.name.clone())
        });
        for kind in ["ResolutionRequest", "PersistentVolumeClaim", "StatefulSet"] {
            children.extend(self.owned(kind));
        }
        children
    }

    fn of_task(&self) -> Vec<&'a Thing> {
        let name = self.thing.text(&["status", "podName"]);
        let pod = self.find("Pod", &self.thing.namespace, name);
        let mut all: Vec<&Thing> = pod.into_iter().collect();
        all.extend(self.owned("Pod").filter(|one| pod.is_none_or(|pod| pod.name != one.name)));
        all.extend(self.owned("ResolutionRequest"));
        all
    }

    fn of_pod(&self, hits: &[Hit]) -> Vec<&'a Thing> {
        let namespace = &self.thing.namespace;
        let volumes = self.thing.list(&["spec", "volumes"]).iter();
        let claims = volumes.map(|one| text(one, &["persistentVolumeClaim", "claimName"]));
        let mut all: Vec<&Thing> =
            claims.filter_map(|name| self.find("PersistentVolumeClaim", namespace, name)).collect();
        // Without a body, any claim of the namespace that waits may be it.
        if all.is_empty() && hits.iter().any(|hit| hit.signature.id == "G8d") {
            let waits = |one: &&Thing| {
                one.kind == "PersistentVolumeClaim"
                    && one.namespace == *namespace
                    && one.text(&["status", "phase"]) != "Bound"
            };
            all.extend(self.snapshot.things.iter().chain(self.ghosts).filter(waits));
        }
        all
    }

    fn of_kustomization(&self, hits: &[Hit]) -> Vec<&'a Thing> {
        let thing = self.thing;
        let waited = waited(hits);
        let mut all: Vec<&Thing> =
            waited.iter().filter_map(|(kind, of, name)| self.find(kind, of, name)).collect();
        let needs = thing.list(&["spec", "dependsOn"]).iter();
        all.extend(needs.filter_map(|one| {
            let of = or(text(one, &["namespace"]), &thing.namespace);
            self.find("Kustomization", of, text(one, &["name"]))
        }));
        all.extend(self.source(&["spec", "sourceRef"]));
        let has_run = hits.iter().any(|hit| hit.signature.id == "D33");
        all.extend(self.snapshot.things.iter().filter(|one| {
            has_run
                && one.kind == "PipelineRun"
                && one.label("kustomize.toolkit.fluxcd.io/name") == thing.name
        }));
        all
    }

    fn of_release(&self) -> Vec<&'a Thing> {
        let name = &self.thing.name;
        let mut all: Vec<&Thing> = self.owned("HelmChart").collect();
        all.extend(self.source(&["spec", "chart", "spec", "sourceRef"]));
        all.extend(self.snapshot.things.iter().filter(|one| {
            one.label("helm.toolkit.fluxcd.io/name") == name && one.kind != "HelmRelease"
        }));
        all
    }

    fn of_deployment(&self) -> Vec<&'a Thing> {
        let revision = |set: &&Thing| {
            let key = ["metadata", "annotations", "deployment.kubernetes.io/revision"];
            set.text(&key).parse::<u64>().unwrap_or_default()
        };
        // Only the newest ReplicaSet counts; the older ones may be well.
        match self.owned("ReplicaSet").max_by_key(revision) {
            Some(set) => vec![set],
            None => self.selected("/spec/selector/matchLabels"),
        }
    }

    /// The pods that a selector chooses.
    fn selected(&self, at: &str) -> Vec<&'a Thing> {
        let labels = self.thing.body.pointer(at).and_then(Value::as_object);
        let Some(labels) = labels.filter(|labels| !labels.is_empty()) else { return Vec::new() };
        let fits = |pod: &&Thing| {
            pod.kind == "Pod"
                && pod.namespace == self.thing.namespace
                && labels.iter().all(|(key, value)| Some(pod.label(key)) == value.as_str())
        };
        self.snapshot.things.iter().filter(fits).collect()
    }
}

/// Kind, namespace and name of what a health check waited for.
fn waited(hits: &[Hit]) -> Vec<(String, String, String)> {
    let Some(pattern) = &*WAITED else { return Vec::new() };
    let messages = hits
        .iter()
        .filter(|hit| hit.signature.reasons.iter().any(|one| one == "HealthCheckFailed"));
    messages
        .flat_map(|hit| pattern.captures_iter(&hit.fact.message))
        .map(|found| {
            let part = |name: &str| found.name(name).map_or("", |part| part.as_str()).to_owned();
            (part("kind"), part("namespace"), part("name"))
        })
        .collect()
}

fn or<'t>(text: &'t str, otherwise: &'t str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}
