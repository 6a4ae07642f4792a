//! What each command of kubectl asks the API server for.
//!
//! Checked against the source of kubectl (pkg/cmd, pkg/polymorphichelpers, pkg/describe): what it does by name can be granted by
//! name, also lists and watches, which it limits to `metadata.name`.

pub(super) mod flags;
mod kinds;
mod manifest;
mod read;
pub(super) mod tables;
mod target;
mod write;

use super::Names;
use super::need::{Data, Kind, Needs};
use flags::Flags;
use tables::{AS_ANOTHER, COMMON, GLOBAL, LOGS, TOP};
use target::Target;

/// Commands that ask the server nothing, or only what everyone may ask.
const HARMLESS: [&str; 10] = [
    "version",
    "kustomize",
    "explain",
    "api-resources",
    "api-versions",
    "completion",
    "options",
    "help",
    "plugin",
    "alpha",
];
/// Commands that act on the whole cluster.
const CLUSTER: [&str; 6] = [
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "certificate",
    "cluster-info",
];
/// Commands that are as good as a shell in the pod, or as an open port to it.
const INSIDE: [&str; 6] = ["exec", "attach", "port-forward", "cp", "debug", "proxy"];
/// All others that are read.
const READ: [&str; 24] = [
    "get",
    "describe",
    "logs",
    "wait",
    "top",
    "events",
    "auth",
    "config",
    "create",
    "apply",
    "replace",
    "delete",
    "patch",
    "scale",
    "set",
    "rollout",
    "label",
    "annotate",
    "expose",
    "autoscale",
    "run",
    "diff",
    "edit",
    "log",
];

/// Whether a word is a command of kubectl.
pub(super) fn is_command(word: &str) -> bool {
    let lists: [&[&str]; 4] = [&HARMLESS, &CLUSTER, &INSIDE, &READ];
    lists.iter().any(|list| list.contains(&word))
}

/// A command with all that its reading needs.
struct Command<'a> {
    flags: Flags,
    stdin: &'a Data,
    names: &'a Names<'a>,
    needs: &'a mut Needs,
}

/// Whether a command only tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dry {
    /// No.
    Not,
    /// Without telling the server.
    Client,
    /// By asking the server, who wants the same rights.
    Server,
}

/// Reads a command of kubectl, without its first word, and tells what it prints.
pub(super) fn read(
    words: &[String],
    stdin: &Data,
    names: &Names<'_>,
    needs: &mut Needs,
) -> Result<Data, String> {
    let verb = flags::verb(words, GLOBAL)?;
    let flags = match verb {
        None => return Ok(Data::Unknown),
        Some("logs" | "log") => Flags::read(words, &[LOGS, COMMON, GLOBAL])?,
        Some("top") => Flags::read(words, &[TOP, COMMON, GLOBAL])?,
        Some("config") => return config(words),
        // Their flags do not matter, and are many.
        Some(verb) if HARMLESS.contains(&verb) => return Ok(Data::Unknown),
        Some(verb) if INSIDE.contains(&verb) => {
            return Err(format!(
                "gen grants no `{verb}`, declared or not: it is as good as being in the pod"
            ));
        }
        Some(verb) if CLUSTER.contains(&verb) => {
            return Err(format!(
                "`{verb}` acts on the whole cluster, where gen grants nothing"
            ));
        }
        Some(verb) if !READ.contains(&verb) => {
            return Err(format!("gen does not know what `kubectl {verb}` does"));
        }
        Some(_) => Flags::read(words, &[COMMON, GLOBAL])?,
    };
    if flags.has("help") {
        return Ok(Data::Unknown);
    }
    if let Some(flag) = flags.any(&AS_ANOTHER) {
        return Err(format!(
            "with `--{flag}` it may not ask as the task's own account"
        ));
    }
    if flags.has("all-namespaces") {
        return Err("it asks for all namespaces, and gen grants no cluster-wide rights".to_owned());
    }
    if let Some(flag) = flags.any(&["raw", "edit"]) {
        return Err(format!("gen does not read `--{flag}`"));
    }
    let mut command = Command {
        flags,
        stdin,
        names,
        needs,
    };
    command.flags.words.remove(0);
    command.run(verb.unwrap_or_default())
}

/// `kubectl config` changes files, and by them what the commands after it mean.
fn config(words: &[String]) -> Result<Data, String> {
    let reads = [
        "view",
        "current-context",
        "get-contexts",
        "get-clusters",
        "get-users",
    ];
    if words.iter().any(|word| reads.contains(&word.as_str())) {
        return Ok(Data::Unknown);
    }
    Err("it changes which cluster, account or namespace the commands after it mean".to_owned())
}

impl Command<'_> {
    fn run(&mut self, verb: &str) -> Result<Data, String> {
        if matches!(
            verb,
            "create" | "run" | "logs" | "log" | "events" | "label" | "annotate" | "set"
        ) {
            // These pass over some of their words.
            self.flags.all_seen()?;
        }
        match verb {
            "get" => self.get()?,
            "describe" => self.describe()?,
            "logs" | "log" => self.logs()?,
            "wait" => self.wait()?,
            "top" => self.top()?,
            "events" => {
                let verb = if self.watches() { "watch" } else { "list" };
                self.needs
                    .add(self.place()?, &Kind::new("", "events"), &[], &[verb])?;
            }
            "auth" => {
                // Every account may ask what it may do itself.
                if !matches!(
                    self.flags.words.first().map(String::as_str),
                    Some("can-i" | "whoami")
                ) {
                    return Err("gen reads `auth can-i` and `auth whoami` only".to_owned());
                }
            }
            "create" => return self.create(),
            "apply" => self.apply()?,
            "replace" => self.replace()?,
            "diff" => {
                for target in self.objects()? {
                    self.add(&target, &["get", "patch", "create"])?;
                }
            }
            "delete" => self.delete()?,
            "patch" => {
                self.no_subresource()?;
                self.change()?;
            }
            "label" | "annotate" => {
                self.flags
                    .words
                    .retain(|word| !word.contains('=') && !word.ends_with('-'));
                self.change()?;
            }
            "scale" => self.scale()?,
            "set" => self.set()?,
            "rollout" => self.rollout()?,
            "expose" => {
                self.fetch(&[])?;
                self.new_object(&Kind::new("", "services"))?;
            }
            "autoscale" => {
                self.fetch(&[])?;
                self.new_object(&Kind::new("autoscaling", "horizontalpodautoscalers"))?;
            }
            "run" => {
                if self.flags.any(&["stdin", "tty", "attach", "rm"]).is_some() {
                    return Err("gen grants no `attach`, declared or not: it is as good as being in the pod".to_owned());
                }
                self.new_object(&Kind::new("", "pods"))?;
                if self.flags.has("expose") {
                    self.new_object(&Kind::new("", "services"))?;
                }
            }
            _ => return Err(format!("gen does not know what `kubectl {verb}` does")),
        }
        Ok(Data::Unknown)
    }

    fn dry(&self) -> Dry {
        match self.flags.value("dry-run") {
            Some("client" | "true") => Dry::Client,
            Some("server") => Dry::Server,
            // Whatever an unknown value will be, the rights of the real thing suffice.
            _ => Dry::Not,
        }
    }

    fn watches(&self) -> bool {
        self.flags.any(&["watch", "watch-only"]).is_some()
    }

    fn no_subresource(&self) -> Result<(), String> {
        match self.flags.value("subresource") {
            None => Ok(()),
            Some(_) => Err("gen does not read `--subresource`".to_owned()),
        }
    }

    fn add(&mut self, target: &Target, verbs: &[&str]) -> Result<(), String> {
        self.needs
            .add(target.place, &target.kind, &target.names, verbs)
    }

    /// The same on a part of the objects, or on what belongs to them.
    fn add_as(
        &mut self,
        target: &Target,
        kind: &Kind,
        names: &[String],
        verbs: &[&str],
    ) -> Result<(), String> {
        self.needs.add(target.place, kind, names, verbs)
    }

    /// The right to make an object, unless the command only prints it.
    fn new_object(&mut self, kind: &Kind) -> Result<(), String> {
        if self.dry() == Dry::Client {
            return Ok(());
        }
        let place = self.place()?;
        self.needs.add(place, kind, &[], &["create"])
    }
}
