//! What a hostile pull request could bring: specs, environments, pins, templates, manifests, records and journals.
//!
//! A folder under tests/adversarial/ a kind of file; what cannot or need not be committed is made on the fly. Whatever it is, gen
//! ends by itself with the status for a wrong spec (3) or wrong local files (4), within the memory and the time that it is
//! given, repeats nothing of what lies outside, and writes nothing there.
#![allow(clippy::print_stderr, reason = "says what was slowest")]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rayon::prelude::*;
use support::{Repo, SMALL, digest, tree};

/// Stands in files outside the repository and in secrets; must never be printed.
const CANARY: &str = "CANARY-7f3a";
/// Address space, in bytes; it is more than what is really used.
const MEMORY: u64 = 256 << 20;
/// Seconds on the processor, which do not depend on what else the machine does.
const SECONDS: u64 = 5;

fn corpus(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adversarial");
    tree(&folder.join(kind))
}

/// A repository with something to find outside of it.
fn repo() -> Repo {
    let repo = Repo::small().file("outside.txt", CANARY);
    std::fs::write(repo.outside().join("outside.txt"), CANARY).unwrap();
    std::fs::create_dir(repo.outside().join("folder")).unwrap();
    std::fs::write(repo.outside().join("folder/a.yaml"), CANARY).unwrap();
    repo
}

/// One hostile file in its place.
fn with(kind: &str, content: impl AsRef<[u8]>) -> Repo {
    let app = |keys: &str| SMALL.replace("team/shop}", &format!("team/shop, {keys}}}"));
    let pins =
        format!("apps: {{shop: {{image: \"registry.example/team/shop@{}\"}}}}\n", digest('a'));
    let base = repo();
    match kind {
        "spec" | "accepted" => base.file("gen.yaml", content),
        "environment" => base.file("environments/dev.yaml", content),
        "pins" => base.file("environments/dev.pins.yaml", content),
        "template" | "template-hangs" => base
            .file("gen.yaml", app("port: 80"))
            .file("environments/dev.pins.yaml", pins)
            .file("templates/workload/service.yaml", content),
        "task" => base
            .file("gen.yaml", app("pipeline: [evil]"))
            .file("templates/tasks/evil.yaml", content),
        "manifest" => {
            base.file("gen.yaml", app("extra: manifests")).file("manifests/x.yaml", content)
        }
        "record" => base
            .file("clusters/dev/dev/shop/notes.txt", "mine")
            .file("clusters/dev/dev/shop/gen.lock.json", content),
        "journal" => {
            base.file("clusters/dev/dev/shop/notes.txt", "mine").file(".gen/journal", content)
        }
        _ => panic!("no kind: {kind}"),
    }
}

/// All that gen may not touch.
fn untouchable(repo: &Repo) -> Vec<(String, u64)> {
    let walk = walkdir::WalkDir::new(repo.outside()).sort_by_file_name();
    let entries = walk.into_iter().filter_map(Result::ok);
    let kept = entries.filter(|entry| {
        let path = entry.path().strip_prefix(repo.root()).ok();
        // The folders that it writes; what is not gen's in them is looked at by other tests.
        !path.is_some_and(|path| path.starts_with("clusters") || path.starts_with(".gen"))
            && !entry.file_type().is_dir()
    });
    kept.map(|entry| {
        let size = entry.path().symlink_metadata().map_or(0, |data| data.len());
        (entry.path().display().to_string(), size)
    })
    .collect()
}

/// What is wrong with how gen took it, or nothing; and how long it took.
fn judge(repo: &Repo, allowed: &[i32]) -> (Option<String>, Duration) {
    let before = untouchable(repo);
    let ran = repo.run_limited(MEMORY, SECONDS, ["render"]);
    let mut wrong = String::new();
    if !allowed.contains(&ran.status) {
        let _ = writeln!(wrong, "status {}, not one of {allowed:?}", ran.status);
    }
    if ran.stdout.contains(CANARY) || ran.stderr.contains(CANARY) {
        wrong.push_str("the canary was printed\n");
    }
    let printed = ran.stdout.chars().chain(ran.stderr.chars());
    if let Some(c) = printed
        .into_iter()
        .find(|c| (c.is_control() && !"\n\t".contains(*c)) || ('\u{202a}'..='\u{202e}').contains(c))
    {
        let _ = writeln!(wrong, "{c:?} was printed");
    }
    if ran.stderr.len() > 200_000 {
        let _ = writeln!(wrong, "{} bytes were said", ran.stderr.len());
    }
    if ran.status != 0 && !ran.stderr.contains("error[GEN") {
        wrong.push_str("no error with a code was told\n");
    }
    if untouchable(repo) != before || Path::new("/tmp/pwned").exists() {
        wrong.push_str("something was written outside\n");
    }
    let said: String = ran.stderr.chars().take(600).collect();
    let wrong = (!wrong.is_empty()).then(|| format!("{wrong}{said}"));
    (wrong, ran.took)
}

/// Runs all cases, tells the slowest, fails with all that is wrong.
fn run<C: Sync>(cases: &[(String, C)], allowed: &[i32], make: impl Fn(&C) -> Repo + Sync) {
    assert!(!cases.is_empty());
    let mut results: Vec<(Duration, &str, Option<String>)> = cases
        .par_iter()
        .map(|(name, case)| {
            let (wrong, took) = judge(&make(case), allowed);
            (took, name.as_str(), wrong)
        })
        .collect();
    results.sort_by_key(|(took, ..)| std::cmp::Reverse(*took));
    let slowest: Vec<String> = results
        .iter()
        .take(3)
        .map(|(took, name, _)| format!("{name} {:.2} s", took.as_secs_f64()))
        .collect();
    eprintln!("{} cases, slowest: {}", results.len(), slowest.join(", "));
    let wrong: Vec<String> = results
        .iter()
        .filter_map(|(_, name, wrong)| Some(format!("== {name}: {}", wrong.as_ref()?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn files(kind: &str, allowed: &[i32]) {
    run(&corpus(kind), allowed, |content| with(kind, content));
}

#[test]
fn specs() {
    files("spec", &[3]);
}

#[test]
fn environments() {
    files("environment", &[3]);
}

#[test]
fn pins() {
    files("pins", &[3]);
}

#[test]
fn templates() {
    files("template", &[3]);
}

#[test]
fn tasks() {
    files("task", &[3]);
}

#[test]
fn manifests() {
    files("manifest", &[3]);
}

#[test]
fn records() {
    files("record", &[3]);
}

#[test]
fn journals() {
    files("journal", &[4]);
}

/// Strange, and right: what is refused must be refused for a reason.
#[test]
fn accepted() {
    files("accepted", &[0]);
}

/// Files too large to commit.
#[test]
#[allow(clippy::too_many_lines, reason = "a table of texts is read best in one piece")]
fn large_texts() {
    let head = "version: 1\nrepository: https://git.example/a\n";
    let many = |line: &str, times: usize| format!("{head}{}", line.repeat(times));
    let counted = |count: usize, part: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        (0..count).for_each(|number| text.push_str(&part(number)));
        text
    };
    let numbered = |count: usize, line: &dyn Fn(usize) -> String| {
        format!("{head}apps:\n{}", counted(count, line))
    };
    let laughs = |width: usize| {
        let mut text = format!("{head}a0: &a0 [x]\n");
        for level in 1..40 {
            let aliases = vec![format!("*a{}", level - 1); width].join(", ");
            let _ = writeln!(text, "a{level}: &a{level} [{aliases}]");
        }
        text
    };
    let cases: Vec<(String, String)> = [
        ("opening brackets", format!("{head}a: {}", "[".repeat(900_000))),
        ("closed brackets", format!("{head}a: {0}{1}", "[".repeat(400_000), "]".repeat(400_000))),
        ("opening braces", format!("{head}a: {}", "{a: ".repeat(200_000))),
        ("dashes", format!("{head}a:\n  {}", "- ".repeat(400_000))),
        ("question marks", format!("{head}{}", "? ".repeat(400_000))),
        ("one list", format!("{head}include: [{}]", "a,".repeat(400_000))),
        (
            "one map on a line",
            format!("{head}apps: {{{}}}", counted(70_000, &|n| format!("a{n}: 1,"))),
        ),
        ("a map of as many lines as fit", numbered(70_000, &|n| format!("  a{n}: 1\n"))),
        (
            "apps of as many lines as fit",
            numbered(9_000, &|n| {
                format!("  a{n}: {{source: https://git.example/a, imag: a/b, image: a/b}}\n")
            }),
        ),
        ("one key many times", many("k: v\n", 150_000)),
        ("a long key", format!("{head}{}: x\n", "k".repeat(900_000))),
        ("a long quoted key", format!("{head}\"{}\": x\n", "k".repeat(900_000))),
        ("a long plain text", format!("{head}a: {}\n", "word ".repeat(180_000))),
        ("a long block", format!("{head}a: |\n{}", "  line\n".repeat(120_000))),
        ("a long name", format!("{head}apps: {{{}: {{}}}}\n", "a".repeat(900_000))),
        ("a long image", SMALL.replace("registry.example/team/shop", &"a/".repeat(400_000))),
        (
            "a long address",
            SMALL.replace(
                "https://git.example/team/shop.git",
                &format!("https://git.example/{}", "a/".repeat(400_000)),
            ),
        ),
        ("escapes", format!("{head}a: \"{}\"\n", "\\U0001F600".repeat(90_000))),
        ("quotes", format!("{head}a: '{}'\n", "''".repeat(400_000))),
        ("anchors", format!("{head}a: [{}]\n", counted(80_000, &|n| format!("&a{n} x,")))),
        ("aliases of one", format!("{head}a: &a x\nb: [{}]\n", "*a,".repeat(250_000))),
        ("aliases, two wide", laughs(2)),
        ("aliases, a hundred wide", laughs(100)),
        ("aliases, a thousand wide", laughs(1_000)),
        ("tags", many("a: !x y\n", 100_000)),
        ("documents", many("---\na: b\n", 90_000)),
        ("directives", format!("{}{head}", "%X y\n".repeat(150_000))),
        ("tabs", format!("{head}{}", "\t".repeat(900_000))),
        ("control characters", format!("{head}# {}", "\u{1}".repeat(900_000))),
        ("byte order marks", "\u{feff}".repeat(300_000)),
        ("carriage returns", format!("{head}{}", "\r".repeat(900_000))),
        ("line separators", format!("{head}a: {}", "\u{2028}".repeat(300_000))),
        ("more than the limit", format!("{head}# {}", "x".repeat(1 << 20))),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text))
    .collect();
    run(&cases, &[3], |text| with("spec", text));
}

/// What a disk can hold besides files.
#[test]
fn places() {
    type Make = fn() -> Repo;
    let cases: Vec<(&str, Make)> = vec![
        ("gen.yaml of a gigabyte", || repo().sparse("gen.yaml", 1 << 30)),
        ("environment of a gigabyte", || repo().sparse("environments/dev.yaml", 1 << 30)),
        ("pins of a gigabyte", || repo().sparse("environments/dev.pins.yaml", 1 << 30)),
        ("template of a gigabyte", || repo().sparse("templates/tasks/a.yaml", 1 << 30)),
        ("included file of a gigabyte", || {
            with("spec", format!("{SMALL}include: [a.yaml]\n")).sparse("a.yaml", 1 << 30)
        }),
        ("manifest of a gigabyte", || with("manifest", "").sparse("manifests/x.yaml", 1 << 30)),
        ("record of a gigabyte", || repo().sparse("clusters/dev/dev/shop/gen.lock.json", 1 << 30)),
        ("gen.yaml a pipe", || repo().without("gen.yaml").fifo("gen.yaml")),
        ("environment a pipe", || {
            repo().without("environments/dev.yaml").fifo("environments/dev.yaml")
        }),
        ("pins a pipe", || repo().fifo("environments/dev.pins.yaml")),
        ("template a pipe", || repo().fifo("templates/tasks/a.yaml")),
        ("manifest a pipe", || with("manifest", "").fifo("manifests/y.yaml")),
        ("record a pipe", || repo().fifo("clusters/dev/dev/shop/gen.lock.json")),
        ("included file a pipe", || {
            with("spec", format!("{SMALL}include: [a.yaml]\n")).fifo("a.yaml")
        }),
        ("gen.yaml a device", || repo().without("gen.yaml").link("gen.yaml", "/dev/zero")),
        ("gen.yaml a link outside", || {
            repo().without("gen.yaml").link("gen.yaml", "../outside.txt")
        }),
        ("environment a link outside", || repo().link("environments/a.yaml", "../../outside.txt")),
        ("environment a link to a password file", || {
            repo().link("environments/a.yaml", "/etc/passwd")
        }),
        ("environments a link outside", || {
            repo()
                .without("environments/dev.yaml")
                .link("x", ".")
                .link("environments2", "../folder")
        }),
        ("pins a link outside", || repo().link("environments/dev.pins.yaml", "../../outside.txt")),
        ("template a link to a password file", || repo().link("templates/x", "/etc/passwd")),
        ("template a link outside", || {
            repo().link("templates/tasks/a.yaml", "../../../outside.txt")
        }),
        ("template folder a link outside", || repo().link("templates/tasks", "../../folder")),
        ("templates a link outside", || repo().link("templates", "../folder")),
        ("manifests a link outside", || {
            with("spec", SMALL.replace("shop}", "shop, extra: manifests}"))
                .link("manifests", "../folder")
        }),
        ("manifest a link outside", || {
            with("manifest", "").link("manifests/y.yaml", "../../outside.txt")
        }),
        ("include through a link outside", || {
            with("spec", format!("{SMALL}include: [linked/*.yaml]\n")).link("linked", "../folder")
        }),
        ("include of a link outside", || {
            with("spec", format!("{SMALL}include: [a.yaml]\n")).link("a.yaml", "../folder/a.yaml")
        }),
        ("include into .git", || {
            with("spec", format!("{SMALL}include: [a.yaml]\n"))
                .file(".git/config", CANARY)
                .link("a.yaml", ".git/config")
        }),
        ("links in a circle", || {
            repo().link("environments/a.yaml", "b.yaml").link("environments/b.yaml", "a.yaml")
        }),
        ("link to nothing", || repo().link("environments/a.yaml", "nothing.yaml")),
        ("clusters a link outside", || repo().link("clusters", "../folder")),
        ("cluster a link outside", || repo().link("clusters/dev", "../../folder")),
        ("app's folder a link outside", || {
            repo().link("clusters/dev/dev/shop", "../../../../folder")
        }),
        ("file a link outside", || {
            repo().link("clusters/dev/flux/gen-dev.yaml", "../../../../outside.txt")
        }),
        ("record a link outside", || {
            repo().link("clusters/dev/dev/shop/gen.lock.json", "../../../../../outside.txt")
        }),
        ("clusters a file", || repo().file("clusters", "")),
        ("cluster a file", || repo().file("clusters/dev", "")),
        ("folder where a file goes", || repo().file("clusters/dev/flux/gen-dev.yaml/x", "")),
        (".gen a link outside", || repo().link(".gen", "../folder")),
        (".gen a file", || repo().file(".gen", "")),
        ("journal a link outside", || repo().link(".gen/journal", "../../outside.txt")),
        ("journal a pipe", || repo().fifo(".gen/journal")),
        ("lock a link outside", || repo().link(".gen/lock", "../../outside.txt")),
        ("environment named with an escape", || {
            repo().file("environments/a\u{1b}[31m.yaml", "{}\n")
        }),
        ("environment named with a line break", || repo().file("environments/a\nb.yaml", "{}\n")),
        ("environment named with a bidi control", || {
            repo().file("environments/a\u{202e}.yaml", "{}\n")
        }),
        ("template named with an escape", || repo().file("templates/a\u{1b}[31m.yaml", "{}\n")),
        ("template named with a backslash", || repo().file("templates/x\\..\\..\\y.yaml", "{}\n")),
        ("manifest named with an escape", || {
            with("manifest", "x").file("manifests/a\u{1b}[31m.yaml", "x\n")
        }),
    ];
    let cases: Vec<(String, Make)> =
        cases.into_iter().map(|(name, make)| (name.to_owned(), make)).collect();
    run(&cases, &[3, 4], |make| make());
}

/// What is not looked at, and what is replaced, does no harm.
#[test]
fn places_that_do_no_harm() {
    type Make = fn() -> Repo;
    let cases: [(&str, Make); 2] = [
        ("a name that begins with a dot", || {
            repo().file("environments/...yaml", "no: {environment\n")
        }),
        ("stage a link outside", || repo().link(".gen/stage", "../../folder")),
    ];
    let cases: Vec<(String, Make)> =
        cases.into_iter().map(|(name, make)| (name.to_owned(), make)).collect();
    run(&cases, &[0], |make| make());
}

/// Lists that are added to themselves are put together lazily, and looking into sixty levels of that takes 2⁶⁰ steps. Whatever doubles
/// a value is refused when it is read, or paid for when it is made.
#[test]
fn templates_that_hang() {
    files("template-hangs", &[3]);
}

/// A link to a folder inside is followed; what is inside may be read.
#[test]
fn links_that_stay_inside() {
    let repo = repo()
        .without("environments/dev.yaml")
        .file("shared/dev.yaml", "{}\n")
        .link("environments/dev.yaml", "../shared/dev.yaml");
    repo.run(["render"]).status(0);
    repo.run(["render", "--check"]).status(0);
}

/// A record names a file that gen did not write: it is not gen's to delete, whatever the record says.
#[test]
fn foreign_files_stay() {
    let repo = repo();
    repo.run(["render"]).status(0);
    let record = "clusters/dev/dev/shop/gen.lock.json";
    let text = repo.read(record);
    let hostile = text.replace(
        "\"files\": {",
        &format!("\"files\": {{\n    \"notes.txt\": \"{}\",", digest('0')),
    );
    assert_ne!(text, hostile);
    let repo = repo.file(record, hostile).file("clusters/dev/dev/shop/notes.txt", "mine");
    repo.run(["render"]);
    assert_eq!(repo.read("clusters/dev/dev/shop/notes.txt"), "mine");
}
