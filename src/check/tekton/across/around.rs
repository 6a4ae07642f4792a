//! What is around an object that refers to others.

use super::super::scope::{has, is_set, part, text};
use crate::check::Objects;
use crate::yaml::Value;

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
