//! Objects that name each other. Only what is among the objects that are judged together is looked at: anything else may be in the
//! cluster.

mod around;
mod near;
mod params;
mod pipeline;
mod results;
mod run;
mod task;
mod trigger;

use super::scope::{Scope, part, text};
use super::trigger_template::templates;
use crate::check::Judge;
use crate::check::found::Found;
use crate::check::{Item, Objects};
use crate::yaml::Value;

use around::Near;

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
