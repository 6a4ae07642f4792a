//! README is kept true: its tables come from the program's own, its commands run, its outputs are what they print.

use std::path::Path;
use std::process::Command;

use gitops_gen::diagnostics::Sources;
use gitops_gen::model::{Catalogue, task_reference};
use gitops_gen::spec::reference;
use gitops_gen::template::Library;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("README.md is there")
}

/// Puts the generated text between a section's markers.
fn with_section(text: &str, name: &str, body: &str) -> String {
    let begin = format!("<!-- reference: {name} -->\n");
    let end = "<!-- /reference -->";
    let start = text.find(&begin).expect("the section is there") + begin.len();
    let stop = start + text[start..].find(end).expect("the section ends");
    format!("{}{body}{}", &text[..start], &text[stop..])
}

/// The tasks that are built in.
fn tasks() -> String {
    let (library, problems) = Library::new(Vec::new(), &mut Sources::default());
    assert!(problems.is_empty(), "{problems}");
    let catalogue = Catalogue::read(library.tasks()).expect("built-in declarations are read");
    task_reference(&catalogue)
}

#[test]
fn tables_are_those_of_the_program() {
    let text = readme();
    let wanted = with_section(&text, "keys", &reference::keys());
    let wanted = with_section(&wanted, "tasks", &tasks());
    let wanted = with_section(&wanted, "errors", &reference::errors());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join("README.md"), &wanted).expect("README.md can be written");
        return;
    }
    assert!(
        text == wanted,
        "README's tables are old; `UPDATE=1 cargo test --test readme` rewrites them"
    );
}

/// Blocks of a language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(&format!("```{language}\n")) {
        let body = &rest[start + language.len() + 4..];
        let end = body.find("```").expect("a block ends");
        blocks.push(body[..end].to_owned());
        rest = &body[end + 3..];
    }
    blocks
}

fn gen_in(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gen"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .output()
        .expect("gen runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
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
    let block = &blocks(&readme(), "console")[0];
    let shown = block.lines().nth(1).expect("a line of output");
    assert!(
        out.lines().any(|line| line == shown),
        "README shows `{shown}`, gen prints:\n{out}"
    );
}

const SET: &str = "set demo-app --env staging --image sha256:9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707f58f4e1b5f9f1c4";

#[test]
fn the_tour_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = readme();
    let console: Vec<String> = blocks(&text, "console")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let commands: Vec<&str> = console
        .iter()
        .filter_map(|line| line.strip_prefix("$ gen "))
        .collect();
    assert_eq!(
        commands,
        [
            "init my-gitops --demo",
            "render",
            "diff --against . --env staging",
            "commit",
            SET,
            "commit --env staging --app demo-app",
            "promote demo-app --to prod"
        ],
        "a new command in README wants a test"
    );
    let (status, _, err) = gen_in(folder.path(), &["init", "my-gitops", "--demo"]);
    assert_eq!(status, 0, "{err}");
    let made = folder.path().join("my-gitops");
    let (status, out, err) = gen_in(&made, &["render"]);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    let (status, out, _) = gen_in(&made, &["render", "--check"]);
    assert_eq!(status, 0, "{out}");
    for arguments in [
        ["init", "-q", "-b", "main"].as_slice(),
        &["config", "user.name", "Ann Example"],
        &["config", "user.email", "ann@example.test"],
    ] {
        let git = Command::new("git")
            .args(arguments)
            .current_dir(&made)
            .status();
        assert!(git.expect("git runs").success(), "{arguments:?}");
    }
    let (status, out, err) = gen_in(&made, &["commit"]);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    let shown = console
        .iter()
        .skip_while(|line| *line != "$ gen commit")
        .skip(1);
    let shown: Vec<&str> = shown.take(4).map(String::as_str).collect();
    // Only the commit's name differs from day to day.
    let name = out.split_whitespace().nth(1).expect("a commit is named");
    let name_shown = shown[0]
        .split_whitespace()
        .nth(1)
        .expect("a commit is shown");
    assert_eq!(out.trim_end(), shown.join("\n").replace(name_shown, name));
    // The way through the environments, as it is shown: what stands behind a command is what it prints.
    let mut lines = console.iter().map(String::as_str).peekable();
    while lines
        .peek()
        .is_some_and(|line| line.strip_prefix("$ gen ") != Some(SET))
    {
        lines.next();
    }
    let mut ran = 0;
    while let Some(command) = lines.next().and_then(|line| line.strip_prefix("$ gen ")) {
        let arguments: Vec<&str> = command.split(' ').collect();
        let (status, out, err) = gen_in(&made, &arguments);
        assert_eq!((status, err.as_str()), (0, ""), "{out}");
        let mut shown = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            shown.push_str(line);
            shown.push('\n');
        }
        ran += 1;
        if !shown.is_empty() && ran < 4 {
            let end = shown.find("next: ").map_or(shown.len(), |at| {
                at + shown[at..].find('\n').map_or(0, |end| end + 1)
            });
            assert_eq!(out, shown[..end], "{command}");
        }
        if ran == 3 {
            break;
        }
    }
    assert_eq!(ran, 3);
    let (status, out, _) = gen_in(&made, &["commit", "--env", "prod", "--app", "demo-app"]);
    assert_eq!(status, 0, "{out}");
    let (status, out, _) = gen_in(&made, &["render", "--check"]);
    assert_eq!(status, 0, "{out}");
}

/// What README shows of `gen diff` is what it prints of this repository; `UPDATE=1` writes it.
#[test]
fn the_shown_difference_is_real() {
    let folder = tempfile::tempdir().expect("a folder");
    for part in ["gen.yaml", "environments", "clusters"] {
        let from = root().join(part);
        for entry in walkdir::WalkDir::new(&from) {
            let entry = entry.expect("it can be read");
            let to = folder
                .path()
                .join(entry.path().strip_prefix(root()).expect("below"));
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(to).expect("a folder");
            } else {
                std::fs::copy(entry.path(), to).expect("a file");
            }
        }
    }
    let staging = folder.path().join("environments/staging.yaml");
    let before = std::fs::read_to_string(&staging).expect("staging");
    let after = before.replace("replicas: 2", "replicas: 3");
    assert_ne!(before, after);
    std::fs::write(&staging, after).expect("a file");
    let command = "diff --against . --env staging";
    let arguments: Vec<&str> = command.split(' ').collect();
    let (status, out, err) = gen_in(folder.path(), &arguments);
    assert_eq!((status, err.as_str()), (1, ""), "{out}");
    let text = readme();
    let all = blocks(&text, "console");
    let shown = all
        .iter()
        .find(|block| block.contains(command))
        .expect("it is shown");
    let wanted = format!("$ gen {command}\n{out}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join("README.md"), text.replace(shown, &wanted))
            .expect("README.md can be written");
        return;
    }
    assert_eq!(
        *shown, wanted,
        "`UPDATE=1 cargo test --test readme` rewrites it"
    );
}

#[test]
fn the_spec_of_the_tour_and_the_first_failure_are_real() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = readme();
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
    assert_eq!(err, shown);
}

/// The full sample is the file that is shown, as short as is said, and its picture shows its tasks.
#[test]
fn the_full_sample_is_shown() {
    let text = readme();
    let shown = blocks(&text, "yaml");
    let shown = shown
        .iter()
        .find(|block| block.contains("yaml-language-server"));
    let folder = tempfile::tempdir().expect("a folder");
    let (status, _, err) = gen_in(folder.path(), &["init", "shop", "--demo", "--full"]);
    assert_eq!(status, 0, "{err}");
    let made = folder.path().join("shop");
    let spec = std::fs::read_to_string(made.join("gen.yaml")).expect("it is written");
    assert_eq!(shown, Some(&spec));
    let lines = spec.lines().count();
    assert!(lines <= 30 && text.contains(&format!("every stage, in {lines} lines")));
    let (status, _, err) = gen_in(&made, &["render", "--env", "dev"]);
    assert_eq!(status, 0, "{err}");
    let pipeline = made.join("clusters/homelab/dev/demo-app/app/pipeline.yaml");
    let pipeline = std::fs::read_to_string(pipeline).expect("it is rendered");
    let (_, pipeline) = pipeline
        .split_once("\nkind: Pipeline\n")
        .expect("a pipeline");
    let names = pipeline
        .lines()
        .filter_map(|line| line.strip_prefix("  - name: "));
    // Names of results are beside them, and are no tasks.
    let tasks: Vec<&str> = names
        .filter(|name| pipeline.contains(&format!("      name: demo-app-{name}\n")))
        .collect();
    assert_eq!(tasks.len(), 12, "{tasks:?}");
    let picture = text.split("```\n").find(|part| part.contains("─ lint ─"));
    let picture = picture.expect("the picture is there");
    for task in tasks {
        assert!(picture.contains(task), "{task} is not in the picture");
    }
}

/// One step of the guide, as it is written.
enum Step {
    /// A line of a shell.
    Command(String),
    /// An edit of gen.yaml: lines that go, and lines that come.
    Edit(Vec<(String, String)>),
}

/// The steps of a section, in order.
fn steps(section: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut language = None;
    let mut edit: Vec<(String, String)> = Vec::new();
    for line in section.lines() {
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
#[allow(
    clippy::too_many_lines,
    reason = "one story, each step from where the last one ended"
)]
fn the_guide_to_a_homelab_runs() {
    let text = readme();
    let section = text
        .split("\n## ")
        .find(|part| part.starts_with("From nothing to running\n"))
        .expect("the guide is there");
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
    git(
        folder.path(),
        "git config --global user.email ann@example.test",
    );
    for name in ["gitops", "demo-app"] {
        git(
            folder.path(),
            &format!("git init --quiet --bare --initial-branch=main {name}.git"),
        );
    }
    let mut at = folder.path().to_owned();
    let mut warned = Vec::new();
    let mut ran = Vec::new();
    for step in steps(section) {
        let line = match step {
            Step::Command(line) => line,
            Step::Edit(lines) => {
                let path = folder.path().join("my-gitops/gen.yaml");
                let mut spec = std::fs::read_to_string(&path).expect("gen.yaml");
                for (goes, comes) in lines {
                    let found = spec.lines().find(|line| line.starts_with(&goes));
                    let found = found
                        .unwrap_or_else(|| panic!("no `{goes}` in {spec}"))
                        .to_owned();
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
                let arguments: Vec<&str> = command
                    .split(' ')
                    .skip(1)
                    .filter(|word| *word != "--live")
                    .collect();
                let mut process = Command::new(env!("CARGO_BIN_EXE_gen"));
                let output = process
                    .args(&arguments)
                    .current_dir(&at)
                    .env("HOME", folder.path())
                    .output()
                    .expect("gen runs");
                let out = String::from_utf8(output.stdout).expect("UTF-8");
                let err = String::from_utf8(output.stderr).expect("UTF-8");
                assert_eq!(
                    (output.status.code(), err.as_str()),
                    (Some(0), ""),
                    "{line}: {out}"
                );
                if line.contains(" | kubectl") {
                    assert!(out.contains("generateName: demo-app-"), "{out}");
                }
                if arguments[0] == "secrets" {
                    let shown = section.lines().find(|line| line.contains("create secret"));
                    let shown = shown
                        .expect("the command is shown")
                        .split(".dockerconfigjson=")
                        .next();
                    assert!(out.contains(shown.unwrap_or_default()), "{out}");
                }
                ran.push(arguments[0].to_owned());
            }
            other => panic!("`{other}` is not known here: {line}"),
        }
    }
    assert_eq!(
        ran,
        [
            "init", "render", "commit", "secrets", "secrets", "run", "render", "commit", "run"
        ]
    );
    // What was refused in the guide's log is what gen had warned of.
    let [warned] = warned.as_slice() else {
        panic!("one failure")
    };
    assert!(
        warned.contains("GEN0451") && warned.contains("patch"),
        "{warned}"
    );
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

#[test]
fn the_two_commands_are_there() {
    let text = readme();
    let shell = blocks(&text, "sh").concat();
    assert!(
        shell.contains("cargo run --release -- render --env dev"),
        "{shell}"
    );
    assert!(shell.contains("make test"), "{shell}");
    let makefile = std::fs::read_to_string(root().join("Makefile")).expect("a Makefile");
    for target in ["test:", "check:", "bench:", "audit:", "soak:"] {
        assert!(
            makefile.lines().any(|line| line.starts_with(target)),
            "make {target} is named in README"
        );
    }
}
