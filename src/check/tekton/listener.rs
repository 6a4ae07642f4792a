//! EventListeners.

use super::scope::{Scope, has, is_set, items, part, text};
use super::table::trigger::{
    EMPTY, GROUP, LABEL, LISTENER_NAME, PAYLOAD, POD, RESOURCES, SOURCE, TLS,
};
use super::text::is_label_value;
use super::trigger;
use crate::kubernetes::definitions::decode;
use crate::yaml::{Map, Value};

/// Fields of the pod that Triggers leaves to the listener.
const OF_POD: [&str; 8] = [
    "serviceAccountName",
    "containers",
    "tolerations",
    "nodeSelector",
    "affinity",
    "topologySpreadConstraints",
    "imagePullSecrets",
    "securityContext",
];
const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// Judges one.
pub(super) fn judge(scope: &mut Scope<'_, '_>, object: &Value) {
    let metadata = part(object, "metadata");
    let name = text(metadata, "name");
    if name.len() > 60 {
        let said = format!(
            "invalid value: eventListener name '{name}' must be no more than 60 characters long: metadata.name"
        );
        scope.say(&LISTENER_NAME, "metadata.name", format!("has {} characters", name.len()), said);
    }
    let key = "tekton.dev/payload-validation";
    if let Some(value) = part(metadata, "annotations").get(key)
        && !matches!(value.as_str(), Some("true" | "false"))
    {
        let said = format!("invalid value: {key} annotation must have value 'true' or 'false'");
        let at = format!("metadata.annotations.{key}");
        scope.say(&PAYLOAD, &at, "is neither `\"true\"` nor `\"false\"`", said);
    }
    let spec = part(object, "spec");
    let selects = has(part(spec, "namespaceSelector"), "matchNames");
    let is_empty = !is_set(spec, "labelSelector") && !selects;
    if is_empty && !has(spec, "triggerGroups") && !has(spec, "triggers") {
        let said = "expected exactly one, got neither: spec.labelSelector, spec.namespaceSelector, spec.triggerGroups, spec.triggers";
        scope.say(&EMPTY, "spec", "has no triggers", said);
        return;
    }
    for (index, one) in items(spec, "triggers").iter().enumerate() {
        of_listener(scope, one, &format!("spec.triggers[{index}]"));
    }
    for (index, one) in items(spec, "triggerGroups").iter().enumerate() {
        group(scope, one, &format!("spec.triggerGroups[{index}]"));
    }
    resources(scope, part(spec, "resources"));
}

fn of_listener(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    let reference = text(of, "triggerRef");
    if reference.is_empty() && !is_set(of, "template") {
        let said = "expected exactly one, got neither: template, triggerRef";
        scope.say(&SOURCE, at, "has neither `template` nor `triggerRef`", said);
    }
    let own = ["template", "bindings", "interceptors"];
    let own: Vec<&str> = own
        .into_iter()
        .filter(|key| is_set(of, key) && (*key == "template" || has(of, key)))
        .collect();
    if !reference.is_empty() && !own.is_empty() {
        let said =
            "expected exactly one, got both: template or bindings or interceptors, triggerRef";
        let what = format!("cannot stand beside `{}`", own.join("` and `"));
        scope.say(&SOURCE, &format!("{at}.triggerRef"), what, said);
    }
    trigger::bindings(scope, of, at);
    if is_set(of, "template") {
        trigger::template(scope, part(of, "template"), &format!("{at}.template"));
    }
    trigger::interceptors(scope, of, at);
    let name = text(of, "name");
    if !is_label_value(name) {
        let said = format!("invalid value: trigger name '{name}' must be a valid label value");
        let what = format!("`{name}` cannot be the value of a label");
        scope.say(&LABEL, &format!("{at}.name"), what, said);
    }
}

fn group(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    let selector = part(of, "triggerSelector");
    let selects = has(part(selector, "namespaceSelector"), "matchNames");
    if !is_set(selector, "labelSelector") && !selects {
        let said = "expected exactly one, got neither: triggerSelector.labelSelector, triggerSelector.namespaceSelector";
        scope.say(&GROUP, &format!("{at}.triggerSelector"), "selects nothing", said);
    }
    if !has(of, "interceptors") {
        let said = "missing field(s): interceptors";
        scope.say(&GROUP, &format!("{at}.interceptors"), "is missing", said);
    }
}

fn resources(scope: &mut Scope<'_, '_>, of: &Value) {
    let at = "spec.resources";
    let (own, custom) = (is_set(of, "kubernetesResource"), is_set(of, "customResource"));
    if own && custom {
        let said = "expected exactly one, got both: spec.resources.customResource, spec.resources.kubernetesResource";
        scope.say(&RESOURCES, at, "has both `kubernetesResource` and `customResource`", said);
        return;
    }
    if custom {
        pod(scope, part(of, "customResource"), &format!("{at}.customResource"), false);
    }
    if !own {
        return;
    }
    let (of, at) = (part(of, "kubernetesResource"), format!("{at}.kubernetesResource"));
    if let Some(replicas) = of.get("replicas").and_then(Value::as_int).filter(|count| *count < 0) {
        let said = format!("invalid value: {replicas}: spec.replicas");
        scope.say(&RESOURCES, &format!("{at}.replicas"), "is negative", said);
    }
    pod(scope, of, &at, true);
    let class = text(of, "serviceLoadBalancerClass");
    if is_set(of, "serviceLoadBalancerClass") && text(of, "serviceType") != "LoadBalancer" {
        let said = format!("invalid value: {class}: serviceLoadBalancerClass");
        let at = format!("{at}.serviceLoadBalancerClass");
        scope.say(&RESOURCES, &at, "is only for the service type LoadBalancer", said);
    }
}

/// The pod in a resource of the listener.
fn pod(scope: &mut Scope<'_, '_>, of: &Value, at: &str, has_probes: bool) {
    let spec = of.at(&["spec", "template", "spec"]).unwrap_or(&Value::Null);
    let at = format!("{at}.spec.template.spec");
    not_ours(scope, (spec, &["spec"]), &at, &OF_POD);
    let containers = items(spec, "containers");
    if containers.len() > 1 {
        let said = "expected exactly one, got both: containers";
        scope.say(&RESOURCES, &format!("{at}.containers"), "has more than one container", said);
    }
    let [container] = containers else { return };
    let mut allowed = vec!["resources", "env", "securityContext"];
    allowed.extend(PROBES.into_iter().filter(|_| has_probes));
    let at = format!("{at}.containers[0]");
    not_ours(scope, (container, &["spec", "containers"]), &at, &allowed);
    let mut of_tls = Vec::new();
    for (index, env) in items(container, "env").iter().enumerate() {
        let at = format!("{at}.env[{index}]");
        let path = ["spec", "containers", "env", "valueFrom"];
        not_ours(scope, (env, &path[..3]), &at, &["name", "valueFrom"]);
        let from = part(env, "valueFrom");
        not_ours(scope, (from, &path), &format!("{at}.valueFrom"), &["secretKeyRef"]);
        of_tls
            .extend(Some(text(env, "name")).filter(|name| matches!(*name, "TLS_CERT" | "TLS_KEY")));
    }
    if let [one] = of_tls.as_slice() {
        let said = format!("Expected env's are TLS_CERT and TLS_KEY, but got only one env {one}");
        scope.say(&TLS, &format!("{at}.env"), format!("has `{one}` alone"), said);
    }
}

/// Fields that Triggers sets itself. The keys lead to the part in a Pod; what a Pod does not have there is another error.
fn not_ours(scope: &mut Scope<'_, '_>, (of, path): (&Value, &[&str]), at: &str, allowed: &[&str]) {
    let keys = of.as_map().into_iter().flat_map(Map::iter).map(|(key, _)| key);
    // A probe or the like is a pointer, which counts though it is empty; a list or text is not.
    let is_there = |key: &str| has(of, key) || matches!(of.get(key), Some(Value::Map(_)));
    let known = scope.judge.definitions.kind("v1", "Pod");
    let is_known = |key: &str| {
        known.is_none_or(|known| decode(known, path, &Value::from([(key, Value::Null)])).is_empty())
    };
    let counts = |key: &&str| !allowed.contains(key) && is_there(key) && is_known(key);
    for key in keys.filter(counts) {
        let said = format!("must not set the field(s): {key}");
        scope.say(&POD, &format!("{at}.{key}"), "is set by Triggers itself", said);
    }
}
