//! docs/ as a book: its contents, and the pages that mdBook makes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::page::{pages, read, root};
use crate::site::{Links, follow};
use crate::support::needs;

const SUMMARY: &str = "docs/SUMMARY.md";
const INDEX: &str = "docs/README.md";

/// The entries of a list of pages: section, title and path below docs/.
fn entries(text: &str, section: &str) -> Vec<(String, String, String)> {
    let mut at = String::new();
    let mut entries = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix(section) {
            title.clone_into(&mut at);
        }
        let Some(link) = line.strip_prefix("- [").or_else(|| line.strip_prefix('[')) else {
            continue;
        };
        let (title, rest) = link.split_once("](").expect("a link");
        let (path, _) = rest.split_once(')').expect("a link ends");
        if Path::new(path).extension().is_some_and(|end| end == "md") {
            entries.push((at.clone(), title.to_owned(), path.to_owned()));
        }
    }
    entries
}

#[test]
fn the_summary_lists_every_page_once() {
    let entries = entries(&read(SUMMARY), "# ");
    let listed: Vec<String> = entries.iter().map(|(_, _, path)| format!("docs/{path}")).collect();
    let unique: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(unique.len(), listed.len(), "a page is listed twice: {listed:?}");
    let pages = pages();
    let pages: BTreeSet<&String> =
        pages.iter().filter(|page| page.starts_with("docs/") && *page != SUMMARY).collect();
    assert_eq!(unique, pages);
    assert_eq!(listed[0], INDEX);
    for (_, title, path) in &entries {
        let text = read(&format!("docs/{path}"));
        let heading = text.lines().next().and_then(|line| line.strip_prefix("# "));
        assert_eq!(heading, Some(title.as_str()), "{path}");
    }
    let mut sections: Vec<&str> = entries[1..].iter().map(|(at, _, _)| at.as_str()).collect();
    sections.dedup();
    assert_eq!(sections, ["Get started", "Concepts", "Guides", "Reference", "Working on gen"]);
    assert_eq!(entries[1].2, "guides/homelab.md");
}

#[test]
fn the_index_has_the_order_of_the_book() {
    assert_eq!(entries(&read(INDEX), "## "), entries(&read(SUMMARY), "# ")[1..]);
}

/// Makes the book of a folder: its links, and what mdBook said.
fn made(mdbook: &Path, folder: &Path) -> (Links, String) {
    let book = tempfile::tempdir().expect("a folder");
    let output = Command::new(mdbook)
        .args(["build", "--dest-dir"])
        .args([book.path(), folder])
        .env_remove("RUST_LOG")
        .output()
        .expect("mdBook runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    (follow(book.path()), said)
}

#[test]
fn the_book_has_no_broken_link() {
    let Some(mdbook) = needs::tool("GEN_TEST_MDBOOK", "mdbook") else {
        return;
    };
    let (links, said) = made(&mdbook, root());
    assert!(said.contains("HTML book written"), "{said}");
    assert!(!["WARN", "ERROR"].iter().any(|level| said.contains(level)), "{said}");
    assert!(links.broken.is_empty(), "{:#?}", links.broken);
    assert!(links.followed > 1500, "{}", links.followed);
}

/// Without this, a checker that sees nothing would pass.
#[test]
fn a_broken_link_of_the_book_is_found() {
    let Some(mdbook) = needs::tool("GEN_TEST_MDBOOK", "mdbook") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("docs/theme")).expect("a folder");
    let write = |path: &str, text: &str| {
        fs::write(folder.path().join(path), text).expect("a file");
    };
    for path in ["book.toml", "docs/theme/book.css"] {
        write(path, &read(path));
    }
    write("docs/SUMMARY.md", "- [One](one.md)\n- [Two](two.md)\n");
    write(
        "docs/one.md",
        "# One\n\n[a](two.md#two) [b](two.md#three) [c](three.md) ![d](four.svg)\n",
    );
    write("docs/two.md", "# Two\n");
    let (links, _) = made(&mdbook, folder.path());
    let broken: BTreeSet<&str> = links
        .broken
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(_, link)| link)
        .collect();
    assert_eq!(broken, BTreeSet::from(["four.svg", "three.html", "two.html#three"]));
}
