//! What the guide to `gen why` shows is what it prints: the cases of tests/why hold its output.

use crate::page::{keep, read, root};

/// The case behind each output, in the order of the page.
const SHOWN: [(&str, &str); 2] = [
    ("$ cat run.yaml step.log | gen why -\n", "C1"),
    ("$ kubectl -n shop describe pod web-6d5-x1 | gen why -\n", "G4"),
];

#[test]
fn the_guide_shows_what_is_printed() {
    let name = "docs/guides/why.md";
    for (command, case) in SHOWN {
        let page = read(name);
        let start = page.find(command).unwrap_or_else(|| panic!("{name} lacks {command}"));
        let end = start + page[start..].find("```").expect("the block ends");
        let path = root().join(format!("tests/why/cases/{case}.txt"));
        let output = std::fs::read_to_string(path).expect("the case has its output");
        keep(name, &page[start..end], &format!("{command}{output}"));
    }
    assert_eq!(
        read(name).matches("| gen why -\n").count(),
        SHOWN.len(),
        "every output is compared"
    );
}
