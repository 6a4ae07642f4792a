//! What a pull request, a branch name or a configuration could bring: options, helpers, newlines, ways out. A canary that runs, or
//! a token that is seen, fails.

use super::commits::make_program;
use super::repositories::{Checkout, Place};

/// Fails where something ran that should not have.
#[track_caller]
fn no_canary(place: &Place, what: &str) {
    let found: Vec<_> = std::fs::read_dir(place.path())
        .unwrap()
        .chain(std::fs::read_dir(place.path().join("clone")).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("canary"))
        .collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

fn hostile_refs(canary: &str) -> Vec<String> {
    let mut refs: Vec<String> = [
        "-x",
        "--force",
        "--upload-pack=touch canary",
        "--exec=touch canary",
        "-u",
        "--mirror",
        "--delete",
        "--all",
        "main:main",
        ":main",
        "main\nother",
        "main other",
        "main\tother",
        "../main",
        "a..b",
        "a...b",
        "refs/../x",
        "/main",
        "main/",
        "a//b",
        ".main",
        "a/.b",
        "main.lock",
        "a.lock/b",
        "main.",
        "@",
        "@{-1}",
        "a@{1}",
        "main~1",
        "main^",
        "main?",
        "main*",
        "main[1]",
        "main\\x",
        "\u{7f}",
        "a\u{1}b",
        "",
        "a/-b",
    ]
    .map(str::to_owned)
    .into();
    refs.push(format!("--receive-pack=touch {canary}"));
    refs.push("a".repeat(300));
    refs
}

fn hostile_urls(canary: &str) -> Vec<String> {
    vec![
        format!("ext::sh -c touch% {canary}"),
        format!("EXT::sh -c touch% {canary}"),
        "ext://sh".to_owned(),
        "fd::3".to_owned(),
        "fd::3,4/x".to_owned(),
        format!("-oProxyCommand=touch {canary}"),
        format!("--upload-pack=touch {canary}"),
        format!("ssh://-oProxyCommand=touch% {canary}/x"),
        "helper::https://x".to_owned(),
        "FILE:///x".to_owned(),
        "file:///x\ny".to_owned(),
        "ftp://x.example/a".to_owned(),
        "ext::\u{1}".to_owned(),
    ]
}

#[test]
fn hostile_refs_addresses_and_names_run_nothing() {
    let place = Place::new();
    let checkout = place.fleet(1);
    let canary = place.path().join("canary").display().to_string();
    checkout.write_app("app-0", "    labels: {a: b}\n");
    let heads = checkout.git(&["for-each-ref"]);
    let mut tried = 0;
    for name in hostile_refs(&canary) {
        let given = format!("--branch={name}");
        let ran = checkout.gen_(&["commit", "--push", &given]);
        assert!([3, 4, 64].contains(&ran.status), "{name:?}: {ran:?}");
        no_canary(&place, &name);
        tried += 1;
    }
    for url in hostile_urls(&canary) {
        checkout.git(&["config", "remote.origin.url", &url]);
        let ran = checkout.gen_(&["commit", "--push"]);
        assert!([2, 4].contains(&ran.status), "{url:?}: {ran:?}");
        no_canary(&place, &url);
        tried += 1;
    }
    // By way of a rewritten address, which only git knows of.
    checkout.git(&["config", "remote.origin.url", "https://git.example/a.git"]);
    checkout.git(&[
        "config",
        &format!("url.ext::sh -c touch% {canary} .insteadOf"),
        "https://git.example/",
    ]);
    checkout.gen_(&["commit", "--push"]).status(2);
    no_canary(&place, "insteadOf");
    checkout.git(&["config", "--remove-section", &format!("url.ext::sh -c touch% {canary} ")]);
    let remote = place.path().join("remote").display().to_string();
    checkout.git(&["config", "remote.origin.url", &remote]);
    for name in ["--force", "-x", "../x", "a\nb", "$(touch canary)", "`touch canary`", "A", "a b"] {
        for option in ["--app", "--env"] {
            let ran = checkout.gen_(&["commit", &format!("{option}={name}")]);
            assert_eq!(ran.status, 64, "{option} {name:?}: {ran:?}");
            tried += 1;
        }
    }
    // File names of every kind: only those that a pattern names are gen's.
    for name in [
        "--force.yaml",
        "-x.yaml",
        "a b.yaml",
        "ü.yaml",
        ":(top)x.yaml",
        "a*b.yaml",
        "$(touch canary).yaml",
        "\"q\".yaml",
    ] {
        checkout.write(&format!("environments/{name}"), "{}\n");
        let ran = checkout.gen_(&["commit"]);
        assert_eq!(ran.status, 3, "{name:?}: {ran:?}");
        std::fs::remove_file(checkout.root.join("environments").join(name)).unwrap();
        // As a manifest it is committed under its own name.
        checkout.write(
            &format!("manifests/{name}"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        );
        checkout.write_app("app-0", "    extra: manifests\n");
        checkout.gen_(&["commit", "-q"]).done();
        let listed = checkout.git(&["ls-files", "-z", "manifests"]);
        assert_eq!(listed, format!("manifests/{name}\0"));
        std::fs::remove_file(checkout.root.join("manifests").join(name)).unwrap();
        no_canary(&place, name);
        tried += 2;
    }
    checkout.write_app("app-0", "");
    checkout.gen_(&["commit", "-q"]).done();
    assert_eq!(checkout.git(&["status", "--porcelain"]), "");
    assert_eq!(checkout.git(&["for-each-ref"]).lines().count(), heads.lines().count());
    println!("{tried} hostile refs, addresses and names");
    assert!(tried >= 60);
}

/// The monitor of files, hooks and submodules of a repository are nothing that gen's own calls start.
#[test]
fn what_a_repository_brings_does_not_run() {
    let place = Place::new();
    let checkout = place.fleet(1);
    let canary = place.path().join("canary");
    let program = place.path().join("program");
    std::fs::write(&program, format!("#!/bin/sh\ntouch {}\n", canary.display())).unwrap();
    make_program(&program);
    let path = program.to_str().unwrap();
    checkout.git(&["config", "core.fsmonitor", path]);
    checkout.git(&["config", "core.pager", path]);
    checkout.git(&["config", "diff.external", path]);
    checkout.git(&["config", "core.editor", path]);
    for hook in [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
        "post-merge",
        "pre-auto-gc",
        "post-rewrite",
        "fsmonitor-watchman",
    ] {
        let target = checkout.root.join(".git/hooks").join(hook);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&program, &target).unwrap();
        make_program(&target);
    }
    // A submodule whose address is a command, in a folder that gen reads from.
    checkout.write(
        ".gitmodules",
        "[submodule \"x\"]\n\tpath = environments/x\n\turl = ext::sh -c touch% canary\n",
    );
    checkout.git(&["config", "submodule.recurse", "true"]);
    checkout.git(&["config", "submodule.x.url", "ext::sh -c touch% canary"]);
    let commit = checkout.git(&["rev-parse", "HEAD"]);
    checkout.git(&[
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{commit},environments/x"),
    ]);
    let _ = std::fs::remove_file(&canary);
    checkout.write_app("app-0", "    labels: {a: b}\n");
    checkout.gen_(&["commit"]).done();
    no_canary(&place, "commit");
    // A push runs the user's hooks, as theirs: not these.
    let hook = checkout.root.join(".git/hooks/reference-transaction");
    std::fs::remove_file(hook).unwrap();
    let theirs = place.clone("remote", "theirs");
    theirs.write_app("app-1", "");
    theirs.gen_(&["commit", "--push", "-q"]).done();
    checkout.git(&[
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "reset",
        "-q",
        "--hard",
        "origin/main",
    ]);
    let _ = std::fs::remove_file(&canary);
    checkout.write_app("app-0", "    labels: {a: c}\n");
    checkout.gen_(&["commit", "--push"]).done().says("on top of newer commits");
    no_canary(&place, "push");
    // The control: git itself, without gen's settings, starts it.
    checkout.try_git(&["status"]);
    assert!(canary.exists(), "the canary is dead");
}

/// Whoever watches the processes of the machine sees no token, and neither does anybody who reads what gen says or leaves.
#[test]
fn tokens_are_nowhere() {
    let place = Place::new();
    let checkout = place.fleet(1);
    let token = "t0ken-of-a-canary";
    let config = std::fs::read_to_string(checkout.root.join(".git/config")).unwrap();
    // Every argument of every git that gen starts is written down by one that stands before it.
    let path = std::env::var("PATH").unwrap();
    let real = path
        .split(':')
        .map(|folder| std::path::Path::new(folder).join("git"))
        .find(|path| path.is_file())
        .unwrap();
    let shim = place.path().join("shim/git");
    std::fs::create_dir_all(shim.parent().unwrap()).unwrap();
    let seen = place.path().join("seen");
    std::fs::write(
        &shim,
        format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >> {}\nexec {} \"$@\"\n",
            seen.display(),
            real.display()
        ),
    )
    .unwrap();
    make_program(&shim);
    let url = format!("https://me:{token}@127.0.0.1:1/a.git");
    let run = |checkout: &Checkout<'_>, arguments: &[&str]| {
        let mut command = checkout.command(super::support::GEN);
        let shim = shim.parent().unwrap().display();
        command.args(arguments).env("PATH", format!("{shim}:{path}")).env("GIT_TRACE", "0");
        checkout.run(&mut command)
    };
    checkout.write_app("app-0", "    labels: {a: b}\n");
    checkout.git(&["remote", "set-url", "--push", "origin", &url]);
    let with_token = std::fs::read_to_string(checkout.root.join(".git/config")).unwrap();
    let mut said = Vec::new();
    for arguments in [
        ["commit", "--push"].as_slice(),
        &["commit", "--push", "-o", "json"],
        &["commit", "--branch", "x", "-v"],
    ] {
        let ran = run(&checkout, arguments);
        assert_eq!(ran.status, 2, "{ran:?}");
        said.push(ran.stdout + &ran.stderr);
    }
    checkout.git(&["remote", "set-url", "origin", &url]);
    said.push(run(&checkout, &["commit", "--push"]).stderr);
    assert!(said.iter().all(|text| !text.contains(token)), "{said:?}");
    assert!(said[0].contains("127.0.0.1"), "{said:?}");
    let arguments = std::fs::read_to_string(&seen).unwrap();
    assert!(arguments.contains("push") && !arguments.contains(token), "{arguments}");
    checkout.git(&["remote", "set-url", "--delete", "--push", "origin", &url]);
    checkout.git(&[
        "remote",
        "set-url",
        "origin",
        &place.path().join("remote").display().to_string(),
    ]);
    assert!(with_token.contains(token));
    assert_eq!(
        std::fs::read_to_string(checkout.root.join(".git/config")).unwrap().replace("\n\n", "\n"),
        config.replace("\n\n", "\n")
    );
    for (name, content) in super::support::tree(&checkout.root) {
        assert!(!String::from_utf8_lossy(&content).contains(token), "{name}");
    }
}
