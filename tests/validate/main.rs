//! What gen accepts, Kubernetes, Tekton, Triggers and Flux accept: everything that it renders is judged by their own code
//! (tests/tools/validate), for every golden case and for generated specs that aim at the edges of every key's format.

#![allow(clippy::print_stdout, reason = "says how much was compared")]

#[path = "../support/mod.rs"]
mod support;

mod check;
mod kubernetes;
mod mutants;
mod pods;
#[path = "../support/random.rs"]
mod random;
mod specs;
mod values;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rayon::prelude::*;
use support::{cases, needs};

/// What the validators say of the objects below a folder: one line a fault or warning, as tests/tools/validate prints them.
struct Verdict {
    lines: Vec<String>,
    /// `judged: …`
    judged: String,
}

impl Verdict {
    /// The number of objects that were judged by something.
    fn count(&self, by: &str) -> usize {
        let (before, _) = self.judged.split_once(&format!(" by {by}")).unwrap_or_default();
        let number = before.rsplit([' ', ',']).next().unwrap_or_default();
        number.parse().unwrap_or_default()
    }
}

/// Judges a folder, or with `stdin` a stream; skips where the program or the definitions are missing.
fn judge(folder: &Path, stdin: Option<&str>) -> Option<Verdict> {
    judge_with(&[], folder, stdin)
}

/// The same with further arguments.
fn judge_with(arguments: &[&str], folder: &Path, stdin: Option<&str>) -> Option<Verdict> {
    let program = needs::tool("GEN_TEST_VALIDATE", "validate")?;
    let definitions = needs::variable("GEN_TEST_DEFINITIONS", "tests/tools/setup definitions")?;
    let mut command = Command::new(program);
    command.args(arguments);
    for path in std::env::split_paths(&definitions) {
        command.arg("--definitions").arg(path);
    }
    match stdin {
        Some(_) => command.arg("-"),
        None => command.arg(folder),
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the validator starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(stdin.unwrap_or_default().as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{stderr}");
    let lines = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let judged = stderr.lines().last().unwrap_or_default().to_owned();
    Some(Verdict { lines, judged })
}

/// The controls: what is wrong is found, by each of the validators.
#[test]
fn what_is_wrong_is_found() {
    let stream = r#"
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {ports: [{port: 70000}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: b}, spec: {replica: 1}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}, data: {a: 1}}
---
{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: a, namespace: b}, spec: {steps: [{name: s, image: i, script: "$(params.no)"}]}}
---
{apiVersion: triggers.tekton.dev/v1beta1, kind: EventListener, metadata: {name: a, namespace: b}, spec: {triggers: []}}
---
{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, metadata: {name: a, namespace: b}, spec: {interval: 1m, url: "git@host:a.git"}}
---
{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: a, namespace: b}, spec: {interval: 1m, prun: true, prune: true, sourceRef: {kind: GitRepository, name: a}}}
---
{apiVersion: example.test/v1, kind: Unknown, metadata: {name: a, namespace: b}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: a, namespace: b}, spec: {schedule: "0 0 * * 8", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}, data: {a: "1", a: "2"}}
---
{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: a, namespace: b}, spec: {steps: [{name: s, image: i, volumeMounts: [{name: v, mountPath: /c}, {name: v, mountPath: /c}]}], volumes: [{name: v, emptyDir: {}}]}}
---
{apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: {name: a, namespace: b}, spec: {pipelineRef: {name: p}, taskRunTemplate: {podTemplate: {tolerations: [{key: a, operator: Exists, effect: NoSchedule, tolerationSeconds: 1}]}}}}
"#;
    let Some(verdict) = judge(Path::new("-"), Some(stream)) else {
        return;
    };
    let expected = [
        ("#0", "spec.ports[0].port: Invalid value: 70000"),
        ("#1", "unknown field \"spec.replica\""),
        ("#2", "cannot unmarshal number into Go struct field"),
        ("#3", "non-existent variable in \"$(params.no)\""),
        ("#4", "expected exactly one, got neither: spec.labelSelector"),
        ("#5", "spec.url"),
        ("#6", "field not declared in schema"),
        ("#7", "no kind is registered or defined"),
        ("#8", "end of range (8) above maximum (6)"),
        ("#9", "key \"a\" already set"),
        (
            "#10",
            "pod: spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/c\": must be unique",
        ),
        ("#11", "pod: spec.tolerations[0].effect"),
    ];
    for (document, message) in expected {
        let is_told =
            verdict.lines.iter().any(|line| line.contains(document) && line.contains(message));
        assert!(is_told, "{document}: {message} is not in\n{}", verdict.lines.join("\n"));
    }
}

/// Custom kinds that users' own manifests in golden cases have, and no project's definitions.
const NOT_DEFINED: &[&str] = &[
    "no kind is registered or defined for example.",
    "no kind is registered or defined for bitnami.com/",
    "no kind is registered or defined for cert-manager.io/",
    "no kind is registered or defined for external-secrets.io/",
];

#[test]
fn every_golden_tree_is_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, tree) in cases::trees() {
        for (path, content) in tree {
            let path = folder.path().join(name).join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
    }
    let Some(verdict) = judge(folder.path(), None) else {
        return;
    };
    let faults: Vec<&String> = verdict
        .lines
        .iter()
        .filter(|line| !NOT_DEFINED.iter().any(|known| line.contains(known)))
        .collect();
    let shown = faults.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} faults:\n{shown}", faults.len());
    assert!(verdict.count("Kubernetes' strategies") > 1_500, "{}", verdict.judged);
    assert!(verdict.count("Tekton's webhooks") > 300, "{}", verdict.judged);
}

/// Apps in a spec.
const APPS: usize = 50;

/// Specs that are made and judged at a time: what a batch writes fits on any disk.
const BATCH: u64 = 100;

#[test]
fn every_accepted_spec_is_valid() {
    let soak = std::env::var_os("GEN_SOAK").is_some();
    let batches = if soak { 200 } else { 4 };
    let seed = std::env::var("GEN_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut keys, mut refused, mut apps) = (0, 0, 0);
    for batch in 0..batches {
        let Some(judged) = judge_batch(seed * 1_000_000 + batch * BATCH) else {
            return;
        };
        keys += judged.keys;
        refused += judged.refused;
        apps += judged.apps;
    }
    println!("{apps} apps with {keys} keys were accepted, {refused} keys and apps refused");
    // Neither only what is harmless nor only what is refused.
    assert!(keys > refused / 2 && refused > keys / 10, "{keys} keys accepted, {refused} refused");
}

/// What was made of a batch of specs.
struct Batch {
    apps: usize,
    keys: usize,
    refused: usize,
}

/// Makes specs from a number on, and has what they render to judged; none where that cannot be.
fn judge_batch(first: u64) -> Option<Batch> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut apps = BTreeMap::new();
    let (mut doomed, mut refused) = (Vec::new(), 0);
    let accepted: Vec<_> = (first..first + BATCH)
        .into_par_iter()
        .map(|number| {
            let mut accepted = specs::accepted(number, APPS);
            for (path, text) in std::mem::take(&mut accepted.tree) {
                let path = folder.path().join(number.to_string()).join(path);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, text).expect("a file");
            }
            (number, accepted)
        })
        .collect();
    for (number, accepted) in accepted {
        doomed.extend(accepted.doomed);
        refused += accepted.refused;
        for (name, app) in accepted.apps {
            apps.insert(format!("{number}/{name}"), (app, accepted.environment.clone()));
        }
    }
    let verdict = judge(folder.path(), None)?;
    assert!(verdict.lines.is_empty(), "{}", specs::explain(&verdict.lines, &apps));
    // What all of them take, `gen render` writes.
    assert!(doomed.is_empty(), "{} findings:\n{}", doomed.len(), doomed.join("\n"));
    let keys = apps.values().map(|(app, _)| app.as_object().map_or(0, |app| app.len() - 2)).sum();
    Some(Batch { apps: apps.len(), keys, refused })
}
