//! What each command of kubectl asks the API server for.
//!
//! Checked against the source of kubectl (pkg/cmd, pkg/polymorphichelpers, pkg/describe): what it does by name can be granted by
//! name, also lists and watches, which it limits to `metadata.name`.

mod change;
mod command;
mod kinds;
mod look;
mod manifest;
mod target;

use super::flags::{Flags, Own, verb};
use super::need::Needs;
use crate::permissions::names::{Names, listed};
use command::Command;

/// Commands that ask the server nothing, or only what everyone may ask.
const HARMLESS: &str =
    "version kustomize explain api-resources api-versions completion options help plugin alpha";
/// Commands that act on the whole cluster.
const CLUSTER: &str = "cordon uncordon drain taint certificate cluster-info";
/// Commands that are as good as a shell in the pod, or as an open port to it.
const INSIDE: &str = "exec attach port-forward cp debug proxy";

/// `kubectl logs` has letters and a `--prefix` of its own.
const LOGS: Own = Own { switches: "prefix", letters: "f=follow p=previous" };

/// Adds what a command needs.
type Reader<'a> = fn(&mut Command<'a>) -> Result<(), String>;

/// Reads a command of kubectl, without its first word. `stdin` is the text that it gets, if gen sees it.
pub(in crate::permissions) fn read(
    words: &[String],
    stdin: Option<&str>,
    names: &Names<'_>,
    needs: &mut Needs,
) -> Result<(), String> {
    let Some(verb) = verb(words, "n s v")? else {
        return Ok(());
    };
    if verb == "config" {
        return config(words);
    }
    // Every account may ask what it may do itself.
    let asks = verb == "auth" && words.iter().any(|word| listed("can-i whoami", word));
    // Their flags do not matter, and are many.
    if asks || listed(HARMLESS, verb) {
        return Ok(());
    }
    if listed(INSIDE, verb) {
        return Err(format!(
            "gen grants no `{verb}`, declared or not: it is as good as being in the pod"
        ));
    }
    if listed(CLUSTER, verb) {
        return Err(format!("`{verb}` acts on the whole cluster, where gen grants nothing"));
    }
    let read: Reader<'_> = match verb {
        "get" => Command::get,
        "describe" => Command::describe,
        "logs" | "log" => Command::logs,
        "wait" => Command::wait,
        "create" => Command::create,
        "apply" => Command::apply,
        "delete" => Command::delete,
        "patch" => Command::change,
        "label" | "annotate" => Command::mark,
        "scale" => Command::scale,
        "set" => Command::set,
        "rollout" => Command::rollout,
        _ => return Err(format!("gen does not know what `kubectl {verb}` does")),
    };
    let own = if matches!(verb, "logs" | "log") { LOGS } else { Own::default() };
    let mut command = Command { flags: Flags::read(words, own)?, stdin, names, needs };
    if command.flags.has("help") {
        return Ok(());
    }
    command.flags.own_rights()?;
    if let Some(flag) = command.flags.any(&["raw", "edit", "subresource"]) {
        return Err(format!("gen does not read `--{flag}`"));
    }
    command.flags.words.remove(0);
    read(&mut command)
}

/// `kubectl config` changes files, and by them what the commands after it mean.
fn config(words: &[String]) -> Result<(), String> {
    let reads = "view current-context get-contexts get-clusters get-users";
    if words.iter().any(|word| listed(reads, word)) {
        return Ok(());
    }
    Err("it changes which cluster, account or namespace the commands after it mean".to_owned())
}
