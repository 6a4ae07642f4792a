//! What is said when there is nothing to compare, or no right to show it.

use std::fmt::Write as _;

use super::{base, check_schema, folder};
use crate::support::Repo;

#[test]
fn errors_as_a_person_reads_them() {
    let repo = base();
    let mut said = String::new();
    for args in [
        "diff --against ./nowhere",
        "diff --against environments/",
        "diff --against . --show-secrets",
        "diff --against . --env nope",
        "diff --against . --read-only",
        "diff --against . --context x",
    ] {
        let ran = repo.run(args.split_whitespace()).status(64);
        assert_eq!(ran.stdout, "");
        let _ = write!(said, "$ gen {args}\n{}", ran.stderr);
    }
    insta::assert_snapshot!("errors", said);
    // Without a kubeconfig the default has nobody to ask.
    let ran = repo.run(["diff", "--kubeconfig", "/nowhere"]).status(2);
    insta::assert_snapshot!("no-kubeconfig", ran.stderr);
    let ran = repo.run(["diff", "--against", "./nowhere", "-o", "json"]).status(64);
    let value = check_schema(&ran.stdout);
    assert_eq!(value["complete"], false);
    assert_eq!(value["errors"][0]["code"], "GEN0910");
}

/// A gate for pull requests: what is only different passes, and what is refused or lost does not.
#[test]
fn the_exit_status_may_hang_on_dangers() {
    let gate = |repo: &Repo, what: &str| {
        repo.run(["diff", "--against", ".", "--summary", "--fail-on", what]).status
    };
    let more = base().copy(&folder().join("cases/app-added/change"));
    assert_eq!(["difference", "caution", "danger"].map(|what| gate(&more, what)), [1, 0, 0]);
    let rights = base().copy(&folder().join("cases/leads-to-more/change"));
    assert_eq!(["difference", "caution", "danger"].map(|what| gate(&rights, what)), [1, 1, 0]);
    let stopped = base().copy(&folder().join("cases/dangers/change"));
    assert_eq!(["difference", "caution", "danger"].map(|what| gate(&stopped, what)), [1, 1, 1]);
    let ran = stopped.run(["diff", "--against", ".", "--fail-on", "never"]).status(64);
    assert!(ran.stderr.contains("difference, caution, danger"), "{}", ran.stderr);
}

/// Registries that answer are in tests/stages.
#[test]
fn a_registry_that_does_not_answer() {
    let spec = "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  old: {image: registry.example/old:1}\n";
    let repo = Repo::new().file("gen.yaml", spec).file("environments/dev.yaml", "run: none\n");
    repo.run(["render"]).status(0);
    let spec = format!("{spec}  shop: {{image: \"127.0.0.1:1/shop:1\"}}\n");
    let repo = repo.file("gen.yaml", spec);
    let ran = repo.run(["diff", "--against", ".", "--summary", "--verify-images"]).status(2);
    insta::assert_snapshot!("registry", ran.stderr);
    assert!(!ran.stdout.contains("dangers"), "{}", ran.stdout);
}

#[test]
fn a_tree_that_cannot_be_read_is_not_an_empty_one() {
    let path = "clusters/home/dev/worker/app";
    let repo = base().without(&format!("{path}/workload.yaml"));
    let ran = repo.run(["diff", "--against", "."]).status(3);
    insta::assert_snapshot!("missing", ran.stderr);
    let repo = base().file(&format!("{path}/workload.yaml"), "a: b\n");
    let ran = repo.run(["diff", "--against", "."]).status(3);
    insta::assert_snapshot!("no-object", ran.stderr);
    let list = "resources: [workload.yaml]\nnamePrefix: a-\n";
    let repo = base().file(&format!("{path}/kustomization.yaml"), list);
    let ran = repo.run(["diff", "--against", "."]).status(3);
    insta::assert_snapshot!("not-plain", ran.stderr);
    let repo = base().file("clusters/home/dev/worker/gen.lock.json", "{}");
    repo.run(["diff", "--against", "."]).status(3).stderr("GEN0804");
}

/// Another folder is another checkout, wherever it is.
#[test]
fn a_folder_anywhere() {
    let there = base();
    let repo = Repo::new().copy(&folder().join("base"));
    let folder = there.root().to_str().unwrap().to_owned();
    repo.run(["diff", "--against", &folder]).status(0).stdout("no differences from the folder");
    // Not rendered here: everything is new to a tree that holds but one app.
    let other = Repo::small();
    other.run(["render"]).status(0);
    let folder = other.root().to_str().unwrap().to_owned();
    let ran = repo.run(["diff", "--against", &folder, "--summary"]).status(1);
    assert!(ran.stdout.contains("pruned") && ran.stdout.contains("created"), "{}", ran.stdout);
}

/// A summary has one line per object in every format, without fields and their values.
#[test]
fn a_summary_in_json_has_no_fields() {
    let repo = base();
    let spec = repo.read("gen.yaml").replace("LOG_LEVEL: info", "LOG_LEVEL: canary");
    let repo = repo.file("gen.yaml", spec);
    let of = |more: &[&str]| {
        let args = ["diff", "--against", ".", "-o", "json"].iter().chain(more);
        check_schema(&repo.run(args).status(1).stdout)
    };
    let (mut whole, summary) = (of(&[]), of(&["--summary"]));
    assert!(whole.to_string().contains("canary") && !summary.to_string().contains("canary"));
    for change in whole["changes"].as_array_mut().expect("changes") {
        let fields = change.as_object_mut().expect("an object").remove("fields");
        assert!(fields.is_some(), "{change}");
    }
    assert_eq!(whole, summary);
}

/// A gen that renders differently says so, and only then.
#[test]
fn another_version_of_gen_is_told_where_it_rendered_otherwise() {
    let record = "clusters/home/dev/shop/gen.lock.json";
    let version = format!("\"gen\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let repo = base();
    let text = repo.read(record).replace(&version, "\"gen\": \"0.0.9\"");
    let repo = repo.file(record, text);
    let ran = repo.run(["diff", "--against", "."]).status(0);
    assert!(!ran.stdout.contains("note:"), "{}", ran.stdout);
    let spec = repo.read("gen.yaml").replace("LOG_LEVEL: info", "LOG_LEVEL: warn");
    let repo = repo.file("gen.yaml", spec);
    let ran = repo.run(["diff", "--against", "."]).status(1);
    let note: Vec<&str> =
        ran.stdout.lines().skip_while(|line| !line.starts_with("note:")).take(2).collect();
    assert!(note[0].contains("gen 0.0.9"), "{}", ran.stdout);
}
