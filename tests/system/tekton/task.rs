//! Tasks: v1/task_validation.go, container_validation.go, param_types.go, result_validation.go.

use std::collections::BTreeMap;

use serde_json::Value;

use super::variables::{named, texts, variables};
use super::{Found, is_label, names, twice};
use crate::support::{list, text};

/// Checks one Task.
pub fn check(task: &Value, found: &mut Found<'_>) {
    let spec = &task["spec"];
    let steps = list(spec, "/steps");
    found.add_if(steps.is_empty(), "steps", "no step");
    found.add_if(twice(names(list(spec, "/volumes"))).is_some(), "volume-names", "a volume twice");
    let step_names: Vec<&str> = names(steps).filter(|name| !name.is_empty()).collect();
    found.add_if(
        twice(step_names.iter().copied()).is_some()
            || !step_names.iter().all(|name| is_label(name)),
        "step-names",
        format!("{step_names:?}"),
    );
    for step in steps {
        container(step, found);
        mounts(step, spec, found);
    }
    mounts(&spec["stepTemplate"], spec, found);
    for sidecar in list(spec, "/sidecars") {
        found.add_if(text(sidecar, "/image").is_empty(), "sidecar-image", sidecar);
        found.add_if(
            !text(sidecar, "/script").is_empty() && sidecar.get("command").is_some(),
            "script-command",
            sidecar,
        );
        mounts(sidecar, spec, found);
    }
    workspaces(spec, found);
    let kinds = params(list(spec, "/params"), found);
    uses(spec, &kinds, found);
    results(spec, found);
}

fn container(step: &Value, found: &mut Found<'_>) {
    let name = text(step, "/name");
    if step.get("ref").is_some() {
        for key in
            ["image", "command", "args", "script", "workingDir", "env", "volumeMounts", "results"]
        {
            found.add_if(
                step.get(key).is_some(),
                "step-ref",
                format!("{name} has a ref and {key}"),
            );
        }
        return;
    }
    found.add_if(text(step, "/image").is_empty(), "image", name);
    found.add_if(
        !text(step, "/script").is_empty() && step.get("command").is_some(),
        "script-command",
        name,
    );
    found.add_if(step.get("params").is_some(), "step-params", name);
    for key in ["image", "workingDir", "script", "volumeMounts"] {
        let used = texts(&step[key]).into_iter().any(|text| {
            variables(text).iter().any(|v| v.starts_with("steps.") && v.contains(".results."))
        });
        found.add_if(used, "step-results", format!("{name}.{key}"));
    }
    let on_error = text(step, "/onError");
    found.add_if(
        !["", "continue", "stopAndFail"].contains(&on_error) && !on_error.contains("$("),
        "on-error",
        on_error,
    );
}

fn mounts(step: &Value, spec: &Value, found: &mut Found<'_>) {
    let volumes: Vec<&str> = names(list(spec, "/volumes")).collect();
    for mount in list(step, "/volumeMounts") {
        let path = text(mount, "/mountPath");
        let name = text(mount, "/name");
        let inside = path == "/tekton" || path.starts_with("/tekton/");
        found.add_if(inside && !path.starts_with("/tekton/home"), "mount-tekton", path);
        found.add_if(name.starts_with("tekton-internal-"), "mount-internal", name);
        // The Pod would be refused; Tekton itself does not look.
        found.add_if(!volumes.contains(&name), "mount-volume", name);
        for workspace in list(spec, "/workspaces") {
            let default = format!("/workspace/{}", text(workspace, "/name"));
            let at = workspace["mountPath"].as_str().unwrap_or(&default);
            found.add_if(at == path, "workspace-mount", path);
        }
    }
}

fn workspaces(spec: &Value, found: &mut Found<'_>) {
    let declared: Vec<&str> = names(list(spec, "/workspaces")).collect();
    found.add_if(
        twice(declared.iter().copied()).is_some() || declared.contains(&""),
        "workspaces",
        format!("{declared:?}"),
    );
    for step in list(spec, "/steps") {
        for name in names(list(step, "/workspaces")) {
            found.add_if(!declared.contains(&name), "step-workspace", name);
        }
    }
    for text in texts(spec) {
        for (name, _) in named(text, "workspaces") {
            found.add_if(!declared.contains(&name), "workspace-unknown", name);
        }
    }
}

/// Checks declarations; gives the type of each.
pub fn params<'a>(params: &'a [Value], found: &mut Found<'_>) -> BTreeMap<&'a str, &'a str> {
    found.add_if(twice(names(params)).is_some(), "param-twice", "");
    let mut kinds = BTreeMap::new();
    for param in params {
        let name = text(param, "/name");
        let default = &param["default"];
        let kind = match (text(param, "/type"), default) {
            ("", Value::Array(_)) => "array",
            ("", Value::Object(_)) => "object",
            ("", _) => "string",
            (kind, _) => kind,
        };
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let dots = kind != "object";
        let fine =
            |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || (c == '.' && dots);
        found.add_if(!starts || !name.chars().all(fine), "param-name", name);
        let matches = match default {
            Value::Null => true,
            Value::String(_) => kind == "string",
            Value::Array(_) => kind == "array",
            Value::Object(_) => kind == "object",
            _ => false,
        };
        found.add_if(!matches, "param-default", name);
        found.add_if(kind == "object" && param.get("properties").is_none(), "param-object", name);
        kinds.insert(name, kind);
    }
    kinds
}

/// Where a container may use parameters.
const FIELDS: [&str; 10] = [
    "name",
    "image",
    "workingDir",
    "script",
    "command",
    "args",
    "env",
    "volumeMounts",
    "onError",
    "imagePullPolicy",
];

fn uses(spec: &Value, kinds: &BTreeMap<&str, &str>, found: &mut Found<'_>) {
    let containers =
        list(spec, "/steps").iter().chain(list(spec, "/sidecars")).chain([&spec["stepTemplate"]]);
    let declared: Vec<&str> = names(list(spec, "/results")).collect();
    for container in containers {
        for field in FIELDS {
            for text in texts(&container[field]) {
                param_use(text, ["args", "command"].contains(&field), kinds, found);
                for (name, _) in named(text, "results") {
                    found.add_if(!declared.contains(&name), "result-unknown", name);
                }
                for variable in variables(text) {
                    let known = match variable.split_once('.') {
                        Some(("context", rest)) => [
                            "taskRun.name",
                            "taskRun.namespace",
                            "taskRun.uid",
                            "task.name",
                            "task.retry-count",
                        ]
                        .contains(&rest),
                        _ => true,
                    };
                    found.add_if(!known, "context", variable);
                }
            }
        }
        // Tekton takes it; the value would be read as a part of the program (TEP-0146).
        let script = text(container, "/script");
        let unsafe_use =
            ["params", "tasks", "context"].iter().any(|prefix| !named(script, prefix).is_empty());
        found.add_if(unsafe_use, "script-param", script);
    }
    for text in texts(&spec["volumes"]) {
        param_use(text, false, kinds, found);
    }
}

fn param_use(text: &str, is_list: bool, kinds: &BTreeMap<&str, &str>, found: &mut Found<'_>) {
    for (name, whole) in named(text, "params") {
        match kinds.get(name).copied() {
            None => found.add("param-unknown", format!("`{name}` in {text}")),
            Some("array") => {
                let one = text.contains(&format!("$(params.{name}["));
                let isolated = is_list
                    && (text == format!("$(params.{name}[*])")
                        || text == format!("$(params.{name})"));
                found.add_if((whole || !one) && !isolated, "param-array", text);
            }
            Some("object") => {
                let member = text.contains(&format!("$(params.{name}."));
                found.add_if(whole || !member, "param-object-whole", text);
            }
            Some(_) => {}
        }
    }
}

fn results(spec: &Value, found: &mut Found<'_>) {
    let results = list(spec, "/results");
    found.add_if(twice(names(results)).is_some(), "result-name", "twice");
    for result in results {
        let name = text(result, "/name");
        let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fine = end(name.chars().next()) && end(name.chars().last()) && name.chars().all(inner);
        found.add_if(!fine, "result-name", name);
        if let Some(value) = result.get("value").and_then(Value::as_str) {
            let whole = variables(value).first().is_some_and(|variable| {
                value == format!("$({variable})")
                    && variable.starts_with("steps.")
                    && variable.contains(".results.")
            });
            found.add_if(!whole, "result-value", value);
        }
    }
}
