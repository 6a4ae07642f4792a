//! Against a revision of the repository that gen.yaml lies in.

use std::process::Command;

use super::{base, folder};
use crate::support::Repo;

fn git(repo: &Repo, arguments: &[&str]) {
    let ran = Command::new("git")
        .args([
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@example.test",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(repo.root())
        .env("HOME", repo.outside())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn committed(repo: Repo) -> Repo {
    git(&repo, &["init", "-q"]);
    git(&repo, &["add", "-A"]);
    git(&repo, &["commit", "-qm", "one"]);
    repo
}

#[test]
fn a_revision_is_the_tree_that_was_committed() {
    let repo = committed(base());
    repo.run(["diff", "--against", "HEAD"]).status(0).stdout("no differences from HEAD (commit ");
    let spec = repo.read("gen.yaml").replace("LOG_LEVEL: info", "LOG_LEVEL: warn");
    let repo = repo.file("gen.yaml", spec);
    let before = repo.run(["diff", "--against", "main"]).status(1);
    let before = before.stdout("containers[shop].env[LOG_LEVEL].value");
    // What is on disk and not committed is not looked at: neither a fresh tree nor a broken one.
    repo.run(["render"]).status(0);
    let after = repo.run(["diff", "--against", "main"]).status(1);
    assert_eq!(before.stdout, after.stdout);
    git(&repo, &["commit", "-qam", "two"]);
    repo.run(["diff", "--against", "HEAD"]).status(0);
    repo.run(["diff", "--against", "HEAD~1"]).status(1);
}

#[test]
fn a_revision_that_is_none_or_has_no_tree() {
    let repo = Repo::new().copy(&folder().join("base"));
    let repo = committed(repo);
    repo.run(["diff", "--against", "HEAD"]).status(64).stderr("GEN0910");
    repo.run(["diff", "--against", "nope"]).stderr("GEN1004");
    repo.run(["diff", "--against", "--output=x"]).status(64);
}

/// gen.yaml may lie in a folder of the repository, which Flux then names in every path.
#[test]
fn a_repository_around_it() {
    let mut outer = Repo::new();
    for (path, content) in crate::support::tree(&folder().join("base")) {
        let content = String::from_utf8(content).unwrap();
        let url = "repository: https://git.example/team/gitops.git";
        let content = content
            .replace(url, "repository: {url: https://git.example/team/gitops.git, path: deploy}");
        outer = outer.file(&format!("deploy/{path}"), content);
    }
    outer.run(["-C", "deploy", "render"]).status(0);
    let outer = committed(outer);
    outer.run(["-C", "deploy", "diff", "--against", "HEAD"]).status(0).stdout("no difference");
}
