//! Cases: `cases/NAME/in` is what there is, `cmd` the arguments of `gen import` (default: `in`), `out/` and `report.txt` what came of it.
//! `findings` names the rules that `gen check` has something to say by, for what was there before. `UPDATE=1` writes what came out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use crate::support::{Repo, tree};

/// A case's folder.
pub fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/cases");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The arguments of the import of a case.
pub fn arguments(case: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(case.join("cmd")).unwrap_or_else(|_| "in".to_owned());
    text.split_whitespace().map(str::to_owned).collect()
}

/// What came of a case: files of the case by path.
fn run(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = case.file_name().unwrap().to_string_lossy();
    let repo = Repo::new();
    std::fs::create_dir(repo.root().join("in")).unwrap();
    let repo = copied(repo, &case.join("in"));
    let mut all = vec!["import".to_owned()];
    all.extend(arguments(case));
    all.extend(["--into", "out"].map(str::to_owned));
    let ran = repo.run(&all);
    assert!([0, 1].contains(&ran.status), "{name}: {}\n{}", ran.stdout, ran.stderr);
    let mut files = BTreeMap::from([("report.txt".to_owned(), ran.stdout.into_bytes())]);
    let out = repo.root().join("out");
    if !out.exists() {
        return files;
    }
    let written = tree(&out).into_iter().map(|(path, bytes)| (format!("out/{path}"), bytes));
    files.extend(written);
    // A spec that does not render, or that is refused, is none.
    let rendered = repo.run(["-C", "out", "render", "--quiet"]);
    assert_eq!(rendered.status, 0, "{name}: {}", rendered.stderr);
    let checked = repo.run(["-C", "out", "check", "-o", "json"]);
    let report: Value = serde_json::from_str(&checked.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let rules: BTreeSet<&str> = findings.map(|one| one["name"].as_str().unwrap()).collect();
    if !rules.is_empty() {
        let lines: Vec<&str> = rules.into_iter().collect();
        files.insert("findings".to_owned(), format!("{}\n", lines.join("\n")).into_bytes());
    }
    // It is the spec that `gen render` has, so a second render changes nothing.
    assert_eq!(repo.run(["-C", "out", "render", "--check", "--quiet"]).status, 0, "{name}");
    files
}

/// The files of a folder below `in/`.
fn copied(repo: Repo, from: &Path) -> Repo {
    tree(from).into_iter().fold(repo, |repo, (path, bytes)| repo.file(&format!("in/{path}"), bytes))
}

#[test]
fn each_case_comes_out_as_it_is_kept() {
    let folders = folders();
    assert!(folders.len() >= 10, "only {} cases", folders.len());
    let complaints: Vec<String> = folders.par_iter().flat_map(|case| compare(case)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn compare(case: &Path) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let found = run(case);
    let is_kept = |path: &str| !path.starts_with("in/") && path != "cmd";
    let kept: BTreeMap<String, Vec<u8>> =
        tree(case).into_iter().filter(|(path, _)| is_kept(path)).collect();
    if std::env::var_os("UPDATE").is_some() {
        for path in kept.keys() {
            std::fs::remove_file(case.join(path)).unwrap();
        }
        for (path, bytes) in &found {
            let place = case.join(path);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, bytes).unwrap();
        }
        return Vec::new();
    }
    let mut complaints = Vec::new();
    for path in kept.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let text = |files: &BTreeMap<String, Vec<u8>>| {
            files.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        match (text(&kept), text(&found)) {
            (Some(one), Some(other)) if one != other => {
                let diff = similar::TextDiff::from_lines(&one, &other);
                complaints
                    .push(format!("{name}/{path}:\n{}", diff.unified_diff().context_radius(2)));
            }
            (Some(_), None) => {
                complaints.push(format!("{name}/{path} is kept and did not come out"));
            }
            (None, Some(_)) => complaints.push(format!("{name}/{path} came out and is not kept")),
            _ => {}
        }
    }
    complaints
}

#[test]
fn an_absolute_path_reads_what_a_relative_one_does() {
    folders().par_iter().for_each(|case| {
        let name = case.file_name().unwrap().to_string_lossy();
        let repo = copied(Repo::new(), &case.join("in"));
        let root = repo.root().to_owned();
        let absolute = |argument: String| {
            let is_path = argument == "in" || argument.starts_with("in/");
            if is_path { root.join(argument).to_string_lossy().into_owned() } else { argument }
        };
        let mut all = vec!["import".to_owned()];
        all.extend(arguments(case).into_iter().map(absolute));
        all.extend(["--into", "out"].map(str::to_owned));
        let ran = repo.run(&all);
        assert!([0, 1].contains(&ran.status), "{name}: {}\n{}", ran.stdout, ran.stderr);
        let (out, kept) = (root.join("out"), case.join("out"));
        let texts = |folder: &Path| -> BTreeMap<String, String> {
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            tree(folder).into_iter().map(|(path, bytes)| (path, text(bytes))).collect()
        };
        assert_eq!(out.exists(), kept.exists(), "{name}");
        if kept.exists() {
            assert_eq!(texts(&out), texts(&kept), "{name}");
        }
    });
}
