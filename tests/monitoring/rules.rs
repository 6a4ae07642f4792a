//! PrometheusRules, by promtool.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{golden, of_kind, project, rendered, tool};

fn promtool() -> Option<PathBuf> {
    tool("GEN_TEST_PROMTOOL", "promtool")
}

/// Whether promtool is content, and what it says.
fn says<S: AsRef<std::ffi::OsStr>>(
    promtool: &Path,
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> (bool, String) {
    let output =
        Command::new(promtool).current_dir(folder).args(arguments).output().expect("promtool runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn write(folder: &Path, name: &str, content: &Value) {
    // JSON is YAML.
    std::fs::write(folder.join(name), content.to_string()).expect("a file");
}

#[test]
fn promtool_takes_every_rule_of_every_tree() {
    let Some(promtool) = promtool() else { return };
    let rules = golden("PrometheusRule");
    assert!(rules.len() >= 12, "{} rules", rules.len());
    let folder = TempDir::new().expect("a folder");
    let mut arguments =
        ["check", "rules", "--lint=all", "--lint-fatal"].map(str::to_owned).to_vec();
    for (index, (_, rule)) in rules.iter().enumerate() {
        let name = format!("{index}.yaml");
        write(folder.path(), &name, &rule["spec"]);
        arguments.push(name);
    }
    let (content, said) = says(&promtool, folder.path(), &arguments);
    assert!(content, "{said}");
    // The same check finds an expression that ends too early, a rule without a name and a template that names nothing.
    let broken: [(&str, &str, Value); 3] = [
        ("/groups/0/rules/0/expr", "parse", json!("sum(")),
        ("/groups/0/rules/0/record", "name", json!("")),
        ("/groups/0/rules/1/annotations/summary", "template", json!("{{ $labels.pod")),
    ];
    let (_, good) = rules
        .iter()
        .find(|(path, _)| path.contains("monitor-kinds") && path.contains("database"))
        .expect("a rule without metrics");
    for (pointer, what, value) in broken {
        let mut bad = good["spec"].clone();
        *bad.pointer_mut(pointer).expect(pointer) = value;
        write(folder.path(), "bad.yaml", &bad);
        let (content, said) = says(&promtool, folder.path(), ["check", "rules", "bad.yaml"]);
        assert!(!content, "{what}: {said}");
    }
}

/// The rules that alerts.yaml is about, as files, each changed on the way.
fn files(change: impl Fn(&mut Value)) -> TempDir {
    let repo = rendered();
    let folder = TempDir::new().expect("a folder");
    for (path, rule) in of_kind(&repo.root().join("clusters"), "PrometheusRule") {
        let mut spec = rule["spec"].clone();
        let rules = spec["groups"][0]["rules"].as_array_mut().expect("rules");
        rules.iter_mut().for_each(&change);
        let parts: Vec<&str> = path.split('/').collect();
        let [.., environment, app, _, _] = parts.as_slice() else { panic!("{path}") };
        write(folder.path(), &format!("{app}-{environment}.yaml"), &spec);
    }
    let tests = project().join("tests/monitoring/alerts.yaml");
    std::fs::copy(tests, folder.path().join("alerts.yaml")).expect("a copy");
    folder
}

/// All alerts that the files hold.
fn alerts(folder: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder.join("shop-live.yaml")).expect("rules");
    let spec: Value = serde_json::from_str(&text).expect("JSON");
    let rules = spec["groups"][0]["rules"].as_array().expect("rules").iter();
    rules.filter_map(|rule| rule["alert"].as_str().map(str::to_owned)).collect()
}

#[test]
fn each_alert_comes_when_it_must_and_only_then() {
    let Some(promtool) = promtool() else { return };
    let good = files(|_| {});
    let known = alerts(good.path());
    assert_eq!(known.len(), 9, "{known:?}");

    // Each is tried both ways.
    let text = std::fs::read_to_string(good.path().join("alerts.yaml")).expect("tests");
    let tests: Value = serde_yaml::from_str(&text).expect("YAML");
    let (mut raised, mut quiet) = (BTreeSet::new(), BTreeSet::new());
    for test in tests["tests"].as_array().expect("tests") {
        for case in test["alert_rule_test"].as_array().expect("cases") {
            let name = case["alertname"].as_str().expect("a name").to_owned();
            let expects = case["exp_alerts"].as_array().is_some_and(|all| !all.is_empty());
            if expects { &mut raised } else { &mut quiet }.insert(name);
        }
    }
    assert_eq!((&raised, &quiet), (&known, &known));

    let run = |folder: &TempDir| says(&promtool, folder.path(), ["test", "rules", "alerts.yaml"]);
    let (content, said) = run(&good);
    assert!(content, "{said}");
    // The tests find an alert that never comes, and one that always does: with an expression that is never or always true, every one
    // of them is found wanting.
    for (expression, how) in [("vector(0) > 1", "never"), ("vector(1)", "always")] {
        let bad = files(|rule| {
            if rule["alert"].is_string() {
                rule["expr"] = expression.into();
                rule["for"] = "0s".into();
            }
        });
        let (content, said) = run(&bad);
        assert!(!content, "{how}");
        for name in &known {
            assert!(said.contains(&format!("alertname: {name},")), "{how}: {name}\n{said}");
        }
    }
}

#[test]
fn thresholds_are_those_of_the_environment() {
    let repo = rendered();
    let found = |environment: &str, alert: &str| {
        let folder = repo.root().join("clusters/homelab").join(environment).join("shop");
        let rules = of_kind(&folder, "PrometheusRule");
        let rules = rules[0].1["spec"]["groups"][0]["rules"].as_array().expect("rules");
        rules.iter().find(|rule| rule["alert"] == alert).cloned()
    };
    let expression = |environment: &str, alert: &str| {
        let rule = found(environment, alert).expect(alert);
        rule["expr"].as_str().expect("an expression").to_owned()
    };
    for (alert, live, calm) in [
        ("AppErrors", "> 5 / 100", "> 20 / 100"),
        ("AppLatency", "> 1000 / 1000", "> 10000 / 1000"),
        ("AppRestarts", "> 3", "> 30"),
        ("AppMemory", "> 90 / 100", "> 99 / 100"),
        ("AppCpu", "> 90 / 100", "> 99 / 100"),
        ("PipelineSlow", "> 1800", "> 18000"),
        ("ImageStale", "> 30 * 86400", "> 3000 * 86400"),
    ] {
        let ends = |environment: &str, end: &str| {
            let found = expression(environment, alert);
            assert!(found.ends_with(end), "{alert} in {environment}: {found}");
        };
        ends("live", live);
        ends("calm", calm);
    }
    for (environment, long) in [("live", "900s"), ("calm", "18000s")] {
        let rule = found(environment, "FluxNotReady").expect("it is there");
        assert_eq!(rule["for"], long, "{environment}");
    }
}
