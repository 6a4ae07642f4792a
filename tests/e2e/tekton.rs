//! Tekton itself: the configuration of Pipelines and of Triggers, as their projects have it, is applied with images made of their
//! programs, which `tests/tools/setup tekton` builds. Their controllers and webhooks run in pods, and so does the listener of events.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;

use serde_json::{Value, json};

use crate::cluster::{Cluster, User, eventually};
use crate::images::named;
use crate::support::needs::tool;
use crate::support::{documents, snapshot, text};

const NAMESPACE: &str = "tekton-pipelines";

/// A project of Tekton's, as far as it runs here.
struct Part {
    /// Its folder in that of `setup tekton`.
    folder: &'static str,
    /// As its sources and releases are called.
    project: &'static str,
    programs: &'static [&'static str],
    /// What the names of those programs' images begin with here.
    images: &'static str,
    /// Its servers: Deployments.
    servers: &'static [&'static str],
}

/// Runs: the servers, and what they put into pods.
const PIPELINES: Part = Part {
    folder: "",
    project: "tektoncd/pipeline/",
    programs: &["controller", "webhook", "entrypoint", "nop", "workingdirinit"],
    images: "gen.test/tekton-",
    servers: &["tekton-pipelines-controller", "tekton-pipelines-webhook"],
};

/// What starts runs: the servers, and the one that each EventListener gets.
const TRIGGERS: Part = Part {
    folder: "triggers",
    project: "tektoncd/triggers/",
    programs: &["controller", "webhook", "interceptors", "eventlistenersink"],
    images: "gen.test/tekton-triggers-",
    servers: &[
        "tekton-triggers-controller",
        "tekton-triggers-webhook",
        "tekton-triggers-core-interceptors",
    ],
};

impl Part {
    fn folder(&self) -> PathBuf {
        named("GEN_E2E_TEKTON").join(self.folder)
    }

    fn image(&self, program: &str) -> String {
        format!("{}{program}:1", self.images)
    }
}

/// All programs: the name of each, its file, and its image.
pub fn programs() -> impl Iterator<Item = (&'static str, PathBuf, String)> {
    [PIPELINES, TRIGGERS].into_iter().flat_map(|part| {
        let of_part = |name: &&'static str| (*name, part.folder().join(name), part.image(name));
        part.programs.iter().map(of_part).collect::<Vec<_>>()
    })
}

/// The one that does nothing, which a pod is also held by: its file, and how it is told to wait.
pub fn nop() -> (PathBuf, &'static str) {
    (PIPELINES.folder().join("nop"), "tekton_run_indefinitely")
}

/// Puts those images where a configuration names its own: `ko://github.com/tektoncd/pipeline/cmd/controller` as in its sources, or a
/// registry's name with that of the program in it as in a release. Any shell does for its shell.
fn with_images(part: &Part, value: &mut Value) {
    match value {
        Value::String(text) => {
            let last = text.rsplit('/').next().unwrap_or_default();
            let name = last.split(['@', ':']).next().unwrap_or_default();
            let program = part
                .programs
                .iter()
                .find(|each| name == **each || name.starts_with(&format!("{each}-")));
            if let (true, Some(program)) = (text.contains(part.project), program) {
                *text = part.image(program);
            } else if name == "busybox" && text.contains('/') {
                "docker.io/library/busybox:1.37.0".clone_into(text);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|each| with_images(part, each)),
        Value::Object(fields) => fields.values_mut().for_each(|each| with_images(part, each)),
        _ => {}
    }
}

/// The objects of its configuration that are for this node: resolvers and cloud events, which nothing of gen's uses, are left out.
fn objects(part: &Part) -> Vec<Value> {
    let mut all = Vec::new();
    for (path, bytes) in snapshot(&part.folder().join("config")) {
        let is_yaml = Path::new(&path).extension().is_some_and(|ending| ending == "yaml");
        if !is_yaml || path.contains("resolvers/") {
            continue;
        }
        let written = String::from_utf8(bytes).expect("UTF-8");
        all.extend(documents(&written));
    }
    all.retain(|object| {
        let name = text(object, "/metadata/name");
        let kind = text(object, "/kind");
        let unknown_server = kind == "Deployment" && !part.servers.contains(&name);
        !unknown_server
            && !kind.is_empty()
            && kind != "HorizontalPodAutoscaler"
            && kind != "PodDisruptionBudget"
    });
    // What others need comes first.
    let rank = |object: &Value| {
        ["Namespace", "CustomResourceDefinition", "ServiceAccount", "ConfigMap", "Secret"]
            .iter()
            .position(|kind| *kind == text(object, "/kind"))
            .unwrap_or(9)
    };
    all.sort_by_key(rank);
    for object in &mut all {
        with_images(part, object);
        // It asks for nodes of one kind, and this one says nothing of itself.
        if let Some(pod) = object.pointer_mut("/spec/template/spec")
            && let Some(pod) = pod.as_object_mut()
        {
            pod.remove("affinity");
        }
    }
    all
}

/// Has Tekton run.
pub fn install(cluster: &Cluster) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        apply(cluster, &PIPELINES);
        refuses_nonsense(cluster);
        println!("Tekton's own controller and webhook run");
    });
}

/// The same with what starts runs.
pub fn install_triggers(cluster: &Cluster) {
    static INSTALLED: Once = Once::new();
    install(cluster);
    INSTALLED.call_once(|| apply(cluster, &TRIGGERS));
}

/// Applies the configuration of a part, and waits until its servers are there.
fn apply(cluster: &Cluster, part: &Part) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects(part)});
    let kubectl = tool("GEN_TEST_KUBECTL", "kubectl").expect("tests/tools/e2e sets it");
    let mut apply = Command::new(kubectl)
        .args(["apply", "--server-side", "--force-conflicts", "--filename=-"])
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
    for server in part.servers {
        let get = || admin.get("apps/v1", "Deployment", NAMESPACE, server).expect_ok();
        eventually(
            || (get()["status"]["availableReplicas"] == 1).then_some(()),
            || format!("{}\n{:?}", get()["status"], admin.list("v1", "Pod", NAMESPACE)),
        );
    }
}

/// Its webhook refuses what Tekton refuses: a Task without a step.
fn refuses_nonsense(cluster: &Cluster) {
    let admin = cluster.admin();
    let empty = json!({
        "apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": "empty", "namespace": "default"}, "spec": {"steps": []},
    });
    let path = "/apis/tekton.dev/v1/namespaces/default/tasks?dryRun=All";
    let ask = || admin.request(http::Method::POST, path, "application/json", Some(&empty));
    eventually(
        || ask().message().contains("validation.webhook").then_some(()),
        || ask().message().to_owned(),
    );
}
