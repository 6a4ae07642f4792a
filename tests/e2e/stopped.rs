//! A run that is stopped before its tasks have ended, by its limit or by a person: what stands in `finally` is run all the same. On this
//! rely the rollback, the time that gen keeps for `finally`, and what `runs: {concurrent: cancel}` does to older runs.

use serde_json::{Value, json};

use crate::cluster::{Cluster, eventually};
use crate::node::{namespace_for_pods, node};
use crate::run::{Run, ended};
use crate::semantics::task;
use crate::support::text;
use crate::tekton;

const TEKTON: &str = "tekton.dev/v1";

/// Begins a run whose first task would take far too long.
fn begin(cluster: &Cluster, namespace: &str, timeouts: &Value) -> Value {
    let says = "a=$(tasks.a.status) b=$(tasks.b.status) all=$(tasks.status)";
    let pipeline = json!({
        "tasks": [task("a", "sleep 3600", &json!({})), task("b", "true", &json!({"runAfter": ["a"]}))],
        "finally": [task("f", "echo \"$GIVEN\"", &json!({"takes": says}))],
    });
    let run = json!({
        "apiVersion": TEKTON, "kind": "PipelineRun", "metadata": {"name": "stopped", "namespace": namespace},
        "spec": {"pipelineSpec": pipeline, "timeouts": timeouts},
    });
    cluster.admin().create(&run).expect_ok()
}

/// What the run says it ended by, what `finally` says of its tasks, and that what had not begun never did.
#[track_caller]
fn check(cluster: &Cluster, run: &Run, reason: &str, message: &str) {
    println!("{}", run.told());
    let told = (run.reason(), run.message());
    assert_eq!(told, (reason, message), "{}", run.failed_log(cluster));
    let said = run.log(cluster, "f", "run");
    assert_eq!(said.lines().last(), Some("a=Failed b=None all=Failed"), "{}", run.told());
    assert!(run.task("b").is_none(), "{}", run.told());
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn finally_runs_after_the_limit_of_the_tasks() {
    let cluster = node();
    tekton::install(cluster);
    let namespace = "late-tasks";
    namespace_for_pods(cluster, namespace);
    begin(cluster, namespace, &json!({"pipeline": "6m10s", "tasks": "10s", "finally": "6m"}));
    let run = ended(cluster, namespace, "stopped");
    let message = "PipelineRun \"stopped\" failed due to tasks failed to finish within \"10s\"";
    check(cluster, &run, "PipelineRunTimeout", message);
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn finally_runs_after_a_cancellation() {
    let cluster = node();
    tekton::install(cluster);
    let namespace = "cancelled";
    namespace_for_pods(cluster, namespace);
    let run = begin(cluster, namespace, &json!({"pipeline": "1h"}));
    let pods = || cluster.admin().list("v1", "Pod", namespace);
    let runs = |pod: &Value| text(pod, "/status/phase") == "Running";
    eventually(|| pods().iter().any(runs).then_some(()), || format!("{:?}", pods()));
    let change = json!({"spec": {"status": "CancelledRunFinally"}});
    cluster.admin().merge(&run, "kubectl", &change).expect_ok();
    let run = ended(cluster, namespace, "stopped");
    check(cluster, &run, "Cancelled", "PipelineRun \"stopped\" was cancelled");
}
