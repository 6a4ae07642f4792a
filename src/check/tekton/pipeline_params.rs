//! Parameters and variables of the context in what the tasks of a Pipeline are given.

use std::collections::BTreeSet;

use super::graph::result_texts;
use super::lists::listed;
use super::params::{Given, Spec, all_names, given, named};
use super::pipeline_task::has_matrix;
use super::scope::{Scope, items, part, text};
use super::table::advice;
use super::table::task::{ARRAY_USE, CONTEXT, KEY, OBJECT_USE, UNDECLARED};
use super::usage::report;
use super::variables::{prohibited, prohibited_whole, surrounded, unknown, whole_reference};
use crate::yaml::Value;

/// Judges one task against the parameters that it may use.
pub(super) fn judge(scope: &mut Scope<'_, '_>, task: &Value, at: &str, params: &[Spec<'_>]) {
    let names = all_names(params);
    let known = Known { params, names: &names };
    for param in given(task, "params", at) {
        let at = format!("{}.value", param.at);
        match &param.value {
            Given::Text(text) => match whole_reference(text, "params") {
                Some(_) => {
                    if let Some(misuse) = unknown(text, "params", &names) {
                        report(scope, &UNDECLARED, &at, (text, "params"), &misuse);
                    }
                }
                None => known.text(scope, text, &at, false),
            },
            Given::List(all) => {
                for (index, text) in all.iter().enumerate() {
                    known.text(scope, text, &format!("{at}[{index}]"), true);
                }
            }
            Given::Map(map) => {
                for (key, text) in map {
                    known.text(scope, text, &format!("{at}.{key}"), false);
                }
            }
        }
    }
    if has_matrix(task) {
        known.matrix(scope, part(task, "matrix"), &format!("{at}.matrix"));
    }
    let lists = named(params, "array");
    for (index, one) in items(task, "when").iter().enumerate() {
        let at = format!("{at}.when[{index}]");
        known.text(scope, text(one, "input"), &format!("{at}.input"), false);
        for (index, value) in items(one, "values").iter().enumerate() {
            let Some(value) = value.as_str() else { continue };
            let name = value.strip_prefix("$(params.").unwrap_or(value);
            let is_list = lists.contains(name.strip_suffix("[*])").unwrap_or(name));
            known.text(scope, value, &format!("{at}.values[{index}]"), is_list);
        }
    }
}

struct Known<'k, 'a> {
    params: &'k [Spec<'a>],
    names: &'k BTreeSet<&'a str>,
}

impl Known<'_, '_> {
    /// A text, which may be a list where it is the item of one.
    fn text(&self, scope: &mut Scope<'_, '_>, text: &str, at: &str, is_item: bool) {
        if !text.contains("$(params") {
            return;
        }
        if let Some(misuse) = unknown(text, "params", self.names) {
            report(scope, &UNDECLARED, at, (text, "params"), &misuse);
        }
        for object in
            self.params.iter().filter(|param| param.kind == "object" && param.properties.is_some())
        {
            let prefix = format!("params.{}", object.name);
            if let Some(misuse) = unknown(text, &prefix, &object.keys()) {
                report(scope, &KEY, at, (text, &prefix), &misuse);
            }
        }
        let objects =
            self.params.iter().filter(|param| param.kind == "object" && param.properties.is_some());
        let objects: BTreeSet<&str> = objects.map(|param| param.name).collect();
        if let Some(misuse) = prohibited_whole(text, "params", &objects) {
            report(scope, &OBJECT_USE, at, (text, "params"), &misuse);
        }
        let lists = named(self.params, "array");
        let misuse = if is_item {
            surrounded(text, "params", &lists)
        } else {
            prohibited(text, "params", &lists)
        };
        if let Some(misuse) = misuse {
            report(scope, &ARRAY_USE, at, (text, "params"), &misuse);
        }
    }

    fn matrix(&self, scope: &mut Scope<'_, '_>, matrix: &Value, at: &str) {
        for (index, include) in items(matrix, "include").iter().enumerate() {
            for param in given(include, "params", &format!("{at}.include[{index}]")) {
                if let Given::Text(text) = &param.value {
                    self.text(scope, text, &format!("{}.value", param.at), false);
                }
            }
        }
        for param in given(matrix, "params", at) {
            if let Given::List(all) = &param.value {
                for (index, text) in all.iter().enumerate() {
                    self.text(scope, text, &format!("{}.value[{index}]", param.at), true);
                }
            }
        }
    }
}

/// Variables of the context in parameters and matrices. Tekton looks only at the last task of a list, and so an error in another one is
/// an advice.
pub(super) fn context(scope: &mut Scope<'_, '_>, spec: &Value, at: &str) {
    let known = [
        ("context.pipelineRun", BTreeSet::from(["name", "namespace", "uid"])),
        ("context.pipeline", BTreeSet::from(["name"])),
        ("context.pipelineTask", BTreeSet::from(["retries"])),
    ];
    for list in ["tasks", "finally"] {
        let all = listed(spec, at, list);
        for (index, (task, at)) in all.iter().enumerate() {
            let is_last = index + 1 == all.len();
            let texts = result_texts(task, at).into_iter();
            let is_given = |path: &str| !path.starts_with(&format!("{at}.taskSpec"));
            let is_when = |path: &str| path.starts_with(&format!("{at}.when"));
            for (field, text) in texts.filter(|(path, _)| is_given(path)) {
                let is_judged = is_last && !is_when(&field);
                let rule = if is_judged { &CONTEXT } else { &advice::CONTEXT };
                for (prefix, names) in &known {
                    if let Some(misuse) = unknown(text, prefix, names) {
                        if is_judged {
                            report(scope, rule, &field, (text, prefix), &misuse);
                        } else {
                            let what = "has a variable of the context that is not known here";
                            scope.say(rule, &field, what, "");
                        }
                    }
                }
            }
        }
    }
}
