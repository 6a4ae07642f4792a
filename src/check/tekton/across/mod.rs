//! Objects that name each other. Only what is among the objects that are judged together is looked at: anything else may be in the
//! cluster.

mod near;
mod params;
mod pipeline;
mod results;
mod run;
mod task;
mod trigger;

use super::scope::{Scope, has, is_set, part, text};
use super::{Judge, templates};
use crate::check::found::Found;
use crate::check::{Item, Objects};
use crate::yaml::Value;

/// Judges all of them.
pub(super) fn check(judge: Judge<'_>, objects: &Objects, found: &mut Found) {
    for item in objects {
        let value = item.object.value();
        match item.object.group() {
            "tekton.dev" => one(&mut Scope::new(judge, item, found), objects, value),
            "triggers.tekton.dev" => {
                let mut scope = Scope::new(judge, item, found);
                trigger::judge(&mut scope, objects, value);
                for (template, at) in templates(value) {
                    if text(template, "apiVersion").starts_with("tekton.dev/") {
                        one(&mut scope.within(template, at), objects, template);
                    }
                }
            }
            _ => {}
        }
    }
}

/// An object of Tekton, or one in a TriggerTemplate.
fn one(scope: &mut Scope<'_, '_>, objects: &Objects, value: &Value) {
    if text(value, "apiVersion") != "tekton.dev/v1" {
        return;
    }
    let namespace = namespace(scope.item, value);
    let near = Near { objects, namespace };
    let spec = part(value, "spec");
    match text(value, "kind") {
        "Task" => task::actions(scope, near, spec, "spec"),
        "Pipeline" => pipeline::judge(scope, near, spec, "spec", false),
        "PipelineRun" => run::of_pipeline(scope, near, spec),
        "TaskRun" => run::of_task(scope, near, spec),
        _ => {}
    }
}

/// The namespace of an object, or that of the template that makes it; none if it is not known.
fn namespace<'v>(item: &'v Item, value: &'v Value) -> Option<&'v str> {
    let own = value.str_at(&["metadata", "namespace"]).filter(|name| !name.contains("$("));
    own.or_else(|| item.object.namespace())
}

/// The objects around one.
#[derive(Clone, Copy)]
pub(super) struct Near<'o> {
    pub(super) objects: &'o Objects,
    pub(super) namespace: Option<&'o str>,
}

impl<'o> Near<'o> {
    /// The spec of an object of Tekton's own.
    pub(super) fn spec(&self, kind: &str, name: &str) -> Option<&'o Value> {
        let item = self.objects.get(("tekton.dev", kind), self.namespace, name)?;
        let is_known = kind == "StepAction" || item.object.api_version() == "tekton.dev/v1";
        item.object.value().get("spec").filter(|_| is_known)
    }

    /// The spec of what a reference names; nothing if that is not here.
    pub(super) fn named(&self, reference: &Value, kind: &str) -> Option<&'o Value> {
        let is_own = matches!(text(reference, "kind"), "" | "Task" | "Pipeline");
        let is_plain = is_own && !has(reference, "resolver") && !has(reference, "params");
        let is_old = !matches!(text(reference, "apiVersion"), "" | "tekton.dev/v1");
        if !is_plain || is_old { None } else { self.spec(kind, text(reference, "name")) }
    }
}

/// The Task that a task of a Pipeline runs: embedded or from around it.
pub(super) fn task_of<'v>(near: Near<'v>, task: &'v Value) -> Option<&'v Value> {
    if is_set(task, "taskSpec") {
        let spec = part(task, "taskSpec");
        return (!has(spec, "apiVersion") && has(spec, "steps")).then_some(spec);
    }
    let reference = part(task, "taskRef");
    if has(reference, "apiVersion") { None } else { near.named(reference, "Task") }
}
