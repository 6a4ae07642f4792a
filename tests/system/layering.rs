//! Which room of the library may import which: the picture of the architecture, held by a test. A room is a folder or file of src/.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{project, snapshot};

/// A room.
struct Room {
    name: &'static str,
    /// The rooms that it may import.
    may: &'static [&'static str],
    /// It reads no files, clock, network or variables, and depends on no order of threads.
    pure: bool,
    /// Why it departs from the design's table, where it does.
    #[allow(dead_code, reason = "for whoever reads the table")]
    why: &'static str,
}

/// From the bottom to the top.
const ROOMS: &[Room] = &[
    room("diagnostics", &[], true, "sources and spans are what errors point into"),
    room("name", &["diagnostics"], true, ""),
    room(
        "yaml",
        &["diagnostics"],
        true,
        "the positioned tree and the emitter, which spec, template and kubernetes share",
    ),
    room("tree", &["diagnostics"], true, "paths, texts and hashes only: it needs no object"),
    room(
        "graph",
        &["diagnostics"],
        true,
        "nodes and edges with names: it knows nothing of what they stand for",
    ),
    room(
        "files",
        &["diagnostics", "tree"],
        true,
        "the trait by which pure rooms ask for texts, and the grammar of paths and patterns",
    ),
    room("spec", &["diagnostics", "name", "yaml", "files"], true, ""),
    room("environment", &["diagnostics", "name", "yaml", "spec"], true, ""),
    room(
        "kubernetes",
        &["diagnostics", "yaml", "name"],
        true,
        "the names in the Pod Security Standards count for the spec too",
    ),
    room(
        "permissions",
        &["diagnostics", "yaml", "spec", "kubernetes"],
        true,
        "what an inline task needs is decided while the model is decoded",
    ),
    room("model", &["diagnostics", "name", "yaml", "spec", "environment", "permissions"], true, ""),
    room(
        "check",
        &["diagnostics", "name", "yaml", "kubernetes", "permissions"],
        true,
        "it judges objects, wherever they come from; name for the forms that Kubernetes demands",
    ),
    room(
        "diagnose",
        &["diagnostics", "yaml", "kubernetes"],
        true,
        "snapshot in, diagnosis out; yaml reads what is pasted, within its limits",
    ),
    room(
        "status",
        &["diagnostics", "kubernetes", "name", "diagnose"],
        true,
        "objects in, cells and pages out; diagnose for moments, name for images",
    ),
    room(
        "decode",
        &[
            "diagnostics",
            "name",
            "yaml",
            "spec",
            "environment",
            "kubernetes",
            "permissions",
            "model",
            "check",
        ],
        true,
        "what makes the types of model; nothing below needs it; kubernetes and check for Tasks from files",
    ),
    room(
        "template",
        &["diagnostics", "yaml", "tree"],
        true,
        "tree for the hash by which an ejected template knows its base",
    ),
    room(
        "change",
        &["diagnostics", "name", "yaml", "tree", "files", "kubernetes", "permissions"],
        true,
        "it reads trees as Flux does, wherever they stand, and knows what quantities mean",
    ),
    room(
        "manifests",
        &[
            "diagnostics",
            "name",
            "yaml",
            "spec",
            "environment",
            "permissions",
            "model",
            "template",
            "kubernetes",
            "check",
            "tree",
        ],
        true,
        "it gives whole folders, so it knows the tree; spec for the nearest name in a hint; check refuses what would fail",
    ),
    room(
        "fleet",
        &[
            "diagnostics",
            "files",
            "spec",
            "environment",
            "model",
            "decode",
            "template",
            "kubernetes",
            "manifests",
        ],
        true,
        "all apps in all environments, which every command begins with",
    ),
    room(
        "import",
        &["diagnostics", "name", "yaml", "files", "spec", "environment", "kubernetes", "change"],
        true,
        "objects in, files and verdicts out: change says what differs, spec which keys a process has, environment which it does not take from its app; rendering is handed in, for it reads files",
    ),
    room(
        "propose",
        &["diagnostics", "name", "yaml", "import"],
        true,
        "texts of a checkout in, a spec with reasons out; import says Procfiles and Compose files in the spec's words",
    ),
    room(
        "workspace",
        &["diagnostics", "tree", "files"],
        false,
        "the disk; it is what implements files",
    ),
    room(
        "git",
        &["diagnostics", "tree", "files"],
        false,
        "the git program; a commit's files can be read like those on disk",
    ),
    room(
        "cluster",
        &["diagnostics", "kubernetes", "change"],
        false,
        "it gives what became of objects, and change says what the answers mean",
    ),
    room(
        "registry",
        &["diagnostics", "name", "kubernetes"],
        false,
        "name for the grammar of images; kubernetes for reading JSON by keys",
    ),
    room(
        "ops",
        &[
            "diagnostics",
            "name",
            "yaml",
            "tree",
            "files",
            "spec",
            "environment",
            "model",
            "permissions",
            "decode",
            "template",
            "kubernetes",
            "manifests",
            "check",
            "diagnose",
            "status",
            "fleet",
            "change",
            "graph",
            "import",
            "propose",
            "workspace",
            "git",
            "cluster",
            "registry",
        ],
        false,
        "the work behind the commands, printing nothing: it joins the edges",
    ),
    room(
        "report",
        &[
            "diagnostics",
            "name",
            "yaml",
            "tree",
            "template",
            "change",
            "check",
            "diagnose",
            "graph",
            "status",
            "import",
            "propose",
            "workspace",
            "ops",
        ],
        false,
        "the two streams; it looks at the terminal",
    ),
    room(
        "commands",
        &["diagnostics", "spec", "check", "diagnose", "workspace", "ops", "report"],
        false,
        "flags in, call, report out",
    ),
    room("app", &["diagnostics", "report", "commands"], false, ""),
];

const fn room(
    name: &'static str,
    may: &'static [&'static str],
    pure: bool,
    why: &'static str,
) -> Room {
    Room { name, may, pure, why }
}

/// Files that are pure in a room that is not.
const PURE: &[&str] = &[
    "cluster/rollout.rs",
    "ops/blame.rs",
    "ops/hidden.rs",
    "ops/promote/proof.rs",
    "ops/promote/stages.rs",
    "ops/removals.rs",
    "ops/rendering.rs",
    "ops/secrets/command.rs",
    "ops/secrets/read.rs",
    "ops/secrets/role.rs",
    "ops/secrets/state.rs",
    "ops/trigger/cel.rs",
    "ops/trigger/event.rs",
    "ops/trigger/listener.rs",
    "ops/trigger/substitute.rs",
];

/// A command has flags, a call and a report, and needs no more lines.
const LONGEST_COMMAND: usize = 150;

/// What a pure room does not use.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net::Tcp",
    "process::Command",
    "std::io::stdin",
    "std::io::stdout",
    "SystemTime",
    "Instant",
    "rustix::",
    "walkdir::",
    "available_parallelism",
    "current_num_threads",
];

/// What threads share and change, by which a result could depend on their order. A `LazyLock` is a constant that is made when it is first
/// needed, and none of these.
const SHARED: &[&str] = &["Mutex", "RwLock", "OnceLock", "Atomic", "thread_local!", "static mut"];

/// Where a pure room has one all the same: the file, what it uses, why no result can depend on it.
const SHARED_ALL_THE_SAME: &[(&str, &str, &str)] = &[
    ("files.rs", "Mutex", "notes which files were read, for whoever asks at the end"),
    (
        "template/cache.rs",
        "RwLock",
        "parsed texts by the whole text, which is all that parsing reads",
    ),
    ("yaml/map.rs", "OnceLock", "the text of entries that are shared and no longer change"),
];

/// The text of a file without its tests, which may use what they like.
pub(crate) fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ")
        .filter(|at| !text[*at..].starts_with("#[cfg(test)]\nmod tests;"))
        .map_or(text, |at| &text[..at])
}

/// Whether a file below src/ holds only tests.
pub(crate) fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// The code of a file without comments and without its tests.
fn code(text: &str) -> String {
    without_tests(text)
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The rooms that a code names in paths: `crate::a::b`, `crate::{a::b, c}`, `gitops_gen::a`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for prefix in ["crate::", "gitops_gen::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            let word = |text: &str| -> String {
                text.trim_start()
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect()
            };
            let Some(list) = rest.strip_prefix('{') else {
                found.insert(word(rest));
                continue;
            };
            // The first word of each item, inner braces skipped.
            let mut depth = 0;
            let mut start = 0;
            for (index, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth > 0 => depth -= 1,
                    ',' | '}' if depth == 0 => {
                        found.insert(word(&list[start..index]));
                        start = index + 1;
                        if c == '}' {
                            break;
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    // `crate::Something` that is no room: macros, and nothing after a trailing comma.
    found.retain(|name| !name.is_empty() && name.chars().next().is_some_and(char::is_lowercase));
    found
}

/// Everything that is wrong with files: path below src/ and text.
fn problems(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, text) in files {
        let name = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if is_test(path) || ["lib", "main"].contains(&name) {
            continue;
        }
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            problems.push(format!("src/{path} is in no room of the table"));
            continue;
        };
        let code = code(text);
        for import in imports(&code) {
            if import != room.name && !room.may.contains(&import.as_str()) {
                problems.push(format!("src/{path}: `{name}` may not import `{import}`"));
            }
        }
        let pure = room.pure || PURE.contains(&path.as_str());
        for word in IMPURE.iter().filter(|_| pure) {
            if code.contains(word) {
                problems.push(format!("src/{path}: `{name}` is pure and uses {word}"));
            }
        }
        let is_named = |word: &str| {
            let named = |(file, what, _): &(&str, &str, &str)| *file == path && *what == word;
            SHARED_ALL_THE_SAME.iter().any(named)
        };
        for word in SHARED.iter().filter(|word| pure && !is_named(word)) {
            if code.contains(word) {
                problems.push(format!("src/{path}: `{name}` is pure and shares {word}"));
            }
        }
        if name == "commands" && text.lines().count() > LONGEST_COMMAND {
            problems.push(format!("src/{path}: a command does its work in `ops`"));
        }
        if path.ends_with("/mod.rs") || !path.contains('/') {
            continue;
        }
        if code.contains("use super::super::super::") {
            problems.push(format!("src/{path}: a path through three parents hides the room"));
        }
    }
    problems
}

/// All files below src/: path and text.
pub(crate) fn sources() -> BTreeMap<String, String> {
    snapshot(&project().join("src"))
        .into_iter()
        .filter(|(path, _)| path.to_ascii_lowercase().ends_with(".rs"))
        .map(|(path, text)| (path, String::from_utf8(text).expect("UTF-8")))
        .collect()
}

#[test]
fn every_room_imports_only_what_it_may() {
    let found = problems(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The table itself: every room is there, and none imports upwards.
#[test]
fn the_table_is_in_order() {
    let sources = sources();
    for path in PURE {
        assert!(sources.contains_key(*path), "there is no src/{path}");
    }
    for (path, what, _) in SHARED_ALL_THE_SAME {
        let used = sources.get(*path).is_some_and(|text| text.contains(what));
        assert!(used, "src/{path} does not use {what}");
    }
    for (index, room) in ROOMS.iter().enumerate() {
        let is_there = sources.keys().any(|path| {
            *path == format!("{}.rs", room.name) || path.starts_with(&format!("{}/", room.name))
        });
        assert!(is_there, "there is no room `{}`", room.name);
        for other in room.may {
            let below = ROOMS[..index].iter().any(|below| below.name == *other);
            assert!(below, "`{}` imports `{other}`, which is above it", room.name);
        }
        // A permission that nobody uses is a hole.
        let used: BTreeSet<String> = sources
            .iter()
            .filter(|(path, _)| path.split(['/', '.']).next() == Some(room.name))
            .flat_map(|(_, text)| imports(&code(text)))
            .collect();
        for other in room.may {
            let basic = *other == "diagnostics";
            assert!(basic || used.contains(*other), "`{}` does not use `{other}`", room.name);
        }
    }
}

#[test]
fn an_import_upwards_is_caught() {
    let bad = [
        ("name/check.rs", "use crate::spec::Spec;"),
        ("name/check.rs", "use crate::{diagnostics::NameError, spec::{Spec, View}};"),
        ("model/mod.rs", "pub type X = crate::workspace::Workspace;"),
        ("kubernetes/object.rs", "fn x() { crate::decode::decode() }"),
        ("workspace/disk.rs", "use crate::manifests::Unit;"),
        ("report/screen.rs", "use crate::app::Cli;"),
        ("ops/blame.rs", "let text = std::fs::read_to_string(path);"),
        ("spec/load.rs", "let text = std::fs::read_to_string(path);"),
        ("manifests/unit.rs", "let now = SystemTime::now();"),
        ("manifests/unit.rs", "static ALL: Mutex<Vec<App>>;"),
        ("template/cache.rs", "hits: AtomicUsize,"),
        ("cellar/mod.rs", ""),
    ];
    for (path, text) in bad {
        let files = BTreeMap::from([(path.to_owned(), text.to_owned())]);
        assert_eq!(problems(&files).len(), 1, "{path}: {text}");
    }
    let good = [
        ("name/check.rs", "// use crate::spec::Spec;\nuse crate::diagnostics::NameError;"),
        (
            "yaml/emit/mod.rs",
            "use crate::diagnostics::Span;\n#[cfg(test)]\nmod tests {\n use crate::spec::x;\n}",
        ),
        ("yaml/emit/tests.rs", "use crate::spec::x;"),
    ];
    for (path, text) in good {
        let files = BTreeMap::from([(path.to_owned(), text.to_owned())]);
        assert!(problems(&files).is_empty(), "{path}: {text}");
    }
}
