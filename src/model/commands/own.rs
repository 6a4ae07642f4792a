//! `gen` itself: what only works on the checkout needs no right in the cluster, and `gen wait` needs to see two objects.

use super::Names;
use super::need::{Kind, Needs, known};
use crate::model::Place;

/// Commands that never ask a cluster.
const LOCAL: [&str; 11] = [
    "set", "commit", "render", "explain", "check", "init", "template", "help", "log", "run",
    "schema",
];

/// Options of `gen wait` that take a value.
const VALUES: [&str; 10] = [
    "--env",
    "-e",
    "--revision",
    "--image",
    "--timeout",
    "--at-most",
    "--context",
    "--kubeconfig",
    "--color",
    "-C",
];

/// Reads a command of gen, without its first word. But for `wait`, no command of gen needs rules: either it asks nothing, or as
/// much as the user that it belongs to may see, which is more than a task should.
pub(super) fn read(words: &[String], names: &Names<'_>, needs: &mut Needs) -> Result<(), String> {
    let mut rest = words.iter().map(String::as_str);
    let command = loop {
        match rest.next() {
            None | Some("--version" | "-V" | "--help" | "-h") => return Ok(()),
            // The one flag before the command that takes a value.
            Some("-C") => {
                rest.next();
            }
            Some(word) if word.starts_with('-') => {}
            Some(word) => break word,
        }
    };
    let Some(command) = known(command) else {
        return Err("its command is only known when it runs".to_owned());
    };
    if command == "wait" {
        return wait(rest, names, needs);
    }
    if !LOCAL.contains(&command) {
        return Err(format!(
            "`gen {command}` may ask the cluster for whatever the environment holds"
        ));
    }
    let live = |word: &str| word == "--live" || known(word).is_none();
    if command == "check" && rest.any(live) {
        return Err("`gen check --live` asks the cluster".to_owned());
    }
    Ok(())
}

/// `gen wait APP --env ENV` reads the app's Kustomization and its workload.
fn wait<'w>(
    mut words: impl Iterator<Item = &'w str>,
    names: &Names<'_>,
    needs: &mut Needs,
) -> Result<(), String> {
    let (mut app, mut environment) = (None, None);
    while let Some(word) = words.next() {
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (word, None),
        };
        if !flag.starts_with('-') {
            app = Some(word);
            continue;
        }
        let value = match joined {
            Some(value) => Some(value),
            None if VALUES.contains(&flag) => words.next(),
            None => None,
        };
        match flag {
            "--env" | "-e" => environment = value,
            "--context" | "--kubeconfig" => {
                return Err(format!(
                    "with `{flag}` it asks as somebody else than the task's own account"
                ));
            }
            _ => {}
        }
    }
    let unknown = || "what it waits for is only known when it runs".to_owned();
    let app = app.and_then(known).ok_or_else(unknown)?;
    let environment = environment.and_then(known).ok_or_else(unknown)?;
    let instance = format!("{app}-{environment}");
    if app != names.app_name || instance != names.instance {
        return Err(format!(
            "gen grants rights on what is `{}`, and nothing on `{instance}`",
            names.instance
        ));
    }
    let flux = Kind::new("kustomize.toolkit.fluxcd.io", "kustomizations");
    needs.add(Place::Flux, &flux, &[instance], &["get"])?;
    if let Some((group, plural)) = names.workload {
        let kind = Kind::new(group, plural);
        needs.add(Place::App, &kind, &[app.to_owned()], &["get"])?;
    }
    Ok(())
}
