//! Links between pages, and paths of pages that the program's texts name.

use std::collections::BTreeSet;
use std::path::Path;

use crate::page::{Line, lines, pages, read, root};

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    lines(text)
        .into_iter()
        .filter_map(|line| match line {
            Line::Prose(line) => line.strip_prefix('#'),
            Line::Code(..) => None,
        })
        .map(|heading| anchor(heading.trim_start_matches('#').trim()))
        .collect()
}

/// Targets of a page's links, other than web addresses.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in lines(text) {
        let Line::Prose(line) = line else { continue };
        // Every second part is code.
        for part in line.split('`').step_by(2) {
            for rest in part.split("](").skip(1) {
                let target = rest.split(')').next().unwrap_or_default();
                if !target.starts_with("https://") {
                    links.push(target.to_owned());
                }
            }
        }
    }
    links
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let mut followed = 0;
    for page in pages() {
        let text = read(&page);
        let folder = root().join(&page).parent().expect("a folder").to_owned();
        for link in links(&text) {
            followed += 1;
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            let is_there = target.exists()
                && (heading.is_empty()
                    || std::fs::read_to_string(&target)
                        .is_ok_and(|text| anchors(&text).contains(heading)));
            if !is_there {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(followed > 30, "{followed}");
}

#[test]
fn pages_that_the_program_names_exist() {
    let mut named = BTreeSet::new();
    for folder in ["src", "templates", ".ci"] {
        for entry in walkdir::WalkDir::new(root().join(folder)) {
            let entry = entry.expect("it can be read");
            let Ok(text) = std::fs::read_to_string(entry.path()) else {
                continue;
            };
            for rest in text.split("docs/").skip(1) {
                let is_path =
                    |letter: char| letter.is_ascii_alphanumeric() || "/-_.".contains(letter);
                let end = rest.find(|letter| !is_path(letter)).unwrap_or(rest.len());
                let path = rest[..end].trim_end_matches('.');
                if Path::new(path).extension().is_some_and(|name| name == "md") {
                    named.insert(format!("docs/{path}"));
                }
            }
        }
    }
    assert!(named.contains("docs/reference/errors.md"), "{named:?}");
    for page in named {
        assert!(root().join(&page).is_file(), "{page} does not exist");
    }
}
