//! A positive control for every rule: objects that break none of them, and one change for each rule that is caught by it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{RULES, problems};
use crate::support::{Rendered, documents, text};

/// Objects that use what Tekton has and break no rule.
const GOOD: &str = r#"
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build, namespace: ci}
spec:
  params:
    - {name: image, type: string}
    - {name: flags, type: array, default: [-v]}
    - {name: who, type: object, properties: {name: {type: string}}, default: {name: gen}}
  workspaces: [{name: source}]
  results: [{name: digest}, {name: url, value: $(steps.push.results.url)}]
  stepTemplate: {env: [{name: IMAGE, value: $(params.image)}]}
  steps:
    - name: compile
      image: example/compiler
      args: ["$(params.flags[*])", "$(params.who.name)", "--out=$(results.digest.path)"]
      workingDir: $(workspaces.source.path)
      workspaces: [{name: source}]
      volumeMounts: [{name: tmp, mountPath: /tmp}]
    - name: push
      image: example/pusher
      script: echo "$IMAGE by $(whoami)"
      env: [{name: URL, value: $(steps.compile.results.url)}]
  sidecars: [{name: db, image: example/db}]
  volumes: [{name: tmp, emptyDir: {}}]
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: tell, namespace: ci}
spec:
  params: [{name: text}]
  steps: [{image: example/tell, command: [tell], args: [$(params.text)]}]
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: all, namespace: ci}
spec:
  params: [{name: image, type: string, default: x}]
  workspaces: [{name: source}]
  tasks:
    - name: build
      taskRef: {kind: Task, name: build}
      params: [{name: image, value: $(params.image)}]
      workspaces: [{name: source, workspace: source}]
      retries: 1
    - name: tell
      taskRef: {name: tell}
      runAfter: [build]
      params: [{name: text, value: $(tasks.build.results.digest)}]
      when: [{input: $(params.image), operator: in, values: [x]}]
  finally:
    - name: last
      taskRef: {name: tell}
      params: [{name: text, value: $(tasks.build.status)}]
  results: [{name: digest, value: $(tasks.build.results.digest)}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: builder, namespace: ci}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: source, namespace: ci}
---
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: run, namespace: ci}
spec:
  pipelineRef: {name: all}
  params: [{name: image, value: y}]
  timeouts: {pipeline: 1h, tasks: 50m, finally: 10m}
  workspaces: [{name: source, persistentVolumeClaim: {claimName: source}}]
  taskRunTemplate: {serviceAccountName: default}
  taskRunSpecs: [{pipelineTaskName: build, serviceAccountName: builder}]
---
apiVersion: triggers.tekton.dev/v1beta1
kind: EventListener
metadata: {name: hooks, namespace: ci}
spec:
  serviceAccountName: builder
  triggers:
    - name: push
      bindings: [{kind: TriggerBinding, ref: push}]
      template: {ref: push}
      interceptors: [{ref: {name: cel, kind: ClusterInterceptor}}]
  triggerGroups:
    - name: github
      interceptors: [{ref: {name: github, kind: ClusterInterceptor}}]
      triggerSelector: {namespaceSelector: {matchNames: [ci]}, labelSelector: {matchLabels: {host: github}}}
  resources:
    kubernetesResource: {spec: {template: {spec: {containers: [{resources: {}, env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b}}}]}]}}}}
---
apiVersion: triggers.tekton.dev/v1beta1
kind: Trigger
metadata: {name: asked, namespace: ci, labels: {host: github}}
spec:
  serviceAccountName: builder
  bindings: [{kind: TriggerBinding, ref: push}]
  template: {ref: push}
  interceptors: [{ref: {name: cel, kind: ClusterInterceptor}}]
---
apiVersion: triggers.tekton.dev/v1beta1
kind: TriggerBinding
metadata: {name: push, namespace: ci}
spec: {params: [{name: revision, value: $(body.after)}]}
---
apiVersion: triggers.tekton.dev/v1beta1
kind: TriggerTemplate
metadata: {name: push, namespace: ci}
spec:
  params: [{name: revision}]
  resourcetemplates: [{apiVersion: v1, kind: ConfigMap, data: {a: $(tt.params.revision)}}]
"#;

#[rustfmt::skip] // as a table, a line each
#[allow(clippy::too_many_lines, reason = "a table")]
/// Rule, object, where, and what is put there; `null` takes it away.
fn controls() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let long = "a".repeat(64);
    let many: Vec<String> = (0..257).map(|number| number.to_string()).collect();
    let step = |key: &str, value: Value| {
        let mut step = json!({"image": "x"});
        step[key] = value;
        json!([step])
    };
    vec![
        ("name", "Task build", "/metadata/name", json!("Build")),
        ("name", "Pipeline all", "/metadata/name", json!(long)),
        ("steps", "Task build", "/spec/steps", json!([])),
        ("volume-names", "Task build", "/spec/volumes", json!([{"name": "tmp"}, {"name": "tmp"}])),
        ("step-names", "Task build", "/spec/steps/1/name", json!("compile")),
        ("step-names", "Task build", "/spec/steps/1/name", json!("a.b")),
        ("image", "Task build", "/spec/steps/0/image", Value::Null),
        ("script-command", "Task build", "/spec/steps/1/command", json!(["x"])),
        ("sidecar-image", "Task build", "/spec/sidecars/0/image", Value::Null),
        ("step-ref", "Task build", "/spec/steps/0/ref", json!({"name": "action"})),
        ("step-params", "Task build", "/spec/steps/0/params", json!([{"name": "x", "value": "y"}])),
        ("step-results", "Task build", "/spec/steps/1/script", json!("echo $(steps.compile.results.url)")),
        ("on-error", "Task build", "/spec/steps/0/onError", json!("ignore")),
        ("mount-tekton", "Task build", "/spec/steps/0/volumeMounts/0/mountPath", json!("/tekton/scripts")),
        ("mount-internal", "Task build", "/spec/steps/0/volumeMounts/0/name", json!("tekton-internal-x")),
        ("mount-volume", "Task build", "/spec/steps/0/volumeMounts/0/name", json!("tpm")),
        ("workspace-mount", "Task build", "/spec/steps/0/volumeMounts/0/mountPath", json!("/workspace/source")),
        ("workspaces", "Task build", "/spec/workspaces", json!([{"name": "source"}, {"name": "source"}])),
        ("step-workspace", "Task build", "/spec/steps/0/workspaces/0/name", json!("sources")),
        ("workspace-unknown", "Task build", "/spec/steps/0/workingDir", json!("$(workspaces.sources.path)")),
        ("param-name", "Task build", "/spec/params/0/name", json!("1image")),
        ("param-twice", "Task build", "/spec/params/1/name", json!("image")),
        ("param-default", "Task build", "/spec/params/1/default", json!("-v")),
        ("param-object", "Task build", "/spec/params/2/properties", Value::Null),
        ("param-unknown", "Task build", "/spec/stepTemplate/env/0/value", json!("$(params.imgae)")),
        ("param-unknown", "Task build", "/spec/stepTemplate/env/0/value", json!("$$(params.imgae)")),
        ("param-unknown", "Task build", "/spec/steps/0/workingDir", json!("$(params['imgae'])")),
        ("param-unknown", "Task build", "/spec/volumes/0/name", json!("$(params.imgae)")),
        ("param-array", "Task build", "/spec/steps/0/args/0", json!("--flags=$(params.flags[*])")),
        ("param-array", "Task build", "/spec/steps/0/image", json!("$(params.flags)")),
        ("param-object-whole", "Task build", "/spec/steps/0/args/1", json!("$(params.who)")),
        ("script-param", "Task build", "/spec/steps/1/script", json!("echo $(params.image)")),
        ("result-unknown", "Task build", "/spec/steps/0/args/2", json!("$(results.digset.path)")),
        ("context", "Task build", "/spec/steps/0/args/2", json!("$(context.pipelineRun.name)")),
        ("result-name", "Task build", "/spec/results/0/name", json!("-digest")),
        ("result-value", "Task build", "/spec/results/1/value", json!("https://x")),
        ("task-names", "Pipeline all", "/spec/finally/0/name", json!("tell")),
        ("task-names", "Pipeline all", "/spec/tasks/1/name", json!("Tell")),
        ("finally-alone", "Pipeline all", "/spec/tasks", json!([])),
        ("no-tasks", "Pipeline all", "/spec/tasks", json!([])),
        ("pipeline-workspaces", "Pipeline all", "/spec/workspaces", json!([{"name": "source"}, {"name": ""}])),
        ("workspace-binding", "Pipeline all", "/spec/tasks/0/workspaces/0/workspace", json!("sources")),
        ("task-ref", "Pipeline all", "/spec/tasks/0/taskRef", Value::Null),
        ("task-ref", "Pipeline all", "/spec/tasks/0/taskRef/resolver", json!("git")),
        ("on-error-retries", "Pipeline all", "/spec/tasks/0/onError", json!("continue")),
        ("when", "Pipeline all", "/spec/tasks/1/when/0/operator", json!("equals")),
        ("when", "Pipeline all", "/spec/tasks/1/when/0/values", json!([])),
        ("matrix", "Pipeline all", "/spec/tasks/1/matrix", json!({"params": [{"name": "x", "value": many}]})),
        ("matrix", "Pipeline all", "/spec/tasks/1/matrix", json!({"params": [{"name": "text", "value": ["a"]}]})),
        ("matrix", "Pipeline all", "/spec/tasks/1/matrix", json!({"include": [{"params": [{"name": "text", "value": "a"}]}]})),
        ("matrix", "Pipeline all", "/spec/tasks/1/matrix", json!({"include": [{"params": [{"name": "x", "value": "a"}, {"name": "x", "value": "b"}]}]})),
        ("param-extra", "Pipeline all", "/spec/tasks/1/matrix", json!({"params": [{"name": "x", "value": ["a"]}], "include": [{"params": [{"name": "y", "value": "a"}]}]})),
        ("variable", "Pipeline all", "/spec/tasks/0/params/0/value", json!("$(param.image)")),
        ("param-unknown", "Pipeline all", "/spec/tasks/0/params/0/value", json!("$(params.imgae)")),
        ("missing-task", "Pipeline all", "/spec/tasks/1/runAfter", json!(["biuld"])),
        ("missing-task", "Pipeline all", "/spec/tasks/1/params/0/value", json!("$(tasks.biuld.results.digest)")),
        ("cycle", "Pipeline all", "/spec/tasks/0/runAfter", json!(["tell"])),
        ("status", "Pipeline all", "/spec/tasks/1/params/0/value", json!("$(tasks.build.status)")),
        ("finally-run-after", "Pipeline all", "/spec/finally/0/runAfter", json!(["tell"])),
        ("finally-results", "Pipeline all", "/spec/finally/0/params/0/value", json!("$(tasks.last.results.x)")),
        ("pipeline-results", "Pipeline all", "/spec/results/0/value", json!("$(tasks.biuld.results.digest)")),
        ("task-missing", "Pipeline all", "/spec/tasks/1/taskRef/name", json!("tells")),
        ("param-missing", "Pipeline all", "/spec/tasks/1/params", json!([])),
        ("param-mistyped", "Pipeline all", "/spec/tasks/0/params/0/value", json!(["x"])),
        ("param-extra", "Pipeline all", "/spec/tasks/1/params/0/name", json!("test")),
        ("workspace-unbound", "Pipeline all", "/spec/tasks/0/workspaces", json!([])),
        ("workspace-extra", "Pipeline all", "/spec/tasks/0/workspaces/0/name", json!("sauce")),
        ("workspace-optional", "Pipeline all", "/spec/workspaces/0/optional", json!(true)),
        ("result-undeclared", "Pipeline all", "/spec/results/0/value", json!("$(tasks.build.results.digset)")),
        ("run-pipeline", "PipelineRun run", "/spec/pipelineSpec", json!({})),
        ("run-workspaces", "PipelineRun run", "/spec/workspaces", json!([{"name": "source", "emptyDir": {}}, {"name": "source", "emptyDir": {}}])),
        ("run-one-claim", "PipelineRun run", "/spec/workspaces", json!([{"name": "source", "volumeClaimTemplate": {}}, {"name": "b", "volumeClaimTemplate": {}}])),
        ("run-binding", "PipelineRun run", "/spec/workspaces/0/emptyDir", json!({})),
        ("run-binding", "PipelineRun run", "/spec/workspaces/0/persistentVolumeClaim", json!({})),
        ("run-results", "PipelineRun run", "/spec/params/0/value", json!("$(tasks.build.results.digest)")),
        ("run-timeouts", "PipelineRun run", "/spec/timeouts/tasks", json!("55m")),
        ("run-timeouts", "PipelineRun run", "/spec/timeouts/pipeline", json!("-1m")),
        ("run-timeouts", "PipelineRun run", "/spec/timeouts/pipeline", json!("1 hour")),
        ("run-without-timeout", "PipelineRun run", "/spec/timeouts/pipeline", Value::Null),
        ("run-task-specs", "PipelineRun run", "/spec/taskRunSpecs", json!([{"pipelineTaskName": "build"}, {"pipelineTaskName": "build"}])),
        ("run-task-missing", "PipelineRun run", "/spec/taskRunSpecs/0/pipelineTaskName", json!("biuld")),
        ("account-missing", "PipelineRun run", "/spec/taskRunTemplate/serviceAccountName", json!("nobody")),
        ("pipeline-missing", "PipelineRun run", "/spec/pipelineRef/name", json!("some")),
        ("claim-missing", "PipelineRun run", "/spec/workspaces/0/persistentVolumeClaim/claimName", json!("sauce")),
        ("param-extra", "PipelineRun run", "/spec/params/0/name", json!("imgae")),
        ("workspace-unbound", "PipelineRun run", "/spec/workspaces", json!([])),
        ("listener-name", "EventListener hooks", "/metadata/name", json!("a".repeat(61))),
        ("listener-field", "EventListener hooks", "/spec/serviceAccount", json!("x")),
        ("listener-field", "EventListener hooks", "/spec/triggers/0/binding", json!([])),
        ("listener-pod", "EventListener hooks", "/spec/resources/kubernetesResource/spec/template/spec/volumes", json!([])),
        ("listener-pod", "EventListener hooks", "/spec/resources/kubernetesResource/spec/template/spec/containers/0/image", json!("x")),
        ("listener-env", "EventListener hooks", "/spec/resources/kubernetesResource/spec/template/spec/containers/0/env/0", json!({"name": "A", "value": "b"})),
        ("trigger-name", "EventListener hooks", "/spec/triggers/0/name", json!("Push")),
        ("binding-kind", "EventListener hooks", "/spec/triggers/0/bindings/0/kind", Value::Null),
        ("interceptor", "EventListener hooks", "/spec/triggers/0/interceptors/0/ref/kind", json!("Cel")),
        ("template-missing", "EventListener hooks", "/spec/triggers/0/template/ref", json!("pull")),
        ("binding-missing", "EventListener hooks", "/spec/triggers/0/bindings/0/ref", json!("pull")),
        ("template-unbound", "EventListener hooks", "/spec/triggers/0/bindings", json!([])),
        ("trigger-group", "EventListener hooks", "/spec/triggerGroups/0/interceptors", json!([])),
        ("listener-field", "EventListener hooks", "/spec/triggerGroups/0/triggers", json!([])),
        ("trigger-unasked", "EventListener hooks", "/spec/triggerGroups/0/triggerSelector/namespaceSelector/matchNames/0", json!("other")),
        ("trigger-unasked", "Trigger asked", "/metadata/labels/host", json!("gitlab")),
        ("listener-field", "Trigger asked", "/spec/serviceAccount", json!("x")),
        ("template-missing", "Trigger asked", "/spec/template/ref", json!("pull")),
        ("template-param", "TriggerTemplate push", "/spec/resourcetemplates/0/data/a", json!("$(tt.params.revsion)")),
        ("template-object", "TriggerTemplate push", "/spec/resourcetemplates/0/kind", Value::Null),
        ("script-param", "Task build", "/spec/steps", step("script", json!("echo $(tasks.status)"))),
    ]
}

fn good() -> Vec<Rendered> {
    let rendered = |value| Rendered {
        path: "cluster/env/app/app/pipeline.yaml".to_owned(),
        value,
        inner: false,
    };
    documents(GOOD).into_iter().map(rendered).collect()
}

fn put(object: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = object.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"));
    match parent {
        Value::Object(map) if value.is_null() => assert!(map.remove(key).is_some(), "{pointer}"),
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        _ => panic!("{pointer}"),
    }
}

#[test]
fn every_rule_catches_what_breaks_it() {
    let clean = problems(&good(), &[]);
    let clean: Vec<&str> = clean.iter().map(|problem| problem.what.as_str()).collect();
    assert!(clean.is_empty(), "{clean:?}");
    let mut caught = BTreeSet::new();
    for (rule, object, pointer, value) in controls() {
        let mut objects = good();
        let (kind, name) = object.split_once(' ').expect("kind and name");
        let target = objects
            .iter_mut()
            .find(|o| o.kind() == kind && text(&o.value, "/metadata/name") == name)
            .expect("the object");
        put(&mut target.value, pointer, value.clone());
        let found = problems(&objects, &[]);
        let found: Vec<&str> = found.iter().map(|problem| problem.rule).collect();
        assert!(found.contains(&rule), "{rule}: {object}{pointer} = {value} was taken: {found:?}");
        caught.insert(rule);
    }
    let without: Vec<&&str> = RULES.iter().filter(|rule| !caught.contains(*rule)).collect();
    assert!(without.is_empty(), "without a control: {without:?}");
    println!("{} rules, each with a control", RULES.len());
}
