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
use super::need::{Kind, Needs};
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
/// `kubectl top pod --containers` takes no value.
const TOP: Own = Own { switches: "containers", letters: "" };

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
    // Their flags do not matter, and are many.
    if listed(HARMLESS, verb) {
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
    let own = match verb {
        "logs" | "log" => LOGS,
        "top" => TOP,
        _ => Own::default(),
    };
    let mut command = Command { flags: Flags::read(words, own)?, stdin, names, needs };
    if command.flags.has("help") {
        return Ok(());
    }
    command.flags.own_rights()?;
    if let Some(flag) = command.flags.any(&["raw", "edit"]) {
        return Err(format!("gen does not read `--{flag}`"));
    }
    command.flags.words.remove(0);
    command.read(verb)
}

/// `kubectl config` changes files, and by them what the commands after it mean.
fn config(words: &[String]) -> Result<(), String> {
    let reads = "view current-context get-contexts get-clusters get-users";
    if words.iter().any(|word| listed(reads, word)) {
        return Ok(());
    }
    Err("it changes which cluster, account or namespace the commands after it mean".to_owned())
}

impl Command<'_> {
    fn read(&mut self, verb: &str) -> Result<(), String> {
        match verb {
            "get" => self.get(),
            "describe" => self.describe(),
            "logs" | "log" => self.logs(),
            "wait" => self.wait(),
            "top" => self.top(),
            "events" => self.events(),
            "auth" => self.auth(),
            "create" => self.create(),
            "apply" => self.apply(),
            "replace" => self.replace(),
            "diff" => self.send(&["get", "patch", "create"]),
            "delete" => self.delete(),
            "patch" => self.patch(),
            "label" | "annotate" => self.mark(),
            "scale" => self.scale(),
            "set" => self.set(),
            "rollout" => self.rollout(),
            "expose" => self.derive(&Kind::new("", "services")),
            "autoscale" => self.derive(&Kind::new("autoscaling", "horizontalpodautoscalers")),
            "run" => self.run(),
            _ => Err(format!("gen does not know what `kubectl {verb}` does")),
        }
    }
}
