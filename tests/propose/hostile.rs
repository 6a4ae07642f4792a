//! A checkout that means harm ends with a spec that renders or with an error. Nothing in it is run or followed, and no secret comes out.

use std::fmt::Write as _;

use crate::support::{Ran, Repo, tree};

const DOCKERFILE: &str = "FROM docker.io/library/debian:13\nUSER 1000\nEXPOSE 8080\n";

/// Proposes a spec of `in`, which must render and pass.
fn proposed(repo: &Repo) -> (Ran, String) {
    let ran = repo.run_limited(2 << 30, 60, ["init", "out", "--from", "in"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    let rendered = repo.run(["-C", "out", "render", "--quiet"]);
    let spec = repo.read("out/gen.yaml");
    assert_eq!(rendered.status, 0, "{}\n{spec}", rendered.stderr);
    let checked = repo.run(["-C", "out", "check"]);
    assert_eq!(checked.status, 0, "{}{}\n{spec}", checked.stdout, checked.stderr);
    for text in [&spec, &ran.stdout] {
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    (ran, spec)
}

#[test]
fn no_secret_comes_out() {
    let config = "[remote \"origin\"]\n\turl = https://me:swordfish@git.example/you/shop.git\n";
    let compose = "services:\n  shop:\n    build: .\n    ports: [8080]\n    environment:\n      API_TOKEN: swordfish\n      DATABASE_URL: postgres://me:swordfish@db/shop\n      PASSWORD: '${PASSWORD:-swordfish}'\n      DB_PASS: 90210\n      CACHE: redis://:swordfish@cache/0\n      MAIL: me:swordfish@mail\n      STRIPE: sk_live_51H8swordfishswordfish\n  jobs:\n    build: .\n    command: [run, --password, swordfish]\n";
    let image = "ENV API_TOKEN=swordfish\nHEALTHCHECK CMD curl http://localhost:8080/up?key=swordfish\nCMD [\"run\", \"--token\", \"swordfish\"]\n";
    let repo = Repo::new()
        .file("in/.git/config", config)
        .file("in/Dockerfile", format!("{DOCKERFILE}{image}"))
        .file("in/Procfile", "web: run --token swordfish\nmail: PASSWORD=swordfish run\n")
        .file("in/application.properties", "server.port=8081\ndb.password=swordfish\n")
        .file("in/.env", "PASSWORD=swordfish\n")
        .file("in/compose.yaml", compose);
    let (ran, spec) = proposed(&repo);
    assert!(spec.contains("https://git.example/you/shop.git"), "{spec}");
    assert!(spec.contains("API_TOKEN: {secret: shop-env, key: API_TOKEN}"), "{spec}");
    assert!(spec.contains("STRIPE: {secret: shop-env, key: STRIPE}"), "{spec}");
    assert!(spec.contains("health: /up   # Dockerfile:5"), "{spec}");
    assert!(ran.stdout.contains("without its user and password"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("swordfish"), "{}", ran.stdout);
    for (path, bytes) in tree(&repo.root().join("out")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("swordfish") && !text.contains("90210"), "{path}");
    }
}

#[test]
fn no_link_is_followed() {
    let repo = Repo::new().file("in/Dockerfile", DOCKERFILE).file("in/go.mod", "module x\n");
    let home = repo.outside().join("home");
    std::fs::write(home.join("main.go"), "var x = \"/healthz\"\n").unwrap();
    std::fs::write(
        home.join("config"),
        "[remote \"origin\"]\nurl = https://git.example/private.git\n",
    )
    .unwrap();
    let repo = repo
        .link("in/main.go", home.join("main.go"))
        .link("in/lib", &home)
        .link("in/.git", &home)
        .link("in/compose.yaml", "../../home/main.go")
        .link("in/loop", "loop");
    let (ran, spec) = proposed(&repo);
    assert!(!spec.contains("private") && !spec.contains("health: /healthz   # guess"), "{spec}");
    assert!(spec.contains("`.git/config` cannot be read; for a worktree,"), "{spec}");
    assert!(ran.stdout.contains("not read: 4 links: not followed"), "{}", ran.stdout);
    // The spec is not written through one, either.
    let repo = Repo::new().file("in/Dockerfile", DOCKERFILE).file("out/x", "");
    let repo = repo.link("out/environments", "../../home");
    assert_ne!(repo.run(["init", "out", "--from", "in"]).status, 0);
    assert_eq!(std::fs::read_dir(repo.outside().join("home")).unwrap().count(), 0);
}

#[test]
fn no_text_becomes_more_than_a_value() {
    let inject = "8080\napps: {evil: {}}";
    let dockerfile = "FROM \u{1b}[31mx\nENV A=\"x\\n  evil: true\"\nEXPOSE $A 99999 -1 0 8080/evil 8000-9000\nUSER \u{202e}root$(id)\nHEALTHCHECK CMD curl http://localhost:1/\"#{x\n";
    let repo = Repo::new()
        .file("in/Dockerfile", dockerfile)
        .file("in/package.json", format!("{{\"test\": \"{inject}\"}}"))
        .file("in/Procfile", "web: x; rm -rf / # \u{1b}[31m\nw\u{1b}orker: {a: b}\nok: --- !x &a *b\n")
        .file("in/compose.yaml", "services:\n  \"a\\n  evil: 1\":\n    image: \"x\\nevil: true\"\n")
        .file("in/.git/config", "[remote \"origin\"]\n\turl = ext::sh -c touch% /tmp/evil\n[core]\n\tfsmonitor = touch evil\n\tsshCommand = touch evil\n")
        .file("in/.git/HEAD", "ref: refs/heads/--upload-pack=touch evil\n")
        .file("in/a\u{1b}[31m/Dockerfile", DOCKERFILE)
        .file("in/weird # name: x/Dockerfile", DOCKERFILE)
        .file("in/weird # name: x/go.mod", "module x\n");
    let (ran, spec) = proposed(&repo);
    let value: Vec<&str> =
        spec.lines().filter(|line| line.trim_start().starts_with("evil")).collect();
    assert!(value.is_empty(), "{spec}");
    assert!(!spec.contains("weird"), "{spec}");
    let told = "weird # name: x/Dockerfile: its path is not valid in a spec";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    assert!(!repo.root().join("evil").exists() && !repo.root().join("in/evil").exists());
}

#[test]
fn sizes_and_depths_are_bounded() {
    let deep = format!("in/{}Dockerfile", "d/".repeat(400));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let all = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{all}]");
    }
    let doubled =
        format!("FROM x\nENV A={}\n{}", "x".repeat(4000), "ENV A=$A$A$A$A$A$A$A$A\n".repeat(500));
    let repo = Repo::new()
        .file("in/Dockerfile", DOCKERFILE)
        .file("in/go.mod", "module x\n")
        .file(&deep, DOCKERFILE)
        .file("in/compose.yaml", bomb)
        .file("in/two/Dockerfile", doubled)
        .file("in/two/go.mod", "module two\n")
        .file("in/binary.go", [0_u8, 159, 146, 150])
        .file("in/long.go", format!("var x = \"{}\"\n", "/healthz".repeat(20_000)))
        .sparse("in/huge.go", 1 << 30)
        .sparse("in/Procfile", 1 << 30)
        .fifo("in/package.json");
    let (ran, spec) = proposed(&repo);
    for part in [
        "Procfile: too large",
        "compose.yaml: not read: not valid YAML",
        "2 source files: too large",
    ] {
        let whole = format!("{spec}{}", ran.stdout.replace("\n           ", " "));
        assert!(whole.contains(part), "{part}: {whole}");
    }
}

#[test]
fn many_apps_have_names_of_their_own() {
    let mut repo = Repo::new();
    for number in 0..60 {
        repo = repo
            .file(&format!("in/{number}/Same_App/Dockerfile"), DOCKERFILE)
            .file(&format!("in/{number}/Same_App/go.mod"), "module x\n");
    }
    let (ran, spec) = proposed(&repo);
    assert!(spec.contains("  same-app:   #") && spec.contains("  same-app-50:   #"), "{spec}");
    assert!(ran.stdout.contains("more than 50 apps"), "{}", ran.stdout);
}

#[test]
fn long_lists_are_cut() {
    let mut dockerfile = DOCKERFILE.to_owned();
    for port in 0..500 {
        let _ = writeln!(dockerfile, "EXPOSE x{port}");
    }
    let mut repo = Repo::new().file("in/Dockerfile", dockerfile);
    for number in 0..1_500 {
        repo = repo.file(&format!("in/f{number}/Dockerfile"), DOCKERFILE);
    }
    let (ran, spec) = proposed(&repo);
    assert!(ran.stdout.lines().count() < 600, "{}", ran.stdout);
    assert!(ran.stdout.contains("left out 480 more"), "{}", ran.stdout);
    assert!(ran.stdout.contains(": 1431 more"), "{}", ran.stdout);
    assert!(spec.lines().count() < 800, "{spec}");
}

#[test]
fn what_holds_no_app_is_an_error() {
    let repo = Repo::new().file("in/README.md", "x").file("in/node_modules/x/package.json", "{}");
    let told = "error[GEN1450]: no app in `in`: 1 file, and no Dockerfile, Procfile,";
    repo.run(["init", "out", "--from", "in"]).status(64).stderr(told);
    repo.run(["init", "out", "--from", "missing"]).status(64).stderr("GEN0615");
    repo.run(["init", "out", "--from", "in/README.md"]).status(64).stderr("GEN0615");
    repo.run(["init", "out", "--from", "in", "--demo"]).status(64);
    assert!(!repo.root().join("out").exists());
    let repo = repo.file("in/Dockerfile", DOCKERFILE).file("out/environments/prod.yaml", "mine\n");
    repo.run(["init", "out", "--from", "in"]).status(64).stderr("GEN0608");
    assert_eq!(repo.read("out/environments/prod.yaml"), "mine\n");
    assert!(!repo.root().join("out/gen.yaml").exists());
}
