//! What is changed: the inputs and the trees of the golden cases, and the built-in templates.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support::project;

/// The files of a repository, by path.
pub type Case = BTreeMap<String, Arc<str>>;

/// The inputs of all golden cases, those of errors among them.
pub fn cases() -> Vec<Case> {
    let folder = project().join("tests/golden");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("golden cases")
        .map(|entry| entry.expect("a case").path().join("in"))
        .collect();
    names.sort();
    let cases: Vec<Case> = names.iter().map(|folder| files(folder)).collect();
    let cases: Vec<Case> = cases.into_iter().filter(|case| case.contains_key("gen.yaml")).collect();
    assert!(cases.len() > 100, "the golden cases moved");
    cases
}

/// The small texts below a folder; what is no text is no input of this kind.
fn files(folder: &Path) -> Case {
    let mut all = Case::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        if !entry.file_type().is_file() || entry.metadata().is_ok_and(|file| file.len() > 1 << 15) {
            continue;
        }
        let path =
            entry.path().strip_prefix(folder).expect("below it").to_string_lossy().into_owned();
        if let Ok(text) = std::fs::read_to_string(entry.path()) {
            all.insert(path, Arc::from(text));
        }
    }
    all
}
