//! What the guide to `gen import` shows is what it prints and writes. `UPDATE=1` writes it.

use std::fs;

use crate::page::{gen_in, read, root, with};

const PAGE: &str = "docs/guides/import.md";

/// The cases that the guide shows, with the command.
const SHOWN: [(&str, &str); 2] = [
    ("podinfo", "import manifests --into my-gitops"),
    ("first-homelab", "import manifests --env dev --into my-gitops"),
];

#[test]
fn the_guide_shows_what_comes_out() {
    let mut page = read(PAGE);
    let mut specs = Vec::new();
    for (case, command) in SHOWN {
        let folder = tempfile::tempdir().unwrap();
        let manifests = folder.path().join("manifests");
        fs::create_dir(&manifests).unwrap();
        let from = root().join("tests/import/cases").join(case).join("in");
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), manifests.join(entry.file_name())).unwrap();
        }
        let words: Vec<&str> = command.split(' ').collect();
        let (status, out, err) = gen_in(folder.path(), &words);
        assert_eq!(status, 0, "{out}{err}");
        page = with(&page, &format!("```console\n$ gen {command}\n"), 0, &out);
        specs.push(fs::read_to_string(folder.path().join("my-gitops/gen.yaml")).unwrap());
    }
    for (number, spec) in specs.iter().enumerate() {
        page = with(&page, "```yaml\n", number, spec);
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join(PAGE), &page).unwrap();
    }
    assert_eq!(read(PAGE), page, "{PAGE} shows something else; `UPDATE=1` writes it");
}
