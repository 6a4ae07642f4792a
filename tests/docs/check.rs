//! What the guide to `gen check` shows is what it prints: the golden cases hold its output.

use crate::page::{read, root};

#[test]
fn the_guide_shows_what_is_printed() {
    let page = read("docs/guides/check.md");
    let mut shown = 0;
    for case in ["check-first-homelab", "check-first-homelab-mended", "check-rbac"] {
        let read = |file: &str| {
            let path = root().join("tests/golden").join(case).join(file);
            std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let command = read("cmd");
        let block = format!("```console\n$ {}\n{}```\n", command.trim(), read("stdout.txt"));
        assert!(page.contains(&block), "docs/guides/check.md does not show\n{block}");
        shown += 1;
    }
    assert_eq!(page.matches("$ gen check").count(), shown, "every output is compared");
}
