//! `gen why APP` and `gen why KIND/NAMESPACE/NAME` against a server that answers as an API server would.

use serde_json::{Value, json};

use crate::gen_why_in;
use crate::server::{Server, World};
use crate::support::Repo;

/// A spec whose pipeline runs under an account that has no rights.
const SPEC: &str = "\
version: 1
repository: https://git.example/team/gitops.git
apps:
  shop:
    source: https://git.example/team/shop.git
    image: registry.example/team/shop
    serviceAccount: default
";

/// The namespaces that gen gives them, as rendered.
const CI: &str = "shop-dev-ci";

fn labels(extra: &Value) -> Value {
    let mut labels = json!({
        "app.kubernetes.io/instance": "shop-dev",
        "app.kubernetes.io/name": "shop",
        "gitops-gen.dev/environment": "dev",
    });
    for (key, value) in extra.as_object().into_iter().flatten() {
        labels[key] = value.clone();
    }
    labels
}

fn run(name: &str, minute: u8, reason: &str, message: &str) -> Value {
    let status = if reason == "Succeeded" { "True" } else { "False" };
    json!({
        "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
        "metadata": {"name": name, "namespace": CI, "labels": labels(&json!({"tekton.dev/pipeline": "shop"})),
            "creationTimestamp": format!("2026-11-23T10:{minute:02}:00Z")},
        "status": {"conditions": [{"type": "Succeeded", "status": status, "reason": reason, "message": message}]},
    })
}

fn failed_run() -> World {
    let task = json!({
        "apiVersion": "tekton.dev/v1", "kind": "TaskRun",
        "metadata": {"name": "shop-2-deploy", "namespace": CI,
            "labels": labels(&json!({"tekton.dev/pipelineRun": "shop-2", "tekton.dev/pipelineTask": "deploy"})),
            "ownerReferences": [{"kind": "PipelineRun", "name": "shop-2"}]},
        "status": {"podName": "shop-2-deploy-pod", "completionTime": "2026-11-23T10:09:00Z",
            "conditions": [{"type": "Succeeded", "status": "False", "reason": "StepFailed", "message": "\"step-deploy\" exited with code 1: Error"}]},
    });
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "shop-2-deploy-pod", "namespace": CI, "labels": labels(&json!({"tekton.dev/taskRun": "shop-2-deploy"})),
            "ownerReferences": [{"kind": "TaskRun", "name": "shop-2-deploy"}]},
        "status": {"phase": "Failed"},
    });
    let log = "2026-11-23T10:08:59.5Z Error from server (Forbidden): deployments.apps \"shop\" is forbidden: User \"system:serviceaccount:shop-dev-ci:default\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"shop-dev\"\n";
    let mut world = World::default()
        .add(
            "tekton.dev/v1",
            "pipelineruns",
            run("shop-1", 1, "ParameterMissing", "pipelineRun missing parameters: [url]"),
        )
        .add(
            "tekton.dev/v1",
            "pipelineruns",
            run("shop-2", 5, "Failed", "Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 0"),
        )
        .add("tekton.dev/v1", "taskruns", task)
        .add("v1", "pods", pod);
    world.logs.insert(format!("/api/v1/namespaces/{CI}/pods/shop-2-deploy-pod"), log.to_owned());
    world
}

fn asked(server: &Server, arguments: &[&str]) -> (i32, Value) {
    let repo = Repo::new()
        .file("gen.yaml", SPEC)
        .file("environments/dev.yaml", "deploy: kubectl\n")
        .file("config", server.kubeconfig());
    let mut all = arguments.to_vec();
    all.extend(["--kubeconfig", "config", "-o", "json"]);
    let out = gen_why_in(repo.root(), &all, b"");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let value = serde_json::from_str(&said)
        .unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&out.stderr)));
    (out.status.code().expect("a status"), value)
}

#[test]
fn the_newest_run_of_an_app_is_explained_by_few_requests() {
    let server = failed_run().serve();
    let (status, value) = asked(&server, &["shop", "--env", "dev"]);
    assert_eq!(status, 1, "{value:#}");
    let diagnoses = value["diagnoses"].as_array().unwrap();
    assert_eq!(diagnoses.len(), 1, "{value:#}");
    let one = &diagnoses[0];
    assert_eq!(one["signature"], "C1");
    assert_eq!(one["what"]["name"], "shop-2");
    // The line of the spec that takes the rights away, and the change that gives them back.
    assert_eq!(one["at"], json!(["gen.yaml:7"]), "{one:#}");
    let cures = one["cures"].as_array().unwrap();
    let change = cures.iter().find(|cure| cure["diff"].is_string()).expect("a change of the spec");
    assert!(
        change["diff"].as_str().unwrap().contains("-    serviceAccount: default\n"),
        "{change}"
    );
    let requests = server.asked();
    assert!(requests.len() <= 40, "{} requests", requests.len());
    assert_eq!(value["requests"], requests.len());
    assert!(requests.iter().all(|one| one.line.starts_with("GET ")), "{requests:?}");
    let lists = requests.iter().filter(|one| !one.line.contains("/log?"));
    assert!(lists.clone().all(|one| one.line.contains("limit=500")), "{requests:?}");
}

#[test]
fn a_certain_run_is_explained() {
    let server = failed_run().serve();
    let (status, value) = asked(&server, &["shop", "--env", "dev", "--run", "shop-1"]);
    assert_eq!(status, 1);
    assert_eq!(value["diagnoses"][0]["signature"], "A6", "{value:#}");
    assert_eq!(value["diagnoses"].as_array().unwrap().len(), 1);
}

/// What may not be read is said with the right that lets it, and the rest is read all the same.
#[test]
fn missing_rights_are_named() {
    let world = World { forbidden: vec!["log", "deployments", "events"], ..failed_run() };
    let (status, value) = asked(&world.serve(), &["shop"]);
    assert_eq!(status, 2, "{value:#}");
    assert_eq!(value["diagnoses"][0]["signature"], "B1");
    assert_eq!(value["complete"], false);
    let rights: Vec<&str> = value["notSeen"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["right"].as_str())
        .collect();
    for right in [
        "get pods/log in shop-dev-ci",
        "list deployments.apps in shop-dev",
        "list events in shop-dev-ci",
    ] {
        assert!(rights.contains(&right), "{right}: {rights:?}");
    }
}

#[test]
fn a_pod_that_is_gone_is_said_to_be() {
    let mut world = failed_run();
    world.lists.retain(|path, _| !path.ends_with("/pods"));
    let (status, value) = asked(&world.serve(), &["shop"]);
    assert_eq!(status, 2);
    let unseen = value["notSeen"].to_string();
    assert!(unseen.contains("its pod is gone"), "{unseen}");
}

#[test]
fn a_healthy_app_has_nothing_to_say() {
    let world = World::default().add(
        "tekton.dev/v1",
        "pipelineruns",
        run("shop-3", 9, "Succeeded", "Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0"),
    );
    let (status, value) = asked(&world.serve(), &["shop"]);
    assert_eq!((status, &value["state"]), (0, &json!("well")), "{value:#}");
    assert!(value["diagnoses"].as_array().unwrap().is_empty());
}

/// An object needs no spec, and other apps of the cluster are none of its business.
#[test]
fn an_object_is_explained() {
    let server = failed_run().serve();
    let (status, value) = asked(&server, &["taskrun/shop-dev-ci/shop-2-deploy"]);
    assert_eq!(status, 1);
    assert_eq!(value["diagnoses"][0]["signature"], "C1");
    assert_eq!(value["diagnoses"][0]["what"]["kind"], "TaskRun");
}

#[test]
fn everything_of_an_environment_is_grouped_by_cause() {
    let mut world = failed_run();
    let kustomization = |name: &str, environment: &str| {
        json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": name, "namespace": "flux-system", "labels": {"gitops-gen.dev/environment": environment}},
            "spec": {"sourceRef": {"kind": "GitRepository", "name": "fleet"}},
            "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "ArtifactFailed", "message": "Source artifact not found, retrying in 30s"}]},
        })
    };
    let source = json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
        "metadata": {"name": "fleet", "namespace": "flux-system"},
        "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "AuthenticationFailed", "message": "failed to get secret 'flux-system/fleet': Secret \"fleet\" not found"}]},
    });
    world = world.add("source.toolkit.fluxcd.io/v1", "gitrepositories", source);
    for (name, environment) in [("a", "dev"), ("b", "dev"), ("c", "prod")] {
        world = world.add(
            "kustomize.toolkit.fluxcd.io/v1",
            "kustomizations",
            kustomization(name, environment),
        );
    }
    let server = world.serve();
    let (status, value) = asked(&server, &["--all"]);
    assert_eq!(status, 1, "{value:#}");
    let mut ids: Vec<&str> = value["diagnoses"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["signature"].as_str())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["C1", "E2"]);
    let text = value.to_string();
    assert!(text.contains("the same cause: Kustomization flux-system/b"), "{value:#}");
    assert!(!text.contains("Kustomization flux-system/c"), "{value:#}");
    assert!(server.asked().len() <= 40, "{}", server.asked().len());
}

/// A cluster that cannot be asked is an error, not a cluster without failures.
#[test]
fn no_cluster_is_an_error() {
    let repo =
        Repo::new().file("gen.yaml", SPEC).file("environments/dev.yaml", "deploy: kubectl\n");
    let out = gen_why_in(repo.root(), &["shop", "--kubeconfig", "nowhere"], b"");
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("GEN0901"), "{out:?}");
}

/// The same change of the spec from a pasted line alone.
#[test]
fn a_pasted_line_leads_to_the_line_of_the_spec() {
    let repo =
        Repo::new().file("gen.yaml", SPEC).file("environments/dev.yaml", "deploy: kubectl\n");
    let line = "deployments.apps \"shop\" is forbidden: User \"system:serviceaccount:shop-dev-ci:default\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"shop-dev\"\n";
    let out = gen_why_in(repo.root(), &["-"], line.as_bytes());
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("gen.yaml:7") && said.contains("-    serviceAccount: default"), "{said}");
    // An account that no app has is nobody's line.
    let foreign = line.replace("shop-dev-ci", "elsewhere");
    let out = gen_why_in(repo.root(), &["-"], foreign.as_bytes());
    assert!(!String::from_utf8_lossy(&out.stdout).contains("gen.yaml"));
    // A spec with errors does not hide the cause.
    let broken = Repo::new()
        .file("gen.yaml", "version: 1\nappz: {}\n")
        .file("environments/dev.yaml", "{}\n");
    let out = gen_why_in(broken.root(), &["-"], line.as_bytes());
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.contains("error[C1]") && said.contains("the spec has errors"), "{said}");
}
