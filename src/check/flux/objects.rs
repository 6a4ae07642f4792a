//! Flux's objects by themselves, and what is in Git beside them.

use super::rules::{
    NO_SOURCE, NOT_PRUNED, OTHER_NAMESPACE, PLAIN_SECRET, SCALED_TWICE, SUSPENDED, UNKNOWN_EVENTS,
};
use crate::check::applied::KUSTOMIZE;
use crate::check::found::Found;
use crate::check::objects::Item;
use crate::check::scope::Scope;
use crate::yaml::Value;

/// Sources by kind.
const SOURCES: [&str; 5] =
    ["GitRepository", "OCIRepository", "Bucket", "HelmRepository", "HelmChart"];
const SOURCE: &str = "source.toolkit.fluxcd.io";
const NOTIFICATION: &str = "notification.toolkit.fluxcd.io";

pub(super) fn check(scope: &Scope<'_>, found: &mut Found) {
    for item in scope.objects {
        let object = &item.object;
        let is_of_flux = object.group().ends_with(".fluxcd.io");
        if is_of_flux && object.at(&["spec", "suspend"]).is_some_and(Value::is_true) {
            found.add(&SUSPENDED, item, "spec.suspend", "is set");
        }
        if item.is(KUSTOMIZE, &["Kustomization"]) {
            if !object.at(&["spec", "prune"]).is_some_and(Value::is_true) {
                found.add(&NOT_PRUNED, item, "spec.prune", "is not set");
            }
            source(scope, item, "spec.sourceRef", found);
        }
        if item.is("helm.toolkit.fluxcd.io", &["HelmRelease"]) {
            source(scope, item, "spec.chart.spec.sourceRef", found);
        }
        if item.is("", &["Secret"]) {
            secret(item, found);
        }
        if item.is("autoscaling", &["HorizontalPodAutoscaler"]) {
            scaled(scope, item, found);
        }
        if item.is(NOTIFICATION, &["Alert"]) {
            events(scope, item, "eventSources", found);
        }
        if item.is(NOTIFICATION, &["Receiver"]) {
            events(scope, item, "resources", found);
        }
    }
}

fn source(scope: &Scope<'_>, item: &Item, field: &str, found: &mut Found) {
    let keys: Vec<&str> = field.split('.').collect();
    let Some(reference) = item.object.at(&keys) else { return };
    let (kind, name) = (reference.str_at(&["kind"]), reference.str_at(&["name"]));
    let (Some(kind), Some(name)) = (kind, name) else { return };
    let namespace = reference.str_at(&["namespace"]).or(item.object.namespace());
    let is_known = SOURCES.contains(&kind);
    let own = item.object.namespace();
    if is_known
        && let (Some(namespace), Some(own)) = (namespace, own)
        && namespace != own
    {
        let text = format!("refers to {kind} `{name}` in `{namespace}`");
        found.add(&OTHER_NAMESPACE, item, format!("{field}.namespace"), text);
    }
    let mut others = scope.objects.of(SOURCE, kind);
    let has_others = others.any(|other| other.object.namespace() == namespace);
    if is_known && has_others && scope.objects.get((SOURCE, kind), namespace, name).is_none() {
        let text = format!("no {kind} `{name}` is among the objects");
        found.add(&NO_SOURCE, item, format!("{field}.name"), text);
    }
}

fn secret(item: &Item, found: &mut Found) {
    let object = &item.object;
    if object.at(&["sops"]).is_some() {
        return;
    }
    let is_token = object.value().str_at(&["type"]) == Some("kubernetes.io/service-account-token");
    for key in ["data", "stringData"] {
        let has = object.at(&[key]).and_then(Value::as_map).is_some_and(|map| !map.is_empty());
        if has && !is_token {
            found.add(&PLAIN_SECRET, item, key, "has the values themselves");
        }
    }
}

fn scaled(scope: &Scope<'_>, item: &Item, found: &mut Found) {
    let target = item.object.at(&["spec", "scaleTargetRef"]);
    let Some(target) = target else { return };
    let (Some(kind), Some(name)) = (target.str_at(&["kind"]), target.str_at(&["name"])) else {
        return;
    };
    let group = crate::kubernetes::split_api(target.str_at(&["apiVersion"]).unwrap_or("apps/v1")).0;
    let workload = scope.objects.get((group, kind), item.object.namespace(), name);
    if let Some(workload) = workload.filter(|one| one.object.at(&["spec", "replicas"]).is_some()) {
        let text = format!("is set, and `{}` scales it", item.object.name());
        found.add(&SCALED_TWICE, workload, "spec.replicas", text);
    }
}

fn events(scope: &Scope<'_>, item: &Item, list: &str, found: &mut Found) {
    let all = item.object.value().list_at(&["spec", list]);
    for (at, one) in all.iter().enumerate() {
        let (Some(kind), Some(name)) = (one.str_at(&["kind"]), one.str_at(&["name"])) else {
            continue;
        };
        let namespace = one.str_at(&["namespace"]).or(item.object.namespace());
        let mut same = scope.objects.iter().filter(|other| {
            other.object.kind() == kind
                && other.object.group().ends_with(".fluxcd.io")
                && other.object.namespace() == namespace
        });
        let mut has_others = false;
        let is_there = same.any(|other| {
            has_others = true;
            other.object.name() == name
        });
        if name != "*" && has_others && !is_there {
            let text = format!("no {kind} `{name}` is among the objects");
            found.add(&UNKNOWN_EVENTS, item, format!("spec.{list}[{at}].name"), text);
        }
    }
}
