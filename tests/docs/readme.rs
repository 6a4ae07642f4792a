//! README's tour: its commands run, its outputs are what they print.

use std::path::Path;
use std::process::Command;

use crate::page::{blocks, copy_spec, gen_in, keep, read, root};

const README: &str = "README.md";

/// Commands that README shows, each with the output that it shows.
fn shown() -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for block in blocks(&read(README), "console") {
        let mut lines = block.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            let Some(command) = line.strip_prefix("$ ") else {
                continue;
            };
            let mut output = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                output.push_str(line);
            }
            shown.push((command.trim_end().to_owned(), output));
        }
    }
    shown
}

/// Requires that README shows this output of a command.
fn keep_output(command: &str, output: &str) {
    let shown = shown();
    let (_, before) = shown
        .iter()
        .find(|(known, _)| known == command)
        .unwrap_or_else(|| panic!("README does not show `{command}`"));
    let block = |output: &str| format!("$ {command}\n{output}");
    keep(README, &block(before), &block(output));
}

#[test]
fn it_is_short() {
    let lines = read(README).lines().count();
    assert!(lines <= 300, "README has {lines} lines");
}

#[test]
fn the_repository_is_what_its_spec_says() {
    let (status, out, err) = gen_in(root(), &["render", "--check"]);
    assert_eq!(status, 0, "{out}{err}");
}

#[test]
fn the_first_output_is_real() {
    let (status, out, err) = gen_in(root(), &["render", "--env", "dev", "--check"]);
    assert_eq!(status, 0, "{err}");
    let (command, shown) = &shown()[0];
    assert_eq!(command, "cargo run --release -- render --env dev");
    assert!(
        out.lines().any(|line| line == shown.trim_end()),
        "README shows `{shown}`, gen prints:\n{out}"
    );
}

/// A temporary repository's name on the commits.
fn git_init(folder: &Path) {
    for arguments in [
        ["init", "-q", "-b", "main"].as_slice(),
        &["config", "user.name", "Ann Example"],
        &["config", "user.email", "ann@example.test"],
    ] {
        let git = Command::new("git").args(arguments).current_dir(folder).status();
        assert!(git.expect("git runs").success(), "{arguments:?}");
    }
}

const SET: &str = "gen set demo-app --env staging --image sha256:9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707f58f4e1b5f9f1c4";

#[test]
fn the_tour_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = shown();
    let commands: Vec<&str> = shown.iter().map(|(command, _)| command.as_str()).collect();
    assert_eq!(
        commands,
        [
            "cargo run --release -- render --env dev",
            "gen init my-gitops --demo",
            "cd my-gitops",
            "gen render",
            "gen diff --against . --env staging",
            "gen commit",
            SET,
            "gen commit --env staging --app demo-app",
            "gen promote demo-app --to prod"
        ],
        "a new command in README wants a test"
    );
    let mut at = folder.path().to_owned();
    for (command, output) in &shown[1..] {
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["cd", folder] => {
                at = at.join(folder);
                continue;
            }
            // Of this repository, below.
            ["gen", "diff", ..] => continue,
            _ => {}
        }
        let (status, out, err) = gen_in(&at, &words[1..]);
        assert_eq!((status, err.as_str()), (0, ""), "{command}: {out}");
        if command == "gen render" {
            git_init(&at);
        }
        if output.is_empty() {
            continue;
        }
        // Only the commit's name differs from day to day.
        let name = |text: &str| {
            let mut words = text.split_whitespace();
            let is_named = words.next() == Some("committed");
            is_named.then(|| words.next().unwrap_or_default().to_owned())
        };
        let out = match (name(&out), name(output)) {
            (Some(new), Some(old)) => out.replace(&new, &old),
            _ => out,
        };
        keep_output(command, &out);
    }
    let (status, out, _) = gen_in(&at, &["commit", "--env", "prod", "--app", "demo-app"]);
    assert_eq!(status, 0, "{out}");
    let (status, out, _) = gen_in(&at, &["render", "--check"]);
    assert_eq!(status, 0, "{out}");
}

/// What README shows of `gen diff` is what it prints of this repository.
#[test]
fn the_shown_difference_is_real() {
    let folder = tempfile::tempdir().expect("a folder");
    copy_spec(folder.path());
    let staging = folder.path().join("environments/staging.yaml");
    let before = std::fs::read_to_string(&staging).expect("staging");
    let after = before.replace("replicas: 2", "replicas: 3");
    assert_ne!(before, after);
    std::fs::write(&staging, after).expect("a file");
    let command = "gen diff --against . --env staging";
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let (status, out, err) = gen_in(folder.path(), &arguments);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    keep_output(command, &out);
}

#[test]
fn the_spec_of_the_tour_and_the_first_failure_are_real() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = read(README);
    let mut yaml = blocks(&text, "yaml");
    yaml.retain(|block| !block.contains("yaml-language-server"));
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    for block in &yaml {
        let path = block
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .expect("a block names its file");
        write(path, block);
    }
    let (status, _, err) = gen_in(folder.path(), &["render"]);
    assert_eq!((status, err.as_str()), (0, ""));
    // The same with the account that everybody tries first.
    let classic = yaml[0]
        .lines()
        .skip(1)
        .filter(|line| !line.contains("port:") && !line.contains("health:"))
        .collect::<Vec<_>>()
        .join("\n");
    write(
        "gen.yaml",
        &format!("# gen.yaml\n{classic}\n    port: 8080\n    serviceAccount: default\n"),
    );
    let (status, _, err) = gen_in(folder.path(), &["render"]);
    assert_eq!(status, 0, "{err}");
    let shown = blocks(&text, "console")
        .into_iter()
        .find(|block| block.contains("GEN0451"))
        .expect("the story is told");
    keep(README, &shown, &err);
}

/// The full sample is the file that is shown, as short as is said, and its picture shows its tasks.
#[test]
fn the_full_sample_is_shown() {
    let text = read(README);
    let shown = blocks(&text, "yaml")
        .into_iter()
        .find(|block| block.contains("yaml-language-server"))
        .expect("it is shown");
    let folder = tempfile::tempdir().expect("a folder");
    let (status, _, err) = gen_in(folder.path(), &["init", "shop", "--demo", "--full"]);
    assert_eq!(status, 0, "{err}");
    let made = folder.path().join("shop");
    let spec = std::fs::read_to_string(made.join("gen.yaml")).expect("it is written");
    keep(README, &shown, &spec);
    let lines = spec.lines().count();
    assert!(lines <= 30 && text.contains(&format!("every stage, in {lines} lines")));
    let (status, _, err) = gen_in(&made, &["render", "--env", "dev"]);
    assert_eq!(status, 0, "{err}");
    let pipeline = made.join("clusters/homelab/dev/demo-app/app/pipeline.yaml");
    let pipeline = std::fs::read_to_string(pipeline).expect("it is rendered");
    let (_, pipeline) = pipeline.split_once("\nkind: Pipeline\n").expect("a pipeline");
    let names = pipeline.lines().filter_map(|line| line.strip_prefix("  - name: "));
    // Names of results are beside them, and are no tasks.
    let tasks: Vec<&str> =
        names.filter(|name| pipeline.contains(&format!("      name: demo-app-{name}\n"))).collect();
    assert_eq!(tasks.len(), 12, "{tasks:?}");
    let picture = text.split("```\n").find(|part| part.contains("─ lint ─"));
    let picture = picture.expect("the picture is there");
    for task in tasks {
        assert!(picture.contains(task), "{task} is not in the picture");
    }
}

#[test]
fn the_two_commands_are_there() {
    let shell = blocks(&read(README), "sh").concat();
    assert!(shell.contains("cargo run --release -- render --env dev"), "{shell}");
    assert!(shell.contains("make test"), "{shell}");
}
