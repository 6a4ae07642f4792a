//! Names of runs. A run in Git is started by its name being new, so the name may change only with what the run consumes: otherwise a
//! commit that a run makes, or an upgrade of gen, would start pipelines everywhere.

use serde_json::Value;

use crate::support::{Rendered, Repo, documents, list, text};

const DIGESTS: [&str; 2] = [
    "sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "sha256:2222222222222222222222222222222222222222222222222222222222222222",
];
const COMMITS: [&str; 2] =
    ["0f1b7a5cbb2d2cc0b8a6a6e6b0f43bb08c6d9f6d", "9d6f8cb08bb34f0b6e6a6a8b0cc2d2bbc5a7b1f0"];

/// An app that is built in `dev` and verified in `test`.
fn repo() -> Repo {
    let repo = Repo::empty();
    repo.write(
        "gen.yaml",
        "version: 1\nrepository: https://git.example/g.git\napps:\n  shop:\n    source: https://git.example/shop.git\n    image: registry.example/shop\n    port: 8080\n    pipeline: [fetch-source, build-image, integration-test]\n",
    );
    repo.write("environments/dev.yaml", "run: commit\n");
    repo.write(
        "environments/test.yaml",
        "run: commit\npromotesFrom: dev\npipeline: [integration-test]\n",
    );
    pin(&repo, DIGESTS[0], COMMITS[0], "");
    repo
}

fn pin(repo: &Repo, digest: &str, commit: &str, more: &str) {
    for environment in ["dev", "test"] {
        repo.write(
            &format!("environments/{environment}.pins.yaml"),
            format!("apps:\n  shop: {{image: \"registry.example/shop@{digest}\", revision: {commit}{more}}}\n"),
        );
    }
}

/// The names of the committed runs: in `dev`, in `test`.
fn names(repo: &Repo) -> (String, String) {
    let said = repo.run(["render", "--force"]);
    assert_eq!(said.status, Some(0), "{}", said.stderr);
    let objects = repo.objects();
    let name = |environment: &str| {
        let runs: Vec<&Rendered> = objects
            .iter()
            .filter(|o| o.kind() == "PipelineRun" && o.cluster() == environment)
            .collect();
        assert_eq!(runs.len(), 1);
        let name = runs[0].name().to_owned();
        let hash = name.strip_prefix(&format!("shop-{environment}-"));
        let hash = hash.unwrap_or_else(|| panic!("{name}"));
        assert!(hash.len() == 10 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
        let notes = &runs[0].value["metadata"]["annotations"];
        assert_eq!(notes["kustomize.toolkit.fluxcd.io/ssa"], "IfNotPresent");
        assert_eq!(notes["kustomize.toolkit.fluxcd.io/prune"], "disabled");
        name
    };
    (name("dev"), name("test"))
}

/// The names are pinned here: a change of them is a change that starts every run of every user, whatever the reason.
#[test]
fn names_are_forever() {
    assert_eq!(
        names(&repo()),
        ("shop-dev-1edd94ce1e".to_owned(), "shop-test-ac4e56a602".to_owned())
    );
}

#[test]
fn a_digest_renames_what_verifies_and_never_what_builds() {
    let repo = repo();
    let before = names(&repo);
    pin(&repo, DIGESTS[1], COMMITS[0], "");
    let after = names(&repo);
    assert_eq!(after.0, before.0, "the run's own commit would start it again");
    assert_ne!(after.1, before.1);
    // And back: the same input, the same name.
    pin(&repo, DIGESTS[0], COMMITS[0], "");
    assert_eq!(names(&repo), before);
}

#[test]
fn a_revision_renames_what_builds_and_never_what_verifies() {
    let repo = repo();
    let before = names(&repo);
    pin(&repo, DIGESTS[0], COMMITS[1], "");
    let after = names(&repo);
    assert_ne!(after.0, before.0);
    assert_eq!(after.1, before.1);
}

#[test]
fn a_nonce_renames_both() {
    let repo = repo();
    let before = names(&repo);
    pin(&repo, DIGESTS[0], COMMITS[0], ", nonce: 1");
    let first = names(&repo);
    pin(&repo, DIGESTS[0], COMMITS[0], ", nonce: 2");
    let second = names(&repo);
    let dev = [&before.0, &first.0, &second.0];
    let test = [&before.1, &first.1, &second.1];
    for three in [dev, test] {
        assert!(three[0] != three[1] && three[1] != three[2] && three[0] != three[2]);
    }
}

/// What a new version of gen would bring: other templates, images, timeouts, labels. And what a team changes around a run.
#[test]
fn nothing_else_renames_a_run() {
    let repo = repo();
    let before = names(&repo);
    for template in ["run/run", "tasks/build-image", "pipeline/pipeline", "workload/deployment"] {
        repo.run(["template", "eject", template]).exits(0);
        let path = format!("templates/{template}.yaml");
        let text = repo
            .read(&path)
            .replace("timeout", "timeout ")
            .replace("description: ", "description: Now ");
        repo.write(&path, text.replace("timeout ", "timeout"));
    }
    let run = repo.read("templates/run/run.yaml");
    repo.write("templates/run/run.yaml", run.replace("65532", "65533"));
    repo.edit("gen.yaml", "    port: 8080\n", "    port: 9090\n    labels: {team: shop}\n    replicas: 3\n    env: {A: b}\n    workspace: {size: 9Gi}\n");
    repo.edit(
        "gen.yaml",
        "version: 1\n",
        "version: 1\nimages: {git: registry.example/git, curl: registry.example/curl}\n",
    );
    let objects = |repo: &Repo| repo.objects();
    let after = names(&repo);
    assert_eq!(after, before);
    // The change did arrive.
    let group = objects(&repo).iter().filter(|o| o.kind() == "PipelineRun").all(|o| {
        o.value["spec"]["taskRunTemplate"]["podTemplate"]["securityContext"]["fsGroup"] == 65_533
    });
    assert!(group);
    // Nor does the record of who wrote the tree, which holds gen's version.
    for path in ["clusters/dev/dev/shop/gen.lock.json", "clusters/test/test/shop/gen.lock.json"] {
        let record = repo.read(path).replace("0.1.0", "0.0.9");
        repo.write(path, record);
    }
    assert_eq!(names(&repo), before);
}

#[test]
fn an_image_that_is_not_known_starts_nothing() {
    let repo = repo();
    repo.remove("environments/test.pins.yaml");
    let said = repo.run(["render"]).exits(0);
    let told = "test: the run of `shop`: it verifies an image, but none is pinned";
    assert!(
        said.stdout.contains(told) || said.stdout.contains("integration-test"),
        "{}",
        said.stdout
    );
    let runs = repo.objects();
    let runs: Vec<&str> =
        runs.iter().filter(|o| o.kind() == "PipelineRun").map(Rendered::cluster).collect();
    assert_eq!(runs, ["dev"]);
}

#[test]
fn a_printed_run_is_for_kubectl_create() {
    let repo = repo();
    let run = |args: &[&str]| {
        let said: crate::support::Said = repo.command(args).output().expect("gen runs").into();
        let said = said.exits(0);
        let mut all = documents(&said.stdout);
        assert_eq!(all.len(), 1, "{}", said.stdout);
        all.remove(0)
    };
    let printed = run(&["run", "shop", "--env", "dev"]);
    assert_eq!(text(&printed, "/metadata/generateName"), "shop-");
    assert_eq!(text(&printed, "/metadata/namespace"), "shop-dev-ci");
    let metadata = &printed["metadata"];
    // Nothing for Flux, which never sees it.
    let annotations = serde_json::json!({"tekton.dev/auto-cleanup-pvc": "true"});
    assert!(metadata.get("name").is_none() && metadata["annotations"] == annotations);
    assert!(list(&printed, "/spec/params").is_empty());
    let printed = run(&["run", "shop", "-e", "dev", "--param", "revision=v1.2"]);
    let wanted: Value = serde_json::json!([{"name": "revision", "value": "v1.2"}]);
    assert_eq!(printed["spec"]["params"], wanted);
    // Nothing was written.
    assert!(!repo.has("clusters") && !repo.has(".gen"));
}

#[test]
fn a_printed_run_checks_what_it_is_given() {
    let repo = repo();
    for (args, status, code) in [
        (&["run", "shop", "--env", "dev", "--param", "revision"][..], 64, "GEN0606"),
        (&["run", "shop", "--env", "dev", "--param", "revison=x"], 64, "GEN0606"),
        (&["run", "shop", "--env", "dev", "--param", "revision=--upload-pack=x"], 64, "GEN0606"),
        (&["run", "shop", "--env", "dev", "--param", "revision="], 64, "GEN0606"),
        (&["run", "shp", "--env", "dev"], 64, "GEN0602"),
        (&["run", "shop", "--env", "div"], 64, "GEN0601"),
        (&["run", "shop"], 64, "--env"),
    ] {
        let said: crate::support::Said = repo.command(args).output().expect("gen runs").into();
        assert!(said.stdout.is_empty(), "{args:?}: {}", said.stdout);
        said.exits(status).says(code);
    }
    repo.write("environments/dev.yaml", "pipeline: none\n");
    repo.run(["run", "shop", "--env", "dev"]).exits(64).says("GEN0607");
}
