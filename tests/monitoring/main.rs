//! What is rendered for Prometheus and Grafana, looked at by their own code: promtool parses every rule of every golden tree and runs
//! alerts.yaml, in which each alert meets series that must raise it and series that must not; dashboards are decoded by Grafana's own
//! types, and every expression in them by Prometheus' parser (tests/tools/monitoring).
//!
//! `GEN_TEST_PROMTOOL`, `GEN_TEST_DASHBOARDS` and `GEN_TEST_DEMO_PYTHON` name the programs, as `make test` sets them.

#![allow(clippy::print_stderr, reason = "says which checks were not run")]

#[path = "../support/mod.rs"]
mod support;

mod dashboards;
mod names;
mod rules;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Repo, tree};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program that the environment names; where it names none, the test says so and is not run.
fn program(variable: &str, tool: &str) -> Option<PathBuf> {
    let program = std::env::var_os(variable).map(PathBuf::from);
    if program.is_none() {
        eprintln!(
            "not run: this needs {variable}=\"$(tests/tools/setup {tool})\", as `make test` sets it"
        );
    }
    program
}

/// The objects of some YAML.
fn objects(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde::Deserialize::deserialize(document).expect("YAML"))
        .collect()
}

/// All objects of a kind below a folder, each with the path of its file.
fn of_kind(folder: &Path, kind: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, content) in tree(folder) {
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
    let found = of_kind(&project().join("tests/golden"), kind);
    let is_output = |path: &str| path.split('/').nth(1) == Some("out");
    found
        .into_iter()
        .filter(|(path, _)| is_output(path))
        .collect()
}

/// The repository beside these tests, rendered.
fn rendered() -> Repo {
    let repo = Repo::new().copy(&project().join("tests/monitoring/repo"));
    repo.run(["render"]).status(0);
    repo
}
