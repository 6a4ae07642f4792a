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

/// Posts it to a listener's Service, signed with a key; the answer's status.
fn post_to(
    cluster: &Cluster,
    (namespace, service): (&str, &str),
    body: &str,
    key: &str,
) -> std::io::Result<u16> {
    let service = cluster.admin().get("v1", "Service", namespace, service);
    let address = text(&service.body, "/spec/clusterIP").to_owned();
    let head = format!(
        "POST / HTTP/1.1\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={}",
        hmac(key.as_bytes(), body.as_bytes()),
    );
    send(&address, &head, body).map(|(status, _)| status)
}

fn post(cluster: &Cluster, body: &str, key: &str) -> std::io::Result<u16> {
    post_to(cluster, (NAMESPACE, "el-hooked"), body, key)
}

fn runs_in(cluster: &Cluster, namespace: &str) -> Vec<Value> {
    let admin = cluster.admin();
    admin.list("tekton.dev/v1", "PipelineRun", namespace)
}

fn runs(cluster: &Cluster) -> Vec<Value> {
    runs_in(cluster, NAMESPACE)
}

/// How many runs there are of this revision. What an earlier push started may come as late as it likes, it has another.
fn runs_of(cluster: &Cluster, namespace: &str, revision: &str) -> usize {
    let is_of = |run: &&Value| {
        let params = run["spec"]["params"].as_array().expect("params");
        params.iter().any(|param| param["name"] == "revision" && param["value"] == revision)
    };
    runs_in(cluster, namespace).iter().filter(is_of).count()
}

/// Applies what the repository renders, without Flux; and the Secret with what the git host was told.
fn apply(cluster: &Cluster, repo: &Repo, namespace: &str, secret: &str) {
    let admin = cluster.admin();
    repo.render();
    let all = repo.objects();
    let all = all.into_iter().filter(|one| !one.inner);
    let mut objects: Vec<Value> = all.map(|one| one.value).collect();
    objects.retain(|object| text(object, "/kind") != "Kustomization");
    objects.sort_by_key(|object| text(object, "/kind") != "Namespace");
    for object in &objects {
        let how = Apply { manager: "kustomize-controller", dry_run: false };
        admin.apply(object, how).expect_ok();
    }
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret, "namespace": namespace}, "stringData": {"token": SECRET},
    });
    admin.create(&secret).expect_ok();
}

/// Waits until the pod of a listener is there.
fn listens(cluster: &Cluster, (namespace, service): (&str, &str)) {
    let admin = cluster.admin();
    let listener = || admin.get("apps/v1", "Deployment", namespace, service).body;
    eventually(
        || (listener()["status"]["availableReplicas"] == 1).then_some(()),
        || {
            let pods = admin.list("v1", "Pod", namespace);
            format!("{}\n{pods:?}", listener())
        },
    );
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn a_signed_push_starts_a_run() {
    let cluster = node();
    tekton::install_triggers(cluster);
    apply(cluster, &repo(), NAMESPACE, "hooked-webhook");
    listens(cluster, (NAMESPACE, "el-hooked"));

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
        || format!("no run after {said}: {}", listener_log(cluster, NAMESPACE)),
    );
    let all = runs(cluster);
    let run = ended(cluster, NAMESPACE, text(&all[0], "/metadata/name")).succeeds(cluster);
    assert!(run.log(cluster, "say", "run").contains(&format!("started for {commit}")));

    // Another key, another branch, a commit of gen's own.
    let later = commit.replace('1', "2");
    for (what, body, key) in [
        ("a wrong signature", push("main", &later, &[BY_PERSON]), "guessed"),
        ("another branch", push("topic", &later, &[BY_PERSON]), SECRET),
        ("a commit of gen's own", push("main", &later, &[BY_GEN]), SECRET),
    ] {
        let status = post(cluster, &body, key).expect("an answer");
        println!("{what}: {status}");
    }
    // What comes later is handled later, so once this one has its run, the others have none. It brings more than gen's commit.
    let mixed = push("main", &later, &[BY_PERSON, BY_GEN]);
    post(cluster, &mixed, SECRET).expect("an answer");
    let count = || runs_of(cluster, NAMESPACE, &later);
    eventually(|| (count() > 0).then_some(()), || listener_log(cluster, NAMESPACE));
    assert_eq!(
        quiet(Duration::from_secs(3), PATIENCE, count, PartialEq::eq),
        Some(1),
        "{}",
        listener_log(cluster, NAMESPACE)
    );
    println!(
        "a signed push started a run; a wrong signature, another branch and a commit of gen's own did not"
    );
}

fn listener_log(cluster: &Cluster, namespace: &str) -> String {
    let pods = cluster.admin().list("v1", "Pod", namespace);
    let of_listener = |pod: &&Value| text(pod, "/metadata/name").starts_with("el-");
    let logs = pods.iter().filter(of_listener).map(|pod| {
        let name = text(pod, "/metadata/name");
        crate::node::log(cluster, namespace, name, "event-listener")
    });
    logs.collect()
}

const SHARED: (&str, &str) = ("gen-dev-listener", "el-listener");

/// Two apps of one repository, and one of another, behind one listener.
fn shared_repo() -> Repo {
    Repo::new(&[
        (
            "gen.yaml",
            r#"version: 1
repository: https://git.example/team/gitops.git
defaults:
  source: https://git.example/team/mono.git
  trigger: {github: {branches: [main]}}
  pipeline:
    - say: {image: "docker.io/library/busybox:1.37.0", script: 'echo "started for $REVISION"', env: {REVISION: {param: revision}}}
apps:
  cart: {source: {path: cart}, image: registry.example/team/cart}
  stock: {source: {path: stock}, image: registry.example/team/stock}
  site: {source: https://git.example/team/site.git, image: registry.example/team/site}
"#,
        ),
        ("environments/dev.yaml", "run: webhook\napis: [triggers]\nlistener: {}\n"),
    ])
}

/// A Trigger of an app that creates a run where another app's are.
fn stray(cluster: &Cluster) {
    let admin = cluster.admin();
    let of = |kind: &str, name: &str| {
        let found = admin.get("triggers.tekton.dev/v1beta1", kind, "cart-dev-ci", name);
        let mut object = found.expect_ok();
        object["metadata"] = json!({
            "name": "stray", "namespace": "cart-dev-ci", "labels": object["metadata"]["labels"],
        });
        object
    };
    let mut template = of("TriggerTemplate", "cart");
    let run = &mut template["spec"]["resourcetemplates"][0];
    run["metadata"]["namespace"] = json!("stock-dev-ci");
    run["spec"]["pipelineRef"]["name"] = json!("stock");
    let mut trigger = of("Trigger", "cart-push");
    trigger["spec"]["template"]["ref"] = json!("stray");
    for object in [template, trigger] {
        admin.create(&object).expect_ok();
    }
}

#[test]
#[ignore = "needs a real node: `make e2e`"]
fn one_listener_starts_the_run_of_the_right_app() {
    let cluster = node();
    tekton::install_triggers(cluster);
    apply(cluster, &shared_repo(), SHARED.0, "github-webhook");
    listens(cluster, SHARED);
    let (first, later) = ("ab".repeat(20), "cd".repeat(20));
    let counts = |revision: &str| {
        ["cart", "stock", "site"].map(|app| runs_of(cluster, &format!("{app}-dev-ci"), revision))
    };
    let told = |repository: &str, file: &str, revision: &str| {
        push("main", revision, &[("A change", file)]).replace("team/hooked", repository)
    };
    let send = |body: &str, key: &str| post_to(cluster, SHARED, body, key);
    let log = || listener_log(cluster, SHARED.0);

    // Its caches may be filled only after it answers.
    eventually(
        || {
            let status = send(&told("team/mono", "stock/main.py", &first), SECRET);
            (status.is_ok_and(|status| status == 202) && counts(&first)[1] > 0).then_some(())
        },
        log,
    );
    let run = &runs_in(cluster, "stock-dev-ci")[0];
    ended(cluster, "stock-dev-ci", text(run, "/metadata/name")).succeeds(cluster);

    stray(cluster);
    for (what, body, key) in [
        ("a wrong signature", told("team/mono", "cart/main.py", &later), "guessed"),
        ("another repository", told("team/other", "cart/main.py", &later), SECRET),
        ("a file of no app", told("team/mono", "README.md", &later), SECRET),
    ] {
        println!("{what}: {}", send(&body, key).expect("an answer"));
    }
    // What comes later is handled later. The stray Trigger hears of it, too, and may not create a run in another namespace.
    send(&told("team/mono", "cart/main.py", &later), SECRET).expect("an answer");
    eventually(|| (counts(&later)[0] > 0).then_some(()), log);
    let started = quiet(Duration::from_secs(3), PATIENCE, || counts(&later), PartialEq::eq);
    assert_eq!(started, Some([1, 0, 0]), "{}", log());
    let [cart, _, site] = counts(&first);
    assert_eq!((cart, site), (0, 0), "{}", log());
    assert!(log().contains("forbidden"), "{}", log());
    println!("one listener started the run of the right app alone");
}
