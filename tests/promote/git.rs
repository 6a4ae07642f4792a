//! A repository in git, as a person has it.

use std::process::Command;

use crate::support::Repo;

/// Runs git in the repository, and gives what it says.
#[track_caller]
pub fn git(repo: &Repo, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(repo.root())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", repo.outside().join("home"))
        .output()
        .expect("git runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// Makes it a git repository, with a name for who commits.
pub fn init(repo: &Repo) {
    git(repo, &["config", "--global", "user.name", "Ada"]);
    git(repo, &["config", "--global", "user.email", "ada@example.test"]);
    git(repo, &["config", "--global", "init.defaultBranch", "main"]);
    git(repo, &["init", "--quiet"]);
}

/// Renders and commits everything.
#[track_caller]
pub fn commit(repo: &Repo, message: &str) -> String {
    repo.run(["render"]).status(0);
    git(repo, &["add", "--all"]);
    git(repo, &["commit", "--quiet", "--allow-empty", "--message", message]);
    git(repo, &["rev-parse", "HEAD"])
}
