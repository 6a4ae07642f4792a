//! `gen` itself: what only works on the checkout needs no right in the cluster, and `gen wait` needs to see two objects.

use super::flags::{Flags, Own, verb};
use super::need::{Kind, Needs, known};
use crate::permissions::names::{Names, listed};
use crate::permissions::rule::Place;

/// Commands that never ask a cluster.
const LOCAL: &str = "set commit render explain check init template help log run schema";

const FLAGS: Own = Own { switches: "", letters: "v=verbose" };

/// Reads a command of gen, without its first word. But for `wait`, no command of gen needs rules: either it asks nothing, or as
/// much as the user that it belongs to may see, which is more than a task should.
pub(in crate::permissions) fn read(
    words: &[String],
    names: &Names<'_>,
    needs: &mut Needs,
) -> Result<(), String> {
    let Some(command) = verb(words, "C").map_err(|_| "its command is only known when it runs")?
    else {
        return Ok(());
    };
    if command == "wait" {
        return wait(&Flags::read(words, FLAGS)?, names, needs);
    }
    if !listed(LOCAL, command) {
        return Err(format!(
            "`gen {command}` may ask the cluster for whatever the environment holds"
        ));
    }
    let live = |word: &String| word == "--live" || known(word).is_none();
    if command == "check" && words.iter().any(live) {
        return Err("`gen check --live` asks the cluster".to_owned());
    }
    Ok(())
}

/// `gen wait APP --env ENV` reads the app's Kustomization and its workload.
fn wait(flags: &Flags, names: &Names<'_>, needs: &mut Needs) -> Result<(), String> {
    flags.own_rights()?;
    let unknown = "what it waits for is only known when it runs";
    let app = flags.words.get(1).and_then(|app| known(app));
    let app = app.ok_or(unknown)?;
    let environment = flags.value("env").and_then(known).ok_or(unknown)?;
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
