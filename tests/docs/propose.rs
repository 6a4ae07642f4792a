//! The guide to `gen init --from` shows what it prints and writes. `UPDATE=1` writes it.

use std::fs;

use crate::page::{gen_in, read, root, with};

const PAGE: &str = "docs/guides/spec.md";
const COMMAND: &str = "init my-gitops --from orders";

#[test]
fn the_guide_shows_a_proposal() {
    let folder = tempfile::tempdir().unwrap();
    let from = root().join("tests/propose/cases/orders/in");
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(&from).unwrap().to_str().unwrap();
        // A repository cannot hold another one's `.git`.
        let target = folder.path().join("orders").join(path.replace("dot-git", ".git"));
        if entry.file_type().is_dir() {
            fs::create_dir(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
    let words: Vec<&str> = COMMAND.split(' ').collect();
    let (status, out, err) = gen_in(folder.path(), &words);
    assert_eq!(status, 0, "{out}{err}");
    let spec = fs::read_to_string(folder.path().join("my-gitops/gen.yaml")).unwrap();
    let (_, apps) = spec.split_once("apps:\n  orders:").unwrap();
    let page = with(&read(PAGE), &format!("```console\n$ gen {COMMAND}\n"), 0, &out);
    let page = with(&page, "```yaml\napps:\n  orders:", 0, apps);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join(PAGE), &page).unwrap();
    }
    assert_eq!(read(PAGE), page, "{PAGE} shows something else; `UPDATE=1` writes it");
}
