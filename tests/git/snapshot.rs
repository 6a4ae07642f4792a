//! A commit's files, read without checking it out, are what the disk would have given.

use gitops_gen::files::Files;
use gitops_gen::git::{Program, Repository, Snapshot};
use gitops_gen::workspace::Workspace;

use super::repositories::{Checkout, Place};

fn filled(place: &Place) -> Checkout<'_> {
    let checkout = place.init("repo");
    checkout.write("gen.yaml", "version: 1\n");
    checkout.write("apps/b.yaml", "b\n");
    checkout.write("apps/a.yaml", "a\n");
    checkout.write("apps/deep/c.yaml", "c\n");
    checkout.write("apps/.hidden.yaml", "h\n");
    checkout.write("environments/dev.yaml", "{}\n");
    checkout.write("clusters/dev/x.yaml", "x\n");
    checkout.write("binary", [0xff, 0xfe]);
    checkout.link("linked.yaml", "apps/a.yaml");
    checkout.link("other", "apps");
    checkout.link("out.yaml", "../home/.gitconfig");
    checkout.link("passwd", "/etc/passwd");
    checkout.link("circle", "circle");
    checkout.link("dangling", "nothing");
    checkout.link("config", ".git/config");
    checkout
}

/// Every question has the same answer, errors included, from the disk and from the commit.
#[test]
fn a_commit_reads_like_the_disk() {
    let place = Place::new();
    let checkout = filled(&place);
    let commit = checkout.commit_all("all");
    let repository = Repository::discover(&checkout.root).unwrap();
    let snapshot = Snapshot::open(&repository, Some(&commit)).unwrap();
    let disk = Workspace::new(&checkout.root);
    let code = |result: &Result<_, gitops_gen::diagnostics::Diagnostics>| match result {
        Ok(()) => String::new(),
        Err(problems) => problems.to_string().split(']').next().unwrap_or_default().to_owned(),
    };
    let mut compared = 0;
    for path in [
        "gen.yaml",
        "apps/a.yaml",
        "apps",
        "nothing",
        "linked.yaml",
        "other/a.yaml",
        "other/deep/c.yaml",
        "out.yaml",
        "passwd",
        "circle",
        "dangling",
        "binary",
        "config",
        "../x",
        "/etc/passwd",
        "",
        "apps/../gen.yaml",
        "gen.yaml/x",
        ".git/config",
    ] {
        let (one, other) = (disk.read(path, 1000), snapshot.read(path, 1000));
        assert_eq!(one.clone().ok(), other.clone().ok(), "{path}");
        assert_eq!(code(&one.map(drop)), code(&other.map(drop)), "{path}");
        compared += 1;
    }
    for folder in ["apps", "other", "nothing", "clusters", "templates", "..", "gen.yaml"] {
        let (one, other) = (disk.list(folder), snapshot.list(folder));
        assert_eq!(one.clone().ok(), other.clone().ok(), "{folder}");
        assert_eq!(code(&one.map(drop)), code(&other.map(drop)), "{folder}");
        compared += 1;
    }
    for pattern in ["apps/*.yaml", "**/*.yaml", "*.yaml", "apps/a.yaml", "../*", "x/[", "apps/.*"] {
        let (one, other) = (disk.glob(pattern), snapshot.glob(pattern));
        assert_eq!(one.clone().ok(), other.clone().ok(), "{pattern}");
        assert_eq!(code(&one.map(drop)), code(&other.map(drop)), "{pattern}");
        compared += 1;
    }
    println!("{compared} questions compared");
    let large = snapshot.read("gen.yaml", 3).unwrap_err();
    assert_eq!(large.to_string(), "[GEN0106] the file has 11 bytes, more than the limit of 3");
    // The conversation goes on after a refusal.
    assert_eq!(snapshot.read("apps/a.yaml", 10).unwrap().as_deref(), Some("a\n"));
}

#[test]
fn another_revision_than_the_one_on_disk() {
    let place = Place::new();
    let checkout = filled(&place);
    let first = checkout.commit_all("first");
    checkout.write("clusters/dev/x.yaml", "changed\n");
    checkout.write("clusters/dev/y.yaml", "new\n");
    checkout.git(&["tag", "v1"]);
    checkout.commit_all("second");
    let repository = Repository::discover(&checkout.root).unwrap();
    assert_eq!(repository.resolve("HEAD~1").unwrap(), first);
    assert_eq!(repository.resolve("v1").unwrap(), first);
    let old = Snapshot::open(&repository, Some(&first)).unwrap();
    let new = Snapshot::open(&repository, repository.find("HEAD").unwrap().as_deref()).unwrap();
    let texts = |snapshot: &Snapshot| {
        let texts = snapshot.texts_below("clusters", 100).unwrap();
        let pairs = texts.iter().map(|(path, text)| format!("{path}={text}"));
        pairs.collect::<String>()
    };
    assert_eq!(texts(&old), "clusters/dev/x.yaml=x\n");
    assert_eq!(texts(&new), "clusters/dev/x.yaml=changed\nclusters/dev/y.yaml=new\n");
    assert!(old.texts_below("cluster", 100).unwrap().is_empty());
    let large = new.texts_below("clusters", 4).unwrap_err().to_string();
    assert!(large.starts_with("[GEN0106]"), "{large}");
    // Many more bytes than a pipe holds, both ways.
    let mut names = Vec::new();
    for number in 0..3000 {
        let name = format!("clusters/many/{number:04}.yaml");
        checkout.write(&name, format!("{number}\n").repeat(20));
        names.push(name);
    }
    checkout.commit_all("many");
    let many = Snapshot::open(&repository, repository.find("HEAD").unwrap().as_deref()).unwrap();
    let texts = many.texts_below("clusters/many", 1000).unwrap();
    assert_eq!(texts.keys().cloned().collect::<Vec<_>>(), names);
    assert!(
        texts.iter().all(|(path, text)| text.starts_with(path[14..18].trim_start_matches('0')))
    );
}

#[test]
fn linked_work_trees_subfolders_and_no_commit_at_all() {
    let place = Place::new();
    let checkout = filled(&place);
    checkout.write("team/gen.yaml", "version: 1 # of the team\n");
    checkout.write("team/apps/z.yaml", "z\n");
    let unborn = Repository::discover(&checkout.root).unwrap();
    let head = unborn.head().unwrap();
    assert_eq!((head.branch.as_deref(), head.commit), (Some("main"), None));
    assert!(Snapshot::open(&unborn, None).unwrap().glob("**/*").unwrap().is_empty());

    let commit = checkout.commit_all("all");
    let inner = Repository::discover(&checkout.root.join("team")).unwrap();
    assert_eq!(inner.prefix, "team/");
    let snapshot = Snapshot::open(&inner, Some(&commit)).unwrap();
    assert_eq!(snapshot.glob("**/*.yaml").unwrap(), ["apps/z.yaml", "gen.yaml"]);

    checkout.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = Repository::discover(&place.path().join("side")).unwrap();
    assert!(side.folder.ends_with(".git/worktrees/side"), "{side:?}");
    assert_eq!(side.head().unwrap().branch.as_deref(), Some("side"));
    checkout.git(&["checkout", "-q", "--detach"]);
    let head = Repository::discover(&checkout.root).unwrap().head().unwrap();
    assert_eq!((head.branch, head.commit), (None, Some(commit)));
}

#[test]
fn what_git_refuses_is_said() {
    let place = Place::new();
    let nowhere = Program::new(&place.path().join("nowhere"));
    let said = |problems: gitops_gen::diagnostics::Diagnostics| {
        problems.to_string().replace(&place.path().display().to_string(), "<place>")
    };
    insta::assert_snapshot!(
        said(nowhere.call("version").run().unwrap_err()),
        @"[GEN1001] cannot start git: no such file or directory"
    );
    insta::assert_snapshot!(
        said(Repository::discover(place.path()).unwrap_err()),
        @"[GEN1002] `<place>` is not in a git repository: not a git repository (or any of the parent directories): .git"
    );
    let checkout = filled(&place);
    checkout.commit_all("all");
    let repository = Repository::discover(&checkout.root).unwrap();
    insta::assert_snapshot!(
        said(repository.resolve("mian").unwrap_err()),
        @"[GEN1004] invalid revision `mian`: no such branch, tag or commit"
    );
    insta::assert_snapshot!(
        said(repository.resolve("--upload-pack=touch x").unwrap_err()),
        @"[GEN1004] invalid revision `--upload-pack=touch x`: it starts like an option"
    );
    insta::assert_snapshot!(
        said(repository.program.call("cat-file").args(["-t", "main:nothing"]).run().unwrap_err()),
        @"[GEN1005] `git cat-file` failed: path 'nothing' does not exist in 'main'"
    );
    insta::assert_snapshot!(
        said(repository.program.call("cat-file").args(["-p", "main:gen.yaml"]).limit(4).run().unwrap_err()),
        @"[GEN1006] `git cat-file` printed more than 4 bytes"
    );
}
