//! The guide docs/guides/homelab.md, run as it is written.

use std::path::Path;
use std::process::Command;

use crate::page::{gen_in, read};

/// One step of the guide, as it is written.
enum Step {
    /// A line of a shell.
    Command(String),
    /// An edit of gen.yaml: lines that go, and lines that come.
    Edit(Vec<(String, String)>),
}

/// The steps of a page, in order.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut language = None;
    let mut edit: Vec<(String, String)> = Vec::new();
    for line in page.lines() {
        match (language, line.strip_prefix("```")) {
            (None, Some(begins)) => language = Some(begins),
            (Some(ends), Some(_)) => {
                if ends == "diff" {
                    steps.push(Step::Edit(std::mem::take(&mut edit)));
                }
                language = None;
            }
            (Some("sh"), None) => steps.push(Step::Command(line.to_owned())),
            (Some("diff"), None) => {
                let (kind, text) = line.split_at(1);
                match (kind, edit.last_mut()) {
                    ("-", _) => edit.push((text.to_owned(), String::new())),
                    ("+", Some((_, comes))) => {
                        comes.push_str(text);
                        comes.push('\n');
                    }
                    _ => panic!("neither goes nor comes: {line}"),
                }
            }
            _ => {}
        }
    }
    steps
}

/// The guide from nothing to running, with a bare repository in the place of the host's, and without what needs a cluster.
#[test]
#[allow(clippy::too_many_lines, reason = "one story, each step from where the last one ended")]
fn the_guide_to_a_homelab_runs() {
    let text = read("docs/guides/homelab.md");
    let folder = tempfile::tempdir().expect("a folder");
    let git = |at: &Path, line: &str| {
        let remote = |name: &str| format!("{}/{name}.git", folder.path().display());
        let line = line
            .replace("https://git.example/you/gitops.git", &remote("gitops"))
            .replace("https://git.example/you/demo-app.git", &remote("demo-app"));
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(at)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {said}");
    };
    git(folder.path(), "git config --global user.name Ann");
    git(folder.path(), "git config --global user.email ann@example.test");
    for name in ["gitops", "demo-app"] {
        git(folder.path(), &format!("git init --quiet --bare --initial-branch=main {name}.git"));
    }
    let mut at = folder.path().to_owned();
    let mut warned = Vec::new();
    let mut ran = Vec::new();
    for step in steps(&text) {
        let line = match step {
            Step::Command(line) => line,
            Step::Edit(lines) => {
                let path = folder.path().join("my-gitops/gen.yaml");
                let mut spec = std::fs::read_to_string(&path).expect("gen.yaml");
                for (goes, comes) in lines {
                    let found = spec.lines().find(|line| line.starts_with(&goes));
                    let found = found.unwrap_or_else(|| panic!("no `{goes}` in {spec}")).to_owned();
                    spec = spec.replacen(&format!("{found}\n"), &comes, 1);
                }
                let is_classic = spec.contains("serviceAccount: default");
                std::fs::write(&path, spec).expect("gen.yaml");
                if is_classic {
                    let (status, _, err) = gen_in(&at, &["render"]);
                    assert_eq!(status, 0, "{err}");
                    warned.push(err);
                }
                continue;
            }
        };
        let (program, _) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        match program {
            "cd" => at = at.join(&line[3..]).canonicalize().expect("a folder"),
            "git" => git(&at, &line),
            // Only a cluster could say more.
            "kind" | "flux" | "kubectl" => {}
            "gen" => {
                let command = line.split(" | ").next().unwrap_or_default();
                let arguments: Vec<&str> =
                    command.split(' ').skip(1).filter(|word| *word != "--live").collect();
                let mut process = Command::new(env!("CARGO_BIN_EXE_gen"));
                let output = process
                    .args(&arguments)
                    .current_dir(&at)
                    .env("HOME", folder.path())
                    .output()
                    .expect("gen runs");
                let out = String::from_utf8(output.stdout).expect("UTF-8");
                let err = String::from_utf8(output.stderr).expect("UTF-8");
                assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{line}: {out}");
                if line.contains(" | kubectl") {
                    assert!(out.contains("generateName: demo-app-"), "{out}");
                }
                if arguments[0] == "secrets" {
                    let shown = text.lines().find(|line| line.contains("create secret"));
                    let shown =
                        shown.expect("the command is shown").split(".dockerconfigjson=").next();
                    assert!(out.contains(shown.unwrap_or_default()), "{out}");
                }
                ran.push(arguments[0].to_owned());
            }
            other => panic!("`{other}` is not known here: {line}"),
        }
    }
    assert_eq!(
        ran,
        ["init", "render", "commit", "secrets", "secrets", "run", "render", "commit", "run"]
    );
    // What was refused in the guide's log is what gen had warned of.
    let [warned] = warned.as_slice() else { panic!("one failure") };
    assert!(warned.contains("GEN0451") && warned.contains("patch"), "{warned}");
    // All that Flux needs is on the branch: Tekton, and what waits for it.
    let there = folder.path().join("there");
    git(folder.path(), "git clone --quiet gitops.git there");
    for path in [
        "clusters/homelab/flux/tekton.yaml",
        "clusters/homelab/flux/gen-dev.yaml",
        "infrastructure/tekton/pipelines/kustomization.yaml",
    ] {
        assert!(there.join(path).is_file(), "{path}");
    }
}
