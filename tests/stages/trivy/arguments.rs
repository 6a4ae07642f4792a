//! What gen gives trivy, trivy's own help has: an argument that is gone or renamed is found here, and not in a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use super::{objects, trivy};
use crate::support::{list, text};
use crate::task;

/// Every setting that has an argument of its own, in the two ways that exclude each other.
const SETTINGS: &[&str] = &[
    "{}",
    "{severity: [UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL], ignore: [{id: A, reason: b, until: 2999-12-31}], database: r.example/db:2, javaDatabase: r.example/java:1}",
    "{offline: true, ignoreUnfixed: false}",
];

/// The arguments of a command, by name, with the values of each that its help lists.
fn help(trivy: &Path, command: &str) -> BTreeMap<String, BTreeSet<String>> {
    let output =
        Command::new(trivy).args([command, "--help"]).env_clear().output().expect("trivy runs");
    assert!(output.status.success(), "{output:?}");
    let mut arguments: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = match words.as_slice() {
            [short, name, ..] if short.len() == 3 && short.ends_with(',') => name,
            [name, ..] => name,
            [] => continue,
        };
        if name.starts_with("--") {
            (*name).clone_into(&mut last);
            arguments.entry(last.clone()).or_default();
        }
        // Values stand below or beside their argument, in words with commas, brackets and quotes around them.
        if let Some(values) = arguments.get_mut(&last) {
            let parts = line.split(|c: char| !c.is_alphanumeric() && c != '-');
            values.extend(parts.map(str::to_owned));
        }
    }
    arguments
}

/// What is not as the help has it.
fn unknown(arguments: &[&str], help: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut unknown = Vec::new();
    for argument in arguments {
        if !argument.starts_with('-') {
            continue;
        }
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        let Some(values) = help.get(name) else {
            unknown.push((*argument).to_owned());
            continue;
        };
        let listed = ["--format", "--scanners", "--severity", "--image-src"];
        if listed.contains(&name) && !value.split(',').all(|value| values.contains(value)) {
            unknown.push((*argument).to_owned());
        }
    }
    unknown
}

#[test]
fn every_argument_is_in_trivys_own_help() {
    let Some(programs) = trivy() else { return };
    let helps: BTreeMap<&str, _> = ["image", "filesystem", "convert"]
        .into_iter()
        .map(|command| (command, help(&programs.trivy, command)))
        .collect();
    let version =
        Command::new(&programs.trivy).arg("--version").env_clear().output().expect("trivy runs");
    let version = String::from_utf8_lossy(&version.stdout);
    let version = version.lines().next().and_then(|line| line.strip_prefix("Version: "));
    let version = version.expect("it has one");
    let mut seen = BTreeSet::new();
    for stage in ["scan-image", "scan-source"] {
        for settings in SETTINGS {
            let scan = format!("{stage}: {settings}");
            let objects = objects("r.example", "{insecure: true}", &scan);
            let task = task(&objects, &format!("shop-{stage}"));
            for step in list(task, "/spec/steps") {
                if step["command"] != serde_json::json!(["trivy"]) {
                    continue;
                }
                // What is tried here is what runs there.
                let image = text(step, "/image");
                assert!(image.ends_with(&format!(":{version}")), "{image}");
                let arguments = list(step, "/args").iter();
                let arguments: Vec<&str> = arguments.map(|a| a.as_str().expect("a text")).collect();
                let command = arguments[0];
                let unknown = unknown(&arguments, &helps[command]);
                assert!(
                    unknown.is_empty(),
                    "trivy {command} does not know {unknown:?} of {}",
                    text(step, "/name")
                );
                seen.insert(command.to_owned());
            }
        }
    }
    assert_eq!(seen.len(), helps.len(), "{seen:?}");
    // It finds what is not there, name or value.
    for wrong in ["--ignore-unfixable", "--format=cyclone", "--severity=HIGH,GRAVE"] {
        assert_eq!(unknown(&[wrong], &helps["convert"]), [wrong]);
    }
    assert_eq!(unknown(&["--ignore-unfixed"], &helps["convert"]), ["--ignore-unfixed"]);
}
