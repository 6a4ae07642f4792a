//! A case a signature: cases/ID.yaml is what is seen, cases/ID.txt what is said. `UPDATE=1` rewrites the latter.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gitops_gen::diagnose::{Role, State, signatures};

use crate::{as_json, found, named, shown};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/why/cases")
}

fn input(id: &str) -> String {
    let path = folder().join(format!("{id}.yaml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_signature_has_its_case_and_every_case_its_signature() {
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted: BTreeSet<String> = signatures()
        .iter()
        .flat_map(|one| [format!("{}.yaml", one.id), format!("{}.txt", one.id)])
        .collect();
    assert_eq!(files, wanted);
    assert!(wanted.len() >= 2 * 196, "{}", wanted.len());
}

#[test]
fn the_first_cause_of_every_case_is_its_signature() {
    let mut wrong = Vec::new();
    for signature in signatures() {
        let report = found(&input(&signature.id));
        let first = named(&report).first().map(|id| (*id).to_owned());
        if first.as_ref() != Some(&signature.id) {
            wrong.push(format!("{}: {:?}", signature.id, named(&report)));
        }
        // What is no failure is not called one, and what is one is.
        let is_wrong = matches!(report.state, State::Found | State::Unknown);
        let is_failure =
            !matches!(signature.role, Role::Note | Role::Waiting) || signature.patience.is_some();
        if is_wrong != is_failure {
            wrong.push(format!("{}: {:?}", signature.id, report.state));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_is_told_as_expected() {
    let mut wrong = Vec::new();
    for signature in signatures() {
        let text = shown(&input(&signature.id));
        let path = folder().join(format!("{}.txt", signature.id));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", path.display()));
        }
        // A word that is not filled in, or a line that is too wide.
        for line in text.lines() {
            let is_copied = line.starts_with("    $ ") || line.trim_start().split(' ').count() == 1;
            let is_yaml = line.starts_with("      ") && line.contains(": ");
            assert!(is_copied || is_yaml || line.chars().count() <= 80, "{}: {line}", signature.id);
        }
        let json = as_json(&input(&signature.id));
        assert!(json.contains(&format!("\"signature\":\"{}\"", signature.id)), "{json}");
    }
    assert!(wrong.is_empty(), "UPDATE=1 rewrites them:\n{}", wrong.join("\n"));
}

/// The message alone, pasted from anywhere, is known, too; as itself or as the same failure elsewhere.
#[test]
fn messages_are_known_without_their_objects() {
    let mut unknown = Vec::new();
    for signature in signatures().iter().filter(|one| one.text && one.pattern.is_some()) {
        let report = found(&input(&signature.id));
        let Some(evidence) = report.diagnoses.first().and_then(|one| one.evidence.first()) else {
            unknown.push(signature.id.clone());
            continue;
        };
        if named(&found(&evidence.text)).first().is_none_or(|id| *id == "unknown") {
            unknown.push(format!("{}: {}", signature.id, evidence.text));
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}
