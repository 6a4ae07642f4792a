//! A run of a pipeline that has ended: what became of its tasks, what it gives, what its steps have said.

use std::time::Duration;

use serde_json::Value;

use crate::cluster::Cluster;
use crate::node::log;
use crate::support::wait::until_every;
use crate::support::{list, text};

const TEKTON: &str = "tekton.dev/v1";

/// A run that has ended.
pub struct Run {
    pub object: Value,
    /// Its TaskRuns, in the order in which they began.
    pub tasks: Vec<Value>,
}

/// How long a run may take. Far beyond what one does.
const PATIENCE: Duration = Duration::from_mins(7);

/// Waits for the end of a run.
pub fn ended(cluster: &Cluster, namespace: &str, name: &str) -> Run {
    let admin = cluster.admin();
    let tasks = || {
        let mut tasks = admin.list(TEKTON, "TaskRun", namespace);
        tasks.retain(|task| text(task, "/metadata/labels/tekton.dev~1pipelineRun") == name);
        let times = |task: &Value| {
            ["/status/startTime", "/status/completionTime"].map(|at| text(task, at).to_owned())
        };
        tasks.sort_by_key(times);
        tasks
    };
    let get = || {
        let run = admin.get(TEKTON, "PipelineRun", namespace, name);
        run.expect_ok()
    };
    let object = until_every(Duration::from_millis(300), PATIENCE, || {
        Some(get()).filter(|run| run.pointer("/status/completionTime").is_some())
    });
    let tasks = tasks();
    let object = object.unwrap_or_else(|| panic!("{name} does not end: {}\n{tasks:?}", get()));
    Run { object, tasks }
}

/// The second of its day at which something in a status was.
fn seconds(of: &Value, pointer: &str) -> u32 {
    let clock = text(of, pointer).split_once('T').map_or("", |(_, clock)| clock);
    clock
        .trim_end_matches('Z')
        .split(':')
        .fold(0, |all, part| all * 60 + part.parse::<u32>().unwrap_or(0))
}

impl Run {
    /// Why it ended.
    pub fn reason(&self) -> &str {
        text(&self.object, "/status/conditions/0/reason")
    }

    /// What is said of that.
    pub fn message(&self) -> &str {
        text(&self.object, "/status/conditions/0/message")
    }

    /// A result of the run.
    pub fn result(&self, name: &str) -> &str {
        let results = list(&self.object, "/status/results");
        results
            .iter()
            .find(|each| text(each, "/name") == name)
            .map_or("", |each| text(each, "/value"))
    }

    /// The task of a name.
    pub fn task(&self, name: &str) -> Option<&Value> {
        self.tasks
            .iter()
            .find(|task| text(task, "/metadata/labels/tekton.dev~1pipelineTask") == name)
    }

    /// What a step of a task has said.
    pub fn log(&self, cluster: &Cluster, task: &str, step: &str) -> String {
        let task = self.task(task).unwrap_or_else(|| panic!("no task {task}"));
        let pod = text(task, "/status/podName");
        log(cluster, text(task, "/metadata/namespace"), pod, &format!("step-{step}"))
    }

    /// The run as a person sees it: a line for each task.
    pub fn told(&self) -> String {
        let mut told = format!(
            "{}/{}: {}",
            text(&self.object, "/metadata/namespace"),
            text(&self.object, "/metadata/name"),
            self.message()
        );
        for task in &self.tasks {
            let name = text(task, "/metadata/labels/tekton.dev~1pipelineTask");
            let said = text(task, "/status/conditions/0/message");
            let reason = text(task, "/status/conditions/0/reason");
            let took = seconds(task, "/status/completionTime")
                .saturating_sub(seconds(task, "/status/startTime"));
            told.extend([format!("\n  {name:17} {reason:11}{took:3} s")]);
            if reason != "Succeeded" {
                told.extend(["  ", said.trim()]);
            }
        }
        told
    }

    /// Fails the test, with the logs, where the run did not succeed.
    #[track_caller]
    pub fn succeeds(self, cluster: &Cluster) -> Self {
        println!("{}", self.told());
        assert!(
            ["Succeeded", "Completed"].contains(&self.reason()),
            "the run failed:\n{}\n{}",
            self.told(),
            self.failed_log(cluster)
        );
        self
    }

    /// Fails the test where that task did not stop the run.
    #[track_caller]
    pub fn stops_at(self, cluster: &Cluster, task: &str) -> Self {
        println!("{}", self.told());
        assert_eq!(self.reason(), "Failed", "{}", self.told());
        let last = self.task(task).expect("the task was run");
        assert_eq!(
            text(last, "/status/conditions/0/status"),
            "False",
            "{}\n{}",
            self.told(),
            self.failed_log(cluster)
        );
        let failed =
            self.tasks.iter().filter(|each| text(each, "/status/conditions/0/status") == "False");
        assert_eq!(failed.count(), 1, "{}", self.told());
        self
    }

    /// What the steps of the tasks that failed have said.
    pub fn failed_log(&self, cluster: &Cluster) -> String {
        let mut said = String::new();
        for task in &self.tasks {
            if text(task, "/status/conditions/0/status") != "False" {
                continue;
            }
            for step in list(task, "/status/steps") {
                let container = text(step, "/container");
                let log = log(
                    cluster,
                    text(task, "/metadata/namespace"),
                    text(task, "/status/podName"),
                    container,
                );
                said.extend([format!("--- {container}\n{log}\n")]);
            }
        }
        said
    }
}
