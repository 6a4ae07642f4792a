//! What a run is to Tekton: order, results, `when`, `finally`, retries, failures that do not count, limits. What gen renders relies on it.

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::node::{namespace_for_pods, node};
use crate::run::{Run, ended};
use crate::tekton;

/// A task of a pipeline: a script, and whatever else.
pub fn task(name: &str, script: &str, rest: &Value) -> Value {
    let mut task = json!({
        "name": name,
        "taskSpec": {"steps": [{"name": "run", "image": "docker.io/library/busybox:1.37.0", "script": format!("#!/bin/sh\nset -eu\n{script}\n")}]},
    });
    for (key, value) in rest.as_object().expect("fields") {
        match key.as_str() {
            "gives" => {
                let (name, kind) = value
                    .as_str()
                    .and_then(|text| text.split_once(": "))
                    .expect("a name: its type");
                task["taskSpec"]["results"] = json!([{"name": name, "type": kind}]);
                let path = format!("$(results.{name}.path)");
                task["taskSpec"]["steps"][0]["env"] = json!([{"name": "RESULT", "value": path}]);
            }
            "takes" => {
                task["params"] = json!([{"name": "given", "value": value}]);
                task["taskSpec"]["params"] = json!([{"name": "given", "type": "string"}]);
                task["taskSpec"]["steps"][0]["env"] =
                    json!([{"name": "GIVEN", "value": "$(params.given)"}]);
            }
            // With a matrix each run says what it was given, and gives that.
            "spreads" => {
                task["matrix"] = value.clone();
                task["taskSpec"]["results"] = json!([{"name": "pair"}]);
                task["taskSpec"]["params"] =
                    json!(["word", "number"].map(|name| json!({"name": name, "type": "string"})));
                task["taskSpec"]["steps"][0]["env"] = json!([
                    {"name": "PAIR", "value": "$(params.word)$(params.number)"},
                    {"name": "RESULT", "value": "$(results.pair.path)"},
                ]);
            }
            // A list, which comes as arguments of the script.
            "lists" => {
                task["params"] = json!([{"name": "given", "value": value}]);
                task["taskSpec"]["params"] = json!([{"name": "given", "type": "array"}]);
                task["taskSpec"]["steps"][0]["args"] = json!(["$(params.given[*])"]);
            }
            _ => task[key] = value.clone(),
        }
    }
    task
}

/// A case: its name, pipeline, and how its run ends.
struct Case {
    name: &'static str,
    spec: Value,
    reason: &'static str,
    message: &'static str,
    /// Of a task, the last line of its log.
    says: &'static [(&'static str, &'static str)],
}

fn cases() -> Vec<Case> {
    let none = || json!({});
    let states = "a=$(tasks.a.status) b=$(tasks.b.status) c=$(tasks.c.status) all=$(tasks.status)";
    vec![
        Case {
            name: "order",
            spec: json!({
                "tasks": [
                    task("d", "echo \"$GIVEN\"", &json!({"takes": "$(tasks.a.results.word) and $(tasks.b.results.word)", "runAfter": ["c"]})),
                    task("a", "printf one >\"$RESULT\"", &json!({"gives": "word: string"})),
                    task("b", "printf two >\"$RESULT\"", &json!({"gives": "word: string"})),
                    task("c", "true", &json!({"runAfter": ["a"]})),
                ],
                "results": [{"name": "word", "value": "$(tasks.b.results.word)"}],
            }),
            reason: "Succeeded",
            message: "Tasks Completed: 4 (Failed: 0, Cancelled 0), Skipped: 0",
            says: &[("d", "one and two")],
        },
        Case {
            name: "when",
            spec: json!({
                "tasks": [
                    task("a", "printf no >\"$RESULT\"", &json!({"gives": "word: string"})),
                    task("b", "printf two >\"$RESULT\"", &json!({"gives": "word: string", "when": [{"input": "$(tasks.a.results.word)", "operator": "in", "values": ["yes"]}]})),
                    task("c", "true", &json!({"runAfter": ["b"]})),
                    task("d", "true", &json!({"takes": "$(tasks.b.results.word)"})),
                ],
                "finally": [task("f", "echo \"$GIVEN\"", &json!({"takes": states}))],
            }),
            reason: "Completed",
            message: "Tasks Completed: 3 (Failed: 0, Cancelled 0), Skipped: 2",
            says: &[("f", "a=Succeeded b=None c=Succeeded all=Completed")],
        },
        Case {
            name: "fails",
            spec: json!({
                "tasks": [
                    task("a", "true", &none()),
                    task("b", "exit 3", &json!({"runAfter": ["a"]})),
                    task("c", "true", &json!({"runAfter": ["b"]})),
                ],
                "finally": [
                    task("f", "echo \"$GIVEN\"", &json!({"takes": states})),
                    task("g", "true", &json!({"when": [{"input": "$(tasks.status)", "operator": "notin", "values": ["Failed"]}]})),
                ],
            }),
            reason: "Failed",
            message: "Tasks Completed: 3 (Failed: 1, Cancelled 0), Skipped: 2",
            says: &[("f", "a=Succeeded b=Failed c=None all=Failed")],
        },
        Case {
            name: "gives-and-fails",
            spec: json!({
                "tasks": [
                    task("a", "printf one >\"$RESULT\"\nexit 1", &json!({"gives": "word: string"})),
                    task("b", "exit 1", &json!({"gives": "word: string"})),
                ],
                "finally": [
                    task("f", "echo \"$GIVEN\"", &json!({"takes": "$(tasks.a.results.word)"})),
                    // What failed before it gave anything leaves nothing to take.
                    task("g", "true", &json!({"takes": "$(tasks.b.results.word)"})),
                ],
            }),
            reason: "Failed",
            message: "Tasks Completed: 3 (Failed: 2, Cancelled 0), Skipped: 1",
            says: &[("f", "one")],
        },
        Case {
            name: "retries",
            spec: json!({"tasks": [
                task("a", "[ \"$(context.task.retry-count)\" = 2 ] && echo third", &json!({"retries": 2})),
            ]}),
            reason: "Succeeded",
            message: "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
            says: &[("a", "third")],
        },
        Case {
            name: "goes-on",
            spec: json!({"tasks": [
                task("a", "exit 1", &json!({"onError": "continue"})),
                task("b", "echo goes on", &json!({"runAfter": ["a"]})),
            ]}),
            reason: "Succeeded",
            message: "Tasks Completed: 2 (Failed: 1 (Ignored: 1), Cancelled 0), Skipped: 0",
            says: &[("b", "goes on")],
        },
        Case {
            name: "late",
            spec: json!({"tasks": [task("a", "sleep 600", &none())]}),
            reason: "PipelineRunTimeout",
            message: "PipelineRun \"late\" failed to finish within \"8s\"",
            says: &[],
        },
        Case {
            name: "nothing-there",
            spec: json!({"tasks": [{"name": "a", "taskRef": {"name": "none", "kind": "Task"}}]}),
            reason: "CouldntGetTask",
            message: "Pipeline semantics/nothing-there can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task \"none\": tasks.tekton.dev \"none\" not found",
            says: &[],
        },
    ]
}

/// A task that is run with each combination of a matrix.
fn cases_of_matrices() -> Vec<Case> {
    vec![
        Case {
            name: "matrix",
            spec: json!({
                "tasks": [
                    task("a", "printf '[\"x\",\"y\"]' >\"$RESULT\"", &json!({"gives": "words: array"})),
                    task("b", "printf %s \"$PAIR\" >\"$RESULT\"", &json!({"spreads": {
                        "params": [{"name": "word", "value": "$(tasks.a.results.words[*])"}, {"name": "number", "value": ["1", "2"]}],
                    }})),
                    task("c", "printf %s \"$PAIR\" >\"$RESULT\"", &json!({"spreads": {
                        "params": [{"name": "word", "value": ["x", "y"]}],
                        // A value more for all, the same again for one of them, and one that the lists do not make.
                        "include": [
                            {"name": "all", "params": [{"name": "number", "value": "1"}]},
                            {"name": "y", "params": [{"name": "word", "value": "y"}, {"name": "number", "value": "1"}]},
                            {"name": "z", "params": [{"name": "word", "value": "z"}, {"name": "number", "value": "3"}]},
                        ],
                    }})),
                    task("d", "echo \"$*\"", &json!({"lists": "$(tasks.b.results.pair[*])"})),
                    task("e", "echo \"$*\"", &json!({"lists": "$(tasks.c.results.pair[*])"})),
                ],
            }),
            reason: "Succeeded",
            message: "Tasks Completed: 5 (Failed: 0, Cancelled 0), Skipped: 0",
            says: &[("d", "x1 y1 x2 y2"), ("e", "x1 y1 z3")],
        },
        Case {
            name: "one-of-matrix",
            spec: json!({"tasks": [
                task("a", "[ \"$PAIR\" != y1 ]", &json!({"spreads": {"params": [
                    {"name": "word", "value": ["x", "y"]}, {"name": "number", "value": ["1"]},
                ]}})),
                task("b", "true", &json!({"runAfter": ["a"]})),
            ]}),
            reason: "Failed",
            message: "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 1",
            says: &[],
        },
    ]
}

fn check(cluster: &Cluster, case: &Case, run: &Run) {
    println!("{}", run.told());
    assert_eq!(
        (run.reason(), run.message()),
        (case.reason, case.message),
        "{}\n{}",
        run.told(),
        run.failed_log(cluster)
    );
    for (task, line) in case.says {
        let said = run.log(cluster, task, "run");
        assert_eq!(said.lines().last(), Some(*line), "{}: {task}", case.name);
    }
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn runs_end_as_tektons_do() {
    let cluster = node();
    tekton::install(cluster);
    let admin = cluster.admin();
    let namespace = "semantics";
    namespace_for_pods(cluster, namespace);
    let mut cases = cases();
    cases.extend(cases_of_matrices());
    for case in &cases {
        let metadata = json!({"name": case.name, "namespace": namespace});
        admin
            .create(&json!({"apiVersion": "tekton.dev/v1", "kind": "Pipeline", "metadata": metadata, "spec": case.spec}))
            .expect_ok();
        let limit = if case.name == "late" { "8s" } else { "5m" };
        admin
            .create(&json!({
                "apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": metadata,
                "spec": {"pipelineRef": {"name": case.name}, "timeouts": {"pipeline": limit}},
            }))
            .expect_ok();
    }
    for case in &cases {
        check(cluster, case, &ended(cluster, namespace, case.name));
    }
    let order = ended(cluster, namespace, "order");
    assert_eq!(order.result("word"), "two");
    // The first try of what was tried again is told.
    let retried = ended(cluster, namespace, "retries");
    let tries = retried.task("a").expect("it ran")["status"]["retriesStatus"].clone();
    assert_eq!(tries.as_array().map(Vec::len), Some(2), "{tries}");
}
