//! `gen diff` against trees: what is said to people, programs and pull requests, case by case.
//!
//! Every case of tests/diff/cases/ begins with the repository of tests/diff/base/, rendered. Then `change/` is laid over it, the
//! files in `remove` are taken away, and `gen diff --against .` with `args` is run for each output. `text.txt`, `json.json`,
//! `markdown.md` and `status` are what came out; `UPDATE=1 cargo test --test diff` writes them.

#[path = "../support/mod.rs"]
mod support;

mod git;
mod hostile;
mod said;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::Repo;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff")
}

/// The repository that every case begins with, rendered.
fn base() -> Repo {
    let repo = Repo::new().copy(&folder().join("base"));
    repo.run(["render"]).status(0);
    repo
}

/// What `gen schema diff` says of an output.
#[track_caller]
fn check_schema(output: &str) -> Value {
    let printed = Repo::new().run(["schema", "diff"]).status(0);
    let schema: Value = serde_json::from_str(&printed.stdout).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let value: Value = serde_json::from_str(output).unwrap();
    let problems: Vec<String> = schema
        .iter_errors(&value)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{}\n{output}", problems.join("\n"));
    value
}

#[test]
fn every_case_says_what_it_said() {
    let writes = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 10, "{cases:?}");
    let mut complaints = Vec::new();
    for case in cases {
        let read = |name: &str| std::fs::read_to_string(case.join(name)).unwrap_or_default();
        let mut repo = base().copy(&case.join("change"));
        for path in read("remove").split_whitespace() {
            repo = repo.without(path);
        }
        let before = repo.clusters();
        let mut statuses = Vec::new();
        for (output, file) in
            [("text", "text.txt"), ("json", "json.json"), ("markdown", "markdown.md")]
        {
            let args = read("args");
            let args =
                ["diff", "--against", ".", "-o", output].into_iter().chain(args.split_whitespace());
            let ran = repo.run(args);
            assert_eq!(ran.stderr, "", "{}", case.display());
            statuses.push(ran.status);
            let said = match output {
                "json" => {
                    let value = check_schema(&ran.stdout);
                    check_counts(&value);
                    // What does not hang on the version of gen.
                    ran.stdout.replace(env!("CARGO_PKG_VERSION"), "VERSION")
                }
                "text" => {
                    for line in ran.stdout.lines().take_while(|line| {
                        !line.starts_with("changed: ") && !line.starts_with("created: ")
                    }) {
                        assert!(line.chars().count() <= 80, "{line}");
                    }
                    ran.stdout
                }
                _ => ran.stdout,
            };
            if writes {
                std::fs::write(case.join(file), &said).unwrap();
            } else if said != read(file) {
                let wanted = read(file);
                let diff = similar::TextDiff::from_lines(&wanted, &said);
                let diff = diff.unified_diff().to_string();
                complaints.push(format!("== {}/{file}\n{diff}", case.display()));
            }
        }
        let status = format!("{}\n", statuses[0]);
        assert!(statuses.iter().all(|other| *other == statuses[0]), "{statuses:?}");
        if writes {
            std::fs::write(case.join("status"), status).unwrap();
        } else if status != read("status") {
            complaints.push(format!("== {}: ended with {status}", case.display()));
        }
        assert_eq!(repo.clusters(), before, "diff writes nothing");
    }
    assert!(
        complaints.is_empty(),
        "{}\n`UPDATE=1 cargo test --test diff` takes over what came out",
        complaints.join("\n")
    );
}

/// The counts are those of the list, and those of the environments together.
#[track_caller]
fn check_counts(value: &Value) {
    for (class, count) in value["counts"].as_object().unwrap() {
        let environments = value["environments"].as_array().unwrap().iter();
        let sum: u64 = environments.map(|e| e["counts"][class].as_u64().unwrap()).sum();
        assert_eq!(count.as_u64().unwrap(), sum, "{class}");
        let changes = value["changes"].as_array().unwrap().iter();
        let listed = changes.filter(|change| change["class"] == class.as_str()).count() as u64;
        assert!(class == "unchanged" || listed == sum, "{class}");
    }
}
