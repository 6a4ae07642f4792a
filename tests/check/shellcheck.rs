//! What shellcheck says of scripts, where it is on the PATH.

use std::process::Command;

use crate::support::{GEN, Repo, needs};

const TASK: &str = r#"apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build, namespace: shop}
spec:
  params: [{name: folder, type: string}]
  steps:
  - name: build
    image: registry.example/tools/build:1
    script: |
      cd "$(params.folder)" || exit 1
      if [ "$MODE" == whole ]; then
        make all
      fi
  - name: other
    image: registry.example/tools/python:latest
    script: |
      #!/usr/bin/env python3
      if x == 1: pass
"#;

#[test]
fn what_it_says_is_told_with_its_line() {
    if needs::program("shellcheck").is_none() {
        return;
    }
    let check = |text: &str, level: &str| {
        let repo = Repo::new().file("tasks/build.yaml", text);
        repo.run(["check", "--level", level, "--rule", "shellcheck", "tasks"])
    };
    let all = check(TASK, "info");
    assert_eq!(all.status, 1, "{}{}", all.stdout, all.stderr);
    let line = "info[CHK8004]: tasks/build.yaml:9: Task shop/build: `spec.steps[0].script` line 2 of the script: \
                In POSIX sh, == in place of = is undefined (SC3014)";
    assert!(all.stdout.contains(line), "{}", all.stdout);
    assert_eq!(all.stdout.matches("CHK8004]").count(), 1, "{}", all.stdout);
    // It is no fault that stops a run.
    assert_eq!(check(TASK, "warning").status, 0);

    // What no shell can read is.
    let all = check(&TASK.replace("      fi\n", ""), "warning");
    assert_eq!(all.status, 1, "{}{}", all.stdout, all.stderr);
    assert!(all.stdout.contains("warning[CHK8004]"), "{}", all.stdout);
}

#[test]
fn without_it_everything_else_is_judged() {
    let repo = Repo::new().file("tasks/build.yaml", TASK);
    let mut command = Command::new(GEN);
    command.args(["check", "--level", "info", "-o", "json", "tasks"]).current_dir(repo.root());
    let output = command.env_clear().env("PATH", repo.root()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("CHK8004") && said.contains("CHK7001"), "{said}");
    assert_eq!(output.status.code(), Some(1), "{said}");
}
