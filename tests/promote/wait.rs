//! `gen wait`, and `gen promote` from where the cluster says what runs.

use std::time::Duration;

use serde_json::json;

use crate::git;
use crate::server::{Server, deployment, deployment_path, kustomization, kustomization_path};
use crate::support::{Ran, Repo, digest};

fn image(digit: char) -> String {
    format!("registry.example/team/shop@{}", digest(digit))
}

/// `shop`, pinned in `dev` and committed, with intervals of a second so that a test need not wait for long.
fn repo(server: &Server) -> Repo {
    let repo = Repo::small()
        .file("environments/dev.yaml", "flux: {retry: 1s, source: {interval: 1s}}\n")
        .file("environments/home.yaml", "deploy: kubectl\n")
        .file("environments/flat.yaml", "promotesFrom: home\n")
        .file(
            "environments/dev.pins.yaml",
            format!("apps: {{shop: {{image: \"{}\"}}}}\n", image('1')),
        );
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    git::init(&repo);
    git::commit(&repo, "Pin");
    repo
}

fn wait(repo: &Repo, more: &[&str]) -> Ran {
    let file = repo.outside().join("kubeconfig");
    let file = file.to_str().expect("UTF-8");
    let first = ["wait", "shop", "-e", "dev", "--kubeconfig", file];
    repo.run(first.iter().chain(more))
}

fn ready(server: &Server, commit: &str, image: &str) {
    let name = "shop-dev";
    server.set(&kustomization_path(name), 200, kustomization(name, commit));
    server.set(&deployment_path(name, "shop"), 200, deployment(name, "shop", image));
}

#[test]
fn a_commit_that_flux_has_applied_and_that_runs_is_done() {
    let server = Server::start();
    let repo = repo(&server);
    let head = git::git(&repo, &["rev-parse", "HEAD"]);
    ready(&server, &head, &image('1'));
    let said = wait(&repo, &[]).status(0);
    assert_eq!(said.stdout, format!("shop in dev runs {}\n", image('1')));
    let said = said.stderr("waiting at most 393 s until Flux has applied ");
    said.silent_about("canary-token");
    // Only what the Role of a deploy task allows is asked.
    assert_eq!(
        server.asked(),
        [
            format!("GET {}", kustomization_path("shop-dev")),
            format!("GET {}", deployment_path("shop-dev", "shop")),
        ]
    );
}

#[test]
fn a_later_commit_will_do_also_one_that_must_be_fetched() {
    let server = Server::start();
    let repo = repo(&server);
    let bare = repo.outside().join("bare.git");
    let bare = bare.to_str().expect("UTF-8");
    git::git(&repo, &["clone", "--quiet", "--bare", ".", bare]);
    git::git(&repo, &["remote", "add", "origin", bare]);
    // Somebody else pushes on top.
    let other = repo.outside().join("other");
    let other = other.to_str().expect("UTF-8");
    git::git(&repo, &["clone", "--quiet", bare, other]);
    let empty = ["commit", "--quiet", "--allow-empty", "--message", "Later"];
    git::git(&repo, &[&["-C", other][..], &empty].concat());
    git::git(&repo, &["-C", other, "push", "--quiet", "origin", "main"]);
    let later = git::git(&repo, &["-C", other, "rev-parse", "HEAD"]);
    ready(&server, &later, &image('1'));
    wait(&repo, &[]).status(0);
    // One before it will not do, and the time for it ends. Its words differ: the same ones in the same second are the same commit.
    git::git(&repo, &["commit", "--quiet", "--allow-empty", "--message", "Here"]);
    let said = wait(&repo, &["--at-most", "3s"]).status(2);
    let told: Vec<&str> = said.stderr.lines().skip(2).collect();
    let why = format!("applied: {}", &later[..12]);
    assert_eq!(
        told,
        [
            &format!(
                "error[GEN1117]: kustomizations.kustomize.toolkit.fluxcd.io/shop-dev in flux-system is not ready after 3 s: {why}"
            ),
            "  help: check `flux get kustomizations`; set the rollout's time limit with `--timeout`",
        ]
    );
    wait(&repo, &["--revision", "HEAD~1"]).status(0);
}

#[test]
fn it_waits_and_says_for_what() {
    let server = Server::start();
    let repo = repo(&server);
    let head = git::git(&repo, &["rev-parse", "HEAD"]);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Each answer has been seen once the same is asked for again.
            server.is_asked_again(&kustomization_path("shop-dev"));
            ready(&server, &head, &image('2'));
            server.is_asked_again(&deployment_path("shop-dev", "shop"));
            ready(&server, &head, &image('1'));
        });
        let said = wait(&repo, &[]).status(0);
        let told: Vec<&str> = said.stderr.lines().skip(1).collect();
        assert_eq!(
            told,
            [
                "kustomizations.kustomize.toolkit.fluxcd.io/shop-dev in flux-system: it does not exist yet",
                "deployments.apps/shop in shop-dev: it has registry.example/team/shop@sha256:222222222222",
            ]
        );
    });
}

#[test]
fn a_failure_is_told_fast_where_waiting_does_not_help() {
    let server = Server::start();
    let repo = repo(&server);
    let head = git::git(&repo, &["rev-parse", "HEAD"]);
    ready(&server, &head, &image('1'));
    let mut late = deployment("shop-dev", "shop", &image('1'));
    late["status"] = json!({"observedGeneration": 1, "conditions": [{
        "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
        "message": "ReplicaSet \"shop-1\" has timed out progressing.",
    }]});
    server.set(&deployment_path("shop-dev", "shop"), 200, late);
    let said = wait(&repo, &[]).status(2);
    insta::assert_snapshot!(said.stderr.lines().skip(1).collect::<Vec<_>>().join("\n"), @r#"
    error[GEN1116]: deployments.apps/shop in shop-dev failed: ReplicaSet "shop-1" has timed out progressing.
      help: see `flux get kustomizations` and `kubectl get events` in its namespace; undo with `git revert` of the commit
    "#);
    // Flux fails at this very commit, and again after its retry.
    let mut broken = kustomization("shop-dev", &"a".repeat(40));
    broken["status"]["lastAttemptedRevision"] = json!(format!("main@sha1:{head}"));
    broken["status"]["conditions"] = json!([{
        "type": "Ready", "status": "False", "reason": "BuildFailed", "message": "no such file\nmore",
    }]);
    server.set(&kustomization_path("shop-dev"), 200, broken);
    let said = wait(&repo, &[]).status(2);
    assert!(said.took < Duration::from_secs(30), "{:?}", said.took);
    assert!(
        said.stderr.contains("error[GEN1116]: kustomizations.kustomize.toolkit.fluxcd.io/shop-dev in flux-system failed: BuildFailed: no such file\n"),
        "{}",
        said.stderr
    );
}

#[test]
fn what_the_account_may_not_see_is_said() {
    let server = Server::start();
    let repo = repo(&server);
    server.set(
        &kustomization_path("shop-dev"),
        403,
        json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"}),
    );
    let said = wait(&repo, &[]).status(2);
    assert!(
        said.stderr.contains("error[GEN0908]: missing permissions: get kustomizations.kustomize.toolkit.fluxcd.io/shop-dev in flux-system"),
        "{}",
        said.stderr
    );
    let without = repo.run(["wait", "shop", "-e", "home"]).status(64);
    assert!(without.stderr.contains("GEN1102"), "{}", without.stderr);
    let unpinned = repo.run(["wait", "shop", "-e", "flat"]).status(3);
    assert!(unpinned.stderr.contains("GEN1110"), "{}", unpinned.stderr);
    let strange = wait(&repo, &["--timeout", "soon"]).status(3);
    assert!(strange.stderr.contains("GEN0207"), "{}", strange.stderr);
    let unknown = wait(&repo, &["--revision", "nowhere"]).status(64);
    assert!(unknown.stderr.contains("GEN1004"), "{}", unknown.stderr);
}

#[test]
fn without_a_workload_only_the_commit_is_waited_for() {
    let server = Server::start();
    let repo = repo(&server).file(
        "environments/dev.yaml",
        "flux: {retry: 1s, source: {interval: 1s}}\napps: {shop: {workload: none}}\n",
    );
    let head = git::git(&repo, &["rev-parse", "HEAD"]);
    ready(&server, &head, &image('1'));
    let typed = image('3');
    wait(&repo, &["--image", &typed]).status(0);
}

#[test]
fn the_cluster_says_what_runs_where_no_pin_does() {
    let server = Server::start();
    let repo = repo(&server);
    let file = repo.outside().join("kubeconfig");
    let file = file.to_str().expect("UTF-8");
    let promote = ["promote", "--to", "flat", "--kubeconfig", file, "--context", "other"];
    let running = |image: &str| {
        let object = deployment("shop-home", "shop", image);
        server.set(&deployment_path("shop-home", "shop"), 200, object);
    };
    repo.run(promote).status(0).stdout("shop is not promoted: it does not run in home\n");
    let named = ["promote", "shop", "--to", "flat", "--kubeconfig", file, "--context", "other"];
    let said = repo.run(named).status(3);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1118]: nothing to promote: `shop` does not run in `home`
      help: run its pipeline there first, or use `--image REF@sha256:…`
    ");
    running("registry.example/team/shop:v1");
    repo.run(named).status(3).stderr("GEN0215");
    running(&image('4'));
    repo.run(promote).status(0).silent_about("canary-token");
    assert!(repo.read("environments/flat.pins.yaml").contains(&image('4')));
}
