//! TriggerTemplates, and the runs in them, which Tekton judges only when an event comes.

use std::collections::BTreeSet;

use super::declare::names;
use super::scope::{Scope, has, items, part, text, twice};
use super::table::trigger::{EXPRESSION, PARAMS, TEMPLATE_EMPTY, TEMPLATE_KIND, UNDECLARED};
use crate::yaml::Value;

/// The resources that an object of Triggers creates, with their paths.
pub(super) fn templates(value: &Value) -> Vec<(&Value, String)> {
    let mut all = Vec::new();
    let spec = part(value, "spec");
    let mut specs = vec![(spec, "spec".to_owned())];
    let own = part(part(spec, "template"), "spec");
    specs.push((own, "spec.template.spec".to_owned()));
    for (index, one) in items(spec, "triggers").iter().enumerate() {
        let at = format!("spec.triggers[{index}].template.spec");
        specs.push((part(part(one, "template"), "spec"), at));
    }
    for (of, at) in specs {
        let list = items(of, "resourcetemplates").iter().enumerate();
        all.extend(list.map(|(index, one)| (one, format!("{at}.resourcetemplates[{index}]"))));
    }
    all
}

/// The spec of a template, also where it stands in a trigger.
pub(super) fn spec(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let list = format!("{at}.resourcetemplates");
    if !has(spec, "resourcetemplates") {
        scope.say(&TEMPLATE_EMPTY, &list, "is missing", "missing field(s): resourcetemplates");
    }
    let known = names(spec, "params");
    for (index, template) in items(spec, "resourcetemplates").iter().enumerate() {
        let at = format!("{list}[{index}]");
        for key in ["kind", "apiVersion"].into_iter().filter(|key| text(template, key).is_empty()) {
            let said = format!("missing field(s): resourcetemplates.[{index}].{key}");
            scope.say(&TEMPLATE_KIND, &format!("{at}.{key}"), "is missing", said);
        }
        let api = text(template, "apiVersion");
        if api.matches('/').count() > 1 {
            let said = format!("missing field(s): resourcetemplates.[{index}].kind");
            let what = format!("`{api}` is not an API version");
            scope.say(&TEMPLATE_KIND, &format!("{at}.apiVersion"), what, said);
        }
        undeclared(scope, template, &at, &known);
    }
}

/// `$(tt.params.NAME)` anywhere in a resource, keys included.
fn undeclared(scope: &mut Scope<'_, '_>, value: &Value, at: &str, known: &BTreeSet<&str>) {
    match value {
        Value::Str(text) => {
            for name in used(text).into_iter().filter(|name| !known.contains(name)) {
                let said = format!("invalid value: undeclared param '$(tt.params.{name})'");
                let what = format!("the template declares no parameter `{name}`");
                scope.say(&UNDECLARED, at, what, said);
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                undeclared(scope, item, &format!("{at}[{index}]"), known);
            }
        }
        Value::Map(map) => {
            for (key, item) in map.iter() {
                undeclared(scope, &Value::Str(key.to_owned()), at, known);
                undeclared(scope, item, &format!("{at}.{key}"), known);
            }
        }
        _ => {}
    }
}

/// The names in `$(tt.params.NAME)`.
pub(super) fn used(text: &str) -> Vec<&str> {
    let all = text.match_indices("$(tt.params.").filter_map(|(at, found)| {
        let rest = &text[at + found.len()..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let begins = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        (begins && rest[end..].starts_with(')')).then(|| &rest[..end])
    });
    all.collect()
}

/// A TriggerBinding or ClusterTriggerBinding.
pub(super) fn binding(scope: &mut Scope<'_, '_>, object: &Value) {
    let params = items(part(object, "spec"), "params");
    if params.is_empty() {
        scope.say(&PARAMS, "spec.params", "is missing", "missing field(s): spec");
        return;
    }
    for (index, name) in twice(params.iter().map(|param| text(param, "name"))) {
        let said = format!("expected exactly one, got both: spec.params.[{index}].name");
        let at = format!("spec.params[{index}].name");
        scope.say(&PARAMS, &at, format!("`{name}` is given twice"), said);
    }
    for (index, param) in params.iter().enumerate() {
        let value = text(param, "value");
        if !is_closed(value) {
            let said = format!("invalid value: {value}: spec.params.[{index}].value");
            let at = format!("spec.params[{index}].value");
            scope.say(&EXPRESSION, &at, "has `$(` that is not closed", said);
        }
    }
}

/// Whether each `$(` is closed before the next begins. Tekton does not look at the last one.
fn is_closed(text: &str) -> bool {
    let pieces: Vec<&str> = text.split("$(").skip(1).collect();
    let ends = |piece: &&str| {
        let mut open = 0;
        piece.chars().any(|c| {
            open += i32::from(c == '(') - i32::from(c == ')');
            open < 0
        })
    };
    pieces.split_last().is_none_or(|(_, before)| before.iter().all(ends))
}
