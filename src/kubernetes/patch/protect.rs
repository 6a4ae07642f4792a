//! Fields that a patch cannot change: identity, ownership, and the pinned image.
//!
//! Identity ties an object to its record and to what Flux prunes; ownership to the app and to the workload that selects by
//! labels; a pinned image to the promotion that chose it. A patch that changed one of them would be undone silently, or
//! break far from here, so it is rejected by comparing the object before and after: how a patch is written does not matter.

use super::path::Step;
use crate::kubernetes::split_api;
use crate::yaml::{Map, Value};

/// A protected field changed by a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Breach {
    /// The field, for the message.
    pub what: String,
    /// The right way to change it.
    pub hint: &'static str,
    /// Its path in the object.
    pub path: Vec<Step>,
}

const IDENTITY: [&[&str]; 5] = [
    &["apiVersion"],
    &["kind"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "generateName"],
];

const OWNERSHIP: [&[&str]; 2] = [&["metadata", "ownerReferences"], &["metadata", "managedFields"]];

/// What Flux applies, from where and as whom. Whatever changes objects on their way to the cluster would also make the tree, and so
/// `gen diff`, tell something else than what is applied.
const OF_KUSTOMIZATION: [&str; 14] = [
    "path",
    "sourceRef",
    "serviceAccountName",
    "prune",
    "targetNamespace",
    "namePrefix",
    "nameSuffix",
    "commonMetadata",
    "patches",
    "images",
    "components",
    "postBuild",
    "kubeConfig",
    "buildMetadata",
];

/// Paths of labels that other objects select by.
const LABELLED: [&[&str]; 4] = [
    &["metadata"],
    &["spec", "template", "metadata"],
    &["spec", "jobTemplate", "metadata"],
    &["spec", "jobTemplate", "spec", "template", "metadata"],
];

const LABELS: [&str; 4] = [
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/part-of",
];

const WORKLOADS: [&str; 6] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"];

const OWN: &str = "gitops-gen.dev/";
const FLUX: &str = "kustomize.toolkit.fluxcd.io/";

/// What of Flux's prefix is a user's to set. How Flux applies one object (`ssa: Merge` beside another manager, `force` for an
/// immutable field, `reconcile: disabled` to take an object out of Flux's hands for a while) is an operator's decision about
/// that object, and there is no other place to make it. The rest is not: `prune` decides what disappears, which is for
/// `onRemove` and `--forget`, `substitute` keeps scripts from being rewritten, `name` and `namespace` are Flux's own marks.
const FLUX_SETTINGS: [&str; 3] = ["ssa", "force", "reconcile"];

const IN_SPEC: &str = "change it in the spec, so that gen can update all references";
const BY_PIN: &str = "change the pin in environments/NAME.pins.yaml";

/// All protected fields that differ between an object before and after a patch.
pub(super) fn breaches(before: &Value, after: &Value, pinned_image: Option<&str>) -> Vec<Breach> {
    let mut found = Vec::new();
    let kind = before.str_at(&["kind"]).unwrap_or_default();
    let group = split_api(before.str_at(&["apiVersion"]).unwrap_or_default()).0;
    let mut fixed: Vec<&[&str]> = [&IDENTITY[..], &OWNERSHIP[..]].concat();
    if WORKLOADS.contains(&kind) {
        fixed.push(&["spec", "selector"]);
    }
    let of_flux: Vec<[&str; 2]> = match (kind, group) {
        ("Kustomization", "kustomize.toolkit.fluxcd.io") => {
            fixed.push(&["metadata", "finalizers"]);
            OF_KUSTOMIZATION.map(|key| ["spec", key]).to_vec()
        }
        ("GitRepository", "source.toolkit.fluxcd.io") => vec![["spec", "url"], ["spec", "ref"]],
        _ => Vec::new(),
    };
    fixed.extend(of_flux.iter().map(|keys| &keys[..]));
    for keys in fixed {
        if before.at(keys) != after.at(keys) {
            found.push(Breach {
                what: format!("`{}`", keys.join(".")),
                hint: IN_SPEC,
                path: steps(keys),
            });
        }
    }
    // A run in Git depends on its own `ssa: IfNotPresent`: with another value Flux would patch a run that has started.
    let is_run = group == "tekton.dev" && kind.ends_with("Run");
    for place in LABELLED {
        for (field, what) in [("labels", "label"), ("annotations", "annotation")] {
            let keys = [place, &[field]].concat();
            let map = |object: &Value| object.at(&keys).and_then(Value::as_map).cloned();
            let (old, new) = (map(before).unwrap_or_default(), map(after).unwrap_or_default());
            for key in changed(&old, &new) {
                if is_owned(key, field) && (is_run || !is_flux_setting(key)) {
                    found.push(Breach {
                        what: format!("the {what} `{key}`"),
                        hint: IN_SPEC,
                        path: [steps(&keys), steps(&[key])].concat(),
                    });
                }
            }
        }
    }
    if let Some(image) = pinned_image {
        found.extend(lost_images(before, after, image));
    }
    found
}

fn steps(keys: &[&str]) -> Vec<Step> {
    keys.iter().map(|key| Step::Key((*key).to_owned())).collect()
}

/// Keys that were added, removed or changed.
fn changed<'m>(old: &'m Map, new: &'m Map) -> Vec<&'m str> {
    let added = new.keys().filter(|key| !old.contains_key(key));
    let other = old.keys().filter(|key| old.get(key) != new.get(key));
    other.chain(added).collect()
}

fn is_owned(key: &str, field: &str) -> bool {
    (field == "labels" && LABELS.contains(&key)) || key.starts_with(OWN) || key.starts_with(FLUX)
}

fn is_flux_setting(key: &str) -> bool {
    key.strip_prefix(FLUX).is_some_and(|name| FLUX_SETTINGS.contains(&name))
}

/// The places of a pinned image that are gone or hold another image. Items of lists are known by their names, so that a
/// container may move when another comes before it.
fn lost_images(before: &Value, after: &Value, image: &str) -> Vec<Breach> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    find_image(before, image, &mut Vec::new(), &mut old);
    find_image(after, image, &mut Vec::new(), &mut new);
    let mut lost = Vec::new();
    for path in old {
        if let Some(index) = new.iter().position(|other| *other == path) {
            new.swap_remove(index);
        } else {
            lost.push(Breach { what: format!("the pinned image `{image}`"), hint: BY_PIN, path });
        }
    }
    lost
}

fn find_image(value: &Value, image: &str, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match value {
        Value::Map(map) => {
            for (key, value) in map.iter() {
                path.push(Step::Key(key.to_owned()));
                if key == "image" && value.as_str() == Some(image) {
                    found.push(path.clone());
                }
                find_image(value, image, path, found);
                path.pop();
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item.str_at(&["name"]).map(ToOwned::to_owned);
                path.push(Step::Item(name.unwrap_or_else(|| index.to_string())));
                find_image(item, image, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}
