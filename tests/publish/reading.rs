//! Reading sources: nothing but regular files inside the repository.

use std::fs;

use gitops_gen::diagnostics::Exit;
use gitops_gen::files::{Files as _, Pattern};
use gitops_gen::workspace::Workspace;

use crate::support::{Checkout, codes, shown};

const LIMIT: u64 = 64;

fn read(
    checkout: &Checkout,
    path: &str,
) -> Result<Option<String>, gitops_gen::diagnostics::Diagnostics> {
    let text = Workspace::new(&checkout.root()).read(path, LIMIT)?;
    Ok(text.map(|text| text.to_string()))
}

#[test]
fn regular_files_and_links_that_stay_inside() {
    let checkout = Checkout::new();
    checkout.write("apps/a.yaml", "a");
    checkout.link("apps/b.yaml", "a.yaml");
    checkout.link("more", "apps");
    checkout.link("absolute.yaml", checkout.path("apps/a.yaml"));
    for path in ["apps/a.yaml", "apps/b.yaml", "more/a.yaml", "more/b.yaml", "absolute.yaml"] {
        assert_eq!(read(&checkout, path).unwrap().as_deref(), Some("a"), "{path}");
    }
    for path in ["none.yaml", "none/a.yaml", "apps/a.yaml/x"] {
        assert_eq!(read(&checkout, path).unwrap(), None, "{path}");
    }
}

#[test]
fn what_lies_outside_is_not_read_and_not_shown() {
    let checkout = Checkout::new();
    let outside = checkout.outside();
    fs::write(outside.join("secret.yaml"), "canary").unwrap();
    checkout.write(".git/config", "canary");
    checkout.write(".gen/journal", "canary");
    checkout.link("a.yaml", outside.join("secret.yaml"));
    checkout.link("b.yaml", "../outside/secret.yaml");
    checkout.link("folder", &outside);
    checkout.link("git.yaml", ".git/config");
    checkout.link("git", ".git");
    checkout.link("gen.yaml", ".gen/journal");
    checkout.link("passwd", "/etc/passwd");
    let paths = [
        "a.yaml",
        "b.yaml",
        "folder/secret.yaml",
        "git.yaml",
        "git/config",
        "gen.yaml",
        "passwd",
        "../outside/secret.yaml",
        "/etc/passwd",
        ".git/config",
        "",
    ];
    for path in paths {
        let problems = read(&checkout, path).unwrap_err();
        assert_eq!(codes(&problems), ["GEN0816"], "{path}");
        assert_eq!(problems.exit(), Exit::Spec);
        assert!(!shown(&problems).contains("canary") && !shown(&problems).contains("root:"));
    }
    insta::assert_snapshot!(shown(&read(&checkout, "passwd").unwrap_err()), @r#"
    error[GEN0816]: `passwd` leaves the repository
      help: replace the link with the file itself
    "#);
    let files = Workspace::new(&checkout.root());
    assert_eq!(codes(&files.list("folder").unwrap_err()), ["GEN0816"]);
    assert_eq!(codes(&files.glob("folder/*.yaml").unwrap_err()), ["GEN0816"]);
    assert_eq!(codes(&files.glob("../outside/*.yaml").unwrap_err()), ["GEN0817"]);
}

#[test]
fn only_regular_files_of_bounded_size_in_utf8() {
    let checkout = Checkout::new();
    checkout.write("folder/x", "");
    checkout.write("large.yaml", &"x".repeat(65));
    checkout.write("fits.yaml", &"x".repeat(64));
    fs::write(checkout.path("latin.yaml"), b"caf\xe9").unwrap();
    checkout.link("loop", "loop");
    checkout.link("dangling", "nowhere");
    checkout.link("zero", "/dev/zero");
    rustix::fs::mkfifoat(rustix::fs::CWD, checkout.path("fifo"), rustix::fs::Mode::RWXU).unwrap();
    let mut all = String::new();
    for path in ["folder", "fifo", "loop", "dangling", "zero", "large.yaml", "latin.yaml"] {
        let problems = read(&checkout, path).unwrap_err();
        assert_eq!(problems.exit(), Exit::Spec);
        all.push_str(&shown(&problems));
    }
    insta::assert_snapshot!(all, @r#"
    error[GEN0811]: `folder` is not a regular file
    error[GEN0811]: `fifo` is not a regular file
    error[GEN0811]: `loop` is not a regular file
    error[GEN0811]: `dangling` is not a regular file
    error[GEN0816]: `zero` leaves the repository
      help: replace the link with the file itself
    error[GEN0106]: large.yaml: the file has 65 bytes, more than the limit of 64
      help: split it: apps can have their own files, listed under `include:`
    error[GEN0107]: latin.yaml: the file is not UTF-8 (byte 3)
      help: save it as UTF-8
    "#);
    assert!(read(&checkout, "fits.yaml").unwrap().is_some());
}

#[test]
fn lists_and_patterns() {
    let checkout = Checkout::new();
    for path in [
        "apps/b.yaml",
        "apps/a.yaml",
        "apps/deep/c.yaml",
        "apps/.hidden.yaml",
        "apps/.d/e.yaml",
        "apps/note.md",
        "clusters/x.yaml",
        ".github/x.yaml",
        "z.yaml",
    ] {
        checkout.write(path, "");
    }
    checkout.link("apps/linked.yaml", "a.yaml");
    let files = Workspace::new(&checkout.root());
    insta::assert_debug_snapshot!((
        files.list("apps").unwrap(),
        files.list("none").unwrap(),
        files.list("z.yaml").unwrap(),
        files.glob("apps/*.yaml").unwrap(),
        files.glob("**/*.yaml").unwrap(),
        files.glob("clusters/*.yaml").unwrap(),
        files.glob("apps/a.yaml").unwrap(),
    ), @r#"
    (
        [
            "apps/a.yaml",
            "apps/b.yaml",
            "apps/deep/c.yaml",
            "apps/linked.yaml",
            "apps/note.md",
        ],
        [],
        [],
        [
            "apps/a.yaml",
            "apps/b.yaml",
            "apps/linked.yaml",
        ],
        [
            "apps/a.yaml",
            "apps/b.yaml",
            "apps/deep/c.yaml",
            "apps/linked.yaml",
            "z.yaml",
        ],
        [],
        [
            "apps/a.yaml",
        ],
    )
    "#);

    checkout.link("apps/folder", "deep");
    assert_eq!(files.glob("apps/**/*.yaml").unwrap().len(), 4);
    assert_eq!(
        codes(&files.list("apps").unwrap_err()),
        ["GEN0811"],
        "a linked folder would be missing without a word"
    );
    let problems = files.glob("apps/[").unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    error[GEN0817]: invalid file pattern `apps/[`: unclosed character class; missing ']'
      help: use a pattern such as `apps/*.yaml`
    "#);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let checkout = Checkout::new();
    checkout.write("apps/a.yaml", "");
    let name = std::ffi::OsStr::from_bytes(b"b\xff.yaml");
    fs::write(checkout.path("apps").join(name), "").unwrap();
    let files = Workspace::new(&checkout.root());
    insta::assert_snapshot!(shown(&files.glob("apps/*.yaml").unwrap_err()), @r#"
    error[GEN0813]: the file name `apps/b�.yaml` is not UTF-8
      help: rename it
    "#);
    assert_eq!(codes(&files.list("apps").unwrap_err()), ["GEN0813"]);
    assert_eq!(files.glob("apps/a*.yaml").unwrap(), ["apps/a.yaml"]);
}

#[test]
fn too_many_files() {
    let checkout = Checkout::new();
    checkout.write("apps/0.yaml", "");
    for number in 1..=Pattern::MOST {
        fs::File::create(checkout.path("apps").join(format!("{number}.yaml"))).unwrap();
    }
    let files = Workspace::new(&checkout.root());
    insta::assert_snapshot!(shown(&files.glob("apps/*.yaml").unwrap_err()), @r#"
    error[GEN0814]: `apps/*.yaml` matches more than 20000 files
    "#);
}
