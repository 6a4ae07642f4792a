//! Which API actions a script needs, read out of its `kubectl`, `flux` and `gen` commands.
//!
//! The rule is to grant exactly what the commands ask the API server for, and never to guess: a script that runs a tool in a way
//! that is only known when it runs is an error, and the task then declares its `permissions:` itself.
//!
//! Read are `sh` and `bash` scripts with plain commands, variables that are set once, `if`, `for`, `while`, `case`, `$(…)` and
//! here-documents. Not read is a tool in a function, in a script within the script (`sh -c '…'`, `eval`, `trap`), or behind
//! another program (`timeout 30 …`, `xargs …`), nor another program that asks the API server (`helm upgrade`, `oc`, `argocd`, `tkn`).
//! What is not seen needs no permission as far as gen knows: other files (`./deploy.sh`, `make deploy`). A task that calls those
//! declares what they need.

mod command;
mod compound;
mod mention;
mod parser;
mod programs;
mod read;
mod syntax;
mod unread;
mod values;
mod word;

use std::collections::BTreeSet;

use super::names::Names;
use super::rule::Rule;
use unread::Unread;

pub(super) use mention::TOOLS;

/// Longer scripts that use the API are programs; they declare what they need.
const LONGEST: usize = 100_000;

/// The rules that a script's commands need: sorted, and one where rules differ only in their verbs.
///
/// # Errors
/// The first command whose needs cannot be read, or that asks for what gen grants to nobody.
pub(super) fn permissions(script: &str, names: &Names<'_>) -> Result<Vec<Rule>, Unread> {
    let variables = names.env.as_seq().unwrap_or_default();
    let values = variables.iter().filter_map(|v| v.str_at(&["value"]));
    let in_env = values.into_iter().any(mention::loosely);
    if !in_env && !mention::loosely(script) {
        return Ok(Vec::new());
    }
    let unread = |problem: String| match mention::line(script) {
        Some(line) => Err(Unread::new(line, problem)),
        None => Ok(Vec::new()),
    };
    if let Some(interpreter) = foreign(script) {
        return unread(format!(
            "gen reads `sh` and `bash`, and this is a script for `{interpreter}`"
        ));
    }
    if script.len() > LONGEST {
        return unread("the script is too long to be read".to_owned());
    }
    match parser::parse(script) {
        Ok(parsed) => read::read(&parsed, names, in_env),
        Err(_) if !in_env && mention::line(script).is_none() => Ok(Vec::new()),
        Err(unread) => Err(unread),
    }
}

/// Programs that bring others.
const INSTALLS: [&str; 12] = [
    "apk", "apt", "apt-get", "brew", "dnf", "microdnf", "npm", "npx", "pip", "pip3", "yum",
    "zypper",
];
/// Programs that look for others.
const LOOKS: [&str; 4] = ["command", "hash", "type", "which"];

/// The programs that a script runs, but for its own functions and those that it looks for first; none if it installs any or cannot be read.
pub(super) fn programs(script: &str) -> BTreeSet<String> {
    let Ok(script) = parser::parse(script) else { return BTreeSet::new() };
    let (mut run, mut looked_for) = (BTreeSet::new(), BTreeSet::new());
    for command in script.commands.iter().filter(|command| !command.is_data) {
        let words: Vec<Option<String>> = command.words.iter().map(syntax::Word::literal).collect();
        let Some(Some(name)) = words.first() else { continue };
        if INSTALLS.contains(&name.as_str()) || name == "export" && command.text.contains("PATH=") {
            return BTreeSet::new();
        }
        if LOOKS.contains(&name.as_str()) {
            looked_for.extend(words.into_iter().skip(1).flatten());
        } else {
            run.insert(name.clone());
        }
    }
    if script.writes.contains_key("PATH") {
        return BTreeSet::new();
    }
    run.retain(|name| !script.functions.contains(name) && !looked_for.contains(name));
    run
}

/// What a script asks for as far as it can be read, and the commands that cannot.
pub(super) fn asked(script: &str, names: &Names<'_>) -> (Vec<Rule>, Vec<Unread>) {
    let variables = names.env.as_seq().unwrap_or_default();
    let in_env = variables.iter().filter_map(|v| v.str_at(&["value"])).any(mention::loosely);
    let line = mention::line(script);
    let whole = |problem: String| {
        let command = line.map(|line| Unread::new(line, problem));
        (Vec::new(), command.into_iter().collect())
    };
    if !in_env && !mention::loosely(script) {
        return (Vec::new(), Vec::new());
    }
    if let Some(interpreter) = foreign(script) {
        return whole(format!("it is a script for `{interpreter}`"));
    }
    if script.len() > LONGEST {
        return whole("the script is too long to be read".to_owned());
    }
    match parser::parse(script) {
        Ok(parsed) => read::read_all(&parsed, names, in_env),
        Err(unread) => whole(unread.problem),
    }
}

/// The interpreter of a script's first line, where it is none that gen reads.
fn foreign(script: &str) -> Option<String> {
    let line = script.strip_prefix("#!")?.lines().next()?;
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut words = line.split_whitespace();
    let mut name = base(words.next().unwrap_or_default());
    if matches!(name.as_str(), "env" | "busybox") {
        let word = words.find(|word| !word.starts_with('-') && !word.contains('='));
        name = word.map_or(name, base);
    }
    let known = ["sh", "bash", "dash", "ash"].contains(&name.as_str());
    (!known && !name.is_empty()).then_some(name)
}
