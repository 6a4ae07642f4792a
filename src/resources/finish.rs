//! What holds for every object, after templates and patches: labels, annotations, the order of keys.

use sha2::{Digest, Sha256};

use super::files::{File, Placed};
use crate::model::App;
use crate::resource::{Object, is_namespaced};
use crate::yaml::{Key, Map, Value};

/// Kinds whose texts Flux must not substitute: `$(…)` and `${…}` in them are meant for others.
const NOT_SUBSTITUTED: [&str; 6] = [
    "Task",
    "Pipeline",
    "PipelineRun",
    "TriggerTemplate",
    "ConfigMap",
    "PrometheusRule",
];

/// What the marks on an app's objects say.
pub(super) struct Marks<'a> {
    /// Whose objects they are: for the namespace of one that names none.
    pub(super) app: &'a App,
    pub(super) name: &'a str,
    pub(super) instance: &'a str,
    pub(super) environment: &'a str,
    /// The spec's own.
    pub(super) labels: &'a [(String, String)],
    pub(super) annotations: &'a [(String, String)],
}

impl<'a> Marks<'a> {
    pub(super) fn of(app: &'a App) -> Self {
        Self {
            app,
            name: &app.name,
            instance: &app.instance,
            environment: &app.environment,
            labels: &app.labels,
            annotations: &app.annotations,
        }
    }
}

/// Rolls the pods when their files change: the hash of the ConfigMap goes into the pod template.
pub(super) fn hash_files(placed: &mut [Placed]) {
    let config = placed
        .iter()
        .find(|p| p.file == File::Workload && p.object.kind() == "ConfigMap");
    let Some(data) = config.and_then(|p| p.object.at(&["data"])) else {
        return;
    };
    let hash = hex(&Sha256::digest(data.canonical_json()), 16);
    for Placed { object, .. } in placed.iter_mut() {
        if let Some(template) = pod_template(object) {
            template
                .map_at("metadata")
                .map_at("annotations")
                .insert("gitops-gen.dev/files", hash.as_str());
        }
    }
}

/// The labels and annotations that the spec gives an object, and the recommended labels. Patches come after this: they choose
/// their objects by what stands in the tree, and what they change of it stays changed.
///
/// A template of the user's may leave the namespace out; Flux would then refuse the folder that the object is in.
pub(super) fn mark(marks: &Marks<'_>, placed: &mut Placed) {
    let component = placed.file.component();
    let object = &mut placed.object;
    if object.namespace().is_none() && is_namespaced(object.kind()) {
        let namespace = placed.file.namespace(marks.app);
        object.metadata_mut().insert("namespace", namespace);
    }
    let add = |metadata: &mut Map| {
        let labels = metadata.map_at("labels");
        for (key, value) in marks.labels {
            labels.insert(key.clone(), value.as_str());
        }
        label(metadata, marks, component);
    };
    add(object.metadata_mut());
    if let Some(template) = pod_template(object) {
        add(template.map_at("metadata"));
    }
    if !marks.annotations.is_empty()
        && placed.file == File::Workload
        && pod_template(object).is_some()
    {
        for (key, value) in marks.annotations {
            object.annotate(key, value);
        }
    }
}

/// What no patch takes away: gen's own labels, and what Flux is told by annotations.
pub(super) fn finish(marks: &Marks<'_>, placed: &mut Placed) {
    let component = placed.file.component();
    let object = &mut placed.object;
    label(object.metadata_mut(), marks, component);
    if let Some(template) = pod_template(object) {
        label(template.map_at("metadata"), marks, component);
    }
    if NOT_SUBSTITUTED.contains(&object.kind()) {
        object.annotate("kustomize.toolkit.fluxcd.io/substitute", "disabled");
    }
    object.order_keys();
}

fn label(metadata: &mut Map, marks: &Marks<'_>, component: &str) {
    let labels = metadata.map_at("labels");
    let own: [(&'static str, &str); 5] = [
        ("app.kubernetes.io/name", marks.name),
        ("app.kubernetes.io/instance", marks.instance),
        ("app.kubernetes.io/component", component),
        ("app.kubernetes.io/managed-by", "gitops-gen"),
        ("gitops-gen.dev/environment", marks.environment),
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

/// Where the template of the pods stands, in an object of a kind that has one.
pub(super) fn pod_template_path(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Deployment" | "StatefulSet" => Some(&["spec", "template"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

/// The template of the pods, where the object has one.
fn pod_template(object: &mut Object) -> Option<&mut Map> {
    let (first, rest) = pod_template_path(object.kind())?.split_first()?;
    rest.iter()
        .try_fold(object.body_mut().get_mut(first)?, |value, key| {
            value.as_map_mut()?.get_mut(key)
        })
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
