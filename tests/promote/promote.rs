//! `gen promote`.

use serde_json::Value;

use crate::git;
use crate::support::{Repo, digest};

fn image(name: &str, digit: char) -> String {
    format!("registry.example/team/{name}@{}", digest(digit))
}

fn pins(entries: &[(&str, char)]) -> String {
    let entry = |(app, digit): &(&str, char)| {
        format!(
            "  {app}:\n    image: {}\n    revision: a{}\n",
            image(app, *digit),
            digit.to_string().repeat(39)
        )
    };
    format!("apps:\n{}", entries.iter().map(entry).collect::<String>())
}

/// Three stages that Flux rolls out, and one beside them that deploys by kubectl. Two of three apps are pinned in `dev`.
fn repo() -> Repo {
    let app = |name: &str| {
        format!(
            "  {name}: {{source: https://git.example/team/{name}.git, image: registry.example/team/{name}, pipeline: [fetch-source, build-image]}}\n"
        )
    };
    let repo = Repo::new()
        .file(
            "gen.yaml",
            format!(
                "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n{}{}{}",
                app("orders"),
                app("shop"),
                app("till")
            ),
        )
        .file("environments/dev.yaml", "apps: {shop: {env: {LOG_LEVEL: debug}}}\n")
        .file("environments/staging.yaml", "promotesFrom: dev\napps: {'*': {replicas: 2}}\n")
        .file("environments/prod.yaml", "promotesFrom: staging\n")
        .file("environments/home.yaml", "deploy: kubectl\n")
        .file("environments/flat.yaml", "promotesFrom: home\n")
        .file("environments/dev.pins.yaml", pins(&[("orders", '1'), ("shop", '2')]));
    git::init(&repo);
    git::commit(&repo, "Begin");
    repo
}

const STAGING: &str = "environments/staging.pins.yaml";

#[test]
fn everything_that_is_pinned_goes_to_the_next_stage() {
    let repo = repo();
    let said = repo.run(["promote", "--to", "staging"]).status(0);
    insta::assert_snapshot!(said.stdout, @"
    orders in staging, from dev
      image     none → registry.example/team/orders@sha256:111111111111…
      revision  none → a11111111111
    shop in staging, from dev
      image     none → registry.example/team/shop@sha256:222222222222…
      revision  none → a22222222222
    still different besides the image:
      orders  replicas: not set in dev, 2 in staging
      shop  env.LOG_LEVEL: debug in dev, not set in staging
      shop  replicas: not set in dev, 2 in staging
    till is not promoted: nothing is pinned in dev
    environments/staging.pins.yaml written
    next: run `gen commit --env staging --app orders --app shop`
    ");
    assert_eq!(said.stderr, "");
    assert_eq!(repo.read(STAGING), pins(&[("orders", '1'), ("shop", '2')]));
    repo.run(["promote", "--to", "staging"])
        .status(0)
        .stdout("orders in staging, from dev: no change\n")
        .stdout(
            "next: run `gen commit --env staging`: environments/staging.pins.yaml is not committed yet\n",
        );
    repo.run(["promote", "--to", "staging", "--push"])
        .status(0)
        .stdout("next: run `gen commit --env staging --push`: ");
    // Along the chain, one app, with what it had there before.
    git::commit(&repo, "Promote");
    let repo = repo.file("environments/prod.pins.yaml", pins(&[("shop", '9'), ("till", '8')]));
    git::commit(&repo, "Pin");
    repo.run(["promote", "shop", "--to", "prod"]).status(0).stdout(
        "  image     registry.example/team/shop@sha256:999999999999… → sha256:222222222222…\n",
    );
    assert_eq!(repo.read("environments/prod.pins.yaml"), pins(&[("shop", '2'), ("till", '8')]));
}

/// A difference is shown, its secrets are not.
#[test]
fn secrets_that_differ_are_hidden() {
    let repo = repo().file(
        "environments/staging.yaml",
        "promotesFrom: dev
apps:
  shop:
    env: {API_TOKEN: {value: glpat-aB3dE5fG7hI9jK1lM3nO, notSecret: a dummy}}
    args: [serve, --token, hunter33, \"--db=postgres://u:hunter44@h/db\"]
",
    );
    git::commit(&repo, "Differ");
    let said = repo.run(["promote", "--to", "staging"]).status(0);
    for line in [
        "shop  args: not set in dev, [\"serve\",\"--token\",\"<secret>\",\"<secret>\"",
        "shop  env.API_TOKEN.value: not set in dev, <secret> in staging",
        "shop  env.API_TOKEN.notSecret: not set in dev, a dummy in staging",
    ] {
        assert!(said.stdout.contains(line), "{line}: {}", said.stdout);
    }
    let json = repo.run(["promote", "--to", "staging", "--check", "-o", "json"]);
    assert!(json.stdout.contains("env.API_TOKEN.value"), "{}", json.stdout);
    for secret in ["glpat-", "hunter33", "hunter44"] {
        assert!(!said.stdout.contains(secret) && !json.stdout.contains(secret), "{secret}");
    }
}

/// An app that a stage does not have is neither promoted to it nor pinned in it.
#[test]
fn an_app_of_some_stages_stays_there() {
    let pins = format!(
        "apps:\n  shop:\n    image: registry.example/team/shop@{}\n  tool:\n    image: registry.example/team/tool@{}\n",
        digest('1'),
        digest('2')
    );
    let repo = Repo::new()
        .file("gen.yaml", "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop: {source: https://git.example/team/shop.git, image: registry.example/team/shop}\n  tool: {source: https://git.example/team/tool.git, image: registry.example/team/tool, environments: [dev]}\n")
        .file("environments/dev.yaml", "run: none\n")
        .file("environments/dev.pins.yaml", pins)
        .file("environments/prod.yaml", "promotesFrom: dev\n");
    git::init(&repo);
    repo.run(["render", "--quiet"]).status(0);
    git::commit(&repo, "Begin");
    let said = repo.run(["promote", "--to", "prod"]).status(0);
    assert!(said.stdout.contains("shop in prod, from dev"), "{}", said.stdout);
    assert!(!said.stdout.contains("tool"), "{}", said.stdout);
    assert!(!repo.read("environments/prod.pins.yaml").contains("tool"));
    for command in [
        "promote tool --to prod",
        "set tool --env prod --tag v1",
        "rollback tool --env prod",
        "wait tool --env prod",
        "run tool --env prod",
        "graph tool --env prod",
        "render --app tool --env prod",
        "diff --against . --app tool --env prod",
    ] {
        let said = repo.run(command.split(' ')).status(64);
        assert!(
            said.stderr.contains("GEN0602") && said.stderr.contains("it is not in"),
            "{command}: {}",
            said.stderr
        );
    }
    repo.run(["render"]).status(0);
    repo.run(["check"]).status(0);
}

#[test]
fn a_nonce_stays_where_it_is() {
    let repo = repo().file(STAGING, "apps: {shop: {tag: v1, nonce: 4}}\n");
    let dev = pins(&[("orders", '1'), ("shop", '2')])
        .replace("    revision", "    nonce: 7\n    revision");
    let repo = repo.file("environments/dev.pins.yaml", dev);
    git::commit(&repo, "Pin");
    repo.run(["promote", "shop", "--to", "staging"]).status(0);
    let expected = format!("{}    nonce: 4\n", pins(&[("shop", '2')]));
    assert_eq!(repo.read(STAGING), expected);
}

#[test]
fn a_check_says_what_would_go() {
    let repo = repo();
    let said = repo.run(["promote", "--to", "staging", "--check"]).status(1);
    assert!(
        said.stdout.contains("would be written\nnext: run it again without `--check`\n"),
        "{}",
        said.stdout
    );
    assert!(!repo.root().join(STAGING).exists());
    let said = repo.run(["promote", "shop", "--to", "staging", "--check", "-o", "json"]).status(1);
    let json: Value = serde_json::from_str(&said.stdout).expect("one JSON value");
    assert_eq!(json["command"], "promote");
    assert_eq!(json["from"], "dev");
    assert_eq!(json["changed"], true);
    assert_eq!(json["apps"][0]["changes"]["image"]["after"], image("shop", '2'));
    assert_eq!(json["differences"][0]["key"], "env.LOG_LEVEL");
    assert_eq!(json["differences"][0]["to"], Value::Null);
    assert_eq!(json["along"], Value::Array(Vec::new()));
    repo.run(["promote", "--to", "staging"]).status(0);
    repo.run(["promote", "--to", "staging", "--check"]).status(0);
}

#[test]
fn what_goes_along_is_told() {
    let repo = repo().file(STAGING, pins(&[("shop", '7')]));
    git::commit(&repo, "Pin");
    let text = repo.read("gen.yaml").replace(
        "pipeline: [fetch-source, build-image]",
        "port: 8080, pipeline: [fetch-source, build-image]",
    );
    let repo = repo.file("gen.yaml", &text);
    // In the stage before as well, which must be committed first.
    let said = repo.run(["promote", "shop", "--to", "staging"]).status(3);
    insta::assert_snapshot!(said.stderr, @"
    error[GEN1112]: `shop` in `dev` is not fully committed: `access/apply.yaml` and 1 more differ
      help: run `gen commit --env dev --app shop`, and check it there first
    ");
    repo.run(["render", "--env", "dev"]).status(0);
    git::git(&repo, &["add", "--all"]);
    git::git(&repo, &["commit", "--quiet", "--message", "Only dev"]);
    let said = repo.run(["promote", "shop", "--to", "staging"]).status(0);
    let along = said
        .stdout
        .split("also changes, because it differs from what is committed in staging:\n")
        .nth(1);
    let along = along.unwrap_or_else(|| panic!("{}", said.stdout));
    assert!(along.starts_with("  shop  a"), "{along}");
    // An environment that nobody rendered yet.
    let repo = repo.file("environments/next.yaml", "promotesFrom: staging\n");
    git::commit(&repo, "Promote");
    git::git(&repo, &["rm", "-r", "--quiet", "clusters/next"]);
    git::git(&repo, &["commit", "--quiet", "--message", "Not yet"]);
    repo.run(["promote", "shop", "--to", "next", "--check"])
        .status(1)
        .stdout("  shop  everything: nothing is committed there yet\n");
}

#[test]
fn what_is_only_in_the_checkout_is_not_promoted() {
    let repo = repo();
    repo.run(["set", "shop", "-e", "dev", "--image", &digest('3')]).status(0);
    let said = repo.run(["promote", "--to", "staging"]).status(3);
    assert!(said.stderr.contains("GEN1112"), "{}", said.stderr);
    assert!(said.stderr.contains("app/workload.yaml"), "{}", said.stderr);
    // What a pipeline sets must ship nothing else along.
    let set = ["set", "shop", "-e", "dev", "--image", &digest('4')];
    let strict: Vec<&str> = set.iter().copied().chain(["--committed"]).collect();
    repo.run(&strict).status(3).stderr("GEN1112");
    // Rendered is not committed.
    repo.run(["render"]).status(0);
    repo.run(["promote", "--to", "staging"]).status(3).stderr("GEN1112");
    // Another app's change is no reason.
    repo.run(["promote", "orders", "--to", "staging"]).status(0);
    let head = git::commit(&repo, "Pin");
    repo.run(["promote", "shop", "--to", "staging"]).status(0);
    // Rendered by another gen: its record says so.
    let record = "clusters/dev/dev/shop/gen.lock.json";
    let text = repo
        .read(record)
        .replace(&format!("\"gen\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"gen\": \"9.9.9\"");
    let repo = repo.file(record, text);
    git::git(&repo, &["commit", "--quiet", "--all", "--message", "Newer"]);
    let said = repo.run(["promote", "shop", "--to", "staging"]).status(3);
    assert!(
        said.stderr
            .starts_with("error[GEN1113]: `shop` in `dev` was rendered by gen 9.9.9, this is gen "),
        "{}",
        said.stderr
    );
    repo.run(&strict).status(3).stderr("GEN1113");
    git::git(&repo, &["reset", "--quiet", "--hard", &head]);
    repo.run(&strict).status(0);
}

#[test]
fn stages_and_pins_that_do_not_fit_are_refused() {
    let repo = repo();
    let told = |args: &str, status: i32| {
        repo.run(format!("promote {args}").split(' ')).status(status).stderr
    };
    insta::assert_snapshot!(told("--from dev --to prod", 64), @"
    error[GEN1107]: `prod` gets its images from `staging`, not from `dev`
      help: promote along dev → staging → prod, or skip a stage with `--force`
    ");
    insta::assert_snapshot!(told("--to dev", 64), @"
    error[GEN1106]: `dev` is the first stage: nothing is promoted to it
      help: set the source: `--from ENV`, or `promotesFrom: ENV` in environments/dev.yaml
    ");
    insta::assert_snapshot!(told("--to flat", 64), @"
    error[GEN1114]: `home` has `deploy: kubectl`, so its pins do not show the running images
      help: name one app with `--image REF@sha256:…`, or query the cluster with `--context NAME`
    ");
    insta::assert_snapshot!(told("--to flat --image x", 64), @"
    error[GEN1115]: `--image` requires an app
      help: add it: `gen promote APP --to ENV --image REF@sha256:…`
    ");
    insta::assert_snapshot!(told("till --to staging", 3), @"
    error[GEN1110]: nothing to promote: `till` has no pinned image in `dev`
      help: let its pipeline pin one, or run `gen set till --env dev --image REF@sha256:…`
    ");
    for (args, status, code) in [
        ("--to home --from dev --force", 64, "GEN1102"),
        ("--to stagin", 64, "GEN0601"),
        ("shp --to staging", 64, "GEN0602"),
        ("shop --to flat --image registry.example/team/shop:1", 3, "GEN0215"),
        ("shop", 64, "--to"),
    ] {
        let said = told(args, status);
        assert!(said.contains(code), "{args}: {said}");
    }
    repo.run(["set", "till", "-e", "dev", "--tag", "v1"]).status(0);
    insta::assert_snapshot!(told("till --to staging", 3), @"
    error[GEN1111]: `till` is pinned by the tag `v1` in `dev`, and only digests are promoted
      help: pin the current digest: `gen set till --env dev --image REF@sha256:…`
    ");
    assert!(!repo.root().join(STAGING).exists());
    // Meant, it goes: past a stage, and from where no pin stands.
    repo.run(["promote", "shop", "--from", "dev", "--to", "prod", "--force"]).status(0);
    assert!(repo.read("environments/prod.pins.yaml").contains(&image("shop", '2')));
    repo.run(["promote", "shop", "--to", "flat", "--image", &digest('5')]).status(0);
    assert!(repo.read("environments/flat.pins.yaml").contains(&image("shop", '5')));
}

/// Every JSON names its schema in the same way: a number, and the command that it belongs to.
#[test]
fn every_json_names_its_schema_the_same_way() {
    let repo = repo();
    let calls: [&[&str]; 8] = [
        &["render"],
        &["render", "--env", "nowhere"],
        &["diff", "--against", "HEAD"],
        &["secrets"],
        &["set", "shop", "--env", "dev", "--tag", "v1", "--dry-run"],
        &["promote", "--to", "staging", "--check"],
        &["log"],
        &["commit", "--dry-run"],
    ];
    for call in calls {
        let said = repo.run(call.iter().copied().chain(["-o", "json"])).stdout;
        let value: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!(value["schema"], 1, "{call:?}: {said}");
        assert_eq!(value["command"], call[0], "{said}");
        assert!(value["complete"].is_boolean(), "{call:?}: {said}");
    }
}

#[test]
fn without_git_nothing_is_known_to_be_proven() {
    let repo = Repo::small()
        .file("environments/staging.yaml", "promotesFrom: dev\n")
        .file("environments/dev.pins.yaml", pins(&[("shop", '2')]));
    repo.run(["promote", "--to", "staging"]).status(4).stderr("GEN1002");
    git::init(&repo);
    repo.run(["promote", "--to", "staging"])
        .status(3)
        .stderr("is not fully committed: nothing of it is");
}

/// What a chart is pinned by is its version.
#[test]
fn the_version_of_a_chart_goes_to_the_next_stage() {
    let repo = Repo::new()
        .file(
            "gen.yaml",
            "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  proxy: {helm: {chart: proxy, repo: \"https://charts.example\", version: 1.4.x}}\n",
        )
        .file("environments/dev.yaml", "apis: [helm]\n")
        .file("environments/staging.yaml", "apis: [helm]\npromotesFrom: dev\n");
    git::init(&repo);
    let said = repo.run(["set", "proxy", "--env", "dev", "--version", "1.4.2"]).status(0);
    insta::assert_snapshot!(said.stdout, @"
    proxy in dev
      version   none → 1.4.2
    environments/dev.pins.yaml written
    next: run `gen commit --env dev --app proxy`
    ");
    assert_eq!(
        repo.read("environments/dev.pins.yaml"),
        "apps:\n  proxy:\n    version: \"1.4.2\"\n"
    );
    git::commit(&repo, "Begin");
    let said = repo.run(["promote", "--to", "staging"]).status(0);
    insta::assert_snapshot!(said.stdout, @"
    proxy in staging, from dev
      version   none → 1.4.2
    environments/staging.pins.yaml written
    next: run `gen commit --env staging --app proxy`
    ");
    repo.run(["render", "--env", "staging"]).status(0);
    let release = repo.read("clusters/staging/staging/proxy/app/workload.yaml");
    assert!(release.contains("version: \"1.4.2\""), "{release}");
    assert_eq!(repo.read(STAGING), "apps:\n  proxy:\n    version: \"1.4.2\"\n");
}
