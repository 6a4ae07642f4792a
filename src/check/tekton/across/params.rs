//! What is given to parameters, against what is declared.

use std::collections::{BTreeMap, BTreeSet};

use super::super::params::{Given, Param, Spec};
use super::super::scope::Scope;
use super::super::table::across::INDEX;
use super::super::variables::{expressions, variables};
use crate::check::finding::Rule;
use crate::yaml::Value;

/// Parameters that are given nothing and have no default.
pub(super) fn missing(
    scope: &mut Scope<'_, '_>,
    rule: &'static Rule,
    (specs, given): (&[Spec<'_>], &BTreeSet<&str>),
    at: &str,
    of: &str,
) {
    for spec in specs.iter().filter(|spec| spec.default.is_none() && !given.contains(spec.name)) {
        let name = spec.name;
        let said =
            format!("missing values for these params which have no default values: [{name}]");
        let what = format!("{of} needs `{name}`, which has no default");
        scope.say(rule, at, what, said);
    }
}

/// Values of another type. A text with a variable may become anything, unless a run gives it.
pub(super) fn types(
    scope: &mut Scope<'_, '_>,
    rule: &'static Rule,
    (specs, given): (&[Spec<'_>], &[Param<'_>]),
    of_run: bool,
) {
    for param in given {
        let Some(spec) = specs.iter().find(|spec| spec.name == param.name) else { continue };
        let is_open = match &param.value {
            Given::Text(text) => !of_run && !expressions(text).is_empty(),
            _ => false,
        };
        let is_other = param.value.kind() != spec.kind;
        if is_other && !(is_open && matches!(spec.kind, "array" | "object")) {
            let (kind, wanted) = (param.value.kind(), spec.kind);
            let said = format!("param types don't match the user-specified type: [{}]", param.name);
            let what = format!("`{}` is of the type {wanted}, and the value of {kind}", param.name);
            scope.say(rule, &format!("{}.value", param.at), what, said);
        }
    }
}

/// Keys of objects that neither the value nor the default has.
pub(super) fn keys(
    scope: &mut Scope<'_, '_>,
    rule: &'static Rule,
    specs: &[Spec<'_>],
    given: &[Param<'_>],
) {
    for spec in specs.iter().filter(|spec| spec.kind == "object") {
        let Some(param) = given.iter().find(|param| param.name == spec.name) else { continue };
        let Given::Map(map) = &param.value else { continue };
        let mut has: BTreeSet<&str> = map.keys().copied().collect();
        if let Some(Given::Map(default)) = &spec.default {
            has.extend(default.keys().copied());
        }
        for key in spec.keys().into_iter().filter(|key| !has.contains(key)) {
            let said = format!("missing object keys for parameters: map[{}:[{key}]]", spec.name);
            let what = format!("`{}` needs the key `{key}`", spec.name);
            scope.say(rule, &format!("{}.value", param.at), what, said);
        }
    }
}

/// How long lists are, where that is known.
pub(super) fn lengths<'a>(specs: &[Spec<'a>], given: &[Param<'a>]) -> BTreeMap<&'a str, usize> {
    let length = |value: &Given<'_>| match value {
        // A reference to a list may become any number of items.
        Given::List(all) if all.iter().any(|item| item.contains("[*]")) => None,
        Given::List(all) => Some(all.len()),
        _ => None,
    };
    let lists = specs.iter().filter(|spec| spec.kind == "array");
    lists
        .filter_map(|spec| {
            let value =
                given.iter().find(|param| param.name == spec.name).map(|param| &param.value);
            Some((spec.name, length(value.or(spec.default.as_ref())?)?))
        })
        .collect()
}

/// Indexes beyond the end of a list, anywhere in a spec; `at` is where the list is given.
pub(super) fn indexes(
    scope: &mut Scope<'_, '_>,
    spec: &Value,
    lengths: &BTreeMap<&str, usize>,
    at: &str,
) {
    let mut found = BTreeSet::new();
    if !lengths.is_empty() {
        used(spec, &mut found);
    }
    for (name, index) in found {
        let Some(length) = lengths.get(name.as_str()).filter(|length| index >= **length) else {
            continue;
        };
        let said = format!("non-existent param references:[$(params.{name}[{index}])]");
        let what = format!("`{name}` has {length} items, and `$(params.{name}[{index}])` is used");
        scope.say(&INDEX, at, what, said);
    }
}

fn used(value: &Value, found: &mut BTreeSet<(String, usize)>) {
    match value {
        Value::Str(text) if text.contains("$(params") => {
            for one in variables(text, "params") {
                let Some((name, index)) = one.inner.split_once('[') else { continue };
                let index = index.strip_suffix(']').and_then(|index| index.parse().ok());
                found.extend(index.map(|index| (name.to_owned(), index)));
            }
        }
        Value::Seq(items) => items.iter().for_each(|item| used(item, found)),
        Value::Map(map) => {
            let fields = map.iter().filter(|(key, _)| *key != "description");
            fields.for_each(|(_, item)| used(item, found));
        }
        _ => {}
    }
}
