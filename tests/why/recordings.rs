//! What real controllers left, read right. The recordings lie beside the repository.

use std::path::Path;

use gitops_gen::diagnose::State;

use crate::support::needs;
use crate::{found, named};

/// File and first cause; nothing if all is well. `~` marks a cause that lies below what was recorded.
const EXPECTED: &[(&str, &str)] = &[
    ("flux/build-failed.yaml", "D6"),
    ("flux/dependency.yaml", "~D27"),
    ("flux/forbidden.yaml", "D13"),
    ("flux/generate-name.yaml", "D4"),
    ("flux/health.yaml", "~D23"),
    ("flux/immutable.yaml", "D18"),
    ("flux/invalid-object.yaml", "D18b"),
    ("flux/invalid-yaml.yaml", "D4"),
    ("flux/missing-namespace.yaml", "D15"),
    ("flux/missing-path.yaml", "D3"),
    ("flux/missing-service-account.yaml", "D13"),
    ("flux/ready.yaml", ""),
    ("flux/source-missing.yaml", "D1"),
    ("flux/source-not-ready.yaml", "~D2"),
    ("flux/substitution.yaml", "D9"),
    ("flux/suspended.yaml", "D31"),
    ("flux/unknown-kind.yaml", "D14"),
    ("real-node/demo-app-run-001.yaml", "~B1"),
    ("real-node/demo-app-run-002.yaml", ""),
    ("tekton/cancelled.yaml", "A20"),
    ("tekton/image-pull.yaml", "B6"),
    ("tekton/load-threshold.yaml", "~B1"),
    ("tekton/missing-param.yaml", "A6"),
    ("tekton/missing-pipeline.yaml", "A1"),
    ("tekton/missing-result.yaml", "A14"),
    ("tekton/missing-service-account.yaml", "B12"),
    ("tekton/missing-task.yaml", "A2"),
    ("tekton/oom-killed.yaml", "B2"),
    ("tekton/pod-security.yaml", "B10"),
    ("tekton/pvc-pending.yaml", "G8d"),
    ("tekton/running.yaml", ""),
    ("tekton/step-failed.yaml", "~B1"),
    ("tekton/succeeded.yaml", ""),
    ("tekton/timed-out.yaml", "A16"),
    ("tekton/unbound-workspace.yaml", "A10"),
];

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn recordings_of_real_controllers_are_read_right() {
    let Some(folder) = needs::shared("recordings") else { return };
    for (name, wanted) in EXPECTED {
        let report = found(&text(&folder, name));
        let (state, id) = match wanted.strip_prefix('~') {
            Some(id) => (State::Unknown, id),
            None if wanted.is_empty() && *name == "tekton/running.yaml" => (State::Busy, ""),
            None if wanted.is_empty() => (State::Well, ""),
            None => (State::Found, *wanted),
        };
        assert_eq!(report.state, state, "{name}: {:?}", named(&report));
        assert_eq!(named(&report).first().copied().unwrap_or_default(), id, "{name}");
    }
    let files = walkdir::WalkDir::new(&folder).into_iter().map(Result::unwrap);
    let all = files.filter(|file| file.path().extension().is_some_and(|end| end == "yaml")).count();
    assert_eq!(all, EXPECTED.len(), "every recording is expected to say something");
}

/// The first homelab's failure: the log tells what the objects do not.
#[test]
fn the_log_beside_the_run_gives_the_missing_role() {
    let Some(folder) = needs::shared("recordings/real-node") else { return };
    let run = text(&folder, "demo-app-run-001.yaml");
    let log = text(&folder, "demo-app-run-001-deploy-app-pod.step-deploy.log");
    let prefixed = format!("[pod/demo-app-run-001-deploy-app-pod/step-deploy] {log}");
    let by_tkn = format!("[deploy-app : deploy] {log}");
    for log in [&log, &prefixed, &by_tkn] {
        let report = found(&format!("{run}---\n{log}"));
        assert_eq!(named(&report), ["C1"]);
        let one = &report.diagnoses[0];
        assert_eq!(one.what.to_string(), "PipelineRun ci-real/demo-app-run-001");
        assert_eq!(one.chain.len(), 3);
        assert_eq!(one.denied.len(), 1);
        assert_eq!(one.denied[0].verb, "create");
    }
    let done = text(&folder, "demo-app-run-002-deploy-app-pod.step-deploy.log");
    assert_eq!(found(&done).state, State::Well);
}

/// The chain of two Kustomizations ends at the one that is at fault.
#[test]
fn the_root_of_a_red_tree_is_named() {
    let Some(folder) = needs::shared("recordings/flux") else { return };
    let both =
        format!("{}---\n{}", text(&folder, "dependency.yaml"), text(&folder, "build-failed.yaml"));
    let report = found(&both);
    assert_eq!(named(&report), ["D6"]);
    assert_eq!(report.state, State::Found);
}
