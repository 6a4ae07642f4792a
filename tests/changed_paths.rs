//! The clone step's own script, run against real repositories: which paths it says have changed.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde::Deserialize as _;
use support::Repo;

/// The text of a git command's output.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.test",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// A repository of three commits, and the folder around it.
struct Source {
    folder: tempfile::TempDir,
    commits: Vec<String>,
}

impl Source {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let repo = folder.path().join("source");
        std::fs::create_dir(&repo).expect("a folder");
        git(&repo, &["init", "-q"]);
        let mut commits = Vec::new();
        let steps: [&[&str]; 3] = [
            &["app/src/main.py", "app/docs/index.md", "libs/common/a.py"],
            &["app/docs/index.md"],
            &["libs/common/a.py", "app/odd name"],
        ];
        for (number, files) in steps.iter().enumerate() {
            for file in *files {
                let path = repo.join(file);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
                std::fs::write(path, format!("{number}\n")).expect("a file");
            }
            git(&repo, &["add", "."]);
            git(&repo, &["commit", "-q", "-m", "step"]);
            commits.push(git(&repo, &["rev-parse", "HEAD"]));
        }
        Self { folder, commits }
    }

    /// What the rendered step answers, by task, for a commit and the one before it.
    fn ask(&self, when: &[(&str, &str)], revision: &str, before: &str) -> BTreeMap<String, String> {
        let mut tasks = String::new();
        for (task, changed) in when {
            let _ = writeln!(
                tasks,
                "      - {task}: {{image: a/b, script: x, when: {{changed: {changed}}}}}"
            );
        }
        let spec = format!(
            "version: 1\nrepository: https://git.example/g.git\napps:\n  shop:\n    source: {{url: https://git.example/shop.git, path: app}}\n    image: a/b\n    pipeline:\n      - fetch-source\n{tasks}"
        );
        let rendered = Repo::new().file("gen.yaml", spec).file("environments/dev.yaml", "{}\n");
        rendered.run(["render", "-q"]).status(0);
        let text = rendered.read("clusters/dev/dev/shop/app/pipeline.yaml");
        let task = serde_yaml::Deserializer::from_str(&text)
            .map(|document| serde_json::Value::deserialize(document).expect("YAML"))
            .find(|object| object["metadata"]["name"] == "shop-fetch-source")
            .expect("the Task is there");
        let run = tempfile::tempdir().expect("a folder");
        for folder in ["workspace", "home", "tmp", "results"] {
            std::fs::create_dir(run.path().join(folder)).expect("a folder");
        }
        let place = |folder: &str| run.path().join(folder).display().to_string();
        let script = task["spec"]["steps"][0]["script"].as_str().expect("a script");
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for variable in task["spec"]["stepTemplate"]["env"].as_array().expect("variables") {
            let mut value = variable["value"].as_str().expect("a value").to_owned();
            value = value
                .replace("$(params.revision)", revision)
                .replace("$(params.before)", before)
                .replace("$(workspaces.source.path)", &place("workspace"));
            while let Some((start, rest)) = value.split_once("$(results.") {
                let (name, rest) = rest.split_once(".path)").expect("a path");
                value = format!("{start}{}/{name}{rest}", place("results"));
            }
            let name = variable["name"].as_str().expect("a name");
            let value = match name {
                "HOME" => place("home"),
                "TMPDIR" => place("tmp"),
                "URL" => format!("file://{}", self.folder.path().join("source").display()),
                "GIT_ALLOW_PROTOCOL" => "file".to_owned(),
                _ => value,
            };
            command.env(name, value);
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").current_dir(run.path());
        let output = command.output().expect("sh runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let extra = std::fs::read_dir(run.path()).expect("the folder").count();
        assert_eq!(extra, 4, "the script wrote beside its folders");
        when.iter()
            .map(|(task, _)| {
                let file = run.path().join(format!("results/changed-{task}"));
                ((*task).to_owned(), std::fs::read_to_string(file).expect("an answer"))
            })
            .collect()
    }
}

const WHEN: [(&str, &str); 5] = [
    ("code", "[\"src/**\", \"*.toml\"]"),
    ("docs", "docs"),
    ("common", "/libs/common/**"),
    ("odd", "\"odd name\""),
    (
        "hostile",
        "[\"$(touch x)\", \"`touch x`\", \"'; touch x; '\", \"\\\"; touch x\", \"-x\", \"--output=x\"]",
    ),
];

fn true_ones(answers: &BTreeMap<String, String>) -> Vec<&str> {
    assert!(answers.values().all(|answer| answer == "true" || answer == "false"), "{answers:?}");
    let all = answers.iter().filter(|(_, answer)| *answer == "true");
    all.map(|(task, _)| task.as_str()).collect()
}

#[test]
fn a_push_is_compared_with_the_commit_before_it() {
    let source = Source::new();
    let [first, second, third] = &source.commits[..] else { panic!("three commits") };
    assert_eq!(true_ones(&source.ask(&WHEN, third, second)), ["common", "odd"]);
    assert_eq!(true_ones(&source.ask(&WHEN, third, first)), ["common", "docs", "odd"]);
    assert_eq!(true_ones(&source.ask(&WHEN, second, first)), ["docs"]);
}

#[test]
fn without_a_commit_before_it_is_the_parent() {
    let source = Source::new();
    assert_eq!(true_ones(&source.ask(&WHEN, "main", "")), ["common", "odd"]);
    assert_eq!(true_ones(&source.ask(&WHEN, &source.commits[1], "")), ["docs"]);
}

#[test]
fn where_nothing_can_be_compared_everything_has_changed() {
    let source = Source::new();
    let all = ["code", "common", "docs", "hostile", "odd"];
    assert_eq!(true_ones(&source.ask(&WHEN, &source.commits[0], "")), all);
    let zeros = "0".repeat(40);
    assert_eq!(true_ones(&source.ask(&WHEN, "main", &zeros)), all);
    let unknown = "1234567890".repeat(4);
    assert_eq!(true_ones(&source.ask(&WHEN, "main", &unknown)), all);
    // Not a commit: never handed to git as one.
    assert_eq!(true_ones(&source.ask(&WHEN, "main", "--upload-pack=touch x")), ["common", "odd"]);
}
