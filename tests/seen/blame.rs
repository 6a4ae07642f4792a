//! `gen blame`: every field has an origin, and it is the right one.

use gitops_gen::diagnostics::Sources;
use gitops_gen::fleet::prepare;
use gitops_gen::ops::origin::{objects, steps_of};
use gitops_gen::ops::rendering::Rendering;
use gitops_gen::workspace::Workspace;
use rayon::prelude::*;
use serde_json::Value;

use crate::support::{Repo, cases, digest};

/// Over the specs of all golden cases: no field of any object is without a step that set it.
#[test]
fn every_field_of_every_golden_spec_has_an_origin() {
    let all: Vec<(usize, usize, Vec<String>)> = cases::all().par_iter().map(of_case).collect();
    let apps: usize = all.iter().map(|(apps, ..)| apps).sum();
    let fields: usize = all.iter().map(|(_, fields, _)| fields).sum();
    let missing: Vec<String> = all.into_iter().flat_map(|(.., missing)| missing).collect();
    assert!(
        missing.is_empty(),
        "{} without origin: {:#?}",
        missing.len(),
        &missing[..missing.len().min(20)]
    );
    assert!(apps > 300 && fields > 100_000, "{apps} apps, {fields} fields");
}

/// The number of apps and of fields, and the fields without origin.
fn of_case(case: &cases::Case) -> (usize, usize, Vec<String>) {
    let (mut apps, mut fields, mut missing) = (0, 0, Vec::new());
    let workspace = Workspace::new(&case.path.join("in"));
    let mut sources = Sources::default();
    // Specs that are refused have no objects.
    let Ok((fleet, _)) = prepare(&workspace, &mut sources) else { return (0, 0, missing) };
    for prepared in &fleet.environments {
        for app in &prepared.apps {
            let Ok(raw) = Rendering::new(&fleet, &workspace).manifests(app) else { continue };
            let Ok(all) = objects(&fleet, prepared, app, &raw) else { continue };
            apps += 1;
            for one in &all {
                let (known, unknown) = steps_of(prepared, app, &sources, one);
                fields += known.len() + unknown.len();
                let name = format!("{} {}", case.name, one.object.identity());
                missing.extend(unknown.into_iter().map(|path| format!("{name} {path}")));
            }
        }
    }
    (apps, fields, missing)
}

/// One of everything that can set a field.
fn repository() -> Repo {
    let pins = format!("apps: {{shop: {{image: \"registry.example/shop@{}\"}}}}\n", digest('a'));
    let deployment = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/templates/workload/service.yaml"
    ));
    let service = deployment
        .expect("the template is there")
        .replace("spec:\n", "spec:\n  internalTrafficPolicy: Local\n");
    Repo::new()
        .file(
            "gen.yaml",
            "version: 1
repository: https://git.example/o.git
defaults:
  grace: 45
apps:
  shop:
    image: registry.example/shop:1
    port: 8080
    replicas: 2
    env:
      LEVEL: info
      COLOUR: blue
  other:
    image: registry.example/other:1
    port: 8080
    env:
      LEVEL: info
",
        )
        .file(
            "environments/dev.yaml",
            "cluster: lab
apps:
  shop:
    env:
      LEVEL: debug
patches:
  - target: {kind: Deployment, name: shop}
    merge: {spec: {minReadySeconds: 5}}
",
        )
        .file("environments/dev.pins.yaml", pins)
        .file("templates/workload/service.yaml", service)
}

struct Origin {
    kind: String,
    at: String,
    key: String,
}

fn origin(repo: &Repo, field: &str) -> Origin {
    let ran = repo.run(["blame", field, "--env", "dev", "-o", "json"]);
    assert_eq!(ran.status, 0, "{field}: {}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let fields = report["fields"].as_array().expect("fields");
    assert_eq!(fields.len(), 1, "{report:#}");
    let origin = &fields[0]["origin"];
    let at = &origin["at"];
    Origin {
        kind: origin["kind"].as_str().expect("a kind").to_owned(),
        at: at.as_object().map_or(String::new(), |at| {
            format!("{}:{}", at["file"].as_str().expect("a file"), at["line"])
        }),
        key: origin["key"].as_str().unwrap_or_default().to_owned(),
    }
}

#[test]
fn the_origin_is_the_right_one() {
    let repo = repository();
    let container = "Deployment/shop.spec.template.spec.containers[shop]";
    for (field, kind, at, key) in [
        (format!("{container}.ports[0].containerPort"), "app", "gen.yaml:8", "port"),
        ("Deployment/shop.spec.replicas".to_owned(), "app", "gen.yaml:9", "replicas"),
        (format!("{container}.env[COLOUR].value"), "app", "gen.yaml:12", "env.COLOUR"),
        // The name of a variable, not its place in the list.
        (format!("{container}.env[COLOUR].name"), "app", "gen.yaml:12", "env.COLOUR"),
        // `other` sets the same value, which is overridden here.
        (
            format!("{container}.env[LEVEL].value"),
            "environment",
            "environments/dev.yaml:5",
            "apps.shop.env.LEVEL",
        ),
        (
            "Deployment/shop.spec.template.spec.terminationGracePeriodSeconds".to_owned(),
            "defaults",
            "gen.yaml:4",
            "defaults.grace",
        ),
        (format!("{container}.image"), "pin", "environments/dev.pins.yaml:1", ""),
        ("Deployment/shop.spec.minReadySeconds".to_owned(), "patch", "environments/dev.yaml:7", ""),
        (
            "Service/shop.spec.internalTrafficPolicy".to_owned(),
            "template",
            "templates/workload/service.yaml",
            "",
        ),
        ("Deployment/shop.metadata.name".to_owned(), "app", "gen.yaml:6", ""),
        (
            "Deployment/shop.spec.strategy.type".to_owned(),
            "gen",
            "(built in) workload/deployment.yaml",
            "",
        ),
        (
            format!("{container}.securityContext.allowPrivilegeEscalation"),
            "gen",
            "(built in) workload/deployment.yaml",
            "",
        ),
        (
            "Deployment/shop.metadata.labels[\"app.kubernetes.io/managed-by\"]".to_owned(),
            "gen",
            "",
            "",
        ),
    ] {
        let origin = origin(&repo, &field);
        assert_eq!(origin.kind, kind, "{field}: {} {}", origin.at, origin.key);
        assert!(
            origin.at.starts_with(at) && origin.at.is_empty() == at.is_empty(),
            "{field}: {}",
            origin.at
        );
        assert_eq!(origin.key, key, "{field}");
    }
    // The line in the own template is that of the field.
    let at = origin(&repo, "Service/shop.spec.internalTrafficPolicy").at;
    let line: usize = at.rsplit(':').next().and_then(|line| line.parse().ok()).expect("a line");
    let text = repo.read("templates/workload/service.yaml");
    assert!(
        text.lines().nth(line - 1).is_some_and(|line| line.contains("internalTrafficPolicy")),
        "{at}"
    );
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let repo = repository();
    let said = |what: &str| {
        let ran = repo.run(["blame", what, "--env", "dev"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (64, ""), "{what}");
        ran.stderr
    };
    insta::assert_snapshot!(said("Deployment/shoop"), @r"
    error[GEN1550]: no app in `dev` has an object `Deployment/shoop`
      help: did you mean `Deployment/shop`?
    ");
    insta::assert_snapshot!(said("Deployment/shop.spec.replica"), @r"
    error[GEN1551]: `Deployment/shop` has no field `spec.replica`
      help: did you mean `spec.replicas`?
    ");
    insta::assert_snapshot!(said("everything"), @r"
    error[GEN1550]: no app in `dev` has an object `everything`
      help: name it as in `gen blame Deployment/shop`; `gen render --stdout` prints all objects
    ");
    let ran =
        repo.run(["blame", "deployment/shop-dev/shop.spec.replicas", "-e", "dev", "--app", "shop"]);
    insta::assert_snapshot!(ran.stdout, @r"
    Deployment shop-dev/shop of shop in dev
    clusters/lab/dev/shop/app/workload.yaml

    spec.replicas: 2
      app          gen.yaml:9  replicas
      by           (built in) workload/deployment.yaml:10
    ");
    assert_eq!(repo.run(["blame", "Deployment/shop", "-e", "dev", "-a", "other"]).status, 64);
}

/// Git holds what somebody committed by mistake; a terminal and a log need not.
#[test]
fn what_looks_secret_is_not_shown() {
    let repo = Repo::small().file(
        "gen.yaml",
        "version: 1
repository: https://git.example/o.git
apps:
  shop:
    image: registry.example/shop:1
    port: 8080
    args: [serve, \"--db=https://user:pass@db.example/shop\", --token, abcdef, \"https://user:pass@q.example\"]
    env:
      API_TOKEN: {value: glpat-aB3dE5fG7hI9jK1lM3nO, notSecret: a dummy}
      LEVEL: info
    extra: shop
",
    )
    .file(
        "shop/extra.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {DB_PASSWORD: correct-horse, LEVEL: info}\n",
    );
    let shown = |what: &str| {
        let ran = repo.run(["blame", what, "--env", "dev"]);
        let json = repo.run(["blame", what, "--env", "dev", "-o", "json"]);
        assert_eq!((ran.status, json.status), (0, 0), "{}", ran.stderr);
        for secret in ["glpat-", "user:pass", "abcdef", "correct-horse"] {
            assert!(
                !ran.stdout.contains(secret) && !json.stdout.contains(secret),
                "{}",
                ran.stdout
            );
        }
        ran.stdout
    };
    let deployment = shown("Deployment/shop");
    for line in [
        "env[API_TOKEN].value: \"<secret>\"",
        "env[LEVEL].value: \"info\"",
        "args[1]: \"<secret>\"",
        "args[3]: \"<secret>\"",
        "args[4]: \"<secret>\"",
    ] {
        assert!(deployment.contains(line), "{line}: {deployment}");
    }
    let json = repo.run(["blame", "Deployment/shop", "--env", "dev", "-o", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let fields = report["fields"].as_array().unwrap();
    let hidden = fields.iter().filter(|field| field["hidden"] == true);
    let hidden: Vec<&str> = hidden.filter_map(|field| field["path"].as_str()).collect();
    assert_eq!(hidden.len(), 4, "{hidden:?}");
    assert!(fields.iter().any(|field| field["hidden"] == false), "{json}");
    let config = shown("ConfigMap/own");
    assert!(config.contains("data.DB_PASSWORD: \"<secret>\"") && config.contains("\"info\""));
}

/// Two namespaces and a name within another: the answer is never that of the first match.
#[test]
fn ambiguous_names_are_refused_and_longer_names_win() {
    let config = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: b}}\n")
    };
    let repo = Repo::small()
        .file(
            "gen.yaml",
            "version: 1
repository: https://git.example/o.git
apps:
  shop: {image: \"registry.example/shop:1\", port: 8080, extra: extra}
  other: {image: \"registry.example/other:1\", port: 8080}
",
        )
        .file("extra/one.yaml", config("shop"))
        .file("extra/two.yaml", config("shop.example.com"));
    let said = |arguments: &[&str]| {
        let ran = repo.run([&["blame", "--env", "dev"], arguments].concat());
        (ran.status, ran.stdout, ran.stderr)
    };
    let (status, out, error) = said(&["NetworkPolicy/default-deny-ingress.spec"]);
    assert_eq!((status, out.as_str()), (64, ""));
    insta::assert_snapshot!(error, @r"
    error[GEN1553]: `NetworkPolicy/default-deny-ingress` is ambiguous in `dev`
      help: use `--app`, or one of these names:
        NetworkPolicy/other-dev/default-deny-ingress
        NetworkPolicy/shop-dev/default-deny-ingress
    ");
    let (status, out, _) =
        said(&["NetworkPolicy/shop-dev/default-deny-ingress.metadata.namespace"]);
    assert_eq!(status, 0);
    assert!(
        out.starts_with("NetworkPolicy shop-dev/default-deny-ingress of shop in dev\n"),
        "{out}"
    );
    let (status, out, _) = said(&["NetworkPolicy/default-deny-ingress", "--app", "other"]);
    assert_eq!(status, 0);
    assert!(
        out.starts_with("NetworkPolicy other-dev/default-deny-ingress of other in dev\n"),
        "{out}"
    );
    let (status, out, _) = said(&["ConfigMap/shop.example.com"]);
    assert_eq!(status, 0);
    assert!(out.starts_with("ConfigMap shop-dev/shop.example.com of shop in dev\n"), "{out}");
    let (status, out, _) = said(&["ConfigMap/shop.data"]);
    assert_eq!(status, 0);
    assert!(out.starts_with("ConfigMap shop-dev/shop of shop in dev\n"), "{out}");
    // A typo in the name is found before a field, too.
    let (_, _, error) = said(&["Deployment/shoop.spec.replicas"]);
    insta::assert_snapshot!(error, @r"
    error[GEN1550]: no app in `dev` has an object `Deployment/shoop.spec.replicas`
      help: did you mean `Deployment/shop`?
    ");
}

/// A workload that a task applies is not an object of the tree; its manifest travels in one.
#[test]
fn the_carrier_of_a_manifest_is_named() {
    let repo = Repo::small()
        .file(
            "gen.yaml",
            "version: 1
repository: https://git.example/o.git
apps:
  shop:
    source: https://git.example/shop.git
    image: registry.example/shop
    port: 8080
    pipeline: [fetch-source, build-image, deploy-app]
",
        )
        .file("environments/dev.yaml", "deploy: kubectl\nrun: webhook\n");
    let ran = repo.run(["blame", "Deployment/shop.spec.replicas", "--env", "dev"]);
    assert_eq!(ran.status, 64);
    insta::assert_snapshot!(ran.stderr, @r"
    error[GEN1550]: no app in `dev` has an object `Deployment/shop.spec.replicas`
      help: a task of the pipeline of `shop` applies it from `ConfigMap/shop-workload`: blame that instead
    ");
}

/// An item that a patch puts before others moves them; it does not set them.
#[test]
fn items_before_others_take_no_origin() {
    let repo = Repo::small()
        .file(
            "gen.yaml",
            "version: 1
repository: https://git.example/o.git
apps:
  shop:
    image: registry.example/shop:1
    port: 8080
    env:
      LEVEL: info
      KEY:
        secret: shop-keys
        key: token
",
        )
        .file(
            "environments/dev.yaml",
            "patches:
  - target: {kind: Deployment, name: shop}
    json: [{op: add, path: /spec/template/spec/containers/0/env/0, value: {name: FIRST, value: one}}]
",
        );
    let env = |field: &str| {
        origin(&repo, &format!("Deployment/shop.spec.template.spec.containers[shop].env{field}"))
    };
    let first = env("[FIRST].value");
    assert_eq!(first.kind, "patch");
    let level = env("[LEVEL].value");
    assert_eq!((level.kind.as_str(), level.key.as_str()), ("app", "env.LEVEL"));
    assert_eq!(level.at, "gen.yaml:8");
    // No scalar of a reference can be left out, but the whole can.
    let name = env("[KEY].name");
    assert_eq!((name.kind.as_str(), name.key.as_str()), ("app", "env.KEY"));
    assert_eq!(name.at, "gen.yaml:9");
    let secret = env("[KEY].valueFrom.secretKeyRef.name");
    assert_eq!((secret.key.as_str(), secret.at.as_str()), ("env.KEY.secret", "gen.yaml:10"));
}

/// Characters that control a terminal or reorder a line come as codes, from wherever they are.
#[test]
fn odd_characters_are_shown_as_codes() {
    let repo = Repo::small().file(
        "gen.yaml",
        "version: 1
repository: https://git.example/o.git
apps:
  shop: {image: \"registry.example/shop:1\", port: 8080, env: {X: \"a\\u0085b\\u202ec\\u009bd\"}}
",
    );
    let ran = repo.run(["blame", "Deployment/shop", "--env", "dev"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("\"a\\u{85}b\\u{202e}c\\u{9b}d\""), "{}", ran.stdout);
    assert!(!ran.stdout.contains(['\u{85}', '\u{202e}', '\u{9b}']), "{}", ran.stdout);
}
