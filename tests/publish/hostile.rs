//! What a pull request could put into a checkout: links, records, journals. None may reach anything outside clusters/.

use std::fs;

use gitops_gen::diagnostics::Exit;
use gitops_gen::tree::{Folder, GEN_VERSION, Record, hash};
use gitops_gen::workspace::{Publication, records, refuse_unfinished};

use crate::support::{CHECK, Checkout, FORCE, PLAIN, app, codes, files, publish, shown};

const A: &str = "clusters/homelab/dev/a";

fn tree() -> [Folder; 1] {
    [app("a", &[("one.yaml", "1"), ("x/two.yaml", "2")])]
}

fn changed() -> [Folder; 1] {
    [app("a", &[("one.yaml", "changed"), ("y/three.yaml", "3")])]
}

#[test]
fn no_link_is_written_through() {
    let links = [
        "clusters",
        "clusters/homelab",
        "clusters/homelab/dev",
        A,
        "clusters/homelab/dev/a/x",
        "clusters/homelab/dev/a/one.yaml",
        "clusters/homelab/dev/a/gen.lock.json",
    ];
    for path in links {
        for dangling in [false, true] {
            let checkout = Checkout::with(&tree());
            let outside = checkout.outside().join("target");
            if !dangling {
                fs::rename(checkout.path(path), &outside).unwrap();
            } else if checkout.path(path).is_dir() {
                fs::remove_dir_all(checkout.path(path)).unwrap();
            } else {
                fs::remove_file(checkout.path(path)).unwrap();
            }
            checkout.link(path, &outside);
            let before = files(checkout.folder.path(), "");
            for options in [PLAIN, FORCE] {
                for wanted in [&tree()[..], &changed(), &[]] {
                    let Err(problems) = publish(&checkout.root(), wanted, options) else {
                        assert!(wanted.is_empty(), "{path}");
                        continue;
                    };
                    assert_eq!(codes(&problems), ["GEN0805"], "{path}: {problems}");
                    assert_eq!(problems.exit(), Exit::Local);
                }
            }
            let mut after = files(checkout.folder.path(), "");
            after.retain(|path, _| before.contains_key(path));
            assert_eq!(after, before, "{path}");
        }
    }
}

#[test]
fn a_link_swapped_in_while_gen_renders_is_not_followed() {
    for path in [A, "clusters/homelab", "clusters/homelab/dev/a/x"] {
        let checkout = Checkout::with(&tree());
        let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
        publication
            .add(&app("a", &[("one.yaml", "changed"), ("x/two.yaml", "changed")]), None)
            .unwrap();
        let outside = checkout.outside().join("target");
        fs::rename(checkout.path(path), &outside).unwrap();
        checkout.link(path, &outside);
        let before = files(&checkout.outside(), "");
        let problems = publication.publish().unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown(&problems).replace(path, "PATH"), @r#"
            error[GEN0805]: `PATH` is a symbolic link
              help: replace it with a folder or a file
            "#);
        }
        assert_eq!(files(&checkout.outside(), ""), before);
    }
}

#[test]
fn gens_own_folder_may_hold_no_links_either() {
    let place: [(&str, bool); 6] = [
        (".gen", true),
        (".gen/lock", true),
        (".gen/journal", true),
        (".gen/stage", false),
        (".gen/stat", false),
        (".gen/.gitignore", false),
    ];
    for (path, refused) in place {
        let checkout = Checkout::with(&tree());
        let target = checkout.outside().join("target");
        if path == ".gen" {
            fs::create_dir(&target).unwrap();
            fs::remove_dir_all(checkout.path(".gen")).unwrap();
        } else {
            fs::write(&target, "canary").unwrap();
            let _ = fs::remove_file(checkout.path(path));
        }
        checkout.link(path, &target);
        let before = files(&checkout.outside(), "");
        let result = publish(&checkout.root(), &changed(), PLAIN);
        match result {
            Err(problems) if refused => {
                assert_eq!(codes(&problems), ["GEN0805"], "{path}: {problems}");
            }
            Ok(_) if !refused => {}
            other => panic!("{path}: {other:?}"),
        }
        assert_eq!(files(&checkout.outside(), ""), before, "{path}");
    }
}

/// A record that names what is not its own deletes nothing.
#[test]
fn hostile_records_delete_nothing() {
    let canary = hash(b"canary");
    let good = Record::of(&tree()[0], GEN_VERSION).to_text();
    let name = |path: &str| good.replace("one.yaml", path).replace(&hash(b"1"), &canary);
    let hostile = [
        name("../README.md"),
        name("../../../../README.md"),
        name("/etc/hostname"),
        name("../b/one.yaml"),
        name("x/../../b/one.yaml"),
        name("..\\\\README.md"),
        name("gen-dev.lock.json"),
        good.replace("\"version\": 1", "\"version\": 99"),
        "{}".to_owned(),
        String::new(),
        "x".repeat(2 * 1024 * 1024),
    ];
    for text in &hostile {
        let checkout = Checkout::with(&tree());
        checkout.write("README.md", "canary");
        checkout.write("clusters/README.md", "canary");
        checkout.write("clusters/homelab/dev/README.md", "canary");
        checkout.write("clusters/homelab/dev/b/one.yaml", "canary");
        checkout.write("clusters/homelab/dev/a/gen.lock.json", text);
        let before = checkout.tree();
        for options in [PLAIN, FORCE] {
            let publication = Publication::begin(&checkout.root(), options).unwrap();
            assert_eq!(
                codes(&publication.remove(A, "gen.lock.json").unwrap_err()),
                ["GEN0804"],
                "{text:.200}"
            );
            assert!(publication.publish().is_err());
            let problems = publish(&checkout.root(), &changed(), options).unwrap_err();
            assert_eq!(codes(&problems), ["GEN0804"]);
        }
        assert_eq!(checkout.tree(), before);
        assert_eq!(checkout.read("README.md"), "canary");
    }
}

#[test]
fn a_record_that_claims_foreign_work_does_not_get_it() {
    let checkout = Checkout::with(&tree());
    checkout.write("clusters/homelab/dev/a/notes.md", "mine");
    let mut claiming = tree()[0].clone();
    claiming.files.insert("notes.md".to_owned(), "something else".to_owned());
    checkout.write(
        "clusters/homelab/dev/a/gen.lock.json",
        &Record::of(&claiming, GEN_VERSION).to_text(),
    );
    assert_eq!(codes(&publish(&checkout.root(), &tree(), PLAIN).unwrap_err()), ["GEN0801"]);
    publish(&checkout.root(), &tree(), FORCE).unwrap();
    assert_eq!(checkout.read("clusters/homelab/dev/a/notes.md"), "mine");
}

#[test]
fn a_record_further_up_does_not_own_the_folders_below() {
    let checkout = Checkout::with(&tree());
    let mut above = app("dev", &[("a/one.yaml", "1"), ("a/x/two.yaml", "2")]);
    above.path = "clusters/homelab/dev".to_owned();
    checkout
        .write("clusters/homelab/dev/gen.lock.json", &Record::of(&above, GEN_VERSION).to_text());
    let before = checkout.tree();
    let problems = records(&checkout.root()).unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    error[GEN0804]: invalid record `clusters/homelab/dev/gen.lock.json`: it lists `a/one.yaml`, which belongs to another record
      help: restore it from git, or remove it and render again with `--force`
    "#);
    let publication = Publication::begin(&checkout.root(), FORCE).unwrap();
    let problems = publication.remove("clusters/homelab/dev", "gen.lock.json").unwrap_err();
    assert_eq!(codes(&problems), ["GEN0804"]);
    assert_eq!(checkout.tree(), before);
}

#[test]
fn folders_outside_the_tree_are_a_bug() {
    let checkout = Checkout::new();
    for path in ["src", "clusters", "clusters/../src", "/tmp/x", ".gen/stage", "clusters/x/.git"] {
        let mut folder = tree()[0].clone();
        folder.path = path.to_owned();
        let problems = publish(&checkout.root(), &[folder], FORCE).unwrap_err();
        assert_eq!(codes(&problems), ["GEN0815"], "{path}");
    }
    let problems = publish(&checkout.root(), &[app("a", &[("../x", "")])], FORCE).unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    error[GEN0815]: the tree contains a path with `..`: `clusters/homelab/dev/a/../x`
      help: this is a bug in gen: please report it with the spec
    "#);
}

fn journal(lines: &[String]) -> String {
    let mut text = format!("{{\"version\":1,\"folders\":{}}}\n", lines.len());
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    let end = hash(text.as_bytes());
    text + &end + "\n"
}

fn line(folder: &str, sha256: &str, write: &str, delete: &str) -> String {
    let sha256 = if sha256 == "null" { sha256.to_owned() } else { format!("\"{sha256}\"") };
    format!(
        r#"{{"stage":0,"folder":"{folder}","record":"gen.lock.json","sha256":{sha256},"write":[{write}],"delete":[{delete}]}}"#
    )
}

/// The record that the hostile journals stage.
fn staged_record() -> String {
    let files = [("one.yaml", "1"), ("x/two.yaml", "2"), ("evil.yaml", "evil")];
    Record::of(&app("a", &files), GEN_VERSION).to_text()
}

/// Each with the code that it ends with.
fn hostile_journals() -> Vec<(&'static str, String)> {
    let old = &hash(Record::of(&tree()[0], GEN_VERSION).to_text().as_bytes());
    let new = &hash(staged_record().as_bytes());
    let other = &hash(b"other");
    let (record, evil) = ("\"gen.lock.json\"", "\"evil.yaml\",\"gen.lock.json\"");
    let lines = [
        ("GEN0809", line("src", new, record, "")),
        ("GEN0809", line("clusters/../src", new, record, "")),
        ("GEN0809", line("/etc", new, record, "")),
        ("GEN0809", line(".gen", new, record, "")),
        ("GEN0809", line(A, new, "\"../../../../README.md\"", "")),
        ("GEN0809", line(A, old, "", "\"../../../../README.md\"")),
        ("GEN0809", line(A, new, record, "\"notes.md\"")),
        ("GEN0809", line(A, "null", "", "\"notes.md\"")),
        ("GEN0809", line(A, other, record, "")),
        ("GEN0809", line(A, new, "\"unnamed.yaml\",\"gen.lock.json\"", "")),
        ("GEN0809", line(A, new, "\"link.yaml\",\"gen.lock.json\"", "")),
        ("GEN0809", line(A, new, "\"evil.yaml\",\"missing.yaml\"", "")),
        ("GEN0809", line("clusters/homelab/dev/none", new, "", "\"notes.md\"")),
        ("GEN0805", line("clusters/linked/a", new, evil, "")),
        ("GEN0802", line(A, new, evil, "")),
    ];
    let mut all: Vec<(&str, String)> =
        lines.into_iter().map(|(code, line)| (code, journal(&[line]))).collect();
    let good = line(A, new, record, "");
    all.push(("GEN0809", journal(&[good.clone(), good.clone()])));
    all.push(("GEN0809", journal(&[good.replace("\"stage\"", "\"more\":1,\"stage\"")])));
    all.push(("GEN0809", String::new()));
    all.push(("GEN0809", "x".to_owned()));
    all
}

#[test]
fn hostile_journals_do_nothing() {
    let mut shown_once = String::new();
    for (number, (code, text)) in hostile_journals().iter().enumerate() {
        let checkout = Checkout::with(&tree());
        checkout.write("README.md", "canary");
        checkout.write("src/main.rs", "canary");
        checkout.write("clusters/homelab/dev/a/notes.md", "mine");
        checkout.write("clusters/homelab/dev/a/evil.yaml", "mine, and in the way");
        checkout.link("clusters/linked", checkout.outside());
        checkout.write(".gen/journal", text);
        checkout.write(".gen/stage/0/gen.lock.json", &staged_record());
        checkout.write(".gen/stage/0/evil.yaml", "evil");
        checkout.write(".gen/stage/0/README.md", "evil");
        checkout.write(".gen/stage/0/unnamed.yaml", "evil");
        checkout.link(".gen/stage/0/link.yaml", "/etc/passwd");
        let before = files(checkout.folder.path(), "");
        let problems = Publication::begin(&checkout.root(), PLAIN).unwrap_err();
        assert_eq!(codes(&problems), [*code], "{number}: {text}: {problems}");
        shown_once.push_str(&shown(&problems));
        for problems in [
            Publication::begin(&checkout.root(), CHECK).unwrap_err(),
            refuse_unfinished(&checkout.root()).unwrap_err(),
        ] {
            assert_eq!(codes(&problems), ["GEN0808"]);
        }
        assert_eq!(files(checkout.folder.path(), ""), before, "{number}");
    }
    insta::assert_snapshot!(shown_once, @r#"
    error[GEN0809]: invalid journal of an interrupted render: it lists a path that is not below clusters/
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it lists a path with `..`
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it lists an absolute path
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it lists a path that is not below clusters/
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it lists a path with `..`
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it lists a path with `..`
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it deletes a file that no record lists
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it deletes a file that no record lists
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: a record is not the expected one
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it writes a file that its record does not list
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it writes a file that its record does not list
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: a record is not the expected one
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: missing record
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0805]: `clusters/linked` is a symbolic link
      help: replace it with a folder or a file
    error[GEN0802]: `clusters/homelab/dev/a/evil.yaml` is in the way, and gen did not write it
      help: move it away, or overwrite it with `--force`
    error[GEN0809]: invalid journal of an interrupted render: it lists `clusters/homelab/dev/a` twice
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: not written by gen (unknown field `more`, expected one of `stage`, `folder`, `record`, `sha256`, `write`, `delete` at line 1 column 7)
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it is torn
      help: restore clusters/ from git and remove `.gen/`
    error[GEN0809]: invalid journal of an interrupted render: it is torn
      help: restore clusters/ from git and remove `.gen/`
    "#);
}

#[test]
fn a_journal_that_is_no_file() {
    for path in [".gen/journal", ".gen/stage/0", ".gen/stage"] {
        let checkout = Checkout::with(&tree());
        let text = journal(&[line(A, &hash(b""), "\"gen.lock.json\"", "")]);
        checkout.write(".gen/journal", &text);
        if path == ".gen/journal" {
            fs::remove_file(checkout.path(path)).unwrap();
            fs::create_dir(checkout.path(path)).unwrap();
        } else {
            checkout.link(path, checkout.outside());
        }
        let problems = Publication::begin(&checkout.root(), PLAIN).unwrap_err();
        let code = if path == ".gen/journal" { "GEN0809" } else { "GEN0805" };
        assert_eq!(codes(&problems), [code], "{path}");
    }
}

#[test]
fn records_are_found_wherever_they_are() {
    let checkout = Checkout::with(&[
        app("b", &[("x", "1")]),
        app("a", &[("x", "1")]),
        crate::support::entry("dev", "1"),
    ]);
    checkout.link("clusters/linked", checkout.path("clusters/homelab"));
    let found = records(&checkout.root()).unwrap();
    let found: Vec<String> =
        found.into_iter().map(|found| format!("{}/{}", found.folder, found.record_name)).collect();
    insta::assert_debug_snapshot!(found, @r#"
    [
        "clusters/homelab/dev/a/gen.lock.json",
        "clusters/homelab/dev/b/gen.lock.json",
        "clusters/homelab/flux/gen-dev.lock.json",
    ]
    "#);

    checkout.write("clusters/homelab/dev/a/gen.lock.json", "{");
    checkout.write("clusters/homelab/dev/b/gen.lock.json", "[]");
    checkout.link("clusters/x/gen-dev.lock.json", "/etc/passwd");
    assert_eq!(codes(&records(&checkout.root()).unwrap_err()), ["GEN0804", "GEN0804", "GEN0805"]);
    assert_eq!(records(checkout.folder.path()).unwrap(), []);
}
