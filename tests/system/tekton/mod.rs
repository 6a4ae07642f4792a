//! What Tekton's webhooks would refuse, and what would fail only when a run starts: the rules of its admission that can be checked
//! without a cluster, over Tasks, Pipelines, runs and triggers, and those across them. Written after Tekton's own validation
//! (tektoncd/pipeline pkg/apis, tektoncd/triggers pkg/apis), not after gen's.

mod across;
mod controls;
mod pipeline;
mod run;
mod task;
mod values;
mod variables;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Rendered, text, trees};

/// Every rule; each has a control in `controls.rs`.
const RULES: &[&str] = &[
    "account-missing",
    "binding-kind",
    "binding-missing",
    "claim-missing",
    "context",
    "cycle",
    "finally-alone",
    "finally-results",
    "finally-run-after",
    "image",
    "interceptor",
    "listener-env",
    "listener-field",
    "listener-name",
    "listener-pod",
    "matrix",
    "missing-task",
    "mount-internal",
    "mount-tekton",
    "mount-volume",
    "name",
    "no-tasks",
    "on-error",
    "on-error-retries",
    "param-array",
    "param-default",
    "param-extra",
    "param-missing",
    "param-mistyped",
    "param-name",
    "param-object",
    "param-object-whole",
    "param-twice",
    "param-unknown",
    "pipeline-missing",
    "pipeline-results",
    "pipeline-workspaces",
    "result-name",
    "result-undeclared",
    "result-unknown",
    "result-value",
    "run-binding",
    "run-one-claim",
    "run-pipeline",
    "run-results",
    "run-task-missing",
    "run-task-specs",
    "run-timeouts",
    "run-without-timeout",
    "run-workspaces",
    "script-command",
    "script-param",
    "sidecar-image",
    "status",
    "step-names",
    "step-params",
    "step-ref",
    "step-results",
    "step-workspace",
    "steps",
    "task-missing",
    "task-names",
    "task-ref",
    "template-missing",
    "template-object",
    "template-param",
    "template-unbound",
    "trigger-group",
    "trigger-unasked",
    "trigger-name",
    "variable",
    "volume-names",
    "when",
    "workspace-binding",
    "workspace-extra",
    "workspace-mount",
    "workspace-optional",
    "workspace-unbound",
    "workspace-unknown",
    "workspaces",
];

/// A rule that an object breaks: the rule's name, and where.
pub struct Problem {
    rule: &'static str,
    what: String,
}

/// Collects problems of one object.
pub struct Found<'a> {
    title: String,
    problems: &'a mut Vec<Problem>,
}

impl Found<'_> {
    fn add(&mut self, rule: &'static str, what: impl std::fmt::Display) {
        assert!(RULES.contains(&rule), "`{rule}` is not among RULES");
        self.problems.push(Problem { rule, what: format!("{}: {what}", self.title) });
    }

    fn add_if(&mut self, broken: bool, rule: &'static str, what: impl std::fmt::Display) {
        if broken {
            self.add(rule, what);
        }
    }
}

/// Objects by cluster, namespace, kind and name.
type Known<'a> = BTreeMap<(String, String, String, String), &'a Value>;

/// Everything that is wrong with the Tekton objects among those given. `external` are Tasks that somebody else applies.
fn problems(objects: &[Rendered], external: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let key = |object: &Rendered, kind: &str, name: &str| {
        (
            object.cluster().to_owned(),
            object.namespace().to_owned(),
            kind.to_owned(),
            name.to_owned(),
        )
    };
    let known: Known<'_> = objects
        .iter()
        .map(|object| (key(object, object.kind(), object.name()), &object.value))
        .collect();
    for object in objects {
        let api = text(&object.value, "/apiVersion");
        if !api.contains("tekton.dev/") {
            continue;
        }
        let mut found = Found { title: object.title(), problems: &mut problems };
        let lookup = |kind: &str, name: &str| known.get(&key(object, kind, name)).copied();
        if object.value.pointer("/metadata/generateName").is_none() {
            found.add_if(
                !is_subdomain(object.name()) || object.name().len() > 63,
                "name",
                object.name(),
            );
        }
        match object.kind() {
            "Task" => task::check(&object.value, &mut found),
            "Pipeline" => {
                pipeline::check(&object.value, &mut found);
                across::pipeline(&object.value, &lookup, external, &mut found);
            }
            "PipelineRun" => {
                run::check(&object.value, &mut found);
                across::run(&object.value, &lookup, &mut found);
            }
            "EventListener" => {
                run::listener(&object.value, &mut found);
                across::listener(&object.value, &lookup, &mut found);
            }
            "Trigger" => {
                run::trigger(&object.value, &mut found);
                let all = objects.iter().filter(|other| {
                    other.kind() == "EventListener" && other.cluster() == object.cluster()
                });
                let listeners: Vec<&Value> = all.map(|listener| &listener.value).collect();
                across::trigger(&object.value, &listeners, &lookup, &mut found);
            }
            "TriggerTemplate" => run::template(&object.value, &mut found),
            _ => {}
        }
    }
    problems
}

fn is_subdomain(name: &str) -> bool {
    !name.is_empty() && name.split('.').all(is_label)
}

fn is_label(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// The first text that occurs twice.
fn twice<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    texts.into_iter().find(|text| !seen.insert(*text))
}

/// The names in a list of mappings.
fn names(items: &[Value]) -> impl Iterator<Item = &str> + Clone {
    items.iter().map(|item| text(item, "/name"))
}

/// Tekton's durations: Go's, as far as gen writes them. Minutes and smaller, in seconds.
fn seconds(text: &str) -> Option<i64> {
    let mut total = 0;
    let mut number = String::new();
    for c in text.chars() {
        match c {
            '-' | '0'..='9' => number.push(c),
            'h' | 'm' | 's' => {
                let factor = match c {
                    'h' => 3600,
                    'm' => 60,
                    _ => 1,
                };
                total += number.parse::<i64>().ok()? * factor;
                number.clear();
            }
            _ => return None,
        }
    }
    number.is_empty().then_some(total)
}

#[test]
fn tekton_would_take_everything() {
    let mut count = 0;
    let mut all = Vec::new();
    for (tree, objects) in trees() {
        let found = problems(objects, &["gatekeeper"]);
        all.extend(
            found.iter().map(|problem| format!("{tree}: {}: {}", problem.rule, problem.what)),
        );
        count += objects
            .iter()
            .filter(|object| text(&object.value, "/apiVersion").contains("tekton.dev/"))
            .count();
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    println!("{count} objects of Tekton's pass its admission");
}
