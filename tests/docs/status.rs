//! What the guide to `gen status` shows is what it prints: tests/status holds its output.

use crate::page::{keep, read, root};

#[test]
fn the_guide_shows_what_is_printed() {
    let name = "docs/guides/status.md";
    let page = read(name);
    let command = "$ gen status\n";
    let start = page.find(command).expect("the command");
    let end = start + page[start..].find("```").expect("the block ends");
    let path = root().join("tests/status/shown/three-80.txt");
    let output = std::fs::read_to_string(path).expect("the test wrote it");
    keep(name, &page[start..end], &format!("{command}{output}"));
}
