//! Tekton itself, where `GEN_E2E_TEKTON` names a folder with its programs and its `config/`: its own configuration is applied, with images
//! made of those programs, and its controller and admission webhook execute the runs instead of tests/cluster/runner.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cluster::{Cluster, User, eventually};
use crate::support::{documents, snapshot, text};

const NAMESPACE: &str = "tekton-pipelines";
/// What its controller puts into pods, and the two servers.
const PROGRAMS: [&str; 5] = [
    "controller",
    "webhook",
    "entrypoint",
    "nop",
    "workingdirinit",
];

/// The folder; nothing where the tests' own runner is to do.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os("GEN_E2E_TEKTON")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// The programs that are there: name and file.
pub fn programs() -> Vec<(&'static str, PathBuf)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let found = PROGRAMS.map(|name| {
        let file = folder.join(name);
        assert!(file.is_file(), "GEN_E2E_TEKTON has no {}", file.display());
        (name, file)
    });
    found.to_vec()
}

/// The image that stands for one of them.
pub fn image(program: &str) -> String {
    format!("gen.test/tekton-{program}:1")
}

/// Puts those images where a configuration names its own: `ko://github.com/tektoncd/pipeline/cmd/controller` as in its sources, or a
/// registry's name with that of the program in it as in a release. Any shell does for its shell.
fn with_images(value: &mut Value) {
    match value {
        Value::String(text) => {
            let last = text.rsplit('/').next().unwrap_or_default();
            let name = last.split(['@', ':']).next().unwrap_or_default();
            let program = PROGRAMS
                .iter()
                .find(|each| name == **each || name.starts_with(&format!("{each}-")));
            if let (true, Some(program)) = (text.contains("tektoncd/pipeline/"), program) {
                *text = image(program);
            } else if name == "busybox" && text.contains('/') {
                "docker.io/library/busybox:1.37.0".clone_into(text);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(with_images),
        Value::Object(fields) => fields.values_mut().for_each(with_images),
        _ => {}
    }
}

/// The objects of its configuration that are for this node: those of servers that were not given are left out.
fn objects(folder: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    for (path, bytes) in snapshot(&folder.join("config")) {
        let is_yaml = Path::new(&path)
            .extension()
            .is_some_and(|ending| ending == "yaml");
        if !is_yaml || path.contains("resolvers/") {
            continue;
        }
        let written = String::from_utf8(bytes).expect("UTF-8");
        all.extend(documents(&written));
    }
    all.retain(|object| {
        let name = text(object, "/metadata/name");
        let kind = text(object, "/kind");
        let unknown_server = kind == "Deployment"
            && !["tekton-pipelines-controller", "tekton-pipelines-webhook"].contains(&name);
        !unknown_server
            && !kind.is_empty()
            && kind != "HorizontalPodAutoscaler"
            && kind != "PodDisruptionBudget"
    });
    // What others need comes first.
    let rank = |object: &Value| {
        [
            "Namespace",
            "CustomResourceDefinition",
            "ServiceAccount",
            "ConfigMap",
            "Secret",
        ]
        .iter()
        .position(|kind| *kind == text(object, "/kind"))
        .unwrap_or(9)
    };
    all.sort_by_key(rank);
    for object in &mut all {
        with_images(object);
        // It asks for nodes of one kind, and this one says nothing of itself.
        if let Some(pod) = object.pointer_mut("/spec/template/spec")
            && let Some(pod) = pod.as_object_mut()
        {
            pod.remove("affinity");
        }
    }
    all
}

/// Has it run where it was given.
pub fn install(cluster: &Cluster) {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    if let Some(folder) = folder() {
        INSTALLED.call_once(|| apply(cluster, &folder));
    }
}

/// Applies its configuration, and waits until its servers are there and its admission answers.
fn apply(cluster: &Cluster, folder: &Path) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects(folder)});
    let kubectl = std::env::var_os("GEN_TEST_KUBECTL").expect("tests/tools/e2e sets it");
    let mut apply = Command::new(kubectl)
        .args([
            "apply",
            "--server-side",
            "--force-conflicts",
            "--filename=-",
        ])
        .env("KUBECONFIG", cluster.kubeconfig(User::Admin))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("kubectl starts");
    let mut stdin = apply.stdin.take().expect("a pipe");
    write!(stdin, "{list}").expect("it reads");
    drop(stdin);
    assert!(apply.wait().expect("it ends").success());
    let admin = cluster.admin();
    for server in ["tekton-pipelines-controller", "tekton-pipelines-webhook"] {
        let get = || {
            admin
                .get("apps/v1", "Deployment", NAMESPACE, server)
                .expect_ok()
        };
        eventually(
            || (get()["status"]["availableReplicas"] == 1).then_some(()),
            || {
                format!(
                    "{}\n{:?}",
                    get()["status"],
                    admin.list("v1", "Pod", NAMESPACE)
                )
            },
        );
    }
    // Its webhook refuses what Tekton refuses: a Task without a step.
    let empty = json!({
        "apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": "empty", "namespace": "default"}, "spec": {"steps": []},
    });
    let path = "/apis/tekton.dev/v1/namespaces/default/tasks?dryRun=All";
    let ask = || admin.request(http::Method::POST, path, "application/json", Some(&empty));
    eventually(
        || ask().message().contains("validation.webhook").then_some(()),
        || ask().message().to_owned(),
    );
    println!("Tekton's own controller and webhook run");
}
