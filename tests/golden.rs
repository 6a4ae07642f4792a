//! Golden trees: a folder a case under tests/golden/, one behaviour a case.
//!
//! - `in/` is the repository; other folders may be laid over it by `cmd`.
//! - `cmd` holds a step a line: `gen ARGUMENTS`, `copy FOLDER`, `remove PATH`. Without it, there is one step: `gen render`.
//!   All but the last call of gen must succeed; the last is what is compared.
//! - `out/` is all of clusters/ afterwards, records included. Without it, there must be nothing.
//! - `stderr.txt` and `status` are the talk and the exit status; without them, none and 0.
//! - `stdout.txt` is compared where it exists: it is left out where the summary says nothing that the tree does not say.
//!
//! `UPDATE=1 cargo test --test golden` writes what came out; `GOLDEN=part` limits the run to cases with that in their names.
#![allow(
    clippy::print_stderr,
    reason = "says which cases were written and how many were compared"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;
use support::{Ran, Repo, tree};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// One case's folder.
struct Case {
    name: String,
    path: PathBuf,
}

fn cases() -> Vec<Case> {
    let entries = std::fs::read_dir(folder()).unwrap().map(Result::unwrap);
    let mut cases: Vec<Case> = entries
        .map(|entry| Case {
            name: entry.file_name().into_string().unwrap(),
            path: entry.path(),
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// What a case expects, or what came out: file of the case → content.
type Files = BTreeMap<String, Vec<u8>>;

impl Case {
    fn text(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.path.join(file)).ok()
    }

    fn steps(&self) -> Vec<String> {
        let text = self
            .text("cmd")
            .unwrap_or_else(|| "gen render\n".to_owned());
        text.lines().map(str::to_owned).collect()
    }

    /// The folders and files that are not expectations.
    fn inputs(&self) -> BTreeSet<String> {
        let copied = self
            .steps()
            .into_iter()
            .filter_map(|step| step.strip_prefix("copy ").map(str::to_owned));
        copied.chain(["in".to_owned(), "cmd".to_owned()]).collect()
    }

    fn expected(&self) -> Files {
        let inputs = self.inputs();
        let is_input = |path: &str| inputs.contains(path.split('/').next().unwrap_or_default());
        tree(&self.path)
            .into_iter()
            .filter(|(path, _)| !is_input(path))
            .collect()
    }

    fn run(&self) -> Files {
        let mut repo = Repo::new().copy(&self.path.join("in"));
        let mut last: Option<Ran> = None;
        for step in self.steps() {
            if let Some(before) = last.as_ref().filter(|_| step.starts_with("gen ")) {
                assert_eq!(
                    before.status, 0,
                    "{}: {}\n{}",
                    self.name, before.command, before.stderr
                );
            }
            match step.split_once(' ') {
                Some(("gen", arguments)) => last = Some(repo.run(arguments.split_whitespace())),
                Some(("copy", from)) => repo = repo.copy(&self.path.join(from)),
                Some(("remove", path)) => repo = repo.without(path),
                _ => panic!("{}: no step: {step}", self.name),
            }
        }
        let ran = last.expect("a case calls gen");
        let mut files = Files::new();
        if ran.status != 0 {
            files.insert("status".to_owned(), format!("{}\n", ran.status).into());
        }
        if !ran.stderr.is_empty() {
            files.insert("stderr.txt".to_owned(), ran.stderr.into());
        }
        if self.path.join("stdout.txt").exists() {
            files.insert("stdout.txt".to_owned(), ran.stdout.into());
        }
        for (path, content) in repo.clusters() {
            files.insert(format!("out/{path}"), content);
        }
        files
    }
}

fn compare(case: &Case, expected: &Files, found: &Files) -> Option<String> {
    let mut complaints = Vec::new();
    if expected.is_empty() {
        // It would pass whatever gen does.
        complaints.push("it expects nothing".to_owned());
    }
    for path in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        match (expected.get(path), found.get(path)) {
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other)) => {
                let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
                let diff = similar::TextDiff::from_lines(&*one, &*other);
                let diff = diff.unified_diff().context_radius(2).to_string();
                complaints.push(format!("{path} differs:\n{diff}"));
            }
            (Some(_), None) => {
                complaints.push(format!("{path} is expected and is missing"));
            }
            _ => complaints.push(format!("{path} came about and is not expected")),
        }
    }
    (!complaints.is_empty()).then(|| format!("== {}\n{}", case.name, complaints.join("\n")))
}

fn update(case: &Case, expected: &Files, found: &Files) {
    for path in expected.keys().filter(|path| !found.contains_key(*path)) {
        let file = case.path.join(path);
        std::fs::remove_file(&file).unwrap();
        // Folders that are empty now; the first that is not ends it.
        let mut above = file.parent();
        while let Some(folder) = above.filter(|folder| std::fs::remove_dir(folder).is_ok()) {
            above = folder.parent();
        }
    }
    for (path, content) in found
        .iter()
        .filter(|(path, content)| expected.get(*path) != Some(*content))
    {
        let file = case.path.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        eprintln!("wrote tests/golden/{}/{path}", case.name);
    }
}

#[test]
fn golden_trees() {
    let only = std::env::var("GOLDEN").unwrap_or_default();
    let writes = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let complaints = Mutex::new(Vec::new());
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| case.name.contains(&only))
        .collect();
    cases.par_iter().for_each(|case| {
        let (expected, found) = (case.expected(), case.run());
        if writes {
            update(case, &expected, &found);
        } else if let Some(complaint) = compare(case, &expected, &found) {
            complaints.lock().unwrap().push(complaint);
        }
    });
    let mut complaints = complaints.into_inner().unwrap();
    complaints.sort();
    eprintln!("{} cases", cases.len());
    assert!(
        complaints.is_empty(),
        "{}\n{} of {} cases differ; `UPDATE=1 cargo test --test golden` takes over what came out",
        complaints.join("\n"),
        complaints.len(),
        cases.len()
    );
}
