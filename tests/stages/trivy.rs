//! `scan-image` and `scan-source` with trivy itself, which tests/tools/setup builds: what is found stops the pipeline, what is excepted
//! or counts less does not, and what cannot be looked up passes nothing. The database of vulnerabilities is the tests' own, made by
//! trivy's library. `GEN_TEST_TRIVY` and `GEN_TEST_TRIVY_DATABASE` name the programs.

mod arguments;
mod image;
mod source;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::registry::{Access, Kinds, Registry, can_serve};
use crate::server::{Server, answer};
use crate::support::needs::tool;
use crate::support::play::{Play, Played, has};
use crate::support::{Rendered, Repo};
use crate::task;

/// Fixed, and serious.
const CRITICAL: &str = "CVE-2026-10001";
/// Fixed, and less serious.
const MEDIUM: &str = "CVE-2026-10002";
/// Serious, and not fixed yet.
const UNFIXED: &str = "CVE-2026-10003";
/// Of a Python package.
const PYTHON: &str = "CVE-2026-10004";

/// What the repository of trivy's database holds.
const DATABASE: Kinds = Kinds {
    config: "application/vnd.aquasec.trivy.config.v1+json",
    layer: "application/vnd.aquasec.trivy.db.layer.v1.tar+gzip",
    title: Some("db.tar.gz"),
};

/// The programs.
struct Trivy {
    trivy: PathBuf,
    database: PathBuf,
}

/// What the tests run; says what is missing.
fn trivy() -> Option<Trivy> {
    let found = Trivy {
        trivy: tool("GEN_TEST_TRIVY", "trivy")?,
        database: tool("GEN_TEST_TRIVY_DATABASE", "trivy-database")?,
    };
    (can_serve() && has("tar")).then_some(found)
}

/// That the gate stopped it, and which of these it named.
#[track_caller]
fn stopped(played: &Played, all: &[&str], named: &[&str]) {
    let gate = played.step("gate");
    assert_eq!(gate.status, Some(1), "{played:#?}");
    for id in all {
        assert_eq!(gate.stdout.contains(id), named.contains(id), "{id}: {played:#?}");
    }
}

impl Trivy {
    /// Puts a database into a folder.
    fn write_database(&self, folder: &Path) {
        let debian = |package: &str, id: &str, severity: &str, fixed: Value| json!({"bucket": "debian 12", "package": package, "id": id, "severity": severity, "title": format!("A flaw of {package}"), "advisory": {"FixedVersion": fixed}});
        let all = json!([
            debian("libbad", CRITICAL, "CRITICAL", json!("1.0-2")),
            debian("libmild", MEDIUM, "MEDIUM", json!("1.0-2")),
            debian("libopen", UNFIXED, "HIGH", json!("")),
            // What every image here has is in the database too, fixed before.
            debian("libgood", "CVE-2026-10009", "CRITICAL", json!("0.9-1")),
            {"bucket": "pip::Vulnerabilities of the tests", "package": "flask", "id": PYTHON, "severity": "HIGH", "title": "A flaw of Flask", "advisory": {"VulnerableVersions": ["<2.0"], "PatchedVersions": ["2.0"]}},
        ]);
        let mut child = Command::new(&self.database)
            .arg(folder)
            .stdin(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(all.to_string().as_bytes()).expect("read");
        drop(stdin);
        assert!(child.wait().expect("a child").success());
    }

    /// A registry with the database.
    fn registry(&self, access: Access) -> Registry {
        let registry = Registry::start(access);
        let folder = tempfile::tempdir().expect("a temporary folder");
        self.write_database(folder.path());
        let layer = archive(folder.path(), &["--gzip"]);
        registry.push_artifact("trivy-db:2", &["linux/amd64"], DATABASE, &layer);
        registry
    }

    /// A Task about to be played with trivy. What it says to anyone but this machine, `outside` hears.
    fn play(&self, task: &Value, outside: &Server) -> Play {
        let script = format!("exec '{}' \"$@\"", self.trivy.display());
        let play = Play::new(task).program("trivy", &script);
        // As the fetch leaves it.
        std::fs::create_dir_all(play.place("/workspace/source/.reports")).expect("a folder");
        play.variable("HTTPS_PROXY", outside.url.as_str())
            .variable("HTTP_PROXY", outside.url.as_str())
    }
}

/// All that is not on this machine: not there. Go's programs do not take a proxy to this machine.
fn outside() -> Server {
    Server::start(|_| answer("502 Bad Gateway", "there is nothing out there"))
}

/// A folder's files as a tar.
fn archive(folder: &Path, options: &[&str]) -> Vec<u8> {
    let output = Command::new("tar")
        .args(["--create", "--directory"])
        .arg(folder)
        .args(options)
        .arg(".")
        .output()
        .expect("tar runs");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// A pipeline with a scan, rendered; `registry` is the app's.
fn objects(host: &str, registry: &str, scan: &str) -> Vec<Rendered> {
    let repo = Repo::empty();
    repo.write(
        "gen.yaml",
        format!("version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: {host}/team/shop\n    port: 8080\n    registry: {registry}\n    pipeline: [fetch-source, build-image, {scan}]\n"),
    );
    repo.write("environments/dev.yaml", "deploy: kubectl\n");
    repo.render();
    repo.objects()
}

/// What a step left in the workspace.
fn report(play: &Play, name: &str) -> Value {
    let file = play.place("/workspace/source/.reports").join(name);
    let text = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).expect("JSON")
}

/// The rules that a SARIF file has findings of.
fn rules(sarif: &Value) -> Vec<&str> {
    let runs = sarif["runs"].as_array().expect("runs");
    let results = runs.iter().filter_map(|run| run["results"].as_array());
    let mut rules: Vec<&str> =
        results.flatten().map(|result| result["ruleId"].as_str().expect("a text")).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}
