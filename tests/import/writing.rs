//! What is written, and what is not.

use serde_json::Value;

use crate::support::Repo;

const MAIL: &str = include_str!("cases/secrets/in/mail.yaml");

/// Values of Secrets in that file, and in its variables.
const VALUES: [&str; 3] = ["c3dvcmRmaXNo", "swordfish", "tok-5fb1c0de9a7e4d"];

#[test]
fn no_value_of_a_secret_comes_out() {
    for format in ["text", "json", "markdown"] {
        let repo = Repo::new().file("in/mail.yaml", MAIL);
        let ran = repo.run(["import", "in", "--into", "out", "-o", format]);
        for value in VALUES {
            assert!(!ran.stdout.contains(value) && !ran.stderr.contains(value), "{format}");
            for (path, bytes) in crate::support::tree(&repo.root().join("out")) {
                assert!(!String::from_utf8_lossy(&bytes).contains(value), "{path}");
            }
        }
        assert!(ran.stdout.contains("Secret office/smtp"), "{}", ran.stdout);
    }
}

const ARGUMENTS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: registry.example/shop:1
        args: [serve, --token, hunter22, --password=$(DB_PASSWORD), --level=debug]
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: db, namespace: db}
spec: {interval: 1h, url: https://charts.example/db}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: db, namespace: db}
spec:
  interval: 30m
  chart: {spec: {chart: db, version: 1.0.0, sourceRef: {kind: HelmRepository, name: db}}}
  values:
    dbPassword: hunter33a
    auth: {existingSecret: db-auth}
    args: [--token, hunter33b, --level=debug]
    extraEnv: [{name: ADMIN_PASSWORD, value: hunter33c}, {name: LEVEL, value: info}]
";

/// What a chart can do without is left out; an argument of an app stays, and is named wherever somebody looks.
#[test]
fn secrets_in_lists_are_left_out_or_named() {
    let repo = Repo::new().file("in/shop.yaml", ARGUMENTS);
    let ran = repo.run(["import", "in", "--into", "out"]).status(1);
    let spec = repo.read("out/gen.yaml");
    let left = "left out, for they look like secrets: dbPassword, args[1], extraEnv[0].value";
    assert!(spec.contains(left) && spec.contains("existingSecret: db-auth"), "{spec}");
    for (_, bytes) in crate::support::tree(&repo.root().join("out")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter33"), "{spec}");
    }
    assert!(spec.contains("# `args[2]` looks like a secret: put it in a Secret"), "{spec}");
    let told = "these look like secrets and are in plain text in the new files; before you\ncommit, move each to a Secret, and use it as `$(NAME)` of a variable in `env`:\n  shop: args[2]\n\n";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    assert!(!ran.stdout.contains("hunter"), "{}", ran.stdout);
    repo.run(["-C", "out", "render", "--quiet"]).status(0);
    let json = repo.run(["import", "in", "--dry-run", "-o", "json"]);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["inClear"], serde_json::json!(["shop: args[2]"]));
    let markdown = repo.run(["import", "in", "--dry-run", "-o", "markdown"]);
    assert!(markdown.stdout.contains("\n- shop: args[2]\n"), "{}", markdown.stdout);
}

#[test]
fn nothing_is_written_over() {
    let repo = Repo::new().file("in/mail.yaml", MAIL).file("out/environments/prod.yaml", "mine\n");
    let told = "error[GEN1401]: `out/environments/prod.yaml` already exists, and import does not overwrite";
    repo.run(["import", "in", "--into", "out"]).status(64).stderr(told);
    assert_eq!(repo.read("out/environments/prod.yaml"), "mine\n");
    assert!(!repo.root().join("out/gen.yaml").exists(), "all of it or nothing");
}

#[test]
fn a_dry_run_writes_nothing() {
    let repo = Repo::new().file("in/mail.yaml", MAIL);
    let ran = repo.run(["import", "in", "--into", "out", "--dry-run"]);
    assert!(ran.stdout.contains("would write environments/prod.yaml, gen.yaml"), "{}", ran.stdout);
    assert!(!repo.root().join("out").exists());
}

#[test]
fn programs_read_verdicts_and_files() {
    let repo = Repo::new().file("in/mail.yaml", MAIL);
    let ran = repo.run(["import", "in", "--env", "home", "--dry-run", "-o", "json"]).status(1);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["schema"], 1);
    assert_eq!(report["complete"], true);
    let objects = report["objects"].as_array().unwrap();
    assert_eq!(objects.len(), report["coverage"]["objects"]);
    let deployment = objects.iter().find(|one| one["object"] == "Deployment office/mail").unwrap();
    assert_eq!(deployment["verdict"], "different");
    assert_eq!(deployment["environment"], "home");
    assert!(
        report["files"]["environments/home.yaml"]
            .as_str()
            .is_some_and(|text| text.contains("office"))
    );
    assert_eq!(report["written"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_pull_request_gets_a_table() {
    let repo = Repo::new().file("in/mail.yaml", MAIL);
    let ran = repo.run(["import", "in", "--dry-run", "-o", "markdown"]);
    assert!(
        ran.stdout.starts_with("## What `gen import` made of it\n\n| object | verdict | why |\n")
    );
    assert!(
        ran.stdout
            .contains("| Secret office/smtp | left outside | values of Secrets are never copied")
    );
    assert!(ran.stdout.contains("### New behaviour"), "{}", ran.stdout);
}
