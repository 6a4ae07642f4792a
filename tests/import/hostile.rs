//! Hostile input harms nobody: it ends with an answer, and nothing is written outside.

use std::fmt::Write as _;

use crate::support::Repo;

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: \"registry.example/shop/web:1\"}]}\n";

/// Files of the folder above the repository, for nothing may appear there.
fn beside(repo: &Repo) -> Vec<String> {
    let above = repo.root().parent().unwrap();
    let names = std::fs::read_dir(above).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn names_lead_nowhere() {
    let evil = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"../../../../escape\", namespace: shop}\ndata: {\"../../up\": x}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"/tmp/absolute\", namespace: \"../ns\"}\n";
    let repo = Repo::new().file("in/web.yaml", DEPLOYMENT).file("in/evil.yaml", evil);
    let ran = repo.run(["import", "in", "--into", "out"]);
    assert!([0, 1].contains(&ran.status), "{}", ran.stderr);
    assert_eq!(beside(&repo), ["home", "repo"]);
    for (path, _) in crate::support::tree(repo.root()) {
        assert!(!path.contains("escape.yaml") || path.starts_with("out/manifests/"), "{path}");
    }
}

#[test]
fn links_are_not_followed() {
    let secret = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: private, namespace: shop}\ndata: {key: found}\n";
    let repo = Repo::new().file("in/web.yaml", DEPLOYMENT);
    std::fs::write(repo.root().parent().unwrap().join("home/private.yaml"), secret).unwrap();
    let repo = repo.link("in/link.yaml", "../../home/private.yaml");
    let ran = repo.run(["import", "in", "--into", "out", "-o", "json"]);
    assert!(!ran.stdout.contains("found"), "{}", ran.stdout);
    // Nor is anything written through one.
    let repo = Repo::new().file("in/web.yaml", DEPLOYMENT);
    std::fs::create_dir(repo.root().join("out")).unwrap();
    let repo = repo.link("out/environments", "../../home");
    repo.run(["import", "in", "--into", "out"]).status(4);
    assert_eq!(std::fs::read_dir(repo.root().parent().unwrap().join("home")).unwrap().count(), 0);
}

#[test]
fn bombs_and_what_is_no_yaml_are_told_and_passed_over() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = level - 1;
        let all = vec![format!("*a{before}"); 9].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{all}]");
    }
    let deep = format!("x: {}{}", "[".repeat(20_000), "]".repeat(20_000));
    let repo = Repo::new()
        .file("in/web.yaml", DEPLOYMENT)
        .file("in/bomb.yaml", bomb)
        .file("in/deep.yaml", deep)
        .file("in/not.yaml", "{{ template }}: [\n")
        .file("in/binary.yaml", [0_u8, 159, 146, 150])
        .file("in/helm/templates/x.yaml", "{{- if .Values.x }}\nkind: Pod\n{{- end }}\n")
        .sparse("in/large.yaml", 1 << 30)
        .fifo("in/pipe.yaml");
    let ran = repo.run_limited(2 << 30, 60, ["import", "in", "--into", "out"]);
    let ran = ran.status(0);
    for file in ["bomb", "deep", "not", "binary", "large"] {
        assert!(
            ran.stdout.contains(&format!("not read: in/{file}.yaml")),
            "{file}: {}",
            ran.stdout
        );
    }
    assert!(repo.root().join("out/gen.yaml").exists());
}

#[test]
fn a_folder_without_objects_is_an_error() {
    let repo = Repo::new().file("in/README.md", "x").file("in/values.yaml", "a: 1\n");
    let told = "error[GEN1400]: no Kubernetes objects in `in`";
    repo.run(["import", "in"]).status(64).stderr(told);
    repo.run(["import", "missing"]).status(64).stderr("GEN0615");
    repo.run(["import", "in", "--env", "Not A Name"]).status(3).stderr("Not A Name");
}
