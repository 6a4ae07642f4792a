//! Shell in Tasks.

use super::finding::{Level, Rule};
use super::found::Found;
use super::objects::{Item, Objects};
use super::texts::texts;

/// The rules of this family.
pub static RULES: &[&Rule] = &[&UNQUOTED, &GOES_ON];

static UNQUOTED: Rule = Rule {
    id: "CHK8001",
    name: "script-unquoted-param",
    level: Level::Warning,
    holds: "A parameter or result in a script stands between quotes, or comes in by a variable.",
    otherwise: "Tekton puts the value into the script as text: a branch named `main; rm -rf .` is run as a command.",
    cure: "pass it by `env`, and write `\"$NAME\"` in the script",
    source: "https://github.com/tektoncd/catalog/blob/main/recommendations.md",
};

static GOES_ON: Rule = Rule {
    id: "CHK8002",
    name: "script-goes-on",
    level: Level::Info,
    holds: "A script of several commands with a `#!` line of its own stops at the first that fails.",
    otherwise: "The step succeeds if its last command does, whatever failed before. Without a `#!` line Tekton adds `set -e` itself.",
    cure: "add `set -e`",
    source: "https://tekton.dev/docs/pipelines/tasks/#running-scripts-within-steps",
};

/// Judges the scripts of all Tasks, also of those written where they are used.
pub(super) fn check(objects: &Objects, found: &mut Found) {
    for item in objects {
        if item.object.group() == "tekton.dev" || item.object.group() == "triggers.tekton.dev" {
            texts(item.object.value(), &mut |path, text| {
                if path.ends_with(".script") {
                    script(item, text, path, found);
                }
            });
        }
    }
}

/// Whether the shell runs it, and whether it says so itself.
fn shell(text: &str) -> Option<bool> {
    let Some(line) = text.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
        return Some(false);
    };
    let is_shell = line.split(['/', ' ']).any(|word| ["sh", "bash", "dash", "ash"].contains(&word));
    is_shell.then_some(true)
}

fn script(item: &Item, text: &str, path: &str, found: &mut Found) {
    let Some(has_line) = shell(text) else { return };
    if let Some((number, name)) = unquoted(text) {
        let what = format!("has `$({name})` without quotes, in its line {number}");
        found.add(&UNQUOTED, item, path, what);
    }
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let stops = text.lines().any(|line| {
        let line = line.trim();
        line.strip_prefix("set ").is_some_and(|rest| {
            rest.split_whitespace().any(|word| {
                word.strip_prefix('-').is_some_and(|flags| flags.contains('e')) || word == "errexit"
            })
        }) || line.starts_with("#!")
            && line.split_whitespace().any(|word| word.starts_with('-') && word.contains('e'))
    });
    if has_line && !stops && lines.count() > 1 {
        found.add(&GOES_ON, item, path, "goes on when a command fails");
    }
}

/// The first parameter or result outside quotes: its line in the script, and its name.
fn unquoted(text: &str) -> Option<(usize, String)> {
    let (mut quote, mut end_of_here) = (None, None::<String>);
    let mut is_escaped = false;
    for (number, row) in text.lines().enumerate() {
        let line = number + 1;
        if let Some(end) = &end_of_here {
            if row.trim() == end {
                end_of_here = None;
            }
            continue;
        }
        let mut is_comment = false;
        for (at, c) in row.char_indices() {
            if is_comment {
                break;
            }
            match (quote, c) {
                _ if is_escaped => is_escaped = false,
                (Some('"') | None, '\\') => is_escaped = true,
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                (None, '#') if row[..at].chars().next_back().is_none_or(char::is_whitespace) => {
                    is_comment = true;
                }
                (None, '$') => {
                    let rest = &row[at..];
                    let is_value = ["$(params.", "$(tasks.", "$(steps."]
                        .iter()
                        .any(|start| rest.starts_with(start));
                    // A path is Tekton's own.
                    if let Some(end) = rest
                        .find(')')
                        .filter(|end| is_value && rest[..*end].rsplit('.').next() != Some("path"))
                    {
                        return Some((line, rest[2..end].to_owned()));
                    }
                }
                _ => {}
            }
        }
        is_escaped = false;
        // The text of a here-document is data.
        if quote.is_none()
            && let Some((_, after)) = row.split_once("<<")
        {
            let word = after.trim_start_matches('-').trim_start();
            let word: String =
                word.chars().take_while(|c| !c.is_whitespace() && *c != ';').collect();
            let word = word.trim_matches(['"', '\'', '\\']).to_owned();
            end_of_here = Some(word).filter(|word| !word.is_empty() && !word.starts_with('<'));
        }
    }
    None
}
