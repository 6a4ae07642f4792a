//! What is rendered for Prometheus and Grafana, looked at by their own code: promtool parses every rule of every golden tree and runs
//! alerts.yaml, in which each alert meets series that must raise it and series that must not; dashboards are decoded by Grafana's own
//! types, and every expression in them by Prometheus' parser (tests/tools/monitoring).
//!
//! `GEN_TEST_PROMTOOL`, `GEN_TEST_DASHBOARDS` and `GEN_TEST_DEMO_PYTHON` name the programs, as `make test` sets them.

#[path = "../support/mod.rs"]
mod support;

mod dashboards;
mod names;
mod rules;

use std::path::Path;

use serde_json::Value;
use support::needs::tool;
use support::{Repo, cases, tree};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The objects of some YAML.
fn objects(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde::Deserialize::deserialize(document).expect("YAML"))
        .collect()
}

/// All objects of a kind below a folder, each with the path of its file.
fn of_kind(folder: &Path, kind: &str) -> Vec<(String, Value)> {
    among(tree(folder), kind)
}

fn among(files: impl IntoIterator<Item = (String, Vec<u8>)>, kind: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, content) in files {
        let text = String::from_utf8_lossy(&content);
        let is_yaml = path.rsplit_once('.').is_some_and(|(_, end)| end == "yaml");
        if is_yaml && text.contains(&format!("kind: {kind}\n")) {
            let all = objects(&text).into_iter();
            let of_it = all.filter(|object| object["kind"] == kind);
            found.extend(of_it.map(|object| (path.clone(), object)));
        }
    }
    found
}

/// The trees of all golden cases.
fn golden(kind: &str) -> Vec<(String, Value)> {
    let all = cases::trees().iter().flat_map(|(case, tree)| {
        let files = tree.iter();
        files.map(move |(path, content)| (format!("{case}/{path}"), content.clone()))
    });
    among(all, kind)
}

/// The repository beside these tests, rendered.
fn rendered() -> Repo {
    let repo = Repo::new().copy(&project().join("tests/monitoring/repo"));
    repo.run(["render"]).status(0);
    repo
}
