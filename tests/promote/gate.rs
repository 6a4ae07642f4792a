//! The gate of an environment: what the stage before must show before an image goes on, and when nothing goes on.

use serde_json::{Value, json};

use crate::git;
use crate::server::Server;
use crate::support::{Ran, Repo, digest};

const COMMIT: &str = "a111111111111111111111111111111111111111";

/// Two stages with a gate between them, and an app that is pinned in the first.
fn repo(gate: &str) -> Repo {
    let pins = format!(
        "apps:\n  shop:\n    image: registry.example/team/shop@{}\n    revision: {COMMIT}\n",
        digest('1')
    );
    let repo = Repo::new()
        .file("gen.yaml", "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop: {source: https://git.example/team/shop.git, image: registry.example/team/shop}\n")
        .file("environments/dev.yaml", "run: commit\n")
        .file("environments/dev.pins.yaml", pins)
        .file("environments/prod.yaml", format!("promotesFrom: dev\npromote: {{gate: {gate}}}\n"));
    git::init(&repo);
    repo.run(["render", "--quiet"]).status(0);
    git::commit(&repo, "Begin");
    repo
}

fn promote(repo: &Repo, more: &[&str]) -> Ran {
    let file = repo.outside().join("kubeconfig");
    let file = file.to_str().expect("UTF-8");
    let begin = ["promote", "--to", "prod", "--check", "--kubeconfig", file];
    repo.run(begin.iter().chain(more).copied())
}

/// What the server answers to the list whose path has this word: it was asked for before.
fn answers(server: &Server, word: &str, kind: &str, api: &str, items: &[Value]) {
    let asked = server.asked();
    let path = asked.iter().find(|line| line.contains(word)).expect("it was asked for");
    let path = path.strip_prefix("GET ").expect("a list");
    let list = json!({"apiVersion": api, "kind": kind, "metadata": {"resourceVersion": "1"}, "items": items});
    server.set(path, 200, list);
}

fn run(name: &str, commit: &str, created: &str, status: &str, reason: &str) -> Value {
    json!({
        "metadata": {"name": name, "namespace": "shop-dev-ci", "creationTimestamp": created},
        "spec": {"params": [{"name": "revision", "value": commit}]},
        "status": {"conditions": [{"type": "Succeeded", "status": status, "reason": reason}]},
    })
}

fn pod(name: &str, image: char, ready: &str, started: &str) -> Value {
    json!({
        "metadata": {"name": name, "namespace": "shop-dev"},
        "spec": {"containers": [{"name": "shop", "image": format!("registry.example/team/shop@{}", digest(image))}]},
        "status": {"startTime": started, "conditions": [{"type": "Ready", "status": ready}]},
    })
}

#[test]
fn what_failed_or_was_never_tried_does_not_go_on() {
    let repo = repo("{run: succeeded, soak: 2h}");
    let server = Server::start();
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    let said = promote(&repo, &[]).status(2);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1125]: `shop` may not go on to `prod` yet: no run of commit a11111111111 is in the cluster; no ready pod runs it
      help: wait, mend what is wrong there, or pass the gate: `--force --reason TEXT`
    ");
    let runs =
        |all: &[Value]| answers(&server, "pipelineruns", "PipelineRunList", "tekton.dev/v1", all);
    let pods = |all: &[Value]| answers(&server, "/pods", "PodList", "v1", all);
    let old = run("old", COMMIT, "2026-01-01T00:00:00Z", "True", "Succeeded");
    let other = run("other", &"b".repeat(40), "2026-01-03T00:00:00Z", "True", "Succeeded");
    let failed = run("new", COMMIT, "2026-01-02T00:00:00Z", "False", "Failed");
    runs(&[old.clone(), failed, other.clone()]);
    let long = "2026-01-02T00:00:00Z";
    // Another image, and one that is not ready, show nothing.
    pods(&[pod("a", '2', "True", long), pod("b", '1', "False", long)]);
    promote(&repo, &[]).status(2).stderr(
        "PipelineRun new of commit a11111111111 did not end well: Failed; no ready pod runs it",
    );
    runs(&[old.clone(), run("new", COMMIT, "2026-01-02T00:00:00Z", "Unknown", "Running")]);
    pods(&[pod("a", '1', "True", "2999-01-01T00:00:00Z")]);
    let said = promote(&repo, &[])
        .status(2)
        .stderr("PipelineRun new of commit a11111111111 has not ended");
    assert!(said.stderr.contains("it has run for 0s of 2h, and may go on at "), "{}", said.stderr);
    // The run that built the digest decides, where one says so: the commit may be pinned for the run after it.
    let mut built = run("built", &"c".repeat(40), "2026-01-01T00:00:00Z", "False", "Failed");
    built["status"]["results"] = json!([{"name": "IMAGE_DIGEST", "value": digest('1')}]);
    runs(&[old.clone(), built]);
    promote(&repo, &[])
        .status(2)
        .stderr("PipelineRun built of commit a11111111111 did not end well");
    runs(&[old, other]);
    pods(&[pod("a", '1', "True", "2999-01-01T00:00:00Z"), pod("b", '1', "True", long)]);
    promote(&repo, &[]).status(1).stdout("shop in prod, from dev");
    // Who may not look is not let in.
    let path =
        server.asked().into_iter().find(|line| line.contains("pipelineruns")).expect("asked");
    let refusal = json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"});
    server.set(path.strip_prefix("GET ").expect("a list"), 403, refusal);
    promote(&repo, &[]).status(2).stderr("cannot see");
}

/// Only the first of three stages has a pipeline: its run is the one that built the image.
#[test]
fn the_run_is_where_the_pipeline_is() {
    let repo =
        repo("{run: succeeded}").file("environments/staging.yaml", "promotesFrom: dev\n").file(
            "environments/prod.yaml",
            "promotesFrom: staging\npromote: {gate: {run: succeeded}}\n",
        );
    let pins = repo.read("environments/dev.pins.yaml");
    let repo = repo.file("environments/staging.pins.yaml", pins);
    repo.run(["render", "--quiet"]).status(0);
    git::commit(&repo, "Stage");
    let server = Server::start();
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    promote(&repo, &[]).status(2).stderr("no run of commit a11111111111 is in the cluster");
    let runs = |all: &[Value]| {
        answers(&server, "shop-dev-ci/pipelineruns", "PipelineRunList", "tekton.dev/v1", all);
    };
    runs(&[run("built", COMMIT, "2026-01-01T00:00:00Z", "True", "Succeeded")]);
    promote(&repo, &[]).status(1).stdout("shop in prod, from staging");
}

#[test]
fn a_chart_has_no_run_and_its_release_says_since_when() {
    let repo = Repo::new()
        .file("gen.yaml", "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  podinfo: {helm: {chart: podinfo, repo: \"https://charts.example\", version: 6.9.1}}\n")
        .file("environments/dev.yaml", "apis: [helm]\n")
        .file("environments/dev.pins.yaml", "apps:\n  podinfo:\n    version: 6.9.2\n")
        .file("environments/prod.yaml", "apis: [helm]\npromotesFrom: dev\npromote: {gate: {run: succeeded, soak: 2h}}\n");
    git::init(&repo);
    repo.run(["render", "--quiet"]).status(0);
    git::commit(&repo, "Begin");
    let server = Server::start();
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    promote(&repo, &[])
        .status(2)
        .stderr("may not go on to `prod` yet: no release of it is ready\n");
    let asked = server.asked();
    assert!(
        !asked.iter().any(|line| line.contains("/pods") || line.contains("pipelineruns")),
        "{asked:?}"
    );
    let release = |version: &str, deployed: &str| {
        json!({
            "metadata": {"name": "podinfo", "namespace": "podinfo-dev"},
            "status": {
                "conditions": [{"type": "Ready", "status": "True"}],
                "history": [{"chartVersion": version, "lastDeployed": deployed}],
            },
        })
    };
    let releases = |all: &[Value]| {
        answers(&server, "helmreleases", "HelmReleaseList", "helm.toolkit.fluxcd.io/v2", all);
    };
    releases(&[release("6.9.1", "2026-01-01T00:00:00Z")]);
    promote(&repo, &[]).status(2).stderr("no release of it is ready");
    releases(&[release("6.9.2", "2999-01-01T00:00:00Z")]);
    promote(&repo, &[]).status(2).stderr("it has run for 0s of 2h");
    releases(&[release("6.9.2", "2026-01-01T00:00:00Z")]);
    promote(&repo, &[]).status(1);
}

/// Where no gate asks for it, a run that failed holds an image, and one that nobody can see does not.
#[test]
fn without_a_gate_what_failed_needs_force() {
    let repo = repo("null");
    let server = Server::start();
    // No cluster is named: none is asked.
    let said = repo.run(["promote", "--to", "prod", "--check"]).status(1);
    assert!(!said.stdout.contains("not known"), "{}", said.stdout);
    // One is named that does not answer.
    std::fs::write(repo.outside().join("kubeconfig"), "{}").expect("a file");
    promote(&repo, &[]).status(1).stdout("how runs ended in dev is not known: ");
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    promote(&repo, &[])
        .status(1)
        .stdout("how the run that built shop ended is not known: no run of commit a11111111111");
    let runs = |mut run: Value| {
        run["metadata"]["labels"] = json!({"app.kubernetes.io/instance": "shop-dev"});
        answers(&server, "pipelineruns", "PipelineRunList", "tekton.dev/v1", &[run]);
    };
    runs(run("new", COMMIT, "2026-01-01T00:00:00Z", "False", "Failed"));
    let said = promote(&repo, &[]).status(2);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1126]: `shop` should not go on to `prod`: PipelineRun new of commit a11111111111 did not end well: Failed
      help: `gen why shop --env dev` says what is wrong; `--force` promotes it all the same
    ");
    promote(&repo, &["--force"]).status(1).stdout("shop goes on to prod all the same: ");
    runs(run("new", COMMIT, "2026-01-01T00:00:00Z", "Unknown", "Running"));
    promote(&repo, &[]).status(2).stderr("has not ended");
    runs(run("new", COMMIT, "2026-01-01T00:00:00Z", "True", "Succeeded"));
    let said = promote(&repo, &[]).status(1);
    assert!(!said.stdout.contains("not known"), "{}", said.stdout);
    assert!(!server.asked().iter().any(|line| line.contains("/pods")));
    // A context in the environment's file names the cluster, too.
    let repo = repo.file("environments/dev.yaml", "run: commit\ncontext: nowhere\n");
    repo.run(["render", "--quiet"]).status(0);
    git::commit(&repo, "Name the cluster");
    repo.run(["promote", "--to", "prod", "--check"])
        .status(1)
        .stdout("how runs ended in dev is not known: ");
}

#[test]
fn a_reason_passes_the_gate_and_is_kept() {
    let repo = repo("{freeze: [2020-01-01/2199-12-31]}");
    let said = repo.run(["promote", "--to", "prod"]).status(2);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1125]: `shop` may not go on to `prod` yet: promotions are frozen until Wed 2200-01-01 00:00 UTC
      help: wait, mend what is wrong there, or pass the gate: `--force --reason TEXT`
    ");
    repo.run(["promote", "--to", "prod", "--force"]).status(2).stderr("GEN1125");
    repo.run(["promote", "--to", "prod", "--reason", "x"]).status(64).stderr("--force");
    for wrong in [" ", "two\nlines", &"x".repeat(201)] {
        repo.run(["promote", "--to", "prod", "--force", "--reason", wrong])
            .status(64)
            .stderr("a reason");
    }
    let forced = ["promote", "--to", "prod", "--force", "--reason", "it's a hotfix"];
    let said = repo.run(forced).status(0);
    insta::assert_snapshot!(said.stdout, @r"
    shop in prod, from dev
      image     none → registry.example/team/shop@sha256:111111111111…
      revision  none → a11111111111
    shop passes the gate of prod all the same: promotions are frozen until Wed 2200-01-01 00:00 UTC
    environments/prod.pins.yaml written
    next: run `gen commit --env prod --app shop --reason 'it'\''s a hotfix'`
    ");
    repo.run(["commit", "--env", "prod", "--app", "shop", "--reason", "it's a hotfix"]).status(0);
    let message = git::git(&repo, &["log", "-1", "--format=%B"]);
    assert!(message.contains("\nGen-Reason: it's a hotfix\n"), "{message}");
    // Nothing is promoted any more, so nothing is held.
    repo.run(["promote", "--to", "prod"]).status(0);
}

#[test]
fn times_that_cannot_be_read() {
    let said = Repo::small()
        .file(
            "environments/dev.yaml",
            "promote: {gate: {window: \"Mon-Fri 9-16\", freeze: [soon]}}\n",
        )
        .run(["render"])
        .status(3);
    insta::assert_snapshot!(said.stderr, @r#"
    error[GEN0328]: environments/dev.yaml:1:17: `promote.gate` requires `promotesFrom`: nothing is promoted to it otherwise
      1 | promote: {gate: {window: "Mon-Fri 9-16", freeze: [soon]}}
        |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: add it, or remove `promote.gate`
    error[GEN0398]: environments/dev.yaml:1:26: `promote.gate.window`: `9` is no time of a day, such as `09:00`
      1 | promote: {gate: {window: "Mon-Fri 9-16", freeze: [soon]}}
        |                          ^^^^^^^^^^^^^^
      help: as in `window: Mon-Fri 09:00-16:00 Europe/Paris` and `freeze: [2026-12-20/2027-01-03]`
    error[GEN0398]: environments/dev.yaml:1:50: `promote.gate.freeze`: `soon` is no day, such as `2026-12-24`
      1 | promote: {gate: {window: "Mon-Fri 9-16", freeze: [soon]}}
        |                                                  ^^^^^
      help: as in `window: Mon-Fri 09:00-16:00 Europe/Paris` and `freeze: [2026-12-20/2027-01-03]`
    3 errors
    "#);
    let empty = repo_of_files("promote: {gate: {}}\n").run(["render"]).status(3);
    assert!(
        empty.stderr.contains("`promote.gate`: no condition, so it holds nothing"),
        "{}",
        empty.stderr
    );
    let unset = repo_of_files("promote: {gate: null}\n").run(["render"]);
    unset.status(0);
}

/// Two stages, with this more in the file of the second.
fn repo_of_files(more: &str) -> Repo {
    let prod = format!("promotesFrom: dev\n{more}");
    Repo::small().file("environments/dev.yaml", "run: none\n").file("environments/prod.yaml", prod)
}
