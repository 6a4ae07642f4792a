//! Links of a folder with HTML pages: which lead nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::markup::{Tag, tags};

/// What is wrong with the links of a site.
pub struct Links {
    /// Links within the site that were followed.
    pub followed: usize,
    /// `PAGE: LINK` of each that leads nowhere.
    pub broken: Vec<String>,
}

/// Follows every link from a page to a page, anchor, picture, style or script of the folder. Links to other hosts are not followed.
pub fn follow(folder: &Path) -> Links {
    let mut pages = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = entry.expect("it can be read").into_path();
        if path.extension().is_some_and(|end| end == "html") {
            let text = fs::read_to_string(&path).expect("a page is UTF-8");
            let name = path.strip_prefix(folder).expect("it is below").to_owned();
            pages.insert(name, tags(&text));
        }
    }
    let anchors: BTreeMap<&Path, BTreeSet<&str>> = pages
        .iter()
        .map(|(page, tags)| (page.as_path(), tags.iter().filter_map(|tag| tag.get("id")).collect()))
        .collect();
    let mut links = Links { followed: 0, broken: Vec::new() };
    for (page, tags) in &pages {
        // Of `<base href="/">` only the root is known here.
        let is_at_root = tags.iter().any(|tag| tag.name == "base");
        let base = if is_at_root { Path::new("") } else { page.parent().expect("a file") };
        for link in tags.iter().filter_map(target) {
            if link.contains("://")
                || ["mailto:", "data:"].iter().any(|kind| link.starts_with(kind))
            {
                continue;
            }
            links.followed += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = path.split('?').next().unwrap_or_default();
            let there = if path.is_empty() { Some(page.clone()) } else { joined(base, path) };
            let leads = there.is_some_and(|there| {
                let there =
                    if folder.join(&there).is_dir() { there.join("index.html") } else { there };
                let has_anchor =
                    || anchors.get(there.as_path()).is_some_and(|all| all.contains(anchor));
                folder.join(&there).is_file() && (anchor.is_empty() || has_anchor())
            });
            if !leads {
                links.broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    links
}

/// Where a tag leads, or what it shows.
fn target(tag: &Tag) -> Option<&str> {
    match tag.name.as_str() {
        "a" | "link" => tag.get("href"),
        "img" | "script" | "iframe" => tag.get("src"),
        _ => None,
    }
}

/// A relative path from a folder of the site, if it stays within.
fn joined(base: &Path, path: &str) -> Option<PathBuf> {
    let mut joined = base.to_owned();
    for part in Path::new(&path.replace("%20", " ")).components() {
        match part {
            Component::Normal(name) => joined.push(name),
            Component::ParentDir => {
                if !joined.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(joined)
}

#[test]
fn what_leads_nowhere_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a page");
    };
    write(
        "index.html",
        "<a href='b/c.html#here'>1</a> <a href='b/c.html#there'>2</a> <a href='#no'>3</a> <a href='https://a.example'>4</a>\
         <!-- <a href='gone.html'>5</a> --> <img src='a.svg'> <a href='b/'>6</a> <a href=''>7</a>",
    );
    write(
        "b/c.html",
        "<h2 id='here'><a href='../index.html'>1</a></h2> <a href='../../index.html'>2</a> <a href='index.html'>3</a>",
    );
    let links = follow(folder.path());
    assert_eq!(
        links.broken,
        [
            "b/c.html: ../../index.html",
            "b/c.html: index.html",
            "index.html: b/c.html#there",
            "index.html: #no",
            "index.html: a.svg",
            "index.html: b/"
        ]
    );
    assert_eq!(links.followed, 9);
}
