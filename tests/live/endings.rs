//! A control plane ends whole: its servers are killed with whoever started them, and when one of them dies, the others too. Nothing stays
//! behind but a folder of one that was killed, which the next one removes.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use crate::cluster::PATIENCE;
use crate::support::Repo;
use crate::support::needs::tool;
use crate::support::wait::until;

struct Plane {
    supervisor: Child,
    folder: PathBuf,
    servers: Vec<(String, Pid)>,
    line: String,
}

/// Starts one, with its data in a folder of the test's. The folder is found by its kubeconfig, whose path the first line ends with.
fn start(program: &Path, data: &Path, args: &[&str]) -> Plane {
    let mut supervisor = Command::new(program)
        .args(args)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let stdout = supervisor.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let told: Value = serde_json::from_str(&line).unwrap_or_default();
    let kubeconfig = line
        .trim()
        .strip_prefix("export KUBECONFIG=")
        .or(told["kubeconfig"].as_str())
        .unwrap_or_else(|| panic!("no control plane: {line}"));
    let folder = Path::new(kubeconfig).parent().expect("a folder");
    let processes = std::fs::read(folder.join("processes.json")).expect("a file");
    let processes: Value = serde_json::from_slice(&processes).expect("JSON");
    let pid = |number: &Value| {
        let number = i32::try_from(number.as_i64().expect("a number")).expect("a process");
        Pid::from_raw(number).expect("a process")
    };
    let servers = processes.as_object().expect("processes").iter();
    Plane {
        folder: folder.to_owned(),
        servers: servers.map(|(name, number)| (name.clone(), pid(number))).collect(),
        line,
        supervisor,
    }
}

impl Plane {
    fn alive(&self) -> Vec<&str> {
        let alive = self.servers.iter().filter(|(_, pid)| test_kill_process(*pid).is_ok());
        alive.map(|(name, _)| name.as_str()).collect()
    }

    #[track_caller]
    fn is_gone(&self) {
        let is_gone = until(Duration::from_secs(20), || self.alive().is_empty());
        assert!(is_gone, "{:?}", self.alive());
    }
}

#[test]
fn servers_end_with_their_supervisor_and_with_each_other() {
    let Some(program) = tool("GEN_TEST_CLUSTER", "cluster") else {
        return;
    };
    let data = tempfile::tempdir().expect("a folder");
    let mut killed = start(&program, data.path(), &["up"]);
    let names = [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kustomize-controller",
        "source-controller",
        "tekton-pipelines-webhook",
        "tekton-triggers-webhook",
    ];
    assert_eq!(killed.alive(), names);
    killed.supervisor.kill().expect("it is killed");
    killed.supervisor.wait().expect("it ends");
    killed.is_gone();
    assert!(killed.folder.exists());

    // For a person: it lives without stdin, and says where it is.
    let checkout = Repo::empty();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(checkout.path()).args(["-c", "user.name=test"]);
        command.args(["-c", "user.email=test@example.test", "-c", "commit.gpgsign=false"]);
        let output = command.args(args).output().expect("git runs");
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    // Not the branch that the GitRepository names: what counts is what is checked out.
    git(&["init", "--quiet", "--initial-branch=topic"]);
    checkout.write("clusters/home/flux/none.yaml", "");
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message=test"]);
    let repository = checkout.path().display().to_string();
    let args = [
        "play",
        "--repository",
        &repository,
        "--path",
        "clusters/home/flux",
        "--context",
        "kind-home",
    ];
    let mut played = start(&program, data.path(), &args);
    assert!(!killed.folder.exists(), "the one before left its data");
    drop(played.supervisor.stdin.take());
    let config = std::fs::read_to_string(played.folder.join("admin.kubeconfig")).expect("a file");
    assert!(
        played.line.starts_with("export KUBECONFIG=")
            && config.contains("current-context: kind-home")
    );
    assert_eq!(played.alive(), names);
    if let Some(kubectl) = tool("GEN_TEST_KUBECTL", "kubectl") {
        let revision = format!("main@sha1:{}", git(&["rev-parse", "HEAD"]));
        let output = Command::new(kubectl)
            .arg("--kubeconfig")
            .arg(played.folder.join("admin.kubeconfig"))
            .args(["--namespace=flux-system", "wait", "gitrepository/flux-system"])
            .arg(format!("--for=jsonpath={{.status.artifact.revision}}={revision}"))
            .arg(format!("--timeout={}s", PATIENCE.as_secs()))
            .output()
            .expect("kubectl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let (_, manager) = &played.servers[2];
    kill_process(*manager, Signal::KILL).expect("it is killed");
    let status = played.supervisor.wait().expect("it ends");
    played.is_gone();
    let mut said = String::new();
    let stderr = played.supervisor.stderr.as_mut().expect("a pipe");
    stderr.read_to_string(&mut said).expect("UTF-8");
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("kube-controller-manager ended by itself (signal: killed)"), "{said}");
    assert!(said.contains("kubectl -n flux-system patch kustomization flux-system"), "{said}");
    assert!(!played.folder.exists(), "its data is removed");
}
