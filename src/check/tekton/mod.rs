//! What Tekton's and Triggers' webhooks refuse (pipeline v1.15, triggers v0.37), and what fails only in a run.
//!
//! The rules are data, in `table`; each says in which of Tekton's files it is. Beside them are the judges, one for each thing that an
//! object is made of. Tekton stops at some errors, looks at some things twice, and reports places of its own; here everything is said
//! at once, at the place where it is, with Tekton's words beside it. tests/check/oracle.rs compares the verdicts with Tekton's own.

mod across;
mod action;
mod advice;
mod bindings;
mod container;
mod declare;
mod fields;
mod finally;
mod graph;
mod inline;
mod listener;
mod lists;
mod matrix;
mod others;
mod params;
mod pipeline;
mod pipeline_params;
mod pipeline_results;
mod pipeline_task;
mod prefixes;
mod refs;
mod run;
mod scope;
mod specs;
mod step;
mod table;
mod task;
mod text;
mod timeouts;
mod trigger;
mod trigger_template;
mod usage;
mod variables;
mod when;

use std::sync::Arc;

use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::Objects;
use super::{Cluster, Declared, Item, Judge, Within};
use crate::kubernetes::Object;
use crate::kubernetes::definitions::{Definitions, Misfit};
use crate::yaml::Value;

use scope::{Scope, part, text};
use table::object::VERSION;

/// The rules of this family.
pub static RULES: &[&Rule] = &table::RULES;

/// Judges the objects of Tekton, each by itself and then with those that it names.
pub fn check(judge: Judge<'_>, objects: &Objects, found: &mut Found) {
    for item in objects {
        match item.object.group() {
            "tekton.dev" | "triggers.tekton.dev" | "resolution.tekton.dev" => {
                one(judge, item, found);
            }
            _ => {}
        }
    }
    across::check(judge, objects, found);
}

/// What Tekton's webhook refuses in an object by itself, and variables in it that would stay as they are. Its fields are known to be of
/// the right type.
#[must_use]
pub fn admission(object: &Object, cluster: &Cluster) -> Vec<Misfit> {
    let item = Item { object: object.clone(), file: Arc::from(""), within: Within::default() };
    let judge =
        Judge { definitions: Definitions::built_in(), cluster, declared: &Declared::default() };
    let mut found = Found::default();
    one(judge, &item, &mut found);
    let open = [&table::advice::OUTSIDE, &table::advice::WORKSPACE_VARIABLE];
    let is_fault = |rule: &Rule| rule.level == Level::Error || open.contains(&rule);
    let all = found.into_findings().into_iter().filter(|finding| is_fault(finding.rule));
    all.map(|finding| Misfit { path: finding.field, what: finding.what }).collect()
}

/// The type that a parameter or result declares, or has by its other fields.
#[must_use]
pub fn kind_of(declared: &Value) -> &str {
    params::kind_of(declared)
}

/// Judges one object.
fn one(judge: Judge<'_>, item: &Item, found: &mut Found) {
    let value = item.object.value();
    let mut scope = Scope::new(judge, item, found);
    if item.object.group() == "triggers.tekton.dev" {
        of_triggers(&mut scope, value);
        return;
    }
    object(&mut scope, value);
}

/// An object of Tekton, or a resource in a TriggerTemplate.
fn object(scope: &mut Scope<'_, '_>, value: &Value) {
    let (api, kind) = (text(value, "apiVersion"), text(value, "kind"));
    let is_old = api == "tekton.dev/v1beta1"
        && ["Task", "Pipeline", "TaskRun", "PipelineRun"].contains(&kind);
    if is_old {
        let what = format!("{kind} is deprecated in this version");
        scope.say(&VERSION, "apiVersion", what, "");
        others::metadata(scope, value);
        return;
    }
    let spec = part(value, "spec");
    match kind {
        "Task" => {
            fields::task(scope, spec, "spec", false);
            task::spec(scope, spec, "spec");
            task::alone(scope, spec, "spec");
        }
        "StepAction" => action::judge(scope, value),
        "Pipeline" => {
            fields::pipeline(scope, spec, "spec", false);
            pipeline::spec(scope, spec, "spec");
            pipeline::alone(scope, spec, "spec");
        }
        "PipelineRun" => {
            let embedded = part(spec, "pipelineSpec");
            fields::pipeline(scope, embedded, "spec.pipelineSpec", true);
            fields::run(scope, spec);
            run::pipeline_run(scope, value);
        }
        "TaskRun" => {
            fields::task(scope, part(spec, "taskSpec"), "spec.taskSpec", true);
            fields::run(scope, spec);
            run::task_run(scope, value);
        }
        "CustomRun" => others::custom_run(scope, value),
        "VerificationPolicy" => others::verification_policy(scope, value),
        "ResolutionRequest" => {
            others::resolution_request(scope, value);
            return;
        }
        _ => return,
    }
    others::metadata(scope, value);
    others::chains(scope, value);
    fields::no_nulls(scope, value);
    fields::durations(scope, spec, "spec");
    fields::quantities(scope, spec, "spec");
    advice::judge(scope, value);
}

/// An object of Triggers.
fn of_triggers<'a>(scope: &mut Scope<'a, '_>, value: &'a Value) {
    fields::triggers(scope, value);
    match text(value, "kind") {
        "EventListener" => {
            others::subdomain(scope, value);
            listener::judge(scope, value);
        }
        "Trigger" => {
            others::metadata(scope, value);
            trigger::judge(scope, value);
        }
        "TriggerTemplate" => {
            others::metadata(scope, value);
            trigger_template::spec(scope, part(value, "spec"), "spec");
        }
        "TriggerBinding" | "ClusterTriggerBinding" => {
            others::metadata(scope, value);
            trigger_template::binding(scope, value);
        }
        "ClusterInterceptor" | "Interceptor" => {
            others::subdomain(scope, value);
            trigger::interceptor(scope, value);
        }
        _ => {}
    }
    for (template, at) in trigger_template::templates(value) {
        if text(template, "apiVersion").starts_with("tekton.dev/") {
            let mut inner = scope.within(template, at);
            fields::resource(&mut inner, template);
            object(&mut inner, template);
        }
    }
}
