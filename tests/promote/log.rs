//! `gen log`.

use serde_json::Value;

use crate::git::{commit, git, init};
use crate::support::{Repo, digest};

fn repo() -> Repo {
    let repo = Repo::new()
        .file(
            "gen.yaml",
            "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop: {source: https://git.example/team/shop.git, image: registry.example/team/shop}\n  till: {source: https://git.example/team/till.git, image: registry.example/team/till}\n",
        )
        .file("environments/dev.yaml", "{}\n")
        .file("environments/staging.yaml", "promotesFrom: dev\n");
    init(&repo);
    repo
}

/// What is told, without times and names of commits, which differ from run to run.
fn told(repo: &Repo, args: &[&str]) -> String {
    let said = repo.run(["log"].iter().chain(args)).status(0);
    assert_eq!(said.stderr, "");
    let line = |line: &str| match line.strip_prefix("20") {
        Some(_) => format!("TIME  COMMIT{}", &line[16 + 2 + 12..]),
        None => line.to_owned(),
    };
    said.stdout.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn what_went_where_is_read_from_pins_and_trailers() {
    let repo = repo();
    insta::assert_snapshot!(told(&repo, &[]), @"no matching commits");
    commit(&repo, "Begin");
    repo.run(["set", "shop", "-e", "dev", "--image", &digest('1')]).status(0);
    commit(&repo, "Deploy shop\n\nGen-Env: dev\nGen-App: shop\nGen-Spec: 0123abcd");
    repo.run(["promote", "shop", "--to", "staging"]).status(0);
    commit(&repo, "Promote shop\n\nGen-Env: staging\nGen-App: shop");
    let repo = repo.file("environments/dev.yaml", "apps: {'*': {replicas: 2}}\n");
    commit(&repo, "Scale\n\nGen-Env: dev\nGen-App: shop, till");
    repo.run(["set", "shop", "-e", "dev", "--image", &digest('2')]).status(0);
    commit(&repo, "By hand, \u{1b}[31m without trailers");
    let repo = repo.file("README.md", "Nothing of an environment.\n");
    commit(&repo, "Say something");
    insta::assert_snapshot!(told(&repo, &[]), @r"
    TIME  COMMIT  Ada  By hand, \u{1b}[31m without trailers
      shop in dev: image registry.example/team/shop@sha256:111111111111… → sha256:222222222222…
    TIME  COMMIT  Ada  Scale
      shop in dev
      till in dev
    TIME  COMMIT  Ada  Promote shop
      shop in staging: image none → registry.example/team/shop@sha256:111111111111…
    TIME  COMMIT  Ada  Deploy shop
      shop in dev: image none → registry.example/team/shop@sha256:111111111111…
    ");
    insta::assert_snapshot!(told(&repo, &["till"]), @"
    TIME  COMMIT  Ada  Scale
      till in dev
    ");
    insta::assert_snapshot!(told(&repo, &["--env", "staging"]), @"
    TIME  COMMIT  Ada  Promote shop
      shop in staging: image none → registry.example/team/shop@sha256:111111111111…
    ");
    assert_eq!(told(&repo, &["-n", "1"]).lines().count(), 2);
    // Neither the history nor the spec knows it.
    repo.run(["log", "nobody"]).status(64).stderr("GEN0602");
    // Taking a commit back is told as what it does.
    git(&repo, &["revert", "--no-edit", "HEAD~1"]);
    let last = told(&repo, &["-n", "1"]);
    assert!(
        last.contains("shop in dev: image registry.example/team/shop@sha256:222222222222… → sha256:111111111111…"),
        "{last}"
    );
}

#[test]
fn a_program_reads_it() {
    let repo = repo();
    commit(&repo, "Begin");
    repo.run(["set", "shop", "-e", "dev", "--image", &digest('1')]).status(0);
    let head = commit(&repo, "Deploy shop\n\nGen-Env: dev\nGen-App: shop\nGen-Spec: 0123abcd");
    let said = repo.run(["log", "-o", "json"]).status(0);
    let json: Value = serde_json::from_str(&said.stdout).expect("one JSON value");
    assert_eq!(json["complete"], true);
    let first = &json["commits"][0];
    assert_eq!(first["commit"], head);
    assert_eq!(first["spec"], "0123abcd");
    assert_eq!(first["author"], "Ada");
    assert_eq!(first["moved"][0]["environment"], "dev");
    assert_eq!(first["moved"][0]["app"], "shop");
    let image = &first["moved"][0]["changes"]["image"];
    assert_eq!(image["before"], Value::Null);
    assert!(image["after"].as_str().is_some_and(|text| text.ends_with(&digest('1'))));
}

#[test]
fn merges_folders_and_odd_files_are_no_hindrance() {
    let repo = Repo::new();
    init(&repo);
    let repo = repo
        .file("deep/gitops/gen.yaml", crate::support::SMALL)
        .file("deep/gitops/environments/dev.yaml", "{}\n")
        .file("deep/gitops/environments/dev.pins.yaml", "no: pins\n")
        .link("deep/gitops/environments/old.pins.yaml", "dev.pins.yaml");
    git(&repo, &["add", "--all"]);
    git(&repo, &["commit", "--quiet", "--message", "Strange"]);
    git(&repo, &["checkout", "--quiet", "-b", "side"]);
    let pins = format!("apps: {{shop: {{image: 'r.example/a@{}'}}}}\n", digest('1'));
    let repo = repo.file("deep/gitops/environments/dev.pins.yaml", pins);
    git(&repo, &["commit", "--quiet", "--all", "--message", "Pin"]);
    git(&repo, &["checkout", "--quiet", "main"]);
    let repo = repo.file("README.md", "x\n");
    git(&repo, &["add", "--all"]);
    git(&repo, &["commit", "--quiet", "--message", "Read"]);
    git(&repo, &["merge", "--quiet", "--no-ff", "--message", "Merge side", "side"]);
    let said = repo.run(["-C", "deep/gitops", "log"]).status(0);
    assert_eq!(
        said.stdout.matches("shop in dev: image none → r.example/a@sha256:111111111111…").count(),
        1,
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("Ada  Pin\n"), "{}", said.stdout);
    Repo::small().run(["log"]).status(4).stderr("GEN1002");
}
