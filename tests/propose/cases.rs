//! Cases: `cases/NAME/in` is a checkout, with `dot-git` for `.git`; `gen.yaml` and `report.txt` are what is proposed, `staging.yaml` an
//! environment where it differs from that of the sample. `UPDATE=1` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::support::{Repo, tree};

fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/propose/cases");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// A repository with the checkout of a case, which is called as the case.
fn checkout(case: &Path) -> (Repo, String) {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let place = |path: &str| format!("{name}/{}", path.replace("dot-git/", ".git/"));
    let files = tree(&case.join("in")).into_iter();
    let repo = files.fold(Repo::new(), |repo, (path, bytes)| repo.file(&place(&path), bytes));
    (repo, name)
}

/// What came of a case: files of the case by path.
fn run(case: &Path) -> BTreeMap<String, String> {
    let (repo, name) = checkout(case);
    let before = tree(&repo.root().join(&name));
    let ran = repo.run(["init", "out", "--from", &name]);
    assert_eq!(ran.status, 0, "{name}: {}", ran.stderr);
    assert!(tree(&repo.root().join(&name)) == before, "{name}: the checkout was changed");
    let wide = ran.stdout.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "{name}");
    let spec = repo.read("out/gen.yaml");
    let wide = spec.lines().find(|line| line.chars().count() > 120);
    assert_eq!(wide, None, "{name}");
    // A spec that does not render, or of which gen itself finds something, is none.
    let rendered = repo.run(["-C", "out", "render", "--quiet"]);
    assert_eq!(rendered.status, 0, "{name}: {}", rendered.stderr);
    let checked = repo.run(["-C", "out", "check"]);
    assert_eq!(checked.status, 0, "{name}: {}{}", checked.stdout, checked.stderr);
    assert!(checked.stdout.starts_with("clean: "), "{name}: {}", checked.stdout);
    // Nor is one with which the next environments are broken once an image is pinned there.
    let names = spec.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(":   # "));
    let names = names.map(|(name, _)| name).filter(|name| !name.starts_with(['#', ' ']));
    let mut pins = "apps:\n".to_owned();
    for name in names {
        let digest = "0".repeat(64);
        let _ = writeln!(pins, "  {name}: {{image: registry.example/you/{name}@sha256:{digest}}}");
    }
    for environment in ["staging", "prod"] {
        let path = format!("out/environments/{environment}.pins.yaml");
        std::fs::write(repo.root().join(path), &pins).unwrap();
    }
    let checked = repo.run(["-C", "out", "check"]);
    assert_eq!(checked.status, 0, "{name}: {}{}", checked.stdout, checked.stderr);
    assert!(checked.stdout.starts_with("clean: "), "{name}: {}", checked.stdout);
    let mut files =
        BTreeMap::from([("gen.yaml".to_owned(), spec), ("report.txt".to_owned(), ran.stdout)]);
    let staging = repo.read("out/environments/staging.yaml");
    if !staging.contains("\nrun: commit\n") {
        files.insert("staging.yaml".to_owned(), staging);
    }
    files
}

#[test]
fn each_checkout_is_proposed_as_it_is_kept() {
    let folders = folders();
    assert!(folders.len() >= 10, "only {} cases", folders.len());
    let complaints: Vec<String> = folders.par_iter().flat_map(|case| compare(case)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn compare(case: &Path) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let found = run(case);
    let kept: BTreeMap<String, String> = tree(case)
        .into_iter()
        .filter(|(path, _)| !path.starts_with("in/"))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        for path in kept.keys() {
            std::fs::remove_file(case.join(path)).unwrap();
        }
        for (path, text) in &found {
            std::fs::write(case.join(path), text).unwrap();
        }
        return Vec::new();
    }
    let mut complaints = Vec::new();
    for path in kept.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        match (kept.get(path), found.get(path)) {
            (Some(one), Some(other)) if one != other => {
                let diff = similar::TextDiff::from_lines(one, other);
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
fn every_language_has_a_case() {
    let mut seen = BTreeSet::new();
    for case in folders() {
        let report = std::fs::read_to_string(case.join("report.txt")).unwrap();
        for language in ["Python", "Node.js", "Go", "Rust", "Java", ".NET", "PHP", "static files"] {
            if report.contains(&format!("   {language}: ")) {
                seen.insert(language);
            }
        }
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
}

/// Each value names the line that it is from; this follows some of them.
#[test]
fn a_comment_leads_to_the_line_that_says_so() {
    let mut followed = 0;
    for case in folders() {
        let spec = std::fs::read_to_string(case.join("gen.yaml")).unwrap();
        for (value, comment) in spec.lines().filter_map(|line| line.split_once("   # ")) {
            let key = value.trim().split(':').next().unwrap();
            if !["port", "health", "ready"].contains(&key) || comment.starts_with("fill in") {
                continue;
            }
            let place = comment.trim_start_matches("guess: ");
            let mut parts = place.split(':');
            let path = parts.next().unwrap();
            let text = std::fs::read_to_string(case.join("in").join(path)).unwrap();
            // A route of Next.js is the path of a file.
            let line = parts
                .next()
                .map_or(path, |line| text.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap());
            let word = value.split(": ").nth(1).unwrap().trim_start_matches('/');
            let others = ["PORT", "web:", "api:", "gate:", "springframework"];
            let says = line.contains(word)
                || key == "port" && others.iter().any(|other| line.contains(other));
            assert!(says, "{}: `{value}` is not said by `{line}`", case.display());
            followed += 1;
        }
    }
    assert!(followed >= 12, "{followed}");
}

/// In a repository that has a remote, the spec has its URL.
#[test]
fn the_repository_has_its_own_url() {
    let config = "[remote \"origin\"]\n\turl = https://me:swordfish@git.example/team/gitops.git\n";
    let repo = Repo::new()
        .file("app/Procfile", "web: ./run\n")
        .file("out/.git/config", config)
        .file("out/.git/HEAD", "ref: refs/heads/live\n")
        .file("out/README.md", "mine\n");
    let ran = repo.run(["-C", "out", "init", "--from", "../app"]).status(0);
    assert!(ran.stdout.contains("kept the README.md that is there"), "{}", ran.stdout);
    assert_eq!(repo.read("out/README.md"), "mine\n");
    let spec = repo.read("out/gen.yaml");
    let own = "repository:   # .git/config:2, of this repository\n  url: https://git.example/team/gitops.git\n  branch: live\n";
    assert!(spec.contains(own), "{spec}");
    assert!(!spec.contains("swordfish"), "{spec}");
    repo.run(["-C", "out", "render", "--quiet"]).status(0);
}
