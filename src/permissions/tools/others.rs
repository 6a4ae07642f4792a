//! Other programs that speak to the API. gen does not read which rights they need: a command of theirs is an error, unless it only
//! works on files and registries.

use super::flags::verb;
use super::need::known;
use crate::permissions::names::listed;

/// A program.
struct Program {
    name: &'static str,
    /// Commands that never ask the cluster.
    offline: &'static str,
    /// Commands that ask it: where one follows the name in any text, that is a command of the program.
    online: &'static str,
}

const PROGRAMS: [Program; 6] = [
    Program {
        name: "argocd",
        offline: "completion help",
        online: "account admin app appset cert cluster gpg login logout proj relogin repo repocreds",
    },
    Program {
        name: "helm",
        offline: "completion create dep dependencies dependency env fetch help inspect lint package plugin pull push registry \
            repo search show template verify version",
        online: "del delete get history hist install list ls rollback status test uninstall un upgrade",
    },
    Program {
        name: "helmfile",
        offline: "build cache completion deps fetch help init lint list repos show-dag template version write-values",
        online: "apply delete destroy diff status sync test",
    },
    Program {
        name: "kustomize",
        offline: "build cfg completion create docs edit fn help localize version",
        online: "",
    },
    Program {
        name: "oc",
        offline: "completion help kustomize",
        online: "adm annotate apply autoscale cancel-build config create debug delete describe edit exec expose extract get import-image \
            label login logs new-app new-build new-project observe patch policy process project replace rollback rollout rsh rsync \
            run scale secrets set start-build status tag wait whoami",
    },
    Program {
        name: "tkn",
        offline: "bundle completion help hub",
        online: "chain clustertask customrun eventlistener pipeline pipelinerun pr resource start task taskrun tr triggerbinding \
            triggertemplate",
    },
];

/// Flags with which an offline command asks the cluster: `helm template --validate`.
const ASKING: [&str; 2] = ["--validate", "--dry-run=server"];

fn find(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.name == name)
}

/// The names of the programs.
pub(in crate::permissions) fn names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|program| program.name)
}

/// Whether the program has a command with which it asks the cluster.
pub(in crate::permissions) fn online(name: &str) -> &'static str {
    find(name).map_or("", |program| program.online)
}

/// Reads a command of such a program, without its first word; nothing if it is none of them.
pub(in crate::permissions) fn read(name: &str, words: &[String]) -> Option<Result<(), String>> {
    Some(needs_nothing(find(name)?, words))
}

fn needs_nothing(program: &Program, words: &[String]) -> Result<(), String> {
    let Program { name, offline, .. } = program;
    let has = |flags: &[&str]| words.iter().any(|word| flags.contains(&word.as_str()));
    let Some(verb) = verb(words, "n")? else {
        return Ok(());
    };
    if has(&["--help", "-h"]) || (verb == "version" && has(&["--client"])) {
        return Ok(());
    }
    if !listed(offline, verb) {
        return Err(format!("gen does not read `{name} {verb}`"));
    }
    let mut pairs = words.iter().zip(words.iter().skip(1));
    let by_server = pairs.any(|(flag, value)| flag == "--dry-run" && value == "server");
    if has(&ASKING) || by_server {
        return Err(format!("`{name} {verb}` asks the cluster with this flag"));
    }
    if words.iter().any(|word| word.starts_with('-') && known(word).is_none()) {
        return Err("a flag of it is only known when it runs".to_owned());
    }
    Ok(())
}
