//! No circle of imports between files of src/: each file can be read after those that it imports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::imports::{Files, Imports, imports};
use crate::layering::sources;

/// A circle that may stay: all of its files are below one of these paths.
struct Exception {
    below: &'static [&'static str],
    #[allow(dead_code, reason = "for whoever reads the table")]
    why: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        below: &["yaml/map.rs", "yaml/value.rs"],
        why: "one recursive type in two files: a value may be a mapping of values",
    },
    Exception {
        below: &["manifests/objects.rs", "manifests/run.rs", "manifests/unit.rs"],
        why: "to be parted: what a unit is, what stands in it, and which of that a run needs",
    },
    Exception {
        below: &["ops/"],
        why: "to be parted: an operation's options and report stand in the mod.rs that uses its children",
    },
];

/// The shortest way along imports that begins and ends at a file.
fn shortest(imports: &Imports, start: &str) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut way = vec![start.to_owned(), file.to_owned()];
                while let Some(file) = before.get(way[way.len() - 1].as_str()) {
                    way.push((*file).to_owned());
                }
                if way[way.len() - 1] != start {
                    way.push(start.to_owned());
                }
                way.reverse();
                return Some(way);
            }
            if !before.contains_key(next.as_str()) {
                before.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}

/// All that is reached from a file along imports.
fn reached<'a>(imports: &'a Imports, start: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(file) = open.pop() {
        for next in imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    reached
}

/// Circles in words, and exceptions that nothing needs any more.
fn problems(files: &Files, exceptions: &[Exception]) -> Vec<String> {
    let imports = imports(files);
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (file.as_str(), reached(&imports, file))).collect();
    let mut problems = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut needed = vec![false; exceptions.len()];
    for (file, others) in &reached {
        if !others.contains(file) || told.contains(file) {
            continue;
        }
        // Files that reach each other are in one circle, however many ways lead around.
        let back = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(file));
        let members: Vec<&str> = others.iter().filter(back).copied().collect();
        told.extend(&members);
        let is_below = |exception: &Exception| {
            let below = |file: &&str| exception.below.iter().any(|path| file.starts_with(path));
            members.iter().all(below)
        };
        if let Some(index) = exceptions.iter().position(is_below) {
            needed[index] = true;
            continue;
        }
        let ways = members.iter().filter_map(|file| shortest(&imports, file));
        let way = ways.min_by_key(Vec::len).unwrap_or_default();
        let steps = way.windows(2).map(|step| {
            let names: Vec<&str> = imports[&step[0]][&step[1]].iter().map(String::as_str).collect();
            format!("  {} takes {} from {}\n", step[0], names.join(", "), step[1])
        });
        let steps: String = steps.collect();
        let members = members.join(", ");
        problems.push(format!(
            "a circle of imports among {members}; the shortest way around:\n{steps}"
        ));
    }
    for (exception, needed) in exceptions.iter().zip(needed) {
        if !needed {
            let below = exception.below.join(", ");
            problems.push(format!("no circle below {below}: remove the exception"));
        }
    }
    problems
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let found = problems(&sources(), EXCEPTIONS);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What the test rests on: imports are seen at all, and names are followed to the files that define them.
#[test]
fn names_are_followed_to_their_files() {
    let imports = imports(&sources());
    for (file, other, name) in [
        ("fleet.rs", "decode/app.rs", "decode"),
        ("decode/app.rs", "model/app.rs", "App"),
        ("decode/app.rs", "decode/pipeline.rs", "read"),
        ("spec/view.rs", "yaml/node.rs", "Node"),
        ("manifests/weave.rs", "model/task.rs", "Task"),
    ] {
        let names = imports.get(file).and_then(|of| of.get(other));
        assert!(
            names.is_some_and(|names| names.contains(name)),
            "{file} takes {name} from {other}: {:?}",
            imports.get(file)
        );
    }
}

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_circle_is_found() {
    let root = ("lib.rs", "pub mod a;\npub mod b;\n");
    for (why, list) in [
        (
            "two files",
            &[
                ("a.rs", "use crate::b::B;\npub struct A;"),
                ("b.rs", "use crate::a::A;\npub struct B;"),
            ][..],
        ),
        (
            "an inline path, and one in braces under another name",
            &[
                ("a.rs", "use crate::{b::{B as C, self}};\npub struct A(C);"),
                ("b.rs", "pub struct B;\nfn f() -> crate::a::A { todo!() }"),
            ],
        ),
        (
            "a mod.rs that works with its children, which take something from it",
            &[
                ("a/mod.rs", "mod x;\npub struct A;\nfn f() { x::read() }"),
                ("a/x.rs", "use super::A;\npub fn read() {}"),
            ],
        ),
        (
            "a mod.rs that uses what it passes on",
            &[
                ("a/mod.rs", "mod x;\npub use x::X;\npub struct A(X);"),
                ("a/x.rs", "use super::A;\npub struct X;"),
            ],
        ),
        (
            "names that parents pass on, one of them all together",
            &[
                ("a/mod.rs", "mod x;\nmod y;\npub use x::X;\npub use y::*;"),
                ("a/x.rs", "use super::Y;\npub struct X;"),
                ("a/y.rs", "use crate::b::Z;\npub struct Y;"),
                ("b/mod.rs", "mod z;\npub(crate) use z::Z;"),
                ("b/z.rs", "use super::super::a;\npub struct Z(a::X);"),
            ],
        ),
    ] {
        let mut all = files(list);
        all.extend(files(&[root]));
        let found = problems(&all, &[]);
        assert_eq!(found.len(), 1, "{why}: {found:#?}");
        assert!(found[0].contains(" takes "), "{why}: {found:#?}");
        // The same as an exception, and an exception too many.
        let exceptions = |below| [Exception { below, why: "" }];
        assert!(problems(&all, &exceptions(&["a", "b"])).is_empty(), "{why}");
        assert_eq!(problems(&all, &exceptions(&["c"])).len(), 2, "{why}");
    }
}

#[test]
fn what_only_looks_like_a_circle_is_none() {
    let all = files(&[
        ("c.rs", "fn f() -> impl Iterator<Item = u8> + use<'_> { let a = 1; g(a); }"),
        ("lib.rs", "pub mod a;\npub mod b;\n"),
        ("a/mod.rs", "mod x;\nmod y;\n#[cfg(test)]\nmod tests;\npub use x::X;\npub use y::Y;"),
        (
            "a/x.rs",
            "// use super::Y;\npub struct X;\nconst T: &str = \"crate::a::Y \\\" // crate::b::B\";\n",
        ),
        ("a/y.rs", "use super::X;\nconst Q: char = '\"';\npub(in crate::b) struct Y(X);"),
        ("a/tests.rs", "use super::*;"),
        (
            "b.rs",
            "use std::fmt::Debug;\nuse crate::a::{X, Y};\npub struct B(X, Y);\n#[cfg(test)]\nmod tests {\n use crate::a;\n}",
        ),
    ]);
    let found = problems(&all, &[]);
    assert!(found.is_empty(), "{found:#?}");
}
