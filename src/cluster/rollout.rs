//! How far a commit has come: what a Kustomization and a workload of the cluster say of it.
//!
//! Pure: objects as the API server gives them in, a verdict out. What they mean is kustomize-controller's (`api/v1`, Kustomization's
//! status) and kubectl's (`rollout status`, in kubectl's `pkg/polymorphichelpers/rollout_status.go`).

use serde_json::Value;

/// What is known of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollout {
    /// It is where it shall be.
    Done,
    /// Not yet, and why.
    Waiting(String),
    /// It failed, but whoever works on it tries again.
    Failing(String),
    /// Waiting does not help.
    Failed(String),
}

/// Whether Flux has applied a commit. `reached` says whether a commit is the wanted one or comes after it; Flux may well skip the
/// very one.
pub fn kustomization(live: Option<&Value>, reached: &mut dyn FnMut(&str) -> bool) -> Rollout {
    let Some(live) = live else {
        return Rollout::Waiting("it does not exist yet".to_owned());
    };
    let text = |pointer: &str| live.pointer(pointer).and_then(Value::as_str);
    if live.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        return Rollout::Failed("it is suspended".to_owned());
    }
    // Where the source is split into artifacts, the revision is the artifact's, and the commit stands beside it.
    let of = |origin: &str, own: &str| text(origin).or_else(|| text(own)).and_then(commit);
    let applied = of("/status/lastAppliedOriginRevision", "/status/lastAppliedRevision");
    if let Some(applied) = applied
        && reached(applied)
    {
        return Rollout::Done;
    }
    let ready = condition(live, "Ready");
    let failed = ready.is_some_and(|ready| ready["status"] == "False");
    let attempted = text("/status/lastAttemptedRevision").and_then(commit);
    let word = |key: &str| ready.and_then(|ready| ready[key].as_str()).unwrap_or_default();
    let is_ours = attempted.is_some_and(&mut *reached);
    if failed && is_ours && !["DependencyNotReady", "Progressing"].contains(&word("reason")) {
        return Rollout::Failing(format!("{}: {}", word("reason"), first_line(word("message"))));
    }
    let at = applied.map_or_else(
        || "nothing applied yet".to_owned(),
        |applied| format!("applied: {}", short(applied)),
    );
    match (failed, word("message")) {
        (true, message) if !message.is_empty() => {
            Rollout::Waiting(format!("{at}; {}", first_line(message)))
        }
        _ => Rollout::Waiting(at),
    }
}

/// Whether a workload runs an image everywhere.
#[must_use]
pub fn workload(live: Option<&Value>, image: &str) -> Rollout {
    let Some(live) = live else {
        return Rollout::Waiting("it does not exist yet".to_owned());
    };
    let kind = live["kind"].as_str().unwrap_or_default();
    let pods = if kind == "CronJob" {
        "/spec/jobTemplate/spec/template/spec/containers"
    } else {
        "/spec/template/spec/containers"
    };
    let containers = live.pointer(pods).and_then(Value::as_array);
    let images: Vec<&str> = containers
        .into_iter()
        .flatten()
        .filter_map(|container| container["image"].as_str())
        .collect();
    if !images.contains(&image) {
        let first = images.first().copied().unwrap_or("no image");
        return Rollout::Waiting(format!("it has {}", short_image(first)));
    }
    let number = |pointer: &str| live.pointer(pointer).and_then(Value::as_u64);
    let seen = number("/status/observedGeneration").unwrap_or(0);
    let wanted = number("/spec/replicas").unwrap_or(1);
    let status = |key: &str| number(&format!("/status/{key}")).unwrap_or(0);
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet"
            if seen < number("/metadata/generation").unwrap_or(0) =>
        {
            Rollout::Waiting("not observed by its controller yet".to_owned())
        }
        "Deployment" => deployment(live, wanted, &status),
        "DaemonSet" => {
            let wanted = status("desiredNumberScheduled");
            let (updated, ready) = (status("updatedNumberScheduled"), status("numberAvailable"));
            if updated < wanted {
                return Rollout::Waiting(format!("{updated} of {wanted} pods run the new image"));
            }
            if ready < wanted {
                return Rollout::Waiting(format!("{ready} of {wanted} pods are ready"));
            }
            Rollout::Done
        }
        "StatefulSet" => {
            let revisions = ["currentRevision", "updateRevision"]
                .map(|key| live.pointer(&format!("/status/{key}")));
            // What a partition holds back stays on the old revision; then there is nothing more to wait for.
            let partition = number("/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0);
            let (updated, ready) = (status("updatedReplicas"), status("readyReplicas"));
            if updated < wanted.saturating_sub(partition)
                || (partition == 0 && revisions[0] != revisions[1])
            {
                return Rollout::Waiting(format!("{updated} of {wanted} pods run the new image"));
            }
            if ready < wanted {
                return Rollout::Waiting(format!("{ready} of {wanted} pods are ready"));
            }
            Rollout::Done
        }
        _ => Rollout::Done,
    }
}

fn deployment(live: &Value, wanted: u64, status: &dyn Fn(&str) -> u64) -> Rollout {
    let progressing = condition(live, "Progressing");
    if let Some(condition) = progressing
        && condition["reason"] == "ProgressDeadlineExceeded"
    {
        let message = condition["message"].as_str().unwrap_or_default();
        return Rollout::Failed(first_line(message).to_owned());
    }
    let (all, updated) = (status("replicas"), status("updatedReplicas"));
    if updated < wanted {
        return Rollout::Waiting(format!("{updated} of {wanted} pods run the new image"));
    }
    if all > updated {
        return Rollout::Waiting(format!("old pods remaining: {}", all - updated));
    }
    let available = status("availableReplicas");
    if available < updated {
        return Rollout::Waiting(format!("{available} of {wanted} pods are ready"));
    }
    Rollout::Done
}

/// The image of the container that has the app's name; that of the only one where none has.
#[must_use]
pub fn image<'a>(live: &'a Value, app: &str) -> Option<&'a str> {
    let pods =
        ["/spec/template/spec/containers", "/spec/jobTemplate/spec/template/spec/containers"];
    let containers = pods.iter().find_map(|pods| live.pointer(pods)).and_then(Value::as_array)?;
    let named = containers.iter().find(|one| one["name"] == app);
    let only = containers.first().filter(|_| containers.len() == 1);
    named.or(only)?["image"].as_str()
}

fn condition<'a>(live: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = live.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|one| one["type"] == kind)
}

/// The commit of a revision such as `main@sha1:0f1b…` or, as older controllers write it, `main/0f1b…`.
fn commit(revision: &str) -> Option<&str> {
    let commit = revision.rsplit([':', '/']).next()?;
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (matches!(commit.len(), 40 | 64) && commit.bytes().all(digit)).then_some(commit)
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn short_image(image: &str) -> &str {
    image.split_once("@sha256:").map_or(image, |(before, digits)| {
        let end = before.len() + "@sha256:".len() + digits.len().min(12);
        image.get(..end).unwrap_or(image)
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OURS: &str = "0f1b7a5cbb2d2cc0b8a6a6e6b0f43bb08c6d9f6d";
    const OLD: &str = "9d6f8cb08bb34f0b6e6a6a8b0cc2d2bbc5a7b1f0";

    fn flux(live: &Value) -> String {
        let verdict = kustomization(Some(live), &mut |commit| commit == OURS);
        format!("{verdict:?}")
    }

    #[test]
    fn a_kustomization_has_applied_the_commit_or_says_why_not() {
        let at = |key: &str, commit: &str| json!({"status": {key: format!("main@sha1:{commit}")}});
        assert_eq!(flux(&at("lastAppliedRevision", OURS)), "Done");
        assert_eq!(
            flux(&json!({"status": {"lastAppliedRevision": format!("main/{OURS}")}})),
            "Done"
        );
        assert_eq!(flux(&at("lastAppliedRevision", OLD)), "Waiting(\"applied: 9d6f8cb08bb3\")");
        let split = json!({"status": {
            "lastAppliedRevision": format!("latest@sha256:{}", "a".repeat(64)),
            "lastAppliedOriginRevision": format!("main@sha1:{OURS}"),
        }});
        assert_eq!(flux(&split), "Done");
        let suspended = json!({"spec": {"suspend": true}});
        assert_eq!(flux(&suspended), "Failed(\"it is suspended\")");
        assert_eq!(
            kustomization(None, &mut |_| true),
            Rollout::Waiting("it does not exist yet".to_owned())
        );
        assert_eq!(flux(&json!({})), "Waiting(\"nothing applied yet\")");
    }

    #[test]
    fn only_a_failure_of_this_commit_is_one() {
        let live = |attempted: &str, reason: &str| {
            json!({"status": {
                "lastAppliedRevision": format!("main@sha1:{OLD}"),
                "lastAttemptedRevision": format!("main@sha1:{attempted}"),
                "conditions": [{"type": "Ready", "status": "False", "reason": reason, "message": "no\nmore"}],
            }})
        };
        assert_eq!(flux(&live(OURS, "BuildFailed")), "Failing(\"BuildFailed: no\")");
        assert_eq!(flux(&live(OLD, "BuildFailed")), "Waiting(\"applied: 9d6f8cb08bb3; no\")");
        assert_eq!(
            flux(&live(OURS, "DependencyNotReady")),
            "Waiting(\"applied: 9d6f8cb08bb3; no\")"
        );
    }

    fn deployed(image: &str, generation: u64, status: &Value) -> Rollout {
        let live = json!({
            "kind": "Deployment",
            "metadata": {"generation": generation},
            "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "a", "image": image}]}}},
            "status": status,
        });
        workload(Some(&live), "r/a@sha256:1")
    }

    #[test]
    fn a_deployment_runs_the_image_everywhere() {
        let full = json!({"observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2});
        assert_eq!(deployed("r/a@sha256:1", 3, &full), Rollout::Done);
        let waiting = |progress| match progress {
            Rollout::Waiting(why) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(waiting(deployed("r/a@sha256:2", 3, &full)), "it has r/a@sha256:2");
        assert_eq!(
            waiting(deployed("r/a@sha256:1", 4, &full)),
            "not observed by its controller yet"
        );
        let changed = |key: &str, value: u64| {
            let mut status = full.clone();
            status[key] = json!(value);
            waiting(deployed("r/a@sha256:1", 3, &status))
        };
        assert_eq!(changed("updatedReplicas", 1), "1 of 2 pods run the new image");
        assert_eq!(changed("replicas", 3), "old pods remaining: 1");
        assert_eq!(changed("availableReplicas", 0), "0 of 2 pods are ready");
        let late = json!({"observedGeneration": 3, "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}]});
        assert_eq!(deployed("r/a@sha256:1", 3, &late), Rollout::Failed("too late".to_owned()));
    }

    #[test]
    fn other_workloads() {
        let set = |status: &Value| {
            let live = json!({
                "kind": "StatefulSet",
                "metadata": {"generation": 1},
                "spec": {"replicas": 2, "template": {"spec": {"containers": [{"image": "i"}]}}},
                "status": status,
            });
            workload(Some(&live), "i")
        };
        let full = json!({"observedGeneration": 1, "updatedReplicas": 2, "readyReplicas": 2, "currentRevision": "x", "updateRevision": "x"});
        assert_eq!(set(&full), Rollout::Done);
        let mut half = full.clone();
        half["readyReplicas"] = json!(1);
        assert!(matches!(set(&half), Rollout::Waiting(_)));
        let mut old = full.clone();
        old["currentRevision"] = json!("w");
        assert!(matches!(set(&old), Rollout::Waiting(_)));
        let set = |status: &Value| {
            let live = json!({
                "kind": "DaemonSet",
                "metadata": {"generation": 1},
                "spec": {"template": {"spec": {"containers": [{"image": "i"}]}}},
                "status": status,
            });
            workload(Some(&live), "i")
        };
        let full = json!({"observedGeneration": 1, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3});
        assert_eq!(set(&full), Rollout::Done);
        for (key, less) in
            [("updatedNumberScheduled", 2), ("numberAvailable", 1), ("observedGeneration", 0)]
        {
            let mut half = full.clone();
            half[key] = json!(less);
            assert!(matches!(set(&half), Rollout::Waiting(_)), "{key}");
        }
        let job = json!({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "n", "image": "i"}]}}}}}});
        assert_eq!(workload(Some(&job), "i"), Rollout::Done);
        assert!(matches!(workload(Some(&job), "j"), Rollout::Waiting(_)));
        assert_eq!(image(&job, "n"), Some("i"));
        assert!(matches!(workload(None, "i"), Rollout::Waiting(_)));
    }

    #[test]
    fn the_apps_own_container_says_the_image() {
        let live = json!({"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "s"}, {"name": "app", "image": "a"}]}}}});
        assert_eq!(image(&live, "app"), Some("a"));
        assert_eq!(image(&live, "other"), None);
    }
}
