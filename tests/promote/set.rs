//! `gen set`.

use serde_json::{Value, json};

use crate::server::{Server, deployment_path};
use crate::support::{Repo, digest};

/// Two apps; `dev` deploys by kubectl, `staging` and `prod` by pins, and `staging` has a run in Git.
fn repo() -> Repo {
    Repo::new()
        .file(
            "gen.yaml",
            "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: registry.example/team/shop\n    pipeline: [fetch-source, build-image, deploy-app, {check: {image: \"registry.example/tools/sh@sha256:0000000000000000000000000000000000000000000000000000000000000000\", script: \"true\"}}]\n  till: {source: https://git.example/team/till.git, image: registry.example/team/till}\n",
        )
        .file("environments/dev.yaml", "deploy: kubectl\n")
        .file(
            "environments/staging.yaml",
            "promotesFrom: dev\nrun: commit\npipeline: [check]\n",
        )
        .file("environments/prod.yaml", "promotesFrom: staging\n")
}

fn image(name: &str, digit: char) -> String {
    format!("registry.example/team/{name}@{}", digest(digit))
}

const PINS: &str = "environments/staging.pins.yaml";

#[test]
fn an_image_is_pinned_and_the_pins_of_others_stay() {
    let repo =
        repo().file(PINS, format!("apps: {{till: {{image: \"{}\"}}}}\n", image("till", '7')));
    let said =
        repo.run(["set", "shop", "--env", "staging", "--image", &image("shop", '1')]).status(0);
    assert_eq!(said.stderr, "");
    insta::assert_snapshot!(said.stdout, @"
    shop in staging
      image     none → registry.example/team/shop@sha256:111111111111…
    environments/staging.pins.yaml written
    next: run `gen commit --env staging --app shop`
    ");
    let expected = format!(
        "apps:\n  shop:\n    image: {}\n  till:\n    image: {}\n",
        image("shop", '1'),
        image("till", '7')
    );
    assert_eq!(repo.read(PINS), expected);
    // The digest alone, of the image that the spec names; and a commit beside it.
    let revision = "a".repeat(40);
    let said = repo
        .run(["set", "shop", "-e", "staging", "--image", &digest('2'), "--revision", &revision])
        .status(0);
    insta::assert_snapshot!(said.stdout, @"
    shop in staging
      image     registry.example/team/shop@sha256:111111111111… → sha256:222222222222…
      revision  none → aaaaaaaaaaaa
    environments/staging.pins.yaml written
    next: run `gen commit --env staging --app shop`
    ");
    // What is so already is not written again, whatever form it stands in.
    let loose = format!("{{apps: {{shop: {{image: '{}'}}}}}}", image("shop", '2'));
    let repo = repo.file(PINS, &loose);
    repo.run(["set", "shop", "-e", "staging", "--image", &digest('2')])
        .status(0)
        .stdout("shop in staging: no change\nnext: nothing\n");
    assert_eq!(repo.read(PINS), loose);
    // What is pinned is rendered.
    repo.run(["render"]).status(0);
    let workload = repo.read("clusters/staging/staging/shop/app/workload.yaml");
    assert!(workload.contains(&image("shop", '2')), "{workload}");
}

#[test]
fn a_dry_run_writes_nothing_and_a_program_can_read_it() {
    let repo = repo();
    let image = image("shop", '1');
    let args = ["set", "shop", "-e", "staging", "--image", &image, "--dry-run"];
    repo.run(args).status(0).stdout("would be written\nnext: run it again without `--dry-run`\n");
    let said = repo.run(args.into_iter().chain(["-o", "json"])).status(0);
    let json: Value = serde_json::from_str(&said.stdout).expect("one JSON value");
    assert_eq!(json["complete"], true);
    assert_eq!(json["changed"], true);
    assert_eq!(json["dryRun"], true);
    assert_eq!(json["apps"][0]["changes"]["image"]["after"], image.as_str());
    assert_eq!(json["apps"][0]["changes"]["image"]["before"], Value::Null);
    assert!(!repo.root().join(PINS).exists());
    assert!(!repo.root().join(".gen").exists());
    let said = repo.run(["set", "shp", "-e", "dev", "-o", "json"]).status(64);
    let json: Value = serde_json::from_str(&said.stdout).expect("one JSON value");
    assert_eq!(json["command"], "set");
    assert_eq!(json["errors"][0]["code"], "GEN0602");
}

#[test]
fn a_run_is_started_again_by_its_nonce() {
    let repo =
        repo().file(PINS, format!("apps: {{shop: {{image: \"{}\"}}}}\n", image("shop", '1')));
    let run = |repo: &Repo| {
        repo.run(["render"]).status(0);
        repo.read("clusters/staging/staging/shop/run/run.yaml")
            .lines()
            .find_map(|line| line.strip_prefix("  name: ").map(str::to_owned))
            .expect("a run has a name")
    };
    let first = run(&repo);
    repo.run(["set", "shop", "-e", "staging", "--rerun"])
        .status(0)
        .stdout("  nonce     none → 1\n");
    let second = run(&repo);
    repo.run(["set", "shop", "-e", "staging", "--rerun"]).status(0).stdout("  nonce     1 → 2\n");
    let third = run(&repo);
    assert!(first != second && second != third && first != third);
    let said = repo.run(["set", "shop", "-e", "prod", "--rerun"]).status(64);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1103]: no committed run of `shop` in `prod` to restart
      help: start one with `gen run shop --env prod | kubectl create -f -`; `run: commit` keeps it in Git
    ");
}

#[test]
fn a_tag_is_taken_with_a_word_about_digests() {
    let repo =
        repo().file(PINS, format!("apps: {{shop: {{image: \"{}\"}}}}\n", image("shop", '1')));
    let said = repo.run(["set", "shop", "-e", "staging", "--tag", "v1.20"]).status(0);
    insta::assert_snapshot!(said.stdout, @"
    shop in staging
      image     registry.example/team/shop@sha256:111111111111… → none
      tag       none → v1.20
    the tag is not looked up, and can move to another image; a digest is safer
    environments/staging.pins.yaml written
    next: run `gen commit --env staging --app shop`
    ");
    repo.run(["render"]).status(0).stdout("registry.example/team/shop:v1.20");
    let workload = repo.read("clusters/staging/staging/shop/app/workload.yaml");
    assert!(workload.contains("image: registry.example/team/shop:v1.20"), "{workload}");
    repo.run(["set", "shop", "-e", "staging", "--image", &digest('3')])
        .status(0)
        .stdout("  tag       v1.20 → none\n");
    let said = repo.run(["set", "shop", "-e", "staging", "--tag", "v1@x"]).status(3);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN0222]: `v1@x` is not a valid image tag
      help: use at most 128 letters, digits, `_`, `.` and `-`
    ");
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let repo = repo();
    let told =
        |args: &str, status: i32| repo.run(format!("set {args}").split(' ')).status(status).stderr;
    insta::assert_snapshot!(told("shop --env dev --image x/y", 64), @"
    error[GEN1102]: `dev` has `deploy: kubectl`, and so no image pins
      help: to let Flux roll out pins, set `deploy: git` in environments/dev.yaml
    ");
    insta::assert_snapshot!(told("shop --env staging", 64), @"
    error[GEN1101]: nothing to set for `shop`
      help: add `--image REF@sha256:…`, `--tag TAG`, `--revision SHA` or `--rerun`, or for a chart `--version VERSION`
    ");
    insta::assert_snapshot!(told("shop --env staging --image registry.example/team/shop:1", 3), @"
    error[GEN0215]: `registry.example/team/shop:1` is not an image with a digest
      help: use REGISTRY/NAME@sha256: and 64 hexadecimal digits
    ");
    for (args, status, code) in [
        ("shp --env staging --rerun", 64, "GEN0602"),
        ("shop --env stagin --rerun", 64, "GEN0601"),
        ("shop --env staging --image sha256:12", 3, "GEN0215"),
        ("shop --env staging --image --upload-pack=x", 64, ""),
        ("shop --env staging --revision -x", 64, ""),
        ("shop --env staging --revision=-x", 3, "GEN0204"),
        ("shop --env staging --revision=a..b", 3, "GEN0204"),
        ("shop --env staging --tag=../x", 3, "GEN0222"),
        ("shop --env ../../etc/x --rerun", 64, "GEN0601"),
        ("../shop --env staging --rerun", 64, "GEN0602"),
        ("shop --env staging --tag=a --image=b", 64, ""),
    ] {
        let said = told(args, status);
        assert!(said.contains(code), "{args}: {said}");
    }
    assert!(!repo.root().join(PINS).exists());
}

#[test]
fn hostile_pins_are_refused_and_kept() {
    let long = "x".repeat(1 << 20);
    let image = image("shop", '1');
    for text in [
        "apps: {shop: {image: 'a/b:1'}}\n",
        "apps: {shop: {}, shop: {}}\n",
        "apps: {../x: {}}\n",
        "apps: &a {shop: {revision: *a}}\n",
        "apps: !!python/object {}\n",
        "apps: {shop: {revision: '--upload-pack=x'}}\n",
        "apps: {shop: {nonce: 99999999999999999999}}\n",
        "<<<<<<< ours\napps: {}\n=======\n",
        "apps: {}\n---\napps: {}\n",
        "apps: {shop: {replicas: 1}}\n",
        long.as_str(),
    ] {
        let repo = repo().file(PINS, text);
        let said = repo.run(["set", "shop", "-e", "staging", "--image", &image]).status(3);
        assert!(said.stderr.contains(PINS), "{}", said.stderr);
        assert_eq!(repo.read(PINS), text);
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("pins.yaml");
    std::fs::write(&target, "apps: {}\n").unwrap();
    let image = image("shop", '1');
    let set = ["set", "shop", "-e", "staging", "--image", &image];
    // One that leads out is not even read.
    repo().link(PINS, &target).run(set).status(3).stderr("GEN0816");
    // One that stays inside is read, and not written.
    let repo = repo().file("mine.yaml", "apps: {}\n").link(PINS, "../mine.yaml");
    repo.run(set).status(4).stderr("GEN0805");
    assert_eq!(repo.read("mine.yaml"), "apps: {}\n");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "apps: {}\n");
}

#[test]
fn a_pin_beside_a_digest_in_an_overlay_is_refused_before_it_is_written() {
    let overlay =
        format!("promotesFrom: staging\napps: {{shop: {{image: \"{}\"}}}}\n", image("shop", '4'));
    let repo = repo().file("environments/prod.yaml", overlay);
    let said = repo.run(["set", "shop", "-e", "prod", "--image", &image("shop", '1')]).status(3);
    assert!(said.stderr.contains("GEN0406"), "{}", said.stderr);
    assert!(said.stderr.contains("environments/prod.yaml:2"), "{}", said.stderr);
    assert!(!repo.root().join("environments/prod.pins.yaml").exists());
}

#[test]
fn comments_and_other_names_are_told() {
    let repo = repo().file(PINS, "# do not touch\napps: {}\n");
    let foreign = format!("mirror.example/shop@{}", digest('1'));
    let said = repo.run(["set", "shop", "-e", "staging", "--image", &foreign]).status(0);
    insta::assert_snapshot!(said.stderr, @"
    warning[GEN1105]: `mirror.example/shop@sha256:1111111111111111111111111111111111111111111111111111111111111111` is not `registry.example/team/shop`, the image of `shop` in the spec
      help: correct one of the two, unless it is a copy in another registry
    warning[GEN1104]: the comments in `environments/staging.pins.yaml` were removed: only machines write that file
      help: move them to the environment's own file
    ");
}

#[test]
fn many_at_once_lose_nothing() {
    let app = |number: usize| {
        format!(
            "  app{number}: {{source: https://git.example/team/a.git, image: registry.example/team/app{number}}}\n"
        )
    };
    let apps: String = (0..12).map(app).collect();
    let repo = Repo::small().file(
        "gen.yaml",
        format!("version: 1\nrepository: https://git.example/team/gitops.git\napps:\n{apps}"),
    );
    std::thread::scope(|scope| {
        for number in 0..12 {
            let repo = &repo;
            scope.spawn(move || {
                let app = format!("app{number}");
                repo.run(["set", &app, "-e", "dev", "--image", &digest('1')]).status(0);
            });
        }
    });
    let text = repo.read("environments/dev.pins.yaml");
    assert_eq!(text.matches("image: ").count(), 12, "{text}");
}

/// The selector of what is live is written into the environment's file, and nothing else in it changes.
#[test]
fn what_is_live_is_adopted() {
    let server = Server::start();
    let repo = repo().file(
        "environments/staging.yaml",
        "# ours\npromotesFrom: dev\nrun: commit\npipeline: [check]\n",
    );
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    let file = repo.outside().join("kubeconfig");
    let file = file.to_str().expect("UTF-8");
    let adopt = ["set", "shop", "--env", "staging", "--adopt", "--kubeconfig", file];
    let said = repo.run(adopt).status(3);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1122]: nothing to adopt: no workload of `shop` is in the cluster of `staging`
      help: the live object needs the name and namespace that gen gives it: rename the app, or set `namespace`
    ");
    let live = |labels: Value| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "shop", "namespace": "shop-staging"},
            "spec": {"selector": {"matchLabels": labels}},
        })
    };
    let path = deployment_path("shop-staging", "shop");
    server.set(&path, 200, live(json!({"app": "web", "release": "1"})));
    let said = repo.run(adopt).status(0);
    insta::assert_snapshot!(said.stdout, @r#"
    shop in staging
      selector  none → {app: web, release: "1"}
    environments/staging.yaml written
    next: run `gen render`, then `gen diff --env staging --app shop`
    "#);
    assert_eq!(
        repo.read("environments/staging.yaml"),
        "# ours\napps: {shop: {selector: {app: web, release: \"1\"}}}\npromotesFrom: dev\nrun: commit\npipeline: [check]\n"
    );
    // A second time there is nothing to do.
    let said = repo.run(adopt).status(0);
    insta::assert_snapshot!(said.stdout, @"
    the selector of Deployment `shop` is the spec's already
    next: nothing
    ");
}

/// A selector that the spec cannot say, and a file in which there is no place for it, are told.
#[test]
fn what_cannot_be_adopted_is_told() {
    let server = Server::start();
    let repo = repo().file("environments/prod.yaml", "promotesFrom: staging\napps: {}\n");
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    let file = repo.outside().join("kubeconfig");
    let file = file.to_str().expect("UTF-8");
    let adopt = ["set", "shop", "--env", "prod", "--adopt", "--kubeconfig", file];
    let live = |selector: Value| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "shop", "namespace": "shop-prod"},
            "spec": {"selector": selector},
        })
    };
    let path = deployment_path("shop-prod", "shop");
    let labels = json!({"app": "web"});
    server.set(&path, 200, live(json!({"matchLabels": labels, "matchExpressions": [{}]})));
    let said = repo.run(adopt).status(3);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1123]: cannot adopt Deployment `shop`: its selector has `matchExpressions`, and the spec has only labels
      help: delete it and let Flux recreate it, or leave it out of the spec
    ");
    server.set(&path, 200, live(json!({"matchLabels": labels})));
    let said = repo.run(adopt).status(3);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1124]: no place for the selector in environments/prod.yaml
      help: write it there: `apps: {shop: {selector: {app: web}}}`
    ");
    assert_eq!(repo.read("environments/prod.yaml"), "promotesFrom: staging\napps: {}\n");
}
