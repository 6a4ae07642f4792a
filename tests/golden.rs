//! Golden cases: a folder a case under tests/golden/, one behaviour a case.
//!
//! - `in/` is the repository; other folders may be laid over it by `cmd`.
//! - `cmd` holds a step a line: `gen ARGUMENTS`, `copy FOLDER`, `remove PATH`. Without it, there is one step: `gen render`.
//!   All but the last call of gen must succeed; the last is what is compared.
//! - `about` says which part of clusters/ is compared, a selector a line (tests/support/about.rs). A selector that selects nothing
//!   fails. Without this file the whole tree is compared, records included, or there must be none.
//! - `out/` and `objects.txt` are that part of clusters/ afterwards.
//! - `stderr.txt` and `status` are the talk and the exit status; without them, none and 0.
//! - `stdout.txt` is compared where it exists: it is left out where the summary says nothing that the tree does not say.
//!
//! `UPDATE=1 cargo test --test golden` writes what came out; `GOLDEN=part` limits the run to cases with that in their names.
#![allow(clippy::print_stderr, reason = "says which cases were written and how many were compared")]

#[path = "support/about.rs"]
mod about;
#[path = "support/rows.rs"]
mod rows;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use about::About;
use rayon::prelude::*;
use support::cases::{self, Case};

/// What a case expects, or what came out: file of the case → content.
type Files = BTreeMap<String, Vec<u8>>;

/// What came out of a case, as its files; or why its `about` is wrong.
fn run(case: &Case) -> Result<Files, String> {
    let outcome = case.run();
    let mut files = match case.text("about") {
        Some(about) => About::new(&about).of(&outcome.before, &outcome.after)?,
        None => outcome
            .after
            .into_iter()
            .map(|(path, content)| (format!("out/{path}"), content))
            .collect(),
    };
    let ran = outcome.ran;
    if ran.status != 0 {
        files.insert("status".to_owned(), format!("{}\n", ran.status).into());
    }
    if !ran.stderr.is_empty() {
        files.insert("stderr.txt".to_owned(), ran.stderr.into());
    }
    if case.path.join("stdout.txt").exists() {
        files.insert("stdout.txt".to_owned(), ran.stdout.into());
    }
    Ok(files)
}

fn compare(expected: &Files, found: &Files) -> Vec<String> {
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
    complaints
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
    for (path, content) in
        found.iter().filter(|(path, content)| expected.get(*path) != Some(*content))
    {
        let file = case.path.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        eprintln!("wrote tests/golden/{}/{path}", case.name);
    }
}

#[test]
fn every_case_gives_what_it_gave() {
    let only = std::env::var("GOLDEN").unwrap_or_default();
    let writes = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let complaints = Mutex::new(Vec::new());
    let cases: Vec<Case> =
        cases::all().into_iter().filter(|case| case.name.contains(&only)).collect();
    assert!(!cases.is_empty(), "no case has `{only}` in its name");
    cases.par_iter().for_each(|case| {
        let expected = case.expected();
        let wrong = match run(case) {
            Err(wrong) => vec![wrong],
            Ok(found) if writes => {
                update(case, &expected, &found);
                Vec::new()
            }
            Ok(found) => compare(&expected, &found),
        };
        if !wrong.is_empty() {
            let complaint = format!("== {}\n{}", case.name, wrong.join("\n"));
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

/// A whole tree changes with everything that gen writes, so that nobody reads what changed in it.
#[test]
fn few_cases_compare_whole_trees() {
    let whole = cases::all()
        .into_iter()
        .filter(|case| case.path.join("out").is_dir() && case.text("about").is_none());
    let whole: Vec<String> = whole.map(|case| case.name).collect();
    assert!(whole.len() <= MOST_WHOLE, "{} cases: {whole:?}", whole.len());
}

/// They show every kind of output between them.
const MOST_WHOLE: usize = 30;

/// The lines of a case's spec, without comments and blank ones.
fn lines(case: &str, files: &[&str]) -> usize {
    let text = |file: &&str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(case)
            .join("in")
            .join(file);
        std::fs::read_to_string(path).expect("a file of the case")
    };
    let is_line = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with('#');
    files.iter().map(|file| text(file).lines().filter(is_line).count()).sum()
}

#[test]
fn real_apps_are_said_in_few_lines() {
    // A database, a cache, five programs of one image and a migration, in three environments.
    let environments = ["dev", "staging", "prod"].map(|name| format!("environments/{name}.yaml"));
    let mut files = vec!["gen.yaml"];
    files.extend(environments.iter().map(String::as_str));
    assert!(lines("real-shop", &files) <= 40, "{}", lines("real-shop", &files));
    // Ten vendors' images.
    let all = lines("real-homelab", &["gen.yaml", "environments/home.yaml"]);
    assert!(all <= 40, "{all}");
}
