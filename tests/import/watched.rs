//! Repositories that Flux watches, as somebody may write them who means no good, and what must never be lost or shown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Ran, Repo, tree};

/// A Kustomization of Flux with these settings.
fn kustomization(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  interval: 1h\n  prune: true\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    )
}

/// A program whose labels and variables are these.
fn program(name: &str, value: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec: {{containers: [{{name: {name}, image: \"registry.example/shop/{name}:1\", env: [{{name: VALUE, value: \"{value}\"}}]}}]}}\n"
    )
}

/// Imports within bounds of time and memory.
fn imported(repo: &Repo) -> Ran {
    let ran = repo.run_limited(2 << 30, 60, ["import", "in", "--into", "out", "-o", "json"]);
    assert!([0, 1].contains(&ran.status), "{}: {}", ran.status, ran.stderr);
    ran
}

/// The verdict and the reason of each object.
fn verdicts(ran: &Ran) -> BTreeMap<String, (String, String)> {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = report["objects"].as_array().unwrap().iter();
    all.map(|one| (text(&one["object"]), (text(&one["verdict"]), text(&one["reason"])))).collect()
}

/// What an import told and wrote, in one text.
fn everything(repo: &Repo, ran: &Ran) -> String {
    let mut all = format!("{}{}", ran.stdout, ran.stderr);
    for (_, bytes) in tree(&repo.root().join("out")) {
        all.push_str(&String::from_utf8_lossy(&bytes));
    }
    all
}

#[test]
fn paths_lead_nowhere_but_into_the_input() {
    let secret = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: private, namespace: shop}\ndata: {key: found-outside}\n";
    let entry = [
        kustomization("apps", "  path: ./apps\n"),
        kustomization("above", "  path: ../../home\n"),
        kustomization("absolute", "  path: /home\n"),
        kustomization("hidden", "  path: ./apps/../../../home\n"),
        kustomization("part", "  path: ./apps\n  components: [../../../home]\n"),
        kustomization("file", "  path: ./apps/web.yaml\n"),
    ];
    let repo = Repo::new()
        .file("in/cluster/all.yaml", entry.concat())
        .file("in/apps/web.yaml", program("web", "x"));
    std::fs::write(repo.root().parent().unwrap().join("home/private.yaml"), secret).unwrap();
    let repo = repo.link("in/apps/link.yaml", "../../../home/private.yaml");
    let ran = imported(&repo);
    assert!(!everything(&repo, &ran).contains("found-outside"));
    let found = verdicts(&ran);
    for (name, part) in [
        ("above", "`../../home` leads out of the repository"),
        ("absolute", "there is no folder `home` in the input"),
        ("hidden", "leads out of the repository"),
        ("part", "could not be built"),
        ("file", "there is no folder `apps/web.yaml` in the input"),
    ] {
        let (verdict, why) = &found[&format!("Kustomization flux-system/{name}")];
        assert_eq!(verdict, "left outside", "{name}");
        assert!(why.contains(part), "{name}: {why}");
    }
    assert_eq!(found["Deployment shop/web"].0, "same and more");
}

#[test]
fn a_link_to_a_folder_is_not_followed() {
    let secret = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: private, namespace: shop}\ndata: {key: found-outside}\n";
    let repo = Repo::new()
        .file("in/cluster/all.yaml", kustomization("apps", "  path: ./link\n"))
        .file("in/apps/web.yaml", program("web", "x"));
    std::fs::write(repo.root().parent().unwrap().join("home/private.yaml"), secret).unwrap();
    let repo = repo.link("in/link", "../../home");
    let ran = repo.run(["import", "in", "--into", "out"]).status(3).stderr("`in/link`");
    assert!(!everything(&repo, &ran).contains("found-outside"));
}

#[test]
fn circles_end() {
    // Two that apply each other.
    let repo = Repo::new()
        .file("in/a/ks.yaml", kustomization("a", "  path: ./b\n"))
        .file("in/b/ks.yaml", kustomization("b", "  path: ./a\n"))
        .file("in/b/web.yaml", program("web", "x"));
    let found = verdicts(&imported(&repo));
    for name in ["a", "b"] {
        let (_, why) = &found[&format!("Kustomization flux-system/{name}")];
        assert!(why.contains("is imported; gen renders"), "{name}: {why}");
    }
    assert_eq!(found["Deployment shop/web"].0, "same and more");
    // One that applies itself under another name, and one whose component is a component of itself.
    let repo = Repo::new()
        .file("in/c/ks.yaml", kustomization("c", "  path: ./c\n  namePrefix: c-\n"))
        .file("in/c/web.yaml", program("web", "x"))
        .file("in/c/d.yaml", kustomization("d", "  path: ./e\n"))
        .file("in/e/kustomization.yaml", "kind: Component\ncomponents: [.]\n");
    let found = verdicts(&imported(&repo));
    assert_eq!(found["Deployment shop/c-web"].0, "same and more");
    assert!(found["Kustomization flux-system/c-c"].1.contains("is imported; gen renders"));
    assert!(found["Kustomization flux-system/c-d"].1.contains("could not be built"));
}

#[test]
fn kustomizations_that_make_each_other_without_end_are_cut_off() {
    // Each is the same file with one more letter in a variable, and so another object.
    let spec = "  path: ./apps\n  postBuild: {substitute: {N: \"${N}x\"}}\n";
    let repo = Repo::new()
        .file("in/apps/ks.yaml", kustomization("\"grow-${N}\"", spec))
        .file("in/apps/web.yaml", program("web", "x"))
        .file(
            "in/cluster/ks.yaml",
            kustomization("start", "  path: ./apps\n  postBuild: {substitute: {N: x}}\n"),
        );
    let ran = imported(&repo);
    let found = verdicts(&ran);
    let cut = found.values().filter(|(_, why)| why.contains("too many objects")).count();
    assert!(cut <= 1, "{cut}");
    assert!(found.len() > 2, "{}", found.len());
    assert_eq!(found["Deployment shop/web"].0, "same and more");
}

#[test]
fn variables_make_no_bomb() {
    let long = "a".repeat(500_000);
    let mut values = String::new();
    let _ =
        writeln!(values, "  path: ./apps\n  postBuild: {{substitute: {{LONG: {long}, SHORT: b}}}}");
    let all = [
        program("many", &"${LONG}".repeat(10_000)),
        program(
            "replaced",
            "${LONG//a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}".repeat(100).as_str(),
        ),
        program("trimmed", "${LONG##*a*a*a*b}"),
        program("nested", &format!("{}{}", "${NONE:=".repeat(20_000), "}".repeat(20_000))),
        program("fine", "${SHORT}"),
    ];
    let repo = Repo::new()
        .file("in/cluster/ks.yaml", kustomization("apps", &values))
        .file("in/apps/all.yaml", all.concat());
    let ran = imported(&repo);
    let found = verdicts(&ran);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let why = report["notes"][0]["notes"][0].as_str().unwrap();
    assert!(why.starts_with("variables that Flux rejects are kept: Deployment shop/many"), "{why}");
    assert!(why.contains("the substituted text is too large"), "{why}");
    for name in ["many", "replaced", "trimmed", "nested", "fine"] {
        assert!(found.contains_key(&format!("Deployment shop/{name}")), "{name}");
    }
}

#[test]
fn no_value_of_a_secret_gets_out_by_a_variable() {
    let encrypted = "apiVersion: v1\nkind: Secret\nmetadata: {name: encrypted, namespace: flux-system}\nstringData: {CODE: \"ENC[AES256_GCM,data:eA==,type:str]\"}\nsops: {mac: \"ENC[x]\"}\n";
    let plain = "apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: flux-system}\nstringData: {TOKEN: hunter2-token}\ndata: {KEY: aHVudGVyMg==}\n";
    let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata: {TOKEN: weaker, REGION: north}\n";
    let spec = "  path: ./apps\n  postBuild:\n    substituteFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: plain}, {kind: Secret, name: encrypted}]\n";
    let repo = Repo::new()
        .file("in/cluster/ks.yaml", kustomization("apps", spec))
        .file("in/cluster/secrets.yaml", [encrypted, plain, settings].join("---\n"))
        .file(
            "in/apps/web.yaml",
            program("web", "${TOKEN} ${KEY} ${CODE} ${REGION} ${NONE:=none} $${KEPT}"),
        );
    let ran = imported(&repo);
    let all = everything(&repo, &ran);
    for value in ["hunter2", "aHVudGVyMg", "ENC[", "weaker"] {
        assert!(!all.contains(value), "{value}: {all}");
    }
    assert!(all.contains("${TOKEN} ${KEY} ${CODE} north none ${KEPT}"), "{all}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    for (name, source) in
        [("TOKEN", "Secret plain"), ("KEY", "Secret plain"), ("CODE", "Secret encrypted")]
    {
        assert_eq!(report["sources"][name][0], source, "{name}");
        let place = report["variables"][name][0].as_str().unwrap();
        assert_eq!(place, "Deployment shop/web spec.template.spec.containers.0.env.0.value");
    }
    assert_eq!(report["variables"].as_object().unwrap().len(), 3);
}

#[test]
fn each_object_of_the_repository_has_a_verdict() {
    let names = ["one", "two", "three"];
    let mut repo = Repo::new();
    for cluster in ["east", "west"] {
        let entry = [
            kustomization("apps", &format!("  path: ./apps/{cluster}\n")),
            kustomization("gone", "  path: ./gone\n"),
        ];
        repo = repo.file(&format!("in/clusters/{cluster}/ks.yaml"), entry.concat());
        for name in names {
            repo = repo.file(&format!("in/apps/{cluster}/{name}.yaml"), program(name, cluster));
        }
    }
    let repo = repo
        .file("in/other/unused.yaml", program("unused", "x"))
        .file("in/base/kustomization.yaml", "resources: [base.yaml]\n")
        .file("in/base/base.yaml", program("base", "x"));
    let ran = imported(&repo);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
    for one in report["objects"].as_array().unwrap() {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        *count.entry((text("object"), text("file"))).or_default() += 1;
    }
    assert_eq!(count.len(), 4 + 6 + 2, "{count:?}");
    assert!(count.values().all(|count| *count == 1), "{count:?}");
    let found = verdicts(&ran);
    for name in ["unused", "base"] {
        let (verdict, why) = &found[&format!("Deployment shop/{name}")];
        assert_eq!(verdict, "left outside");
        assert_eq!(why, "no Kustomization of Flux in the input applies it");
    }
    let environments: Vec<&str> =
        report["written"].as_array().unwrap().iter().filter_map(|path| path.as_str()).collect();
    assert_eq!(environments, ["environments/east.yaml", "environments/west.yaml", "gen.yaml"]);
}
