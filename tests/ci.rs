//! What `gen init --ci` writes: workflows that a host would take, whose scripts a shell would take, with no more rights than they need.
//! And what `--with-tekton` writes: Tekton in pinned releases, which what gen renders waits for.

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::Repo;
use support::needs::tool;

/// What is written, and the file's documents.
fn written(kind: &str, path: &str) -> (String, Vec<Value>) {
    let repo = Repo::new();
    repo.run(["init", "new", "--ci", kind]).status(0).stdout(&format!("  {path} requires "));
    let text = repo.read(&format!("new/{path}"));
    repo.run(["-C", "new", "render"]).status(0);
    let documents = serde_yaml::Deserializer::from_str(&text);
    let documents = documents
        .map(|document| serde::Deserialize::deserialize(document).expect("YAML"))
        .collect();
    (text, documents)
}

fn shell_takes(script: &str) {
    let child = Command::new("sh").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("a shell");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(script.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}");
}

/// Every text under a key, wherever it stands.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| under(item, key, found)),
        Value::Object(map) => {
            for (name, value) in map {
                if name == key {
                    found.push(value);
                }
                under(value, key, found);
            }
        }
        _ => {}
    }
}

fn all<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    under(value, key, &mut found);
    found
}

#[test]
fn github_takes_the_workflow() {
    let (text, documents) = written("github", ".github/workflows/gitops.yaml");
    let workflow = &documents[0];
    let jobs = workflow["jobs"].as_object().expect("jobs");
    assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}));
    assert_eq!(jobs["check"]["if"], "github.event_name == 'pull_request'");
    assert_eq!(jobs["render"]["if"], "github.event_name == 'push'");
    let scripts = |job: &str| -> String {
        let scripts = all(&jobs[job], "run");
        scripts.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
    };
    let (check, render) = (scripts("check"), scripts("render"));
    for part in ["gen render --check", "gen diff -o markdown --against", "gh pr comment"] {
        assert!(check.contains(part), "{part}");
    }
    assert!(!check.contains("gen commit"), "a pull request commits nothing");
    assert!(render.contains("gen commit --push"));
    for script in [&check, &render] {
        shell_takes(script);
        assert!(!script.contains("${{"), "values reach scripts by variables: {script}");
    }
    // A checkout that the pull request's own text runs beside holds no credentials.
    assert_eq!(jobs["check"]["steps"][0]["with"]["persist-credentials"], false);
    let Some(actionlint) = tool("GEN_TEST_ACTIONLINT", "actionlint") else {
        return;
    };
    let lint = |text: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gitops.yaml");
        std::fs::write(&path, text).expect("a file");
        let output = Command::new(&actionlint).arg(&path).output().expect("actionlint runs");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(lint(&text), (true, String::new()));
    let broken = text.replace("runs-on: ubuntu-latest", "runs-at: ubuntu-latest");
    assert!(!lint(&broken).0, "it would find a mistake");
}

#[test]
fn gitlab_takes_the_jobs() {
    let (_, documents) = written("gitlab", ".gitlab-ci.yml");
    let file = documents[0].as_object().expect("a mapping");
    let stages: Vec<&str> =
        file["stages"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let jobs: Vec<(&String, &Value)> =
        file.iter().filter(|(name, _)| !["stages", "variables"].contains(&name.as_str())).collect();
    assert_eq!(jobs.len(), 4);
    for (name, job) in &jobs {
        assert!(stages.contains(&job["stage"].as_str().expect("a stage")), "{name}");
        assert!(job["rules"].as_array().is_some_and(|rules| !rules.is_empty()), "{name}");
        let lines = job["script"].as_array().expect("a script");
        let script: Vec<&str> = lines.iter().map(|line| line.as_str().expect("a text")).collect();
        shell_takes(&script.join("\n"));
        let commits = script.iter().any(|line| line.contains("gen commit"));
        assert_eq!(commits, *name == "render");
    }
    // What gen itself has committed starts nothing.
    let first = &file["render"]["rules"][0];
    assert_eq!(first["if"], "$CI_COMMIT_MESSAGE =~ /^Gen-Env:/m");
    assert_eq!(first["when"], "never");
}

#[test]
fn tekton_takes_the_objects() {
    let (text, documents) = written("tekton", "ci/tekton.yaml");
    let mut tasks = 0;
    for object in &documents {
        let kind = object["kind"].as_str().expect("a kind");
        if kind != "Namespace" && !kind.starts_with("Cluster") {
            assert_eq!(object["metadata"]["namespace"], "gitops-ci", "{kind}");
        }
        if kind.ends_with("Role") {
            let rules = object["rules"].to_string();
            for word in ["*", "secrets", "escalate", "bind", "impersonate"] {
                assert!(!rules.contains(&format!("\"{word}\"")), "{rules}");
            }
        }
        if kind != "Task" {
            continue;
        }
        tasks += 1;
        let spec = &object["spec"];
        let declared: Vec<&str> = spec["params"]
            .as_array()
            .expect("params")
            .iter()
            .filter_map(|param| param["name"].as_str())
            .collect();
        for part in spec.to_string().split("$(params.").skip(1) {
            let name = part.split(')').next().expect("a name");
            assert!(declared.contains(&name), "{name}");
        }
        for step in spec["steps"].as_array().expect("steps") {
            let script = step["script"].as_str().expect("a script");
            shell_takes(script);
            assert!(!script.contains("$(params."), "values reach scripts by variables");
            let security = |key: &str| {
                let own = &step["securityContext"][key];
                if own.is_null() { &spec["stepTemplate"]["securityContext"][key] } else { own }
            };
            assert_eq!(security("runAsNonRoot"), true);
            assert_eq!(security("allowPrivilegeEscalation"), false);
            assert_eq!(security("readOnlyRootFilesystem"), true);
        }
    }
    assert_eq!(tasks, 2);
    let listener = documents.last().expect("the listener");
    assert_eq!(listener["kind"], "EventListener");
    let filters: Vec<String> = all(listener, "params").iter().map(ToString::to_string).collect();
    assert!(filters.iter().any(|filter| filter.contains("(?m)^Gen-Env:")), "no loop");
    assert!(filters.iter().any(|filter| filter.contains("head.repo.full_name")), "no forks");
    // The names of tasks, templates and bindings meet.
    for (reference, kind) in [
        ("check", "Task"),
        ("render", "Task"),
        ("check", "TriggerTemplate"),
        ("pull-request", "TriggerBinding"),
    ] {
        assert!(
            documents
                .iter()
                .any(|object| object["kind"] == kind && object["metadata"]["name"] == reference),
            "{kind} {reference}"
        );
    }
    assert!(text.contains("gen commit --push") && text.contains("gen render --check"));
}

#[test]
fn a_repository_that_is_there_gets_only_the_workflow() {
    let repo = Repo::small();
    let said = repo.run(["init", "--ci", "gitlab"]).status(0);
    insta::assert_snapshot!(said.stdout, @"
    wrote .gitlab-ci.yml

    next:
      .gitlab-ci.yml requires the variables GEN_IMAGE and GEN_TOKEN; see its first
      lines
    ");
    assert_eq!(repo.read("gen.yaml"), support::SMALL);
    assert!(!repo.root().join("README.md").exists());
    repo.run(["init", "--ci", "gitlab"]).status(64).stderr("GEN0608");
    repo.run(["init", "--ci", "jenkins"]).status(64);
    repo.run(["init"]).status(64).stderr("GEN0608");
}

#[test]
fn tekton_is_installed_before_what_needs_it() {
    let repo = Repo::new();
    repo.run(["init", "new", "--demo", "--with-tekton"])
        .status(0)
        .stdout("clusters/homelab/flux/tekton.yaml makes Flux install Tekton");
    repo.run(["-C", "new", "render"]).status(0);
    // What was written is not gen's: the next render leaves it.
    repo.run(["-C", "new", "render", "--check"]).status(0);
    let documents = |path: &str| -> Vec<Value> {
        let text = repo.read(&format!("new/{path}"));
        serde_yaml::Deserializer::from_str(&text)
            .map(|document| serde::Deserialize::deserialize(document).expect("YAML"))
            .collect()
    };
    let installs = documents("clusters/homelab/flux/tekton.yaml");
    let name = |object: &Value| object["metadata"]["name"].as_str().expect("a name").to_owned();
    assert_eq!(installs.iter().map(name).collect::<Vec<_>>(), ["tekton-pipelines", "tekton"]);
    for install in &installs {
        assert_eq!(install["spec"]["wait"], true);
        assert_eq!(install["spec"]["prune"], false, "definitions take all runs with them");
        let path = install["spec"]["path"].as_str().expect("a path");
        let folder = path.strip_prefix("./").expect("below the repository");
        let listed = documents(&format!("{folder}/kustomization.yaml")).remove(0);
        let files = listed["resources"].as_array().expect("a list").clone();
        for file in files {
            let file = file.as_str().expect("an address").to_owned();
            let release = file
                .strip_prefix("https://infra.tekton.dev/tekton-releases/")
                .expect("of the project's own releases");
            let parts: Vec<&str> = release.split('/').collect();
            assert!(
                matches!(parts.as_slice(), ["pipeline" | "triggers", "previous", version, _] if version.starts_with('v')),
                "pinned: {file}"
            );
        }
    }
    // What waits for what has no circle: the last one waits for the first, everything of gen's that holds Tekton's kinds for the last.
    assert_eq!(installs[1]["spec"]["dependsOn"][0]["name"], "tekton-pipelines");
    assert!(installs[0]["spec"].get("dependsOn").is_none());
    let entry = documents("clusters/homelab/flux/gen-dev.yaml");
    let app = entry.iter().find(|object| name(object) == "demo-app-dev");
    let depends = app.expect("the app")["spec"]["dependsOn"].to_string();
    assert!(depends.contains("\"tekton\""), "{depends}");
}

#[test]
fn tekton_comes_to_a_repository_that_is_there() {
    let repo = Repo::new().file("gen.yaml", "version: 1\n");
    repo.run(["init", "--with-tekton=eu-west"])
        .status(0)
        .stdout("wrote clusters/eu-west/flux/tekton.yaml")
        .stdout("`flux: {dependsOn: [tekton]}` in gen.yaml");
    assert_eq!(repo.read("gen.yaml"), "version: 1\n");
    repo.run(["init", "--with-tekton=eu-west"]).status(64).stderr("error[GEN0608]");
    repo.run(["init", "--with-tekton=../x"]).status(3).stderr("error[GEN02");
    // Also in a new one, whose environments are on `homelab`.
    repo.run(["init", "new", "--with-tekton=eu-west"])
        .status(64)
        .stderr("error[GEN0611]: no environment is on the cluster `eu-west`")
        .stderr("clusters in environments/: `homelab`");
    assert!(!repo.root().join("new").exists());
}
