//! Dashboards, by Grafana's own types and Prometheus' parser.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{golden, tool};

/// The dashboards in a tree's ConfigMaps: file name and text.
fn boards() -> Vec<(String, String)> {
    let maps = golden("ConfigMap").into_iter();
    let of_them = maps.filter(|(path, _)| {
        path.contains("/flux/gen-") && Path::new(path).extension().is_some_and(|end| end == "yaml")
    });
    of_them
        .flat_map(|(path, map)| {
            let meta = &map["metadata"];
            let labels = &meta["labels"];
            let found = labels["grafana_dashboard"] == "1" || labels["dashboards"] == "apps";
            assert!(found, "{path}: a label by which it is found");
            let untouched = &meta["annotations"]["kustomize.toolkit.fluxcd.io/substitute"];
            assert_eq!(untouched, "disabled", "{path}");
            let data = map["data"].as_object().expect("data").clone();
            data.into_iter().map(|(name, text)| (name, text.as_str().expect("text").to_owned()))
        })
        .collect()
}

/// What the checker finds wrong; nothing where all is well.
fn wrong(checker: &Path, text: &str) -> Option<String> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("board.json");
    std::fs::write(&path, text).expect("a file");
    let output = Command::new(checker).arg(&path).output().expect("it runs");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn grafana_takes_every_dashboard() {
    let Some(checker) = tool("GEN_TEST_DASHBOARDS", "dashboards") else {
        return;
    };
    let boards = boards();
    assert!(boards.len() >= 5, "{} dashboards", boards.len());
    for (name, text) in &boards {
        assert_eq!(wrong(&checker, text), None, "{name}");
    }
    // What is broken is found, each for its own reason.
    let good: Value = serde_json::from_str(&boards[0].1).expect("JSON");
    let panel = |rest: &str| format!("/panels/1/{rest}");
    let changes: [(&str, String, Value, &str); 8] = [
        ("a field", panel("options"), json!({"legnd": {}}), "legnd"),
        ("a type", panel("gridPos/h"), json!("8"), "cannot unmarshal"),
        ("a unit", panel("fieldConfig/defaults"), json!({"unti": "s"}), "unti"),
        ("a kind", panel("type"), json!("timeserie"), "no panel"),
        ("an id", panel("id"), json!(1), "no id of its own"),
        ("a place", panel("gridPos/x"), json!(8), "lies on another"),
        ("an expression", panel("targets/0/expr"), json!("sum("), "parse error"),
        (
            "a variable",
            "/templating/list/1/query".to_owned(),
            json!("label_values(up{a='$b'}, c)"),
            "unknown variable",
        ),
    ];
    for (what, pointer, value, why) in changes {
        let mut bad = good.clone();
        *bad.pointer_mut(&pointer).expect(&pointer) = value;
        let found = wrong(&checker, &bad.to_string()).unwrap_or_default();
        assert!(found.contains(why), "{what}: {found}");
    }
}

#[test]
fn one_dashboard_shows_the_app_its_pipeline_and_flux() {
    let boards = boards();
    let (_, text) = boards.first().expect("a dashboard");
    let board: Value = serde_json::from_str(text).expect("JSON");
    let panels = board["panels"].as_array().expect("panels");
    let rows: Vec<&str> = panels
        .iter()
        .filter(|panel| panel["type"] == "row")
        .filter_map(|panel| panel["title"].as_str())
        .collect();
    assert_eq!(rows, ["App", "Pipeline", "Flux"]);
    let mut names: Vec<&String> = boards.iter().map(|(name, _)| name).collect();
    names.sort();
    // Grafana's sidecar keeps all dashboards in one folder.
    assert!(names.iter().all(|name| name.starts_with("gen-")));
}
