//! Variables in steps: of parameters, of the context, of results.

use std::collections::BTreeSet;

use super::params::{Spec, all_names, named};
use super::scope::Scope;
use super::step::{Part, Step, Use};
use super::table::task::{
    ARRAY_USE, CONTEXT, DEEP, KEY, OBJECT_USE, PARAM_NAME, PROPERTIES, RESULT_PATH, UNDECLARED,
};
use super::text::is_param_name;
use super::variables::{Misuse, prohibited, prohibited_whole, surrounded, unknown};
use crate::check::finding::Rule;

/// Says what is wrong with a variable.
pub(super) fn report(
    scope: &mut Scope<'_, '_>,
    rule: &'static Rule,
    field: &str,
    (text, prefix): (&str, &str),
    misuse: &Misuse,
) {
    let said = misuse.said(text, prefix);
    let (rule, what) = match misuse {
        Misuse::Unknown(name) => {
            let word = if rule.id == CONTEXT.id { "known" } else { "declared" };
            (rule, format!("uses `{prefix}.{name}`, which is not {word}"))
        }
        Misuse::Deep => (&DEEP, "uses a variable of more than two parts".to_owned()),
        Misuse::Type(name) if rule.id == OBJECT_USE.id => {
            (rule, format!("uses `{prefix}.{name}`, an object, of which only keys can stand here"))
        }
        Misuse::Type(name) => {
            (&ARRAY_USE, format!("uses `{prefix}.{name}`, a list, where a string must be"))
        }
        Misuse::Surrounded(name) => {
            (&ARRAY_USE, format!("uses `{prefix}.{name}`, a list, which has to stand by itself"))
        }
    };
    scope.say(rule, field, what, said);
}

/// Every parameter that is used is declared, keys of objects too, and objects are used by their keys.
pub(super) fn declared(scope: &mut Scope<'_, '_>, uses: &[Use<'_>], params: &[Spec<'_>]) {
    let names = all_names(params);
    let objects = named(params, "object");
    for one in uses {
        if let Some(misuse) = unknown(one.text, "params", &names) {
            report(scope, &UNDECLARED, &one.field, (one.text, "params"), &misuse);
        }
        for object in params.iter().filter(|param| param.kind == "object") {
            let prefix = format!("params.{}", object.name);
            if let Some(misuse) = unknown(one.text, &prefix, &object.keys()) {
                report(scope, &KEY, &one.field, (one.text, &prefix), &misuse);
            }
        }
        if one.part != Part::OnError
            && let Some(misuse) = prohibited_whole(one.text, "params", &objects)
        {
            report(scope, &OBJECT_USE, &one.field, (one.text, "params"), &misuse);
        }
    }
    with_properties(scope, params);
}

/// Parameters that are objects list their keys.
pub(super) fn with_properties(scope: &mut Scope<'_, '_>, params: &[Spec<'_>]) {
    for param in params.iter().filter(|param| param.kind == "object" && param.properties.is_none())
    {
        let said = format!("missing field(s): {}.properties", param.name);
        scope.say(&PROPERTIES, &param.at, "is an object without `properties`", said);
    }
}

/// Names of parameters, and lists that stand where a string must be.
pub(super) fn lists(scope: &mut Scope<'_, '_>, uses: &[Use<'_>], params: &[Spec<'_>]) {
    names(scope, params);
    let lists = named(params, "array");
    for one in uses {
        let misuse = match one.part {
            Part::OnError => None,
            Part::Words => surrounded(one.text, "params", &lists),
            Part::Other => prohibited(one.text, "params", &lists),
        };
        if let Some(misuse) = misuse {
            report(scope, &ARRAY_USE, &one.field, (one.text, "params"), &misuse);
        }
    }
}

fn names(scope: &mut Scope<'_, '_>, params: &[Spec<'_>]) {
    for param in params {
        let is_object = param.kind == "object";
        if !is_param_name(param.name, !is_object) {
            let said = if is_object {
                format!("Object param name and key name format is invalid: map[{}:[]]", param.name)
            } else {
                format!(
                    "The format of following array and string variable names is invalid: [{}]",
                    param.name
                )
            };
            let what = format!("`{}` cannot be the name of a parameter", param.name);
            scope.say(&PARAM_NAME, &format!("{}.name", param.at), what, said);
        }
        for key in param.keys().into_iter().filter(|_| is_object) {
            if !is_param_name(key, false) {
                let what = format!("`{key}` cannot be a key of a parameter");
                let said = format!(
                    "Object param name and key name format is invalid: map[{}:[{key}]]",
                    param.name
                );
                scope.say(&PARAM_NAME, &format!("{}.properties.{key}", param.at), what, said);
            }
        }
    }
}

/// Variables of the context.
pub(super) fn context(scope: &mut Scope<'_, '_>, uses: &[Use<'_>]) {
    let run = BTreeSet::from(["name", "namespace", "uid"]);
    let task = BTreeSet::from(["name", "retry-count"]);
    for one in uses {
        for (prefix, known) in [("context.taskRun", &run), ("context.task", &task)] {
            if let Some(misuse) = unknown(one.text, prefix, known) {
                report(scope, &CONTEXT, &one.field, (one.text, prefix), &misuse);
            }
        }
    }
}

/// Results whose paths a script uses.
pub(super) fn results(
    scope: &mut Scope<'_, '_>,
    step: &Step<'_>,
    prefix: &str,
    known: &BTreeSet<&str>,
) {
    let script = step.text("script");
    if let Some(misuse) = unknown(script, prefix, known) {
        report(scope, &RESULT_PATH, &step.field("script"), (script, prefix), &misuse);
    }
}
