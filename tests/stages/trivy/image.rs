//! `scan-image`.

use super::{
    Access, CRITICAL, MEDIUM, Path, Play, Registry, Server, Trivy, UNFIXED, archive, objects,
    outside, report, rules, task, trivy,
};
use crate::registry::{CA, LOGIN, login};
use crate::support::play::Played;

/// An image with Debian packages in it; gives its name with its digest.
fn push(registry: &Registry, packages: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &str| {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("its folder");
        std::fs::write(file, text).expect("a file");
    };
    write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    write("etc/debian_version", "12.5\n");
    let status: Vec<String> = packages
        .iter()
        .map(|name| format!("Package: {name}\nStatus: install ok installed\nMaintainer: Test <test@example.com>\nArchitecture: amd64\nVersion: 1.0-1\nDescription: a package\n"))
        .collect();
    write("var/lib/dpkg/status", &status.join("\n"));
    let layer = archive(folder.path(), &[]);
    let name = format!("team/shop:{}", packages.join("-"));
    let digest = registry.push_layer(&name, &["linux/amd64"], &layer);
    format!("{}/team/shop@{digest}", registry.host)
}

/// The stage, with the database in the registry.
fn scan(trivy: &Trivy, registry: &Registry, app: &str, settings: &str, outside: &Server) -> Play {
    let host = &registry.host;
    let scan = format!("scan-image: {{database: \"{host}/trivy-db:2\"{settings}}}");
    let objects = objects(host, app, &scan);
    trivy.play(task(&objects, "shop-scan-image"), outside)
}

/// That the gate stopped it, and what it named.
#[track_caller]
fn stopped(played: &Played, named: &[&str]) {
    super::stopped(played, &[CRITICAL, MEDIUM, UNFIXED], named);
}

#[test]
fn what_counts_stops_at_the_gate() {
    let Some(trivy) = trivy() else { return };
    let registry = trivy.registry(Access::Open);
    let all = push(&registry, &["libgood", "libbad", "libmild", "libopen"]);
    let mild = push(&registry, &["libgood", "libmild", "libopen"]);
    let outside = outside();
    let play = |image: &str, settings: &str| {
        scan(&trivy, &registry, "{}", settings, &outside).param("image", image)
    };
    let ignore = format!(
        ", ignore: [{{id: {CRITICAL}, reason: \"it's \\\"not\\\" reachable\", until: 2999-12-31}}]"
    );

    let found = play(&all, "");
    stopped(&found.run(), &[CRITICAL]);
    // Files for other programs are there nevertheless.
    assert_eq!(rules(&report(&found, "scan-image.sarif")), [CRITICAL]);
    let sbom = report(&found, "scan-image.cdx.json");
    assert_eq!(sbom["bomFormat"], "CycloneDX");
    let components = sbom["components"].as_array().expect("components");
    for package in ["libgood", "libbad", "libmild", "libopen"] {
        assert!(components.iter().any(|c| c["name"] == package), "{package}: {sbom}");
    }

    stopped(&play(&all, ", severity: [MEDIUM]").run(), &[MEDIUM]);
    stopped(&play(&all, ", ignoreUnfixed: false").run(), &[CRITICAL, UNFIXED]);
    let open = format!("{ignore}, ignoreUnfixed: false");
    stopped(&play(&all, &open).run(), &[UNFIXED]);

    let excepted = play(&all, &ignore);
    let played = excepted.run().succeeds();
    assert!(!played.step("gate").stdout.contains(CRITICAL), "{played:#?}");
    assert!(rules(&report(&excepted, "scan-image.sarif")).is_empty());
    play(&mild, "").run().succeeds();

    // Nothing was asked for or told outside this machine.
    let heard = outside.heard();
    assert!(heard.is_empty(), "{heard:?}");
}

/// A gate that cannot look anything up stays shut.
#[test]
fn what_cannot_be_looked_up_does_not_pass() {
    let Some(trivy) = trivy() else { return };
    let registry = trivy.registry(Access::Open);
    let good = push(&registry, &["libgood"]);
    let outside = outside();
    let fails = |play: Play, image: &str, says: &str| {
        let played = play.param("image", image).run().fails("scan", says);
        assert_eq!(played.step("scan").status, Some(1));
        assert_eq!(played.steps.len(), 1, "{played:#?}");
    };
    let reachable = || scan(&trivy, &registry, "{}", "", &outside);
    reachable().param("image", &good).run().succeeds();

    let missing = format!("{}/team/shop@sha256:{}", registry.host, "0".repeat(64));
    fails(reachable(), &missing, "MANIFEST_UNKNOWN");
    let without = |settings: &str| {
        let objects = objects(&registry.host, "{}", &format!("scan-image: {settings}"));
        trivy.play(task(&objects, "shop-scan-image"), &outside)
    };
    let none = format!("{{database: \"{}/none:2\"}}", registry.host);
    fails(without(&none), &good, "failed to download vulnerability DB");
    fails(without("{offline: true}"), &good, "cannot be specified on the first run");

    // Without a mirror trivy asks its own ones, which shows that what goes out is heard.
    assert!(outside.heard().is_empty());
    fails(without("{}"), &good, "failed to download vulnerability DB");
    let heard = outside.heard();
    assert!(
        heard.iter().all(|request| request.method == "CONNECT") && !heard.is_empty(),
        "{heard:?}"
    );
    assert!(heard.iter().all(|r| !r.target.contains("trivy.dev")), "{heard:?}");
}

/// The database is part of trivy's image, whose files cannot be written.
#[test]
fn offline_the_database_is_in_trivys_image() {
    let Some(trivy) = trivy() else { return };
    let registry = Registry::start(Access::Open);
    let bad = push(&registry, &["libgood", "libbad"]);
    let outside = outside();
    let objects = objects(&registry.host, "{}", "scan-image: {offline: true}");
    let play = trivy.play(task(&objects, "shop-scan-image"), &outside);
    let cache = play.place("/var/lib/trivy");
    trivy.write_database(&cache.join("db"));
    // Its own folder beside the database cannot be made: not even by root, who may run this.
    std::fs::write(cache.join("fanal"), "").expect("a file");
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let play = play.variable("TRIVY_CACHE_DIR", path(&cache)).param("image", &bad);
    stopped(&play.run(), &[CRITICAL]);
    let heard = outside.heard();
    assert!(heard.is_empty(), "{heard:?}");
}

#[test]
fn credentials_are_read_from_the_secret() {
    let Some(trivy) = trivy() else { return };
    let registry = trivy.registry(Access::Password);
    let bad = push(&registry, &["libgood", "libbad"]);
    let outside = outside();
    let play = |user: &str| {
        scan(&trivy, &registry, "{secret: push}", "", &outside)
            .file("/var/run/secrets/registry/config.json", login(&registry.host, user))
            .param("image", &bad)
    };
    stopped(&play(LOGIN).run(), &[CRITICAL]);
    play("push:wrong").run().fails("scan", "UNAUTHORIZED");
}

#[test]
fn certificates_are_checked_unless_the_spec_says_otherwise() {
    let Some(trivy) = trivy() else { return };
    let registry = trivy.registry(Access::Tls);
    let bad = push(&registry, &["libgood", "libbad"]);
    let outside = outside();
    let play = |app: &str| scan(&trivy, &registry, app, "", &outside).param("image", &bad);
    play("{}").run().fails("scan", "failed to download vulnerability DB");
    stopped(&play("{insecure: true}").run(), &[CRITICAL]);
    let known = play("{}").variable("SSL_CERT_FILE", registry.certificate());
    stopped(&known.run(), &[CRITICAL]);
    let own = play("{ca: registry-ca}").file(CA, registry.authority());
    stopped(&own.run(), &[CRITICAL]);
}
