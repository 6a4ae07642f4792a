//! Every error has its message in a committed file, and what its help says to do can be done.
//!
//! Most messages are golden cases. Here are those whose causes cannot be committed to git, or come about only inside a program.

mod support;

use std::path::Path;

use gitops_gen::diagnostics::Sources;
use gitops_gen::diagnostics::{Exit, Look, all, render};
use gitops_gen::files::Memory;
use gitops_gen::fleet::prepare;
use gitops_gen::tree::{Folder, Owner};
use gitops_gen::workspace::{Options, Publication};
use support::{Repo, SMALL, tree};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All texts in which a message may be committed: expected files, snapshots, and snapshots within a test's source.
fn committed() -> String {
    let mut texts = String::new();
    for folder in ["tests", "src"] {
        for (path, content) in tree(&root().join(folder)) {
            let is_source = Path::new(&path).extension().is_some_and(|e| e == "rs");
            if folder == "src" && !is_source && !path.contains("/snapshots/") {
                continue;
            }
            let text = String::from_utf8_lossy(&content);
            for line in text.lines() {
                // Documentation names errors without their messages.
                if !(is_source && line.trim_start().starts_with("//")) {
                    texts.push_str(line);
                    texts.push('\n');
                }
            }
        }
    }
    texts
}

#[test]
fn every_error_has_its_message_in_a_committed_file() {
    let committed = committed();
    let mut missing = Vec::new();
    for entry in all() {
        let code = entry.code.to_string();
        // As in `error[GEN0312]: …`, or `[GEN0312] …` in a snapshot of a library test.
        let is_there =
            committed.contains(&format!("[{code}]: ")) || committed.contains(&format!("[{code}] "));
        if !is_there {
            missing.push(code);
        }
    }
    assert!(missing.is_empty(), "no committed file shows the message of {}", missing.join(", "));
}

#[test]
fn every_error_is_documented() {
    let page = std::fs::read_to_string(root().join("docs/reference/errors.md")).unwrap();
    for entry in all() {
        let heading = format!("\n### {}\n", entry.code);
        assert!(page.contains(&heading), "docs/reference/errors.md lacks {}", entry.code);
    }
}

/// A code is a warning or an error, and its documentation says which: only an error ends with a status other than 0.
#[test]
fn a_warning_has_no_exit_status_of_an_error() {
    let committed = committed();
    for entry in all() {
        let is_warning = entry.exit == Exit::Done;
        let other = if is_warning { "error" } else { "warning" };
        let found = format!("{other}[{}]: ", entry.code);
        assert!(!committed.contains(&found), "{found} has {}", entry.status());
    }
    let repo = Repo::small();
    repo.run(["explain", "GEN0451"]).status(0).stdout("\nexit status: 0 (a warning)\n");
    repo.run(["explain", "GEN0312"]).status(0).stdout("\nexit status: 3\n");
}

/// `gen explain KEY` stands in many a help; it must answer.
#[test]
fn what_a_help_names_can_be_explained() {
    let repo = Repo::small();
    let mut keys = std::collections::BTreeSet::new();
    for (path, content) in tree(&root().join("tests/golden")) {
        if path.ends_with("stderr.txt") {
            let text = String::from_utf8(content).unwrap();
            let found = text.split("`gen explain ").skip(1);
            keys.extend(found.map(|rest| rest.split('`').next().unwrap_or_default().to_owned()));
        }
    }
    assert!(keys.len() > 10, "{keys:?}");
    for key in keys {
        let ran = repo.run(["explain", key.as_str()]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }
}

/// All that was said, with the numbers that differ from machine to machine left as they are.
fn said(repo: &Repo, arguments: &str, status: i32) -> String {
    repo.run(arguments.split_whitespace()).status(status).stderr
}

#[test]
fn files_that_are_too_large() {
    let repo = Repo::small().sparse("gen.yaml", 1 << 30);
    insta::assert_snapshot!(said(&repo, "render", 3), @r"
    error[GEN0106]: gen.yaml: the file has 1073741824 bytes, more than the limit of 1048576
      help: split it: apps can have their own files, listed under `include:`
    ");
}

#[test]
fn what_is_no_regular_file() {
    let repo = Repo::small().without("environments/dev.yaml").fifo("environments/dev.yaml");
    insta::assert_snapshot!(said(&repo, "render", 3), @"error[GEN0811]: `environments/dev.yaml` is not a regular file");
    let repo = Repo::small().link("templates/x", "/etc/passwd");
    insta::assert_snapshot!(said(&repo, "render", 3), @r"
    error[GEN0816]: `templates/x` leaves the repository
      help: replace the link with the file itself
    ");
    let repo = Repo::small();
    let repo = repo.link("clusters/dev", "/tmp");
    insta::assert_snapshot!(said(&repo, "render", 4), @r"
    error[GEN0805]: `clusters/dev` is a symbolic link
      help: replace it with a folder or a file
    ");
}

#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::small();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.yaml");
    std::fs::write(repo.root().join("environments").join(name), "{}\n").unwrap();
    insta::assert_snapshot!(said(&repo, "render", 3), @r"
    error[GEN0813]: the file name `environments/caf�.yaml` is not UTF-8
      help: rename it
    ");
}

#[test]
fn more_files_than_anybody_has() {
    let mut repo = Repo::small().file("gen.yaml", format!("{SMALL}include: [many/*]\n"));
    for number in 0..=20_000 {
        if number % 1000 == 0 {
            repo = repo.file(&format!("many/{number}"), "");
        } else {
            std::fs::write(repo.root().join(format!("many/{number}")), "").unwrap();
        }
    }
    insta::assert_snapshot!(said(&repo, "render", 3), @r#"
    error[GEN0814]: gen.yaml:5:11: `many/*` matches more than 20000 files
      5 | include: [many/*]
        |           ^^^^^^
    "#);
}

#[test]
fn another_gen_at_work() {
    let repo = Repo::small();
    let options = Options { force: false, check: false };
    let held = Publication::begin(repo.root(), options).unwrap();
    insta::assert_snapshot!(said(&repo, "render", 4), @r"
    error[GEN0807]: another gen is running (it holds `.gen/lock`)
      help: wait for it to finish
    ");
    drop(held);
    repo.run(["render"]).status(0);
}

/// The demo and `gen init` write the same names; a second call must not touch the first one's files.
#[test]
fn init_over_its_own_files() {
    let repo = Repo::new();
    repo.run(["init", "new", "--demo"]).status(0);
    insta::assert_snapshot!(said(&repo, "init new", 64), @r"
    error[GEN0608]: `new/environments/dev.yaml` already exists, and init does not overwrite
      help: choose an empty folder, or remove the file
    ");
    repo.run(["-C", "new", "render"]).status(0);
    repo.run(["-C", "new", "render", "--check"]).status(0);
}

fn shown(problems: &gitops_gen::diagnostics::Diagnostics, sources: &Sources) -> String {
    let shown = problems.iter().map(|problem| render(problem, sources, Look::Plain));
    shown.collect()
}

/// What a disk would have to do to bring these about differs from machine to machine.
#[test]
fn errors_of_the_library() {
    let mut sources = Sources::default();
    let Err(problems) = prepare(&Memory::default(), &mut sources) else {
        panic!("nothing was taken for a spec");
    };
    insta::assert_snapshot!(shown(&problems, &sources), @"error[GEN0806]: `gen.yaml`: file not found");

    let repo = Repo::small();
    let options = Options { force: false, check: false };
    let folder = |path: &str| Folder {
        path: path.to_owned(),
        record: "gen.lock.json".to_owned(),
        owner: Owner {
            environment: "dev".to_owned(),
            app: Some("shop".to_owned()),
            retired: false,
        },
        files: [("a.yaml".to_owned(), "a: b\n".to_owned())].into(),
    };
    let publication = Publication::begin(repo.root(), options).unwrap();
    let outside = publication.add(&folder("src"), None).unwrap_err();
    insta::assert_snapshot!(shown(&outside, &sources), @r"
    error[GEN0815]: the tree contains a path that is not below clusters/: `src`
      help: this is a bug in gen: please report it with the spec
    ");
    publication.add(&folder("clusters/dev/dev/shop"), None).unwrap();
    let twice = publication.add(&folder("clusters/dev/dev/shop"), None).unwrap_err();
    insta::assert_snapshot!(shown(&twice, &sources), @r"
    error[GEN0810]: two parts of the tree write `clusters/dev/dev/shop/gen.lock.json`
      help: this is a bug in gen: please report it with the spec
    ");
    drop(publication);

    let files = Memory::new([("gen.yaml", SMALL), ("environments/dev.yaml", "{}\n")]);
    let (fleet, _) = prepare(&files, &mut sources).unwrap_or_else(|problems| panic!("{problems}"));
    let nothing = minijinja::Value::from(());
    let unknown = fleet.engine.render("workload/servic.yaml", &nothing).unwrap_err();
    insta::assert_snapshot!(shown(&unknown, &sources), @r"
    error[GEN0527]: unknown template `workload/servic.yaml`
      help: did you mean `workload/service.yaml`?
    ");
}

/// Scripts and searches rely on a code's meaning.
#[test]
fn a_code_stands_for_one_error() {
    let mut codes: Vec<_> = all().into_iter().map(|entry| entry.code).collect();
    let all = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), all);
}
