//! Pipelines: v1/pipeline_validation.go, when_validation.go, matrix_types.go, pkg/reconciler/pipeline/dag.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::task::params;
use super::variables::{texts, variables};
use super::{Found, is_label, names, twice};
use crate::support::{list, text};

/// A result of a task that a text asks for: task and result.
pub fn result_uses(value: &Value) -> Vec<(&str, &str)> {
    let uses = texts(value).into_iter().flat_map(variables);
    uses.filter_map(|variable| {
        let (task, rest) = variable.strip_prefix("tasks.")?.split_once('.')?;
        let result = rest.strip_prefix("results.")?;
        Some((task, result.split(['[', '.']).next().unwrap_or(result)))
    })
    .collect()
}

/// Where a pipeline task may use variables.
fn inputs(task: &Value) -> Vec<&Value> {
    ["params", "when", "matrix", "timeout", "displayName"]
        .iter()
        .filter_map(|key| task.get(key))
        .collect()
}

/// Checks one Pipeline.
pub fn check(pipeline: &Value, found: &mut Found<'_>) {
    let spec = &pipeline["spec"];
    let (tasks, last) = (list(spec, "/tasks"), list(spec, "/finally"));
    let all: Vec<&Value> = tasks.iter().chain(last).collect();
    let task_names: BTreeSet<&str> = names(tasks).collect();
    found.add_if(
        twice(names(tasks).chain(names(last))).is_some()
            || !names(tasks).chain(names(last)).all(is_label),
        "task-names",
        format!("{task_names:?}"),
    );
    found.add_if(tasks.is_empty() && !last.is_empty(), "finally-alone", "finally without tasks");
    found.add_if(tasks.is_empty(), "no-tasks", "");
    let kinds = params(list(spec, "/params"), found);
    let workspaces: Vec<&str> = names(list(spec, "/workspaces")).collect();
    found.add_if(
        workspaces.contains(&"") || twice(workspaces.iter().copied()).is_some(),
        "pipeline-workspaces",
        format!("{workspaces:?}"),
    );
    for task in &all {
        let name = text(task, "/name");
        let forms = ["taskRef", "taskSpec", "pipelineRef", "pipelineSpec"];
        let written = forms.iter().filter(|key| task.get(**key).is_some()).count();
        found.add_if(written != 1, "task-ref", name);
        if let Some(reference) = task.get("taskRef") {
            let by_name = !text(reference, "/name").is_empty();
            let by_resolver = !text(reference, "/resolver").is_empty();
            found.add_if(by_name == by_resolver, "task-ref", name);
        }
        for binding in list(task, "/workspaces") {
            let bound = text(binding, "/workspace");
            let bound = if bound.is_empty() { text(binding, "/name") } else { bound };
            found.add_if(!workspaces.contains(&bound), "workspace-binding", bound);
        }
        found.add_if(twice(names(list(task, "/params"))).is_some(), "param-twice", name);
        found.add_if(
            text(task, "/onError") == "continue" && task["retries"].as_i64().unwrap_or(0) > 0,
            "on-error-retries",
            name,
        );
        when(task, found);
        matrix(task, found);
        used_variables(task, &kinds, found);
    }
    order(tasks, last, &task_names, found);
    for result in list(spec, "/results") {
        let uses = result_uses(&result["value"]);
        let known = uses
            .first()
            .is_some_and(|(task, _)| names(tasks).chain(names(last)).any(|name| name == *task));
        found.add_if(!known, "pipeline-results", result);
    }
}

fn when(task: &Value, found: &mut Found<'_>) {
    for when in list(task, "/when") {
        // CEL is behind a flag that is off.
        let fine = when.get("cel").is_none()
            && ["in", "notin"].contains(&text(when, "/operator"))
            && !list(when, "/values").is_empty();
        found.add_if(!fine, "when", when);
    }
}

fn matrix(task: &Value, found: &mut Found<'_>) {
    let params = list(task, "/matrix/params");
    let combinations: usize =
        params.iter().map(|param| list(param, "/value").len().max(1)).product();
    let include = list(task, "/matrix/include");
    let included = include.iter().flat_map(|one| list(one, "/params"));
    let named = names(params).chain(included.map(|param| text(param, "/name")));
    let both =
        named.into_iter().any(|name| names(list(task, "/params")).any(|other| other == name));
    // Only then are they few enough to be made.
    let many = combinations > 256 || fan_out(task).len() > 256;
    let twice = include.iter().any(|one| twice(names(list(one, "/params"))).is_some());
    found.add_if(many || both || twice, "matrix", text(task, "/name"));
}

/// What each run of a matrixed task is given (matrix_types.go, `FanOut`): one for a task without a matrix. A list that only a run knows
/// counts as one value.
pub fn fan_out(task: &Value) -> Vec<BTreeMap<String, String>> {
    type Combination = BTreeMap<String, String>;
    let include: Vec<Combination> = list(task, "/matrix/include")
        .iter()
        .map(|one| {
            let params = list(one, "/params").iter();
            params
                .map(|param| (text(param, "/name").to_owned(), text(param, "/value").to_owned()))
                .collect()
        })
        .collect();
    let params = list(task, "/matrix/params");
    if params.is_empty() && !include.is_empty() {
        return include;
    }
    let mut all = vec![Combination::new()];
    for param in params {
        let values: Vec<String> = match param["value"].as_array() {
            Some(values) => {
                values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
            }
            None => vec![text(param, "/value").to_owned()],
        };
        let mut next = Vec::new();
        for value in values {
            for one in &all {
                let mut one = one.clone();
                one.insert(text(param, "/name").to_owned(), value.clone());
                next.push(one);
            }
        }
        all = next;
    }
    for one in &mut all {
        for extra in &include {
            let contains =
                extra.iter().all(|(name, value)| one.get(name).is_none_or(|own| own == value));
            if contains {
                one.extend(extra.clone());
            }
        }
    }
    for extra in include {
        let met =
            all.iter().any(|one| extra.iter().any(|(name, value)| one.get(name) == Some(value)));
        if !met {
            all.push(extra);
        }
    }
    all
}

fn used_variables(task: &Value, kinds: &BTreeMap<&str, &str>, found: &mut Found<'_>) {
    for text in inputs(task).into_iter().flat_map(texts) {
        for variable in variables(text) {
            let prefix = variable.split(['.', '[']).next().unwrap_or_default();
            let known = ["params", "tasks", "finally", "context", "workspaces", "results"];
            found.add_if(!known.contains(&prefix), "variable", variable);
            if let Some(rest) = variable.strip_prefix("params.") {
                let name = rest.split(['.', '[']).next().unwrap_or(rest);
                found.add_if(!kinds.contains_key(name), "param-unknown", variable);
            }
        }
    }
}

fn order(tasks: &[Value], last: &[Value], task_names: &BTreeSet<&str>, found: &mut Found<'_>) {
    let status = |variable: &&str| {
        *variable == "tasks.status"
            || variable.starts_with("tasks.")
                && (variable.ends_with(".status") || variable.ends_with(".reason"))
                && !variable.contains(".results.")
    };
    let mut before: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for task in tasks {
        let name = text(task, "/name");
        let after = list(task, "/runAfter").iter().filter_map(Value::as_str);
        let uses = inputs(task).into_iter().flat_map(result_uses).map(|(task, _)| task);
        let all: BTreeSet<&str> = after.chain(uses).collect();
        for missing in all.difference(task_names) {
            found.add("missing-task", format!("{name} waits for {missing}"));
        }
        before.insert(name, all);
        let asks = inputs(task).into_iter().flat_map(texts).flat_map(variables);
        found.add_if(asks.clone().any(|v| status(&v)), "status", name);
    }
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let ready: Vec<&str> = before
            .iter()
            .filter(|(name, after)| {
                !done.contains(*name)
                    && after.iter().all(|name| done.contains(name) || !task_names.contains(name))
            })
            .map(|(name, _)| *name)
            .collect();
        if ready.is_empty() {
            break;
        }
        done.extend(ready);
    }
    found.add_if(done.len() != before.len(), "cycle", "");
    for task in last {
        let name = text(task, "/name");
        found.add_if(task.get("runAfter").is_some(), "finally-run-after", name);
        for (asked, _) in inputs(task).into_iter().flat_map(result_uses) {
            found.add_if(!task_names.contains(asked), "finally-results", name);
        }
    }
}
