//! What fails only at run time: what Pipelines, Tasks, runs and triggers expect of each other
//! (pkg/reconciler/pipelinerun/resources/validate_dependencies.go, validate_params.go).

use serde_json::{Value, json};

use super::pipeline::{fan_out, result_uses};
use super::{Found, names};
use crate::support::{list, text};

/// Finds an object of the same namespace by kind and name.
type Lookup<'a> = dyn Fn(&str, &str) -> Option<&'a Value> + 'a;

/// A Pipeline against its Tasks.
pub fn pipeline(pipeline: &Value, lookup: &Lookup<'_>, external: &[&str], found: &mut Found<'_>) {
    let spec = &pipeline["spec"];
    let all: Vec<&Value> = list(spec, "/tasks").iter().chain(list(spec, "/finally")).collect();
    let task_of = |task: &Value| lookup("Task", text(task, "/taskRef/name"));
    for task in &all {
        let title = text(task, "/name");
        let name = text(task, "/taskRef/name");
        let Some(referenced) = task_of(task) else {
            let elsewhere = !text(task, "/taskRef/resolver").is_empty() || external.contains(&name);
            found.add_if(!elsewhere, "task-missing", name);
            continue;
        };
        // Each run of a matrixed task by itself.
        for combination in fan_out(task) {
            let mut params = list(task, "/params").to_vec();
            let values = combination.into_iter();
            params.extend(values.map(|(name, value)| json!({"name": name, "value": value})));
            given(&params, list(referenced, "/spec/params"), title, found);
        }
        for workspace in list(referenced, "/spec/workspaces") {
            let name = text(workspace, "/name");
            let binding =
                list(task, "/workspaces").iter().find(|binding| text(binding, "/name") == name);
            let required = workspace["optional"] != true;
            found.add_if(required && binding.is_none(), "workspace-unbound", name);
            let source = binding.and_then(|binding| {
                list(spec, "/workspaces")
                    .iter()
                    .find(|w| text(w, "/name") == text(binding, "/workspace"))
            });
            let optional = source.is_some_and(|source| source["optional"] == true);
            found.add_if(required && optional, "workspace-optional", name);
        }
        for name in names(list(task, "/workspaces")) {
            let known = names(list(referenced, "/spec/workspaces")).any(|other| other == name);
            found.add_if(!known, "workspace-extra", name);
        }
    }
    let results = list(spec, "/results").iter().map(|result| &result["value"]);
    for value in all.iter().map(|task| &task["params"]).chain(results) {
        for (name, result) in result_uses(value) {
            let producer =
                all.iter().find(|task| text(task, "/name") == name).and_then(|task| task_of(task));
            if let Some(producer) = producer {
                let known = names(list(producer, "/spec/results")).any(|other| other == result);
                found.add_if(!known, "result-undeclared", format!("{name}.{result}"));
            }
        }
    }
}

/// Parameters given against parameters declared.
fn given(given: &[Value], declared: &[Value], title: &str, found: &mut Found<'_>) {
    for param in declared {
        let name = text(param, "/name");
        let value = given.iter().find(|value| text(value, "/name") == name);
        match value {
            None => found.add_if(
                param.get("default").is_none(),
                "param-missing",
                format!("{title}.{name}"),
            ),
            Some(value) => {
                let kind = match &value["value"] {
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                    _ => "string",
                };
                let wanted = match text(param, "/type") {
                    "" => "string",
                    kind => kind,
                };
                // A whole array or object of the pipeline's own stands as a text.
                let passed_on = value["value"].as_str().is_some_and(|v| v.ends_with("[*])"));
                found.add_if(
                    kind != wanted && !passed_on,
                    "param-mistyped",
                    format!("{title}.{name}"),
                );
            }
        }
    }
    for name in names(given) {
        let known = names(declared).any(|other| other == name);
        found.add_if(!known, "param-extra", format!("{title}.{name}"));
    }
}

/// A run against its Pipeline and the accounts of its namespace.
pub fn run(run: &Value, lookup: &Lookup<'_>, found: &mut Found<'_>) {
    let name = text(run, "/spec/pipelineRef/name");
    let Some(pipeline) = lookup("Pipeline", name) else {
        found.add("pipeline-missing", name);
        return;
    };
    given(list(run, "/spec/params"), list(pipeline, "/spec/params"), "run", found);
    for workspace in list(pipeline, "/spec/workspaces") {
        let name = text(workspace, "/name");
        let bound = names(list(run, "/spec/workspaces")).any(|other| other == name);
        found.add_if(!bound && workspace["optional"] != true, "workspace-unbound", name);
    }
    for workspace in list(run, "/spec/workspaces") {
        let claim = text(workspace, "/persistentVolumeClaim/claimName");
        found.add_if(
            !claim.is_empty() && lookup("PersistentVolumeClaim", claim).is_none(),
            "claim-missing",
            claim,
        );
    }
    let tasks: Vec<&str> = names(list(pipeline, "/spec/tasks"))
        .chain(names(list(pipeline, "/spec/finally")))
        .collect();
    let mut accounts = vec![text(run, "/spec/taskRunTemplate/serviceAccountName")];
    for task in list(run, "/spec/taskRunSpecs") {
        let name = text(task, "/pipelineTaskName");
        found.add_if(!tasks.contains(&name), "run-task-missing", name);
        // A task of which only the place is said has the run's.
        if task.get("serviceAccountName").is_some() {
            accounts.push(text(task, "/serviceAccountName"));
        }
    }
    for account in accounts {
        // Every namespace has this one.
        let exists = account == "default" || lookup("ServiceAccount", account).is_some();
        found.add_if(!exists, "account-missing", account);
    }
    found.add_if(run.pointer("/spec/timeouts/pipeline").is_none(), "run-without-timeout", "");
}

/// A listener against what it names.
pub fn listener(listener: &Value, lookup: &Lookup<'_>, found: &mut Found<'_>) {
    let account = text(listener, "/spec/serviceAccountName");
    found.add_if(lookup("ServiceAccount", account).is_none(), "account-missing", account);
    for trigger in list(listener, "/spec/triggers") {
        bound(trigger, lookup, found);
    }
}

/// The spec of a Trigger, or a trigger of a listener's own.
fn bound(trigger: &Value, lookup: &Lookup<'_>, found: &mut Found<'_>) {
    let template = text(trigger, "/template/ref");
    let Some(template) = lookup("TriggerTemplate", template) else {
        found.add("template-missing", template);
        return;
    };
    let mut bound = Vec::new();
    for binding in list(trigger, "/bindings") {
        let name = text(binding, "/ref");
        match lookup(text(binding, "/kind"), name) {
            None => found.add("binding-missing", name),
            Some(binding) => bound.extend(names(list(binding, "/spec/params"))),
        }
    }
    for param in list(template, "/spec/params") {
        let name = text(param, "/name");
        found.add_if(
            !bound.contains(&name) && param.get("default").is_none(),
            "template-unbound",
            name,
        );
    }
}

/// Checks one Trigger: `listeners` are all of the cluster, one of which has to ask it.
pub fn trigger(trigger: &Value, listeners: &[&Value], lookup: &Lookup<'_>, found: &mut Found<'_>) {
    let account = text(trigger, "/spec/serviceAccountName");
    found.add_if(lookup("ServiceAccount", account).is_none(), "account-missing", account);
    bound(&trigger["spec"], lookup, found);
    let groups = listeners.iter().flat_map(|listener| list(listener, "/spec/triggerGroups"));
    let asks = groups.filter(|group| {
        let namespaces = list(group, "/triggerSelector/namespaceSelector/matchNames");
        let labels = group.pointer("/triggerSelector/labelSelector/matchLabels");
        let labels = labels.and_then(Value::as_object).into_iter().flatten();
        let own = &trigger["metadata"];
        namespaces.contains(&own["namespace"])
            && labels.clone().count() > 0
            && labels.clone().all(|(key, value)| own["labels"].get(key) == Some(value))
    });
    let asks = asks.count();
    found.add_if(asks != 1, "trigger-unasked", asks);
}
