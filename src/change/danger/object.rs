//! What a change does to one object, and through it to what hangs on it.

use serde_json::Value;

use super::level::Level::{self, Caution, Danger};
use super::power;
use crate::change::live::{GROUP, RECREATED};
use crate::change::{Change, Class};
use crate::kubernetes::Identity;
use crate::kubernetes::json::{at, text};

/// A level, and what happens.
type Found = (Level, String);

/// What the change of an object does.
pub(super) fn dangers(change: &Change) -> Vec<Found> {
    match (change.class, &change.before, &change.after) {
        (Class::Pruned, before, _) => {
            pruned(change, before.as_ref().unwrap_or(&Value::Null)).into_iter().collect()
        }
        (Class::Blocked, ..) => {
            vec![(
                Danger,
                "it is refused, and Flux then applies nothing that comes with it".to_owned(),
            )]
        }
        (Class::Created, _, Some(after)) => {
            let opens = exposed(&Value::Null, after).map(|what| (Caution, what));
            let power = power::over_node(None, after).map(|what| (Danger, what));
            power.into_iter().chain(opens).collect()
        }
        (Class::Changed, Some(before), Some(after)) => changed(change, before, after),
        _ => Vec::new(),
    }
}

/// Whether pods stop with it.
pub(super) fn is_workload(identity: &Identity) -> bool {
    identity.group == "apps"
        && ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]
            .contains(&identity.kind.as_str())
}

fn pruned(change: &Change, before: &Value) -> Option<Found> {
    let identity = &change.identity;
    let (level, what) = match (identity.group.as_str(), identity.kind.as_str()) {
        ("", "Namespace") => (Danger, "everything in it is deleted, volumes too"),
        ("", "PersistentVolumeClaim") => (
            Danger,
            "the claim is deleted, and its data unless the volume's reclaim policy is Retain",
        ),
        ("", "PersistentVolume") => (Danger, "the volume is deleted"),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            (Danger, "every object of the kind is deleted, in all namespaces")
        }
        ("apps", "StatefulSet") if deletes(before, "whenDeleted") => {
            (Danger, "its pods stop, and their claims are deleted with their data")
        }
        ("apps", "StatefulSet") => (Danger, "its pods stop; their claims stay"),
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet") => (Danger, "its pods stop"),
        ("batch", "CronJob") => (Caution, "it no longer runs"),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => (Danger, "the release is uninstalled"),
        (GROUP, "Kustomization") => kustomization(before),
        ("", "Service") => (Danger, "its callers no longer reach it"),
        ("networking.k8s.io", "Ingress")
        | ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute") => {
            (Danger, "its hosts and paths are no longer served")
        }
        ("", "Secret") => (Caution, "pods that use it no longer start"),
        ("networking.k8s.io", "NetworkPolicy") => (Caution, "traffic that it kept out is let in"),
        ("policy", "PodDisruptionBudget") => (Caution, "all its pods may be evicted at once"),
        ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => {
            (Caution, "the number of pods no longer follows the load")
        }
        ("admissionregistration.k8s.io", _) => (Caution, "what it refused is admitted"),
        ("monitoring.coreos.com", "PrometheusRule")
        | ("notification.toolkit.fluxcd.io", "Alert") => {
            (Caution, "nobody hears its alerts any more")
        }
        (group, _) if is_foreign(group) => {
            (Caution, "gen does not know what its operator deletes with it")
        }
        _ => return None,
    };
    Some((level, what.to_owned()))
}

/// Whether a group is none of Kubernetes', Tekton's and Flux's own, whose kinds keep no data but for those named above. An operator's
/// may be a database.
fn is_foreign(group: &str) -> bool {
    const OWN: [&str; 3] = ["k8s.io", "tekton.dev", "fluxcd.io"];
    let is_own = OWN.iter().any(|own| {
        group.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    group.contains('.') && !is_own
}

/// What the deletion of a Kustomization does with what it applied (KC, `finalize`: by default as `prune` says).
fn kustomization(before: &Value) -> (Level, &'static str) {
    let prunes = at(before, &["spec", "prune"]) == Some(&Value::Bool(true));
    match text(before, &["spec", "deletionPolicy"]) {
        "Delete" | "WaitForTermination" => (Danger, "Flux deletes all that it applied"),
        "" | "MirrorPrune" if prunes => (Danger, "Flux deletes all that it applied"),
        _ => (Caution, "nothing applies its objects any more"),
    }
}

/// Whether a StatefulSet's claims are deleted on an occasion.
fn deletes(set: &Value, occasion: &str) -> bool {
    text(set, &["spec", "persistentVolumeClaimRetentionPolicy", occasion]) == "Delete"
}

fn changed(change: &Change, before: &Value, after: &Value) -> Vec<Found> {
    let mut all = Vec::new();
    let kind = change.identity.kind.as_str();
    if change.reason.as_deref() == Some(RECREATED) {
        let data = if kind == "PersistentVolumeClaim" { ", and its data is lost" } else { "" };
        all.push((Danger, format!("it is deleted and created anew{data}")));
    }
    all.extend(scaled(before, after).map(|what| (Danger, what)));
    if deletes(after, "whenDeleted") && !deletes(before, "whenDeleted")
        || deletes(after, "whenScaled") && !deletes(before, "whenScaled")
    {
        all.push((Caution, "from now on its claims are deleted with their pods".to_owned()));
    }
    let is_on = |body: &Value, key: &str| at(body, &["spec", key]) == Some(&Value::Bool(true));
    if is_on(after, "suspend") && !is_on(before, "suspend") {
        all.push((Caution, "it is suspended".to_owned()));
    }
    if change.identity.group == GROUP && is_on(before, "prune") && !is_on(after, "prune") {
        all.push((Caution, "what leaves its folder stays in the cluster".to_owned()));
    }
    all.extend(relaxed(before, after).map(|what| (Caution, what)));
    all.extend(exposed(before, after).map(|what| (Caution, what)));
    all.extend(power::over_node(Some(before), after).map(|what| (Danger, what)));
    all
}

/// What fewer replicas stop or delete. A number that is not there is an autoscaler's.
fn scaled(before: &Value, after: &Value) -> Option<String> {
    let of = |body: &Value| at(body, &["spec", "replicas"]).and_then(Value::as_u64);
    let (old, new) = (of(before), of(after)?);
    if new == 0 && old != Some(0) {
        let data = if deletes(after, "whenScaled") { ", and their claims are deleted" } else { "" };
        return Some(format!("all its pods stop (`replicas: 0`){data}"));
    }
    let fewer = old?.checked_sub(new).filter(|fewer| *fewer > 0)?;
    deletes(after, "whenScaled").then(|| match fewer {
        1 => "the claims of 1 pod go with it, and their data".to_owned(),
        _ => format!("the claims of {fewer} pods go with them, and their data"),
    })
}

/// A namespace that admits more pods than before.
fn relaxed(before: &Value, after: &Value) -> Option<String> {
    const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];
    const KEY: &str = "pod-security.kubernetes.io/enforce";
    let level = |body: &Value| {
        let found = text(body, &["metadata", "labels", KEY]);
        LEVELS.iter().position(|level| *level == found).unwrap_or(0)
    };
    let (old, new) = (level(before), level(after));
    (new < old).then(|| format!("it admits {} pods, no longer only {}", LEVELS[new], LEVELS[old]))
}

/// A Service that the world reaches, and did not before.
fn exposed(before: &Value, after: &Value) -> Option<String> {
    let is_service = text(after, &["kind"]) == "Service" && text(after, &["apiVersion"]) == "v1";
    let of = |body| text(body, &["spec", "type"]);
    let is_open = |kind: &str| ["LoadBalancer", "NodePort"].contains(&kind);
    let (old, new) = (of(before), of(after));
    (is_service && is_open(new) && !is_open(old))
        .then(|| format!("it is reachable from outside the cluster (`{new}`)"))
}
