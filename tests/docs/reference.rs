//! The generated tables of docs/reference, and the modules that docs/design.md lists.

use std::collections::BTreeSet;

use gitops_gen::decode::catalogue;
use gitops_gen::diagnostics::Sources;
use gitops_gen::model::task_reference;
use gitops_gen::spec::reference;
use gitops_gen::template::Library;

use crate::page::{keep, read, root};

/// Requires the generated text between a page's markers.
fn keep_section(name: &str, body: &str) {
    let page = format!("docs/reference/{name}.md");
    let text = read(&page);
    let begin = format!("<!-- reference: {name} -->\n");
    let start = text.find(&begin).expect("the section begins");
    let end = text.find("<!-- /reference -->").expect("the section ends");
    keep(&page, &text[start..end], &format!("{begin}{body}"));
}

/// The tasks that are built in.
fn tasks() -> String {
    let (library, problems) = Library::new(Vec::new(), &mut Sources::default());
    assert!(problems.is_empty(), "{problems}");
    let catalogue = catalogue(library.tasks()).expect("built-in declarations are read");
    task_reference(&catalogue)
}

#[test]
fn tables_are_those_of_the_program() {
    keep_section("keys", &reference::keys());
    keep_section("tasks", &tasks());
    keep_section("errors", &reference::errors());
    keep_section("failures", &gitops_gen::diagnose::reference::page());
    keep_section("checks", &gitops_gen::check::reference::page());
}

#[test]
fn the_design_lists_every_module() {
    let modules: BTreeSet<String> = std::fs::read_dir(root().join("src"))
        .expect("src/ can be read")
        .map(|entry| entry.expect("it can be read").path())
        .map(|path| {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            stem.expect("UTF-8").to_owned()
        })
        .filter(|name| name != "lib" && name != "main")
        .collect();
    let text = read("docs/design.md");
    let listed: BTreeSet<String> = text
        .split("`src/")
        .skip(1)
        .filter_map(|rest| rest.split('`').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, modules, "docs/design.md lists src/ module by module");
}
