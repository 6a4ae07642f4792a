//! What a Kustomization waits for, and whether it can ever come.
//!
//! When an object is ready is decided by kstatus (fluxcd/cli-utils, pkg/kstatus/status/core.go), but for Jobs, of which a suspended one
//! counts as ready (fluxcd/pkg, runtime/statusreaders/job.go).

use std::collections::BTreeSet;

use super::rules::{CHECKS_IGNORED, NEVER_READY};
use crate::check::applied::Kustomization;
use crate::check::found::Found;
use crate::check::objects::Item;
use crate::check::scope::Scope;
use crate::kubernetes::security::pod_spec;
use crate::yaml::Value;

pub(super) fn check(scope: &Scope<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for one in &scope.applied.all {
        let spec = one.item.object.at(&["spec"]).unwrap_or(&Value::Null);
        let waits = spec.get("wait").is_some_and(Value::is_true);
        let checks = spec.list_at(&["healthChecks"]);
        if waits && !checks.is_empty() {
            found.add(&CHECKS_IGNORED, one.item, "spec.healthChecks", "stands beside `wait: true`");
        }
        for item in &one.objects {
            let is_awaited = waits || checks.iter().any(|check| is_named(check, item));
            // Flux skips an object that says so, and a claim may be below two paths.
            if !is_awaited || !told.insert((item.identity(), one.item.identity())) {
                continue;
            }
            if let Some((field, what)) = never(scope, one, item) {
                let name = one.item.object.name();
                let text = format!("{what}, and `{name}` waits for it to be ready");
                let said = format!(
                    "health check failed after 10m0s: timeout waiting for: [{} status: 'InProgress']",
                    inventory(item)
                );
                found.add(&NEVER_READY, item, field, text).said(said);
            }
        }
    }
}

/// The name of an object in Flux's messages: `Deployment/shop/web`.
fn inventory(item: &Item) -> String {
    let object = &item.object;
    match object.namespace() {
        Some(namespace) => format!("{}/{namespace}/{}", object.kind(), object.name()),
        None => format!("{}/{}", object.kind(), object.name()),
    }
}

fn is_named(check: &Value, item: &Item) -> bool {
    let object = &item.object;
    check.str_at(&["kind"]) == Some(object.kind())
        && check.str_at(&["name"]) == Some(object.name())
        && check.str_at(&["namespace"]).is_none_or(|of| object.namespace() == Some(of))
}

/// Why an object does not become ready: the field, and what is wrong with it.
fn never(
    scope: &Scope<'_>,
    one: &Kustomization<'_>,
    item: &Item,
) -> Option<(&'static str, String)> {
    let spec = item.object.at(&["spec"])?;
    if item.is("apps", &["Deployment"]) && spec.get("paused").is_some_and(Value::is_true) {
        return Some(("spec.paused", "a paused Deployment creates no pods".to_owned()));
    }
    if item.is("", &["PersistentVolumeClaim"]) && spec.get("volumeName").is_none() {
        return claim(scope, one, item);
    }
    None
}

/// A claim that only a pod binds, which comes after it or not at all.
fn claim(
    scope: &Scope<'_>,
    one: &Kustomization<'_>,
    item: &Item,
) -> Option<(&'static str, String)> {
    let class = item.object.value().str_at(&["spec", "storageClassName"]);
    let class =
        class.and_then(|name| scope.objects.get(("storage.k8s.io", "StorageClass"), None, name))?;
    if class.object.value().str_at(&["volumeBindingMode"]) != Some("WaitForFirstConsumer") {
        return None;
    }
    let mounts = |pod: &&Item| {
        pod.object.namespace() == item.object.namespace()
            && pod_spec(&pod.object).is_some_and(|(spec, _)| {
                spec.list_at(&["volumes"]).iter().any(|volume| {
                    let claim = volume.str_at(&["persistentVolumeClaim", "claimName"]);
                    claim == Some(item.object.name())
                })
            })
    };
    if one.objects.iter().copied().any(|pod| mounts(&pod)) {
        return None;
    }
    let class = class.object.name();
    let what = match scope.objects.iter().find(mounts) {
        Some(pod) => format!(
            "a claim of class `{class}` is bound only once a pod mounts it, and another Kustomization applies {}",
            pod.identity()
        ),
        None => format!(
            "a claim of class `{class}` is bound only once a pod mounts it, and no pod here does"
        ),
    };
    Some(("spec.storageClassName", what))
}
