//! Triggers against their templates and bindings.

use std::collections::BTreeSet;

use super::super::declare::names;
use super::super::scope::{Scope, has, is_set, items, part, text};
use super::super::table::across::{NEAR_TRIGGER, TEMPLATE_PARAM};
use super::around::Near;
use super::near as nearly;
use crate::check::Objects;
use crate::yaml::Value;

const GROUP: &str = "triggers.tekton.dev";

/// Judges an EventListener or Trigger.
pub(super) fn judge(scope: &mut Scope<'_, '_>, objects: &Objects, object: &Value) {
    let near = Near { objects, namespace: scope.item.object.namespace() };
    let spec = part(object, "spec");
    match text(object, "kind") {
        "EventListener" => {
            for (index, one) in items(spec, "triggers").iter().enumerate() {
                let at = format!("spec.triggers[{index}]");
                let name = text(one, "triggerRef");
                let at_ref = format!("{at}.triggerRef");
                nearly::judge(scope, near, (&NEAR_TRIGGER, GROUP, "Trigger"), name, &at_ref);
                trigger(scope, near, one, &at);
            }
        }
        "Trigger" => trigger(scope, near, spec, "spec"),
        _ => {}
    }
}

fn trigger(scope: &mut Scope<'_, '_>, near: Near<'_>, of: &Value, at: &str) {
    let mut given: BTreeSet<&str> = BTreeSet::new();
    let mut is_all = true;
    for (index, one) in items(of, "bindings").iter().enumerate() {
        if !has(one, "ref") {
            given.insert(text(one, "name"));
            continue;
        }
        let kind = Some(text(one, "kind")).filter(|kind| !kind.is_empty());
        let kind = kind.unwrap_or("TriggerBinding");
        let name = text(one, "ref");
        if let Some(binding) = near.objects.get((GROUP, kind), near.namespace, name) {
            given.extend(names(part(binding.object.value(), "spec"), "params"));
        } else {
            is_all = false;
            let at = format!("{at}.bindings[{index}].ref");
            nearly::judge(scope, near, (&NEAR_TRIGGER, GROUP, kind), name, &at);
        }
    }
    let template = part(of, "template");
    let spec = if is_set(template, "spec") {
        part(template, "spec")
    } else {
        let name = text(template, "ref");
        let Some(found) = near.objects.get((GROUP, "TriggerTemplate"), near.namespace, name) else {
            let at = format!("{at}.template.ref");
            nearly::judge(scope, near, (&NEAR_TRIGGER, GROUP, "TriggerTemplate"), name, &at);
            return;
        };
        part(found.object.value(), "spec")
    };
    for param in items(spec, "params").iter().filter(|_| is_all) {
        let name = text(param, "name");
        if !is_set(param, "default") && !given.contains(name) {
            let what = format!("no binding gives `{name}`, which has no default");
            scope.say(&TEMPLATE_PARAM, &format!("{at}.bindings"), what, "");
        }
    }
}
