//! Which logs would explain what failed.

use super::Subject;
use super::logs::failed_container;
use super::station::reference;
use crate::diagnose::snapshot::{Origin, Snapshot, Thing, Unseen};
use crate::kubernetes::json::text;

/// Maximum number of logs.
const MOST: usize = 5;

/// The containers whose logs explain what failed, the newest first, each with whether its log before the last restart is meant; and
/// what is gone.
#[must_use]
pub fn wanted_logs(
    snapshot: &Snapshot,
    subject: Option<&Subject>,
) -> (Vec<(Origin, bool)>, Vec<Unseen>) {
    let (mut wanted, mut gone) = (Vec::new(), Vec::new());
    let of_run = subject.filter(|subject| subject.kind == "PipelineRun");
    let mut things: Vec<&Thing> = snapshot
        .things
        .iter()
        .filter(|thing| snapshot.is_asked(thing))
        .filter(|thing| {
            let run = thing.label("tekton.dev/pipelineRun");
            of_run.is_none_or(|subject| subject.name == run)
        })
        .collect();
    things.sort_by_key(|thing| std::cmp::Reverse(thing.created()));
    for thing in things {
        let origin = |pod: &str, container: &str| Origin {
            namespace: thing.namespace.clone(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            ..Origin::default()
        };
        match thing.kind.as_str() {
            "TaskRun" => {
                let container = failed_container(thing);
                let pod = thing.text(&["status", "podName"]);
                let has_failed =
                    thing.condition("Succeeded").is_some_and(|one| one.status == "False");
                if !has_failed || container.is_empty() || pod.is_empty() {
                    continue;
                }
                if snapshot.find("Pod", &thing.namespace, pod).is_some() {
                    wanted.push((origin(pod, &container), false));
                } else {
                    gone.push(Unseen {
                        what: format!("log of {}", reference(thing)),
                        why: "its pod is gone, so only its conditions are left".to_owned(),
                        right: String::new(),
                    });
                }
            }
            // The pods of runs are asked for by their TaskRuns.
            "Pod" if thing.label("tekton.dev/taskRun").is_empty() => {
                for status in thing.list(&["status", "containerStatuses"]) {
                    let reason = text(status, &["state", "waiting", "reason"]);
                    let has_ended = status
                        .pointer("/state/terminated/exitCode")
                        .and_then(serde_json::Value::as_i64)
                        .is_some_and(|code| code != 0);
                    if reason == "CrashLoopBackOff" || has_ended {
                        wanted.push((origin(&thing.name, text(status, &["name"])), !has_ended));
                    }
                }
            }
            _ => {}
        }
    }
    wanted.truncate(MOST);
    gone.truncate(MOST);
    (wanted, gone)
}
