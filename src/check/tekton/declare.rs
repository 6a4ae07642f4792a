//! What a Task, StepAction or Pipeline declares: parameters and results.

use std::collections::BTreeSet;

use super::params::{Given, Spec};
use super::scope::{Scope, has, is_set, items, text, twice};
use super::table::task::{
    ENUM, PARAM_DEFAULT, PARAM_TWICE, PARAM_TYPE, PROPERTIES, RESULT_NAME, RESULT_PROPERTIES,
    RESULT_TYPE, RESULT_VALUE,
};
use super::text::{is_label, is_result_name};
use super::variables::step_results;
use crate::yaml::{Map, Value};

/// The types that there are.
const KINDS: [&str; 3] = ["string", "array", "object"];

/// Types of parameters, of their defaults, and of the keys of objects.
pub(super) fn types(scope: &mut Scope<'_, '_>, params: &[Spec<'_>]) {
    for param in params {
        let Spec { name, kind, at, .. } = param;
        if !KINDS.contains(kind) {
            let what = format!("`{kind}` is not a type of parameters");
            scope.say(
                &PARAM_TYPE,
                &format!("{at}.type"),
                what,
                format!("invalid value: {kind}: {name}.type"),
            );
            continue;
        }
        if let Some(default) = param.default.as_ref().filter(|default| default.kind() != *kind) {
            let of = default.kind();
            let said = format!("\"{kind}\" type does not match default value's type: \"{of}\"");
            let what = format!("the default is of the type {of}, and `{name}` of {kind}");
            scope.say(&PARAM_DEFAULT, &format!("{at}.default"), what, said);
            continue;
        }
        for (key, of) in param.properties.iter().flatten().filter(|(_, of)| **of != "string") {
            let said = format!("The value type specified for these keys [{key}] is invalid");
            let what = format!("`{key}` is of the type {of}, and keys of an object are strings");
            scope.say(&PROPERTIES, &format!("{at}.properties.{key}.type"), what, said);
        }
    }
}

/// Parameters of the same name.
pub(super) fn no_twins(scope: &mut Scope<'_, '_>, params: &[Spec<'_>]) {
    for (index, name) in twice(params.iter().map(|param| param.name)) {
        let at = format!("{}.name", params[index].at);
        let said = format!("parameter appears more than once: params[{name}]");
        scope.say(&PARAM_TWICE, &at, format!("is the second parameter `{name}`"), said);
    }
}

/// Parameters that take only some values.
pub(super) fn choices(scope: &mut Scope<'_, '_>, params: &[Spec<'_>]) {
    for param in params.iter().filter(|param| !param.choices.is_empty()) {
        let at = format!("{}.enum", param.at);
        if !scope.judge.cluster.param_enum {
            let said = "feature flag `enable-param-enum` should be set to true to use Enum";
            scope.say(&ENUM, &at, "`enum` needs Tekton's `enable-param-enum`", said);
        }
        if param.kind != "string" {
            let what = "only a string can have an `enum`";
            scope.say(&ENUM, &at, what, "enum can only be set with string type param");
        }
        for (_, value) in twice(param.choices.iter().copied()) {
            let said = format!("parameter enum value {value} appears more than once");
            scope.say(&ENUM, &at, format!("`{value}` is listed twice"), said);
        }
        if let Some(Given::Text(default)) = &param.default
            && !default.is_empty()
            && !param.choices.contains(&&**default)
        {
            let said = format!("param default value {default} not in the enum list");
            scope.say(&ENUM, &at, format!("the default `{default}` is not listed"), said);
        }
    }
}

/// The results of a Task, or of a step.
pub(super) fn results(scope: &mut Scope<'_, '_>, of: &Value, at: &str, of_step: bool) {
    for (index, result) in items(of, "results").iter().enumerate() {
        let at = format!("{at}.results[{index}]");
        let name = text(result, "name");
        if !is_result_name(name) {
            let what = format!("`{name}` cannot be the name of a result");
            let said = format!("invalid key name {name:?}");
            scope.say(&RESULT_NAME, &format!("{at}.name"), what, said);
            continue;
        }
        let kind = match text(result, "type") {
            "" if is_set(result, "properties") && !of_step => "object",
            "" => "string",
            kind => kind,
        };
        if !KINDS.contains(&kind) {
            let what = format!("`{kind}` is not a type of results");
            scope.say(
                &RESULT_TYPE,
                &format!("{at}.type"),
                what,
                format!("invalid value: {kind}: type"),
            );
        } else if kind == "object" {
            result_keys(scope, result, &at, of_step);
        }
        if !of_step {
            result_value(scope, result, &at);
        }
    }
}

fn result_keys(scope: &mut Scope<'_, '_>, result: &Value, at: &str, of_step: bool) {
    let name = text(result, "name");
    if !has(result, "properties") {
        let said = format!("missing field(s): {name}.properties");
        scope.say(&RESULT_PROPERTIES, at, "is an object without `properties`", said);
        return;
    }
    let map = result.get("properties").and_then(Value::as_map);
    for (key, value) in map.into_iter().flat_map(Map::iter) {
        let kind = text(value, "type");
        // Tekton sets no defaults for results of steps.
        if kind == "string" || kind.is_empty() && !of_step {
            continue;
        }
        let said = format!(
            "The value type specified for these keys [{key}] is invalid, the type must be string"
        );
        let what = format!("`{key}` must have the type string");
        scope.say(&RESULT_PROPERTIES, &format!("{at}.properties.{key}"), what, said);
    }
}

fn result_value(scope: &mut Scope<'_, '_>, result: &Value, at: &str) {
    let Some(value) = result.get("value").filter(|value| **value != Value::Null) else { return };
    let at = format!("{at}.value");
    let value = Given::of(value);
    let Given::Text(value) = &value else {
        let said = format!("Invalid Type. Wanted string but got: \"{}\"", value.kind());
        scope.say(&RESULT_VALUE, &at, "must be a string", said);
        return;
    };
    if value.is_empty() {
        return;
    }
    let Some((step, result)) = step_results(value).first().copied() else {
        let said = format!(
            "Could not extract step name and result name. Expected value to look like $(steps.<stepName>.results.<resultName>) but got \"{value}\""
        );
        scope.say(&RESULT_VALUE, &at, "is not `$(steps.STEP.results.RESULT)`", said);
        return;
    };
    if !is_label(step) {
        let what = format!("`{step}` cannot be the name of a step");
        scope.say(&RESULT_VALUE, &at, what, format!("invalid extracted step name {step:?}"));
    }
    if !is_result_name(result) {
        let what = format!("`{result}` cannot be the name of a result");
        scope.say(&RESULT_VALUE, &at, what, format!("invalid extracted result name {result:?}"));
    }
}

/// The names under a key.
pub(super) fn names<'v>(of: &'v Value, key: &str) -> BTreeSet<&'v str> {
    items(of, key).iter().map(|item| text(item, "name")).collect()
}
