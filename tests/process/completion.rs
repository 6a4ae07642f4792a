//! Completion, as shells ask for it.

use std::path::Path;
use std::process::Command;

use crate::support::needs::program;
use crate::support::{GEN, Repo, specs};

/// The candidates that the program gives a shell, a line each.
fn asked(repo: &Repo, shell: &str, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let said = Command::new(GEN)
        .arg("--")
        .args(&words)
        .current_dir(repo.path())
        .env("GEN_COMPLETE", shell)
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .output()
        .expect("gen runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout).expect("UTF-8");
    let names = text.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned());
    // Options are offered beside names.
    let wants_option = words.last().is_some_and(|word| word.starts_with('-'));
    names.filter(|name| wants_option || !name.starts_with('-')).collect()
}

#[test]
fn names_are_those_of_the_repository() {
    let repo = Repo::new(specs::HOMELAB);
    assert!(asked(&repo, "bash", "gen ren").contains(&"render".to_owned()));
    assert!(asked(&repo, "bash", "gen render --al").contains(&"--allow-removals".to_owned()));
    let environments = asked(&repo, "bash", "gen render --env ");
    let apps = asked(&repo, "bash", "gen why ");
    assert!(!environments.is_empty() && !apps.is_empty());
    for line in ["gen status ", "gen log "] {
        assert_eq!(asked(&repo, "bash", line), apps, "{line}");
        assert_eq!(asked(&repo, "bash", &format!("{line}--env ")), environments, "{line}");
    }
    for name in &environments {
        assert!(repo.path().join(format!("environments/{name}.yaml")).exists(), "{name}");
        repo.run(["render", "--env", name]).exits(0);
    }
    for name in &apps {
        repo.run(["render", "--app", name]).exits(0);
    }
    // From anywhere, and while the spec is being written.
    let folder = repo.path().to_str().expect("UTF-8").to_owned();
    let line = format!("gen -C {folder} render --app ");
    assert_eq!(asked(&Repo::empty(), "fish", &line), apps);
    repo.edit("gen.yaml", "image:", "imgae:");
    assert_eq!(asked(&repo, "bash", "gen why "), apps);
    assert!(asked(&Repo::empty(), "bash", "gen render --env ").is_empty());
}

#[test]
fn keys_tasks_codes_and_templates_are_offered() {
    let repo = Repo::empty();
    let has = |line: &str, name: &str| {
        let found = asked(&repo, "bash", line);
        assert!(found.iter().any(|one| one == name), "{line}: {found:?}");
    };
    has("gen explain ", "apps");
    has("gen explain apps.NAME.pi", "apps.NAME.pipeline");
    has("gen explain task.build", "task.build-image");
    has("gen explain GEN04", "GEN0451");
    has("gen explain CHK3", "CHK3001");
    has("gen template show tasks/build", "tasks/build-image.yaml");
    has("gen check --rule CHK3", "CHK3001");
    let codes = asked(&repo, "bash", "gen explain GEN0451");
    assert_eq!(codes, ["GEN0451"]);
}

/// Names can hold anything while a spec is being written; a shell must get them as text.
#[test]
fn hostile_names_and_shells_do_no_harm() {
    let repo = Repo::new(&[("gen.yaml", "apps: {\"a;rm -rf $(x)\": {}, \"b\\u001b[31m\": {}}\n")]);
    let all = asked(&repo, "bash", "gen why ");
    assert!(all.iter().all(|name| !name.contains('\u{1b}') && !name.contains('$')), "{all:?}");
    let said = repo.command(["x"]).env("GEN_COMPLETE", "../../bin/sh").output().expect("gen runs");
    assert_eq!(said.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&said.stderr).contains("unknown shell"));
}

/// What a shell prints; nothing if it is not installed.
fn run_in(shell: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    let shell = program(shell)?;
    let gen_folder = Path::new(GEN).parent().expect("it is in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let said = Command::new(shell)
        .args(arguments)
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", gen_folder.display()))
        .env("HOME", folder)
        .output()
        .expect("the shell runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    Some(String::from_utf8(said.stdout).expect("UTF-8"))
}

#[test]
fn bash_completes() {
    let repo = Repo::new(specs::HOMELAB);
    let script = "source <(gen completion bash)
        COMP_WORDS=(gen render --app ''); COMP_CWORD=3; COMP_TYPE=9
        _clap_complete_gen gen '' --app
        printf '%s\\n' \"${COMPREPLY[@]}\"; complete -p gen";
    let said = run_in("bash", &["--norc", "-c", script], repo.path()).expect("there is a bash");
    let names = asked(&repo, "bash", "gen render --app ");
    assert!(!names.is_empty());
    assert_eq!(said.lines().take(names.len()).collect::<Vec<_>>(), names);
    assert!(said.contains("_clap_complete_gen gen"), "{said}");
}

#[test]
fn fish_completes() {
    let repo = Repo::new(specs::HOMELAB);
    let script = "gen completion fish | source; complete -C 'gen render --app '";
    let Some(said) = run_in("fish", &["--no-config", "-c", script], repo.path()) else { return };
    for name in asked(&repo, "fish", "gen render --app ") {
        assert!(said.lines().any(|line| line == name), "{said}");
    }
}

#[test]
fn zsh_takes_the_script() {
    let repo = Repo::new(specs::HOMELAB);
    let script =
        "autoload -U compinit; compinit -u; source <(gen completion zsh); print $_comps[gen]";
    let Some(said) = run_in("zsh", &["-f", "-c", script], repo.path()) else { return };
    assert!(said.contains("_clap_dynamic_completer_gen"), "{said}");
}

#[test]
fn every_shell_has_a_script() {
    let repo = Repo::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = repo.run(["completion", shell]).exits(0);
        assert!(said.stdout.contains("GEN_COMPLETE"), "{shell}: {}", said.stdout);
        assert!(!said.stdout.contains("target/"), "{shell} must find gen on PATH");
    }
    repo.run(["completion", "tcsh"]).exits(64);
}
