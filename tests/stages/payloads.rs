//! Fifty texts that a shell, an interpreter or a template would run, in every place where a person or a webhook can put text: none
//! is run. Each would make a file; a step that does what ours must not do shows that it would be seen.

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::server::{Server, answer};
use crate::support::play::{Play, Shell, has};
use crate::support::{Rendered, Repo, list, text};

/// `@` is a command that makes the file.
pub const PAYLOADS: [&str; 50] = [
    "$(@)",
    "`@`",
    "\"$(@)\"",
    "'$(@)'",
    "\"; @; \"",
    "'; @; '",
    "; @",
    "| @",
    "|| @",
    "&& @",
    "& @ &",
    "\n@\n",
    "\r\n@\r\n",
    "x\n@ #",
    "$(\n@\n)",
    "`\n@\n`",
    "\\$(@)",
    "\\\\$(@)",
    "\\`@\\`",
    "$(@)$(@)",
    "${x:-$(@)}",
    "${x:=`@`}",
    "${x:?$(@)}",
    "$((x[$(@)]))",
    "a[$(@)]",
    "x[$(@)]=1",
    "<(@)",
    ">(@)",
    "<<EOF\n$(@)\nEOF",
    "PATHS\n@\nPATHS",
    "SCRIPT\n@\nSCRIPT",
    "HELPER\n@\nHELPER",
    "END\n@",
    "'\"'\"'$(@)'\"'\"'",
    "\"\"\"; import os; os.system(\"@\"); \"\"\"",
    "'''+__import__('os').system('@')+'''",
    "{__import__('os').system('@')}",
    "%(x)s$(@)",
    "%s%n$(@)",
    "{{ 7 * 7 }}$(@)",
    "{% raw %}$(@)",
    "-e $(@)",
    "--output=$(@)",
    "--upload-pack=@",
    "ext::sh -c @",
    "|@",
    "!@",
    "$0$(@)",
    "\u{1f}$(@)\u{7f}",
    "*?[a-z]~ $(@) #",
];

/// Arguments go nowhere; what asks for a file gets one.
const QUIET: &str = "for argument; do case $argument in --output=/* | --summary-export=/*) echo '{}' >\"${argument#*=}\" ;; esac; done; exit 0";

/// Places of the spec that take any text.
fn spec(payload: &str, server: &str) -> String {
    let path = format!("/{payload}");
    let pipeline = json!([
        {"fetch-source": {}},
        {"scan-source": {"skip": [payload], "ignore": [{"id": payload, "reason": payload, "until": "2999-12-31"}], "env": {"TEXT": payload}}},
        {"build-image": {"platforms": [payload], "insecureRegistries": [payload], "env": {"TEXT": payload}}},
        {"build-kit": {"use": "build-image", "builder": "buildkit", "platforms": [payload], "insecureRegistries": ["mirror.lan"]}},
        {"build-ah": {"use": "build-image", "builder": "buildah", "platforms": [payload], "insecureRegistries": [payload]}},
        {"build-docker": {"use": "build-image", "builder": "docker", "platforms": [payload], "insecureRegistries": [payload]}},
        {"build-none": {"use": "build-image", "builder": "none"}},
        {"build-mock": {"use": "build-image", "builder": "mock"}},
        {"scan-image": {"database": payload, "javaDatabase": payload, "ignore": [{"id": payload, "reason": payload, "until": "2999-12-31"}]}},
        {"deploy-app": {"env": {"TEXT": payload}}},
        {"integration-test": {"paths": [&path, "/"], "wait": "5s", "env": {"TEXT": payload}}},
        {"load-test": {"paths": [&path], "env": {"TEXT": payload}}},
    ]);
    let app = json!({
        "source": "https://git.example/team/shop.git",
        "image": "registry.example/team/shop",
        "port": 8080,
        "build": {"target": payload, "args": {"TEXT": payload}},
        "env": {"TEXT": payload},
        "pipeline": pipeline,
        "notify": {
            "slack": {"channel": payload, "secret": "slack", "address": format!("{server}/api")},
            "email": {"to": [payload], "from": payload, "secret": "smtp", "tls": "none", "on": "always"},
        },
    });
    // JSON is YAML.
    json!({"version": 1, "repository": "https://git.example/team/gitops.git", "apps": {"shop": app}}).to_string()
}

fn render(payload: &str, server: &str) -> Vec<Rendered> {
    let repo = Repo::empty();
    repo.write("gen.yaml", spec(payload, server));
    repo.write("environments/dev.yaml", "deploy: kubectl\n");
    repo.render();
    repo.objects()
}

/// Plays a Task with the text in every parameter and in every file that somebody else writes; gives how many steps ran.
fn plays(task: &Value, payload: &str, server: &str, shell: Shell) -> usize {
    let mut play = Play::new(task).shell(shell);
    for param in list(task, "/spec/params") {
        play = play.param(text(param, "/name"), payload);
    }
    for program in
        ["executor", "buildctl-daemonless.sh", "docker", "buildah", "trivy", "k6", "kubectl"]
    {
        play = play.program(program, QUIET);
    }
    std::fs::create_dir_all(play.place("/workspace/source/.reports")).expect("a folder");
    let written = format!("{{\"containerimage.digest\": \"{payload}\"}}");
    let play = play
        .program("skopeo", "printf %s \"$TEXT\"")
        // No host: fetch.rs hands each text to git.
        .variable("URL", "http://127.0.0.1:1/shop.git")
        .variable("APP_URL", server)
        .variable("TEXT", payload)
        .file("/build/digest", payload)
        .file("/build/metadata.json", written)
        .file("/workload/workload.yaml", payload)
        .file("/var/run/secrets/slack/token", payload.replace(['\r', '\n', '\u{1f}', '\u{7f}'], ""))
        .file("/var/run/secrets/smtp/host", "127.0.0.1")
        .file("/var/run/secrets/smtp/port", "1");
    // Notifiers try again after some seconds; once is enough here.
    let play = play
        .program("sleep", "exit 0")
        .file("/programs/sitecustomize.py", "import time\ntime.sleep = lambda _: None\n");
    let programs = play.place("/programs");
    let play = play.variable("PYTHONPATH", programs.to_str().expect("UTF-8"));
    play.run().steps.len()
}

#[test]
fn none_is_run() {
    if !has("git") || !has("curl") || !has("python3") {
        return;
    }
    let shells = Shell::all();
    let server = Server::start(|_| answer("200 OK", r#"{"ok": true}"#));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |(index, pattern): (usize, &&str)| {
        let canary = folder.path().join(index.to_string());
        let payload = pattern.replace('@', &format!("touch {}", canary.display()));
        // Control characters that YAML does not allow are refused before anything is rendered.
        let objects =
            if payload.contains('\u{1f}') { Vec::new() } else { render(&payload, &server.url) };
        let mut steps = 0;
        for task in objects.iter().filter(|object| object.kind() == "Task") {
            // Each text in one of the shells, half of them in either.
            let shell = shells[index % shells.len()];
            steps += plays(&task.value, &payload, &server.url, shell);
            assert!(!canary.exists(), "{payload:?} was run by {}", task.name());
        }
        steps
    };
    if shells.is_empty() {
        return;
    }
    let steps: usize = PAYLOADS.par_iter().enumerate().map(run).sum();
    println!("{} texts, {steps} steps", PAYLOADS.len());
    assert!(steps > 49 * 12, "only {steps} steps ran");
}

/// A Task as it must not be: Tekton puts the text into the script. Most of the texts then make their file.
#[test]
fn a_step_that_runs_them_is_seen() {
    let scripts = [
        "#!/bin/sh\necho $(params.x)\n",
        "#!/bin/sh\necho \"$(params.x)\"\n",
        "#!/bin/sh\necho '$(params.x)'\n",
        "#!/bin/sh\ncat <<EOF\n$(params.x)\nEOF\n",
        "#!/bin/sh\nX=\"$TEXT\"\neval \"echo $X\"\n",
        "#!/usr/bin/env python3\nprint(\"\"\"$(params.x)\"\"\")\n",
        "#!/usr/bin/env python3\nprint('''$(params.x)''')\n",
        "#!/usr/bin/env python3\nprint(f\"$(params.x)\")\n",
    ];
    let shells = Shell::all();
    if shells.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let is_run = |(index, pattern): (usize, &&str)| {
        let canary = folder.path().join(index.to_string());
        let payload = pattern.replace('@', &format!("touch {}", canary.display()));
        scripts.iter().any(|script| {
            let steps = json!([{"name": "run", "script": script}]);
            let task = json!({"spec": {"params": [{"name": "x"}], "steps": steps}});
            let play = Play::new(&task).param("x", &payload);
            let play = play.variable("TEXT", payload.as_str());
            play.shell(shells[index % shells.len()]).run();
            canary.exists()
        })
    };
    let seen = PAYLOADS.par_iter().enumerate().filter(|each| is_run(*each));
    let seen = seen.count();
    println!("{seen} of {} texts are run by steps that let them", PAYLOADS.len());
    assert!(seen >= 35, "only {seen}");
}
