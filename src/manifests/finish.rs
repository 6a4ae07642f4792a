//! What holds for every object, after templates and patches: labels, annotations, the order of keys.

use sha2::{Digest, Sha256};

use super::files::Placed;
use crate::kubernetes::{Object, is_namespaced};
use crate::model::App;
use crate::yaml::{Key, Map, Value};

/// Kinds whose texts Flux must not substitute: `$(…)` and `${…}` in them are meant for others.
const NOT_SUBSTITUTED: [&str; 6] =
    ["Task", "Pipeline", "PipelineRun", "TriggerTemplate", "ConfigMap", "PrometheusRule"];

/// Rolls the pods when their files change: the hash of the ConfigMap goes into the pod template of the same program.
pub(super) fn hash_files(placed: &mut [Placed]) {
    let is_files = |p: &&Placed| p.file.is_workload() && p.object.kind() == "ConfigMap";
    let hashes: Vec<(usize, String)> = placed
        .iter()
        .filter(is_files)
        .map(|p| {
            let parts = ["data", "binaryData"].into_iter().filter_map(|key| p.object.at(&[key]));
            let text: String = parts.map(Value::canonical_json).collect();
            (p.program, hex(&Sha256::digest(text), 16))
        })
        .collect();
    for (program, hash) in hashes {
        for placed in placed.iter_mut().filter(|placed| placed.program == program) {
            if let Some(template) = pod_template(placed) {
                template
                    .map_at("metadata")
                    .map_at("annotations")
                    .insert("gitops-gen.dev/files", hash.as_str());
            }
        }
    }
}

/// The digits of a hash behind the name of a Job.
const JOB_DIGITS: usize = 10;

/// A Job cannot be changed, only followed by another: so its name says what it runs. Its leftovers go when Flux prunes it; a time to
/// live would let Flux start it again.
pub(super) fn name_jobs(placed: &mut [Placed]) {
    for Placed { object, .. } in placed.iter_mut().filter(|placed| is_job(placed)) {
        let Some(spec) = object.at(&["spec"]) else { continue };
        let hash = hex(&Sha256::digest(spec.canonical_json()), JOB_DIGITS);
        let name = format!("{}-{hash}", object.name());
        object.metadata_mut().insert("name", name);
    }
}

/// Its name as patches call it.
pub(super) fn name_without_hash(placed: &Placed) -> &str {
    let name = placed.object.name();
    if is_job(placed) { &name[..name.len().saturating_sub(JOB_DIGITS + 1)] } else { name }
}

fn is_job(placed: &Placed) -> bool {
    placed.file.is_workload() && placed.object.kind() == "Job"
}

/// The labels and annotations that the spec gives an object, and the recommended labels. Patches come after this: they choose
/// their objects by what stands in the tree, and what they change of it stays changed.
///
/// A template of the user's may leave the namespace out; Flux would then refuse the folder that the object is in.
pub(super) fn mark(app: &App, placed: &mut Placed) {
    let component = app.process.as_deref().unwrap_or(placed.file.component());
    let file = placed.file;
    let object = &mut placed.object;
    if object.namespace().is_none() && is_namespaced(object.api_version(), object.kind()) {
        let namespace = file.namespace(app);
        object.metadata_mut().insert("namespace", namespace);
    }
    let kind = object.kind().to_owned();
    let add = |metadata: &mut Map, kind: &str| {
        let labels = metadata.map_at("labels");
        for (key, value) in &app.labels {
            labels.insert(key.clone(), value.as_str());
        }
        of_kind(app, metadata, kind);
        label(metadata, app, component);
    };
    add(object.metadata_mut(), &kind);
    let has_pods = pod_template(placed)
        .map(|template| {
            let metadata = template.map_at("metadata");
            // Pods that are live keep their labels: with others they would be replaced.
            if app.selector.is_empty() {
                add(metadata, "Pod");
            } else {
                of_kind(app, metadata, "Pod");
            }
        })
        .is_some();
    if has_pods && file.is_workload() {
        for (key, value) in &app.annotations {
            placed.object.annotate(key, value);
        }
    }
}

/// The labels and annotations that the spec gives the objects of a kind.
fn of_kind(app: &App, metadata: &mut Map, kind: &str) {
    for own in app.metadata.iter().filter(|own| own.kind == kind) {
        for (key, pairs) in [("labels", &own.labels), ("annotations", &own.annotations)] {
            for (name, value) in pairs {
                metadata.map_at(key).insert(name.clone(), value.as_str());
            }
        }
    }
}

/// The kinds that labels and annotations can be given to: those of these objects, and `Pod` where one makes pods.
pub(super) fn kinds(placed: &mut [Placed]) -> impl Iterator<Item = String> {
    placed.iter_mut().flat_map(|placed| {
        let kind = placed.object.kind().to_owned();
        let pods = pod_template(placed).is_some().then(|| "Pod".to_owned());
        pods.into_iter().chain([kind])
    })
}

/// What no patch takes away: gen's own labels, and what Flux is told by annotations.
pub(super) fn finish(app: &App, placed: &mut Placed) {
    let component = app.process.as_deref().unwrap_or(placed.file.component());
    label(placed.object.metadata_mut(), app, component);
    if let Some(template) = pod_template(placed)
        && app.selector.is_empty()
    {
        label(template.map_at("metadata"), app, component);
    }
    let object = &mut placed.object;
    if NOT_SUBSTITUTED.contains(&object.kind()) {
        object.annotate("kustomize.toolkit.fluxcd.io/substitute", "disabled");
    }
    object.order_keys();
}

fn label(metadata: &mut Map, app: &App, component: &str) {
    let labels = metadata.map_at("labels");
    let own: [(&'static str, &str); 5] = [
        ("app.kubernetes.io/name", &app.label),
        ("app.kubernetes.io/instance", &app.instance),
        ("app.kubernetes.io/component", component),
        ("app.kubernetes.io/managed-by", "gitops-gen"),
        ("gitops-gen.dev/environment", &app.environment),
    ];
    for (key, value) in own {
        if labels.get(key).and_then(Value::as_str) != Some(value) {
            labels.insert(Key::new_static(key), value);
        }
    }
    labels.sort();
}

/// Labels of what belongs to an environment and to no app.
pub(super) fn finish_shared(environment: &str, object: &mut Object) {
    let labels = object.metadata_mut().map_at("labels");
    labels.insert("app.kubernetes.io/managed-by", "gitops-gen");
    labels.insert("gitops-gen.dev/environment", environment);
    labels.sort();
    object.order_keys();
}

/// The template of the pods, where the object has one.
fn pod_template(placed: &mut Placed) -> Option<&mut Map> {
    let is_ours = placed.file.is_workload();
    let object = &mut placed.object;
    let path: &[&str] = match object.kind() {
        "Deployment" | "StatefulSet" => &["spec", "template"],
        // The template of a raw Job cannot be changed once it is there, and that of a raw DaemonSet was never labelled.
        "DaemonSet" | "Job" if is_ours => &["spec", "template"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        _ => return None,
    };
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(object.body_mut().get_mut(first)?, |value, key| value.as_map_mut()?.get_mut(key))
        .and_then(Value::as_map_mut)
}

/// The first digits of a hash.
pub(super) fn hex(bytes: &[u8], digits: usize) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.truncate(digits);
    out
}
