//! Parts of objects whose fields the API server does not judge, because their definitions leave them open. Tekton's webhook decodes them
//! strictly all the same.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::scope::{Scope, is_set, items, part};
use super::table::object::{DURATION, FIELD, NULL, QUANTITY};
use super::table::trigger;
use super::text::{duration, is_quantity};
use crate::check::finding::Rule;
use crate::kubernetes::definitions::{Definitions, Known, Misfit, decode, nulls};
use crate::yaml::{Map, Value};

/// Fields of a `taskSpec` in a Pipeline that a Task does not have.
const EMBEDDED: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];

/// The API version under which parts of objects are in the table.
const OWN: &str = "gitops-gen.dev/v1";

/// The kinds of Triggers, in the format of definitions/table.rs (triggers v0.37, pkg/apis/triggers/v1beta1/*_types.go).
const TRIGGERS: &str = include_str!("triggers.txt");

static OF_TRIGGERS: LazyLock<Definitions> = LazyLock::new(|| Definitions::read(TRIGGERS));

/// Says what does not fit.
fn report(scope: &mut Scope<'_, '_>, rule: &'static Rule, at: &str, misfits: Vec<Misfit>) {
    for Misfit { path, what } in misfits {
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        let key = path.rsplit('.').next().unwrap_or(&path);
        let said = if what.starts_with("is an unknown field") {
            format!("json: unknown field {key:?}")
        } else {
            format!("json: cannot unmarshal field {key:?}")
        };
        let said = format!("decoding request failed: cannot decode incoming new object: {said}");
        scope.say(rule, &format!("{at}{dot}{path}"), what, said);
    }
}

fn kind<'a>(scope: &Scope<'a, '_>, api: &str, kind: &str) -> Option<Known<'a>> {
    scope.judge.definitions.kind(api, kind)
}

/// The spec of a Task, which is embedded or, with its volumes alone, in a Task.
pub(super) fn task(scope: &mut Scope<'_, '_>, spec: &Value, at: &str, is_embedded: bool) {
    if is_embedded && let Some(known) = kind(scope, "tekton.dev/v1", "Task") {
        // Only in a Pipeline it may be a custom task.
        let in_pipeline = at.contains(".tasks[") || at.contains(".finally[");
        let kept = match spec {
            Value::Map(map) => {
                let kept = map.iter().filter(|(key, _)| !in_pipeline || !EMBEDDED.contains(key));
                Value::Map(kept.map(|(key, value)| (key, value.clone())).collect::<Map>())
            }
            other => other.clone(),
        };
        let misfits = decode(known, &["spec"], &kept);
        report(scope, &FIELD, at, misfits);
        metadata(scope, part(spec, "metadata"), &format!("{at}.metadata"));
        for (index, step) in items(spec, "steps").iter().enumerate() {
            let at = format!("{at}.steps[{index}]");
            valued(scope, step, &at);
            valued(scope, part(step, "ref"), &format!("{at}.ref"));
        }
    }
    if is_set(spec, "volumes")
        && let Some(known) = kind(scope, "v1", "Pod")
    {
        let misfits = decode(known, &["spec", "volumes"], part(spec, "volumes"));
        report(scope, &FIELD, &format!("{at}.volumes"), misfits);
    }
}

/// Labels and annotations of an embedded Task.
fn metadata(scope: &mut Scope<'_, '_>, metadata: &Value, at: &str) {
    if let Some(known) = OF_TRIGGERS.kind(OWN, "Metadata") {
        report(scope, &FIELD, at, decode(known, &[], metadata));
    }
}

/// Parameters without a value, which Tekton can decode, and then not write again.
fn valued(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for (index, param) in items(of, "params").iter().enumerate() {
        value(scope, param, &format!("{at}.params[{index}]"));
    }
}

fn value(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    if of.as_map().is_some_and(|map| !map.contains_key("value")) {
        let said = "json: error calling MarshalJSON for type v1.ParamValue: impossible ParamValues.Type: \"\"";
        scope.say(&FIELD, &format!("{at}.value"), "is missing", said);
    }
}

/// What a run has that its definition leaves open: claims, and parts of pod templates.
pub(super) fn run(scope: &mut Scope<'_, '_>, spec: &Value) {
    for (index, binding) in items(spec, "workspaces").iter().enumerate() {
        let claim = part(binding, "volumeClaimTemplate");
        if let Some(known) = kind(scope, "v1", "PersistentVolumeClaim") {
            let at = format!("spec.workspaces[{index}].volumeClaimTemplate");
            report(scope, &FIELD, &at, decode(known, &[], claim));
        }
    }
    pod(scope, part(spec, "podTemplate"), "spec.podTemplate");
    let template = part(part(spec, "taskRunTemplate"), "podTemplate");
    pod(scope, template, "spec.taskRunTemplate.podTemplate");
    for (index, one) in items(spec, "taskRunSpecs").iter().enumerate() {
        pod(scope, part(one, "podTemplate"), &format!("spec.taskRunSpecs[{index}].podTemplate"));
    }
}

fn pod(scope: &mut Scope<'_, '_>, template: &Value, at: &str) {
    for key in ["affinity", "securityContext", "volumes"] {
        if let Some(known) = kind(scope, "v1", "Pod") {
            let misfits = decode(known, &["spec", key], part(template, key));
            report(scope, &FIELD, &format!("{at}.{key}"), misfits);
        }
    }
}

/// `null` where the definition has a type.
pub(super) fn no_nulls(scope: &mut Scope<'_, '_>, object: &Value) {
    let text = |key: &str| object.str_at(&[key]).unwrap_or_default();
    if let Some(known) = kind(scope, text("apiVersion"), text("kind")) {
        for Misfit { path, what } in nulls(known, object) {
            let said = format!(
                "Invalid value: \"null\": {path} in body must be of another type: \"null\""
            );
            scope.say(&NULL, &path, what, said);
        }
    }
}

/// The spec of a Pipeline, with what is embedded in it.
pub(super) fn pipeline(scope: &mut Scope<'_, '_>, spec: &Value, at: &str, is_embedded: bool) {
    if is_embedded && let Some(known) = kind(scope, "tekton.dev/v1", "Pipeline") {
        let misfits = decode(known, &["spec"], spec);
        report(scope, &FIELD, at, misfits);
        for (index, result) in items(spec, "results").iter().enumerate() {
            value(scope, result, &format!("{at}.results[{index}]"));
        }
    }
    for list in ["tasks", "finally"] {
        for (index, one) in items(spec, list).iter().enumerate() {
            let at = format!("{at}.{list}[{index}]");
            if is_embedded {
                valued(scope, one, &at);
                valued(scope, part(one, "taskRef"), &format!("{at}.taskRef"));
                let matrix = part(one, "matrix");
                valued(scope, matrix, &format!("{at}.matrix"));
                for (index, include) in items(matrix, "include").iter().enumerate() {
                    valued(scope, include, &format!("{at}.matrix.include[{index}]"));
                }
            }
            if is_set(one, "taskSpec") {
                task(scope, part(one, "taskSpec"), &format!("{at}.taskSpec"), true);
            }
            if is_set(one, "pipelineSpec") {
                pipeline(scope, part(one, "pipelineSpec"), &format!("{at}.pipelineSpec"), true);
            }
        }
    }
}

/// A resource in a TriggerTemplate, whose kind is known: all of it is judged when an event comes.
pub(super) fn resource(scope: &mut Scope<'_, '_>, object: &Value) {
    let (api, name) = (
        object.str_at(&["apiVersion"]).unwrap_or_default(),
        object.str_at(&["kind"]).unwrap_or_default(),
    );
    if let Some(known) = kind(scope, api, name) {
        let misfits = decode(known, &["spec"], part(object, "spec"));
        report(scope, &FIELD, "spec", misfits);
    }
}

/// An object of Triggers.
pub(super) fn triggers(scope: &mut Scope<'_, '_>, object: &Value) {
    let name = object.str_at(&["kind"]).unwrap_or_default();
    if let Some(known) = OF_TRIGGERS.kind("triggers.tekton.dev/v1beta1", name) {
        let misfits = decode(known, &[], object);
        report(scope, &trigger::FIELD, "", misfits);
    }
    for (key, is_strict) in [("kubernetesResource", true), ("customResource", false)] {
        let pod = object.at(&["spec", "resources", key, "spec", "template", "spec"]);
        let (Some(pod), Some(known)) = (pod, kind(scope, "v1", "Pod")) else { continue };
        let mut misfits = decode(known, &["spec"], pod);
        // A resource of another kind has fields of its own.
        misfits.retain(|misfit| is_strict || !misfit.what.starts_with("is an unknown field"));
        let at = format!("spec.resources.{key}.spec.template.spec");
        report(scope, &trigger::FIELD, &at, misfits);
        quantities(scope, pod, &at);
    }
    if let Some(known) = OF_TRIGGERS.kind(OWN, "Custom") {
        let mut misfits = decode(
            known,
            &[],
            object.at(&["spec", "resources", "customResource"]).unwrap_or(&Value::Null),
        );
        misfits.retain(|misfit| !misfit.what.starts_with("is an unknown field"));
        report(scope, &trigger::FIELD, "spec.resources.customResource", misfits);
    }
}

/// Keys below which there are timeouts.
const INTO: [&str; 7] =
    ["tasks", "finally", "taskSpec", "pipelineSpec", "steps", "taskRunSpecs", "timeouts"];

/// Durations that Go cannot read.
pub(super) fn durations(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    for (key, value) in spec.as_map().into_iter().flat_map(Map::iter) {
        let at = format!("{at}.{key}");
        let is_duration = key == "timeout" || at.contains(".timeouts.");
        match value {
            Value::Str(text) if is_duration && duration(text).is_none() => {
                let said = format!("time: invalid duration {text:?}");
                scope.say(&DURATION, &at, format!("`{text}` is not a duration"), said);
            }
            Value::Seq(items) if INTO.contains(&key) => {
                for (index, item) in items.iter().enumerate() {
                    durations(scope, item, &format!("{at}[{index}]"));
                }
            }
            Value::Map(_) if INTO.contains(&key) => durations(scope, value, &at),
            _ => {}
        }
    }
}

/// Quantities that Kubernetes cannot read.
pub(super) fn quantities(scope: &mut Scope<'_, '_>, value: &Value, at: &str) {
    quantities_at(scope, value, &mut at.to_owned());
}

fn quantities_at(scope: &mut Scope<'_, '_>, value: &Value, at: &mut String) {
    let length = at.len();
    match value {
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                let _ = write!(at, "[{index}]");
                quantities_at(scope, item, at);
                at.truncate(length);
            }
        }
        Value::Map(map) => {
            for (key, item) in map.iter() {
                at.push('.');
                at.push_str(key);
                let is_resources =
                    || at.contains("esources.") || at.contains("esourceRequirements.");
                match item {
                    Value::Map(amounts)
                        if matches!(key, "requests" | "limits") && is_resources() =>
                    {
                        for (key, amount) in amounts.iter() {
                            amount_of(scope, amount, &format!("{at}.{key}"));
                        }
                    }
                    Value::Str(_) if key == "sizeLimit" => amount_of(scope, item, at),
                    // What parameters hold is no resource.
                    _ if matches!(key, "value" | "default") => {}
                    _ => quantities_at(scope, item, at),
                }
                at.truncate(length);
            }
        }
        _ => {}
    }
}

fn amount_of(scope: &mut Scope<'_, '_>, amount: &Value, at: &str) {
    if let Some(text) = amount.as_str().filter(|text| !is_quantity(text)) {
        let said = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
        scope.say(&QUANTITY, at, format!("`{text}` is not a quantity"), said);
    }
}
