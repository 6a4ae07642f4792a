//! A push, as a git host tells it: signed, it starts a run by way of Tekton Triggers' own servers; anything else does not.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::cluster::{Cluster, PATIENCE, eventually};
use crate::delivery::send;
use crate::node::node;
use crate::requests::Apply;
use crate::run::ended;
use crate::support::wait::quiet;
use crate::support::{Repo, text};
use crate::tekton;

const NAMESPACE: &str = "hooked-dev-ci";
const SECRET: &str = "what the git host was told";

fn repo() -> Repo {
    Repo::new(&[
        (
            "gen.yaml",
            r#"version: 1
repository: https://git.example/team/gitops.git
apps:
  hooked:
    source: https://git.example/team/hooked.git
    image: registry.example/team/hooked
    port: 8080
    pipeline:
      - say: {image: "docker.io/library/busybox:1.37.0", script: 'echo "started for $REVISION"', env: {REVISION: {param: revision}}}
    trigger: {github: {branches: [main]}}
"#,
        ),
        ("environments/dev.yaml", "run: webhook\napis: [triggers]\n"),
    ])
}

/// RFC 2104, with SHA-256.
fn hmac(key: &[u8], message: &[u8]) -> String {
    assert!(key.len() <= 64);
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message);
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner.finalize());
    let digest = outer.finalize();
    digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A commit by a person, and one by gen: its message, and a file that it changes.
const BY_PERSON: (&str, &str) = ("A change", "main.py");
const BY_GEN: (&str, &str) = ("Promote\n\nGen-Env: dev\n", "environments/dev.pins.yaml");

/// What GitHub sends for a push of commits to a branch, of which the last has this hash.
fn push(branch: &str, last: &str, commits: &[(&str, &str)]) -> String {
    let told = |(message, file): &(&str, &str)| json!({"id": last, "message": message, "added": [], "removed": [], "modified": [file]});
    let commits: Vec<Value> = commits.iter().map(told).collect();
    json!({
        "ref": format!("refs/heads/{branch}"), "before": "0".repeat(40), "after": last, "forced": false,
        "repository": {"full_name": "team/hooked", "clone_url": "https://git.example/team/hooked.git"},
        "head_commit": commits.last(), "commits": commits,
    })
    .to_string()
}

/// Posts it to the listener, signed with a key; the answer's status.
fn post(cluster: &Cluster, body: &str, key: &str) -> std::io::Result<u16> {
    let service = cluster.admin().get("v1", "Service", NAMESPACE, "el-hooked");
    let address = text(&service.body, "/spec/clusterIP").to_owned();
    let head = format!(
        "POST / HTTP/1.1\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={}",
        hmac(key.as_bytes(), body.as_bytes()),
    );
    send(&address, &head, body).map(|(status, _)| status)
}

fn runs(cluster: &Cluster) -> Vec<Value> {
    let admin = cluster.admin();
    admin.list("tekton.dev/v1", "PipelineRun", NAMESPACE)
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn a_signed_push_starts_a_run() {
    let cluster = node();
    tekton::install_triggers(cluster);
    let admin = cluster.admin();
    let repo = repo();
    repo.render();
    let all = repo.objects();
    let all = all.into_iter().filter(|one| !one.inner);
    let mut objects: Vec<Value> = all.map(|one| one.value).collect();
    objects.retain(|object| text(object, "/kind") != "Kustomization");
    objects.sort_by_key(|object| text(object, "/kind") != "Namespace");
    let how = || Apply { manager: "kustomize-controller", dry_run: false };
    for object in &objects {
        admin.apply(object, how()).expect_ok();
    }
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hooked-webhook", "namespace": NAMESPACE}, "stringData": {"token": SECRET},
    });
    admin.create(&secret).expect_ok();
    let listener = || {
        let found = admin.get("apps/v1", "Deployment", NAMESPACE, "el-hooked");
        found.body
    };
    eventually(
        || (listener()["status"]["availableReplicas"] == 1).then_some(()),
        || {
            let pods = admin.list("v1", "Pod", NAMESPACE);
            format!("{}\n{pods:?}", listener())
        },
    );

    let commit = "1234567890abcdef1234567890abcdef12345678";
    let mut said = String::new();
    eventually(
        || {
            let status = post(cluster, &push("main", commit, &[BY_PERSON]), SECRET);
            said = format!("{status:?}");
            // Where it answers, it has taken it.
            status.is_ok_and(|status| status == 202).then_some(())
        },
        || "the listener does not answer".to_owned(),
    );
    eventually(
        || (!runs(cluster).is_empty()).then_some(()),
        || format!("no run after {said}: {}", listener_log(cluster)),
    );
    let all = runs(cluster);
    let run = ended(cluster, NAMESPACE, text(&all[0], "/metadata/name")).succeeds(cluster);
    assert!(run.log(cluster, "say", "run").contains(&format!("started for {commit}")));

    // Another key, another branch, a commit of gen's own.
    for (what, body, key) in [
        ("a wrong signature", push("main", commit, &[BY_PERSON]), "guessed"),
        ("another branch", push("topic", commit, &[BY_PERSON]), SECRET),
        ("a commit of gen's own", push("main", commit, &[BY_GEN]), SECRET),
    ] {
        let status = post(cluster, &body, key).expect("an answer");
        println!("{what}: {status}");
    }
    // What comes later is handled later, so once this one has its run, the others have none. It brings more than gen's commit.
    let mixed = push("main", &commit.replace('1', "2"), &[BY_PERSON, BY_GEN]);
    post(cluster, &mixed, SECRET).expect("an answer");
    eventually(|| (runs(cluster).len() > all.len()).then_some(()), || listener_log(cluster));
    let count = || runs(cluster).len();
    assert_eq!(
        quiet(Duration::from_secs(3), PATIENCE, count, PartialEq::eq),
        Some(all.len() + 1),
        "{}",
        listener_log(cluster)
    );
    println!(
        "a signed push started a run; a wrong signature, another branch and a commit of gen's own did not"
    );
}

fn listener_log(cluster: &Cluster) -> String {
    let pods = cluster.admin().list("v1", "Pod", NAMESPACE);
    let of_listener = |pod: &&Value| text(pod, "/metadata/name").starts_with("el-");
    let logs = pods.iter().filter(of_listener).map(|pod| {
        let name = text(pod, "/metadata/name");
        crate::node::log(cluster, NAMESPACE, name, "event-listener")
    });
    logs.collect()
}
