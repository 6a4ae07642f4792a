//! The manual pages that `make man` writes.

use std::collections::BTreeMap;

#[path = "../../examples/man.rs"]
#[allow(dead_code, reason = "the program's own entry is not called here")]
mod example;

#[test]
fn every_command_has_a_page() {
    let pages: BTreeMap<String, String> =
        example::pages().expect("pages are made").into_iter().collect();
    let main = &pages["gen.1"];
    for name in ["render", "diff", "completion"] {
        let page = &pages[&format!("gen-{name}.1")];
        assert!(page.starts_with(".ie") && page.contains(".SH SYNOPSIS"), "{page}");
        assert!(main.contains(&format!("gen\\-{name}(1)")), "{main}");
    }
    assert!(pages["gen-render.1"].contains("\\-\\-check"));
    assert!(pages.contains_key("gen-template-eject.1"), "{:?}", pages.keys());
}
