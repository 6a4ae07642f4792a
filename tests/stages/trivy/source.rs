//! `scan-source`.

use super::{
    Access, PYTHON, Play, Registry, Server, Trivy, objects, outside, report, rules, task, trivy,
};
use crate::support::play::Played;

/// A container as root.
const MISCONFIGURED: &str = "DS-0002";
const SECRET: &str = "github-pat";

fn scan(trivy: &Trivy, registry: &Registry, app: &str, settings: &str, outside: &Server) -> Play {
    let host = &registry.host;
    let scan = format!("scan-source: {{database: \"{host}/trivy-db:2\"{settings}}}");
    let objects = objects(host, app, &scan);
    files(trivy.play(task(&objects, "shop-scan-source"), outside))
}

fn files(play: Play) -> Play {
    // Put together here, so that this file holds no secret for the next scanner.
    let token = format!("ghp_{}", "A1b2".repeat(9));
    play.file("/workspace/source/Dockerfile", "FROM debian:12\nUSER root\nCMD [\"true\"]\n")
        .file("/workspace/source/requirements.txt", "flask==1.0\n")
        .file("/workspace/source/settings.py", format!("TOKEN = \"{token}\"\n"))
}

/// That the gate stopped it, and what it named.
#[track_caller]
fn stopped(played: &Played, named: &[&str]) {
    super::stopped(played, &[MISCONFIGURED, SECRET, PYTHON], named);
}

#[test]
fn what_is_dangerous_stops_at_the_gate() {
    let Some(trivy) = trivy() else { return };
    let registry = trivy.registry(Access::Open);
    let outside = outside();
    let play = |settings: &str| scan(&trivy, &registry, "{}", settings, &outside);
    let all = [MISCONFIGURED, SECRET, PYTHON];

    let found = play("");
    stopped(&found.run(), &all);
    let sarif = report(&found, "scan-source.sarif");
    let rules = rules(&sarif);
    assert!(all.iter().all(|id| rules.contains(id)), "{rules:?}");

    // By scanner, by severity (the token alone is critical), by folder and by exception.
    let one = |scanner: &str| format!(", scanners: [{scanner}]");
    for (scanner, id) in ["misconfig", "secret", "vuln"].into_iter().zip(all) {
        stopped(&play(&one(scanner)).run(), &[id]);
    }
    stopped(&play(", severity: [CRITICAL]").run(), &[SECRET]);
    let ignore = |ids: &[&str]| {
        let entries: Vec<String> = ids
            .iter()
            .map(|id| format!("{{id: {id}, reason: known, until: 2999-12-31}}"))
            .collect();
        format!(", ignore: [{}]", entries.join(", "))
    };
    stopped(&play(&ignore(&[SECRET])).run(), &[MISCONFIGURED, PYTHON]);
    play(&ignore(&all)).run().succeeds();

    let skipped = play(", scanners: [secret], skip: [\"**/testdata\"]");
    let settings = skipped.place("/workspace/source/settings.py");
    for folder in [".git", ".reports", "tests/testdata"] {
        let folder = skipped.place("/workspace/source").join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::copy(&settings, folder.join("settings.py")).expect("a copy");
    }
    let played = skipped.run();
    stopped(&played, &[SECRET]);
    std::fs::remove_file(&settings).expect("it is there");
    skipped.run().succeeds();
}

/// Rules for configuration are part of trivy; offline neither they nor anything else is asked for.
#[test]
fn offline_nothing_is_asked_for() {
    let Some(trivy) = trivy() else { return };
    let outside = outside();
    let play = |settings: &str| {
        let scan = format!("scan-source: {{scanners: [misconfig, secret]{settings}}}");
        let objects = objects("registry.example", "{}", &scan);
        files(trivy.play(task(&objects, "shop-scan-source"), &outside))
    };
    stopped(&play(", offline: true").run(), &[MISCONFIGURED, SECRET]);
    let heard = outside.heard();
    assert!(heard.is_empty(), "{heard:?}");
    // Otherwise newer rules are, and those of the program serve where there are none.
    stopped(&play("").run(), &[MISCONFIGURED, SECRET]);
    let heard = outside.heard();
    assert!(!heard.is_empty());
    assert!(heard.iter().all(|r| !r.target.contains("trivy.dev")), "{heard:?}");
}

#[test]
fn the_mirrors_certificate_is_checked_unless_the_spec_says_otherwise() {
    let Some(trivy) = trivy() else { return };
    let registry = trivy.registry(Access::Tls);
    let outside = outside();
    let play = |app: &str| scan(&trivy, &registry, app, ", scanners: [vuln]", &outside);
    let failed = play("{}").run();
    let failed = failed.fails("scan", "failed to download vulnerability DB");
    assert_eq!(failed.steps.len(), 1, "{failed:#?}");
    stopped(&play("{insecure: true}").run(), &[PYTHON]);
}
