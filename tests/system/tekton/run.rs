//! Runs and triggers: v1/pipelinerun_validation.go, workspace_validation.go; tektoncd/triggers v1beta1 validation.

use serde_json::Value;

use super::variables::{named, texts, variables};
use super::{Found, is_label, names, seconds, twice};
use crate::support::{list, text};

/// Checks one PipelineRun.
pub fn check(run: &Value, found: &mut Found<'_>) {
    let spec = &run["spec"];
    let forms = ["pipelineRef", "pipelineSpec"];
    let written = forms.iter().filter(|key| spec.get(**key).is_some()).count();
    found.add_if(written != 1, "run-pipeline", "");
    let workspaces = list(spec, "/workspaces");
    found.add_if(twice(names(workspaces)).is_some(), "run-workspaces", "");
    for workspace in workspaces {
        binding(workspace, found);
    }
    let claims = workspaces.iter().filter(|w| {
        w.get("volumeClaimTemplate").is_some() || w.get("persistentVolumeClaim").is_some()
    });
    // The affinity assistant (`coschedule: workspaces`) takes one claim for each TaskRun.
    found.add_if(claims.count() > 1, "run-one-claim", "");
    found.add_if(twice(names(list(spec, "/params"))).is_some(), "param-twice", "");
    let asks_results = texts(&spec["params"])
        .into_iter()
        .flat_map(variables)
        .any(|variable| variable.starts_with("tasks."));
    found.add_if(asks_results, "run-results", "");
    timeouts(spec, found);
    let tasks = list(spec, "/taskRunSpecs").iter().map(|task| text(task, "/pipelineTaskName"));
    found.add_if(twice(tasks).is_some(), "run-task-specs", "");
}

fn timeouts(spec: &Value, found: &mut Found<'_>) {
    let of = |key: &str| match spec["timeouts"][key].as_str() {
        None => Some(None),
        Some(text) => seconds(text).map(Some),
    };
    let (Some(all), Some(tasks), Some(last)) = (of("pipeline"), of("tasks"), of("finally")) else {
        found.add("run-timeouts", &spec["timeouts"]);
        return;
    };
    let negative = [all, tasks, last].into_iter().flatten().any(|time| time < 0);
    let all = all.unwrap_or(3600);
    let more = all != 0 && tasks.unwrap_or(0) + last.unwrap_or(0) > all;
    found.add_if(negative || more, "run-timeouts", &spec["timeouts"]);
}

fn binding(workspace: &Value, found: &mut Found<'_>) {
    let sources = [
        "volumeClaimTemplate",
        "persistentVolumeClaim",
        "emptyDir",
        "configMap",
        "secret",
        "projected",
        "csi",
    ];
    let written = sources.iter().filter(|key| workspace.get(**key).is_some()).count();
    let unnamed = |key: &str, name: &str| {
        workspace.get(key).is_some_and(|source| text(source, name).is_empty())
    };
    let broken = written != 1
        || text(workspace, "/name").is_empty()
        || unnamed("persistentVolumeClaim", "/claimName")
        || unnamed("configMap", "/name")
        || unnamed("secret", "/secretName");
    found.add_if(broken, "run-binding", workspace);
}

/// The first key of a mapping that is not known.
fn only(value: &Value, known: &[&str]) -> Option<String> {
    let keys = value.as_object().into_iter().flat_map(|map| map.keys());
    keys.map(String::as_str).find(|key| !known.contains(key)).map(str::to_owned)
}

/// Bindings and interceptors of a trigger or a group; their unknown fields.
fn parts(trigger: &Value, found: &mut Found<'_>) -> Vec<Option<String>> {
    for binding in list(trigger, "/bindings") {
        let kind = text(binding, "/kind");
        let fine = ["TriggerBinding", "ClusterTriggerBinding"].contains(&kind);
        found.add_if(binding.get("ref").is_some() && !fine, "binding-kind", binding);
    }
    let mut unknown = Vec::new();
    for interceptor in list(trigger, "/interceptors") {
        unknown.push(only(interceptor, &["name", "ref", "params", "webhook"]));
        let kind = text(interceptor, "/ref/kind");
        let fine = ["ClusterInterceptor", "Interceptor", "NamespacedInterceptor"];
        found.add_if(
            !fine.contains(&kind) || text(interceptor, "/ref/name").is_empty(),
            "interceptor",
            interceptor,
        );
    }
    unknown
}

/// Checks one Trigger.
pub fn trigger(trigger: &Value, found: &mut Found<'_>) {
    let spec = &trigger["spec"];
    let known = ["name", "bindings", "template", "serviceAccountName", "interceptors"];
    let mut unknown = vec![only(spec, &known)];
    unknown.extend(parts(spec, found));
    for key in unknown.into_iter().flatten() {
        found.add("listener-field", key);
    }
}

/// Checks one EventListener. Its CRD lets any field through, so the fields are looked at here.
pub fn listener(listener: &Value, found: &mut Found<'_>) {
    found.add_if(text(listener, "/metadata/name").len() > 60, "listener-name", "");
    let spec = &listener["spec"];
    let mut unknown = vec![only(
        spec,
        &[
            "serviceAccountName",
            "triggers",
            "triggerGroups",
            "namespaceSelector",
            "labelSelector",
            "resources",
            "cloudEventURI",
        ],
    )];
    for trigger in list(spec, "/triggers") {
        unknown.push(only(
            trigger,
            &["name", "bindings", "template", "triggerRef", "serviceAccountName", "interceptors"],
        ));
        found.add_if(!is_label(text(trigger, "/name")), "trigger-name", text(trigger, "/name"));
        unknown.extend(parts(trigger, found));
    }
    for group in list(spec, "/triggerGroups") {
        unknown.push(only(group, &["name", "interceptors", "triggerSelector"]));
        let selector = &group["triggerSelector"];
        unknown.push(only(selector, &["namespaceSelector", "labelSelector"]));
        let selects = selector.as_object().is_some_and(|keys| !keys.is_empty());
        let fine = selects && !list(group, "/interceptors").is_empty();
        found.add_if(!fine, "trigger-group", group);
        unknown.extend(parts(group, found));
    }
    for key in unknown.into_iter().flatten() {
        found.add("listener-field", key);
    }
    let template = "/resources/kubernetesResource/spec/template/spec";
    let allowed = [
        "serviceAccountName",
        "tolerations",
        "nodeSelector",
        "containers",
        "affinity",
        "topologySpreadConstraints",
        "imagePullSecrets",
        "securityContext",
        "priorityClassName",
    ];
    let pod = spec.pointer(template).unwrap_or(&Value::Null);
    found.add_if(only(pod, &allowed).is_some(), "listener-pod", pod);
    for container in list(pod, "/containers") {
        let allowed = [
            "resources",
            "env",
            "readinessProbe",
            "livenessProbe",
            "startupProbe",
            "securityContext",
        ];
        found.add_if(only(container, &allowed).is_some(), "listener-pod", container);
        for variable in list(container, "/env") {
            let fine = variable.pointer("/valueFrom/secretKeyRef").is_some();
            found.add_if(!fine, "listener-env", variable);
        }
    }
}

/// Checks one TriggerTemplate.
pub fn template(template: &Value, found: &mut Found<'_>) {
    let declared: Vec<&str> = names(list(template, "/spec/params")).collect();
    let resources = list(template, "/spec/resourcetemplates");
    found.add_if(resources.is_empty(), "template-object", "none");
    for resource in resources {
        found.add_if(
            text(resource, "/apiVersion").is_empty() || text(resource, "/kind").is_empty(),
            "template-object",
            resource,
        );
        for text in texts(resource) {
            for (name, _) in named(text, "tt.params") {
                found.add_if(!declared.contains(&name), "template-param", text);
            }
        }
    }
}
