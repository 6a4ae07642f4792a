//! Shell in Tasks.

mod image;
mod quotes;
mod rules;
mod shells;

use std::fmt::Write as _;

use super::found::Found;
use super::objects::{Item, Objects};
use super::texts::texts;
use crate::yaml::Value;
use quotes::unquoted;
use rules::{GOES_ON, UNQUOTED};

pub use rules::{RULES, SHELLCHECK};
pub use shells::{Script, plain, shell_scripts};

/// Judges the scripts of all Tasks, also of those written where they are used.
pub(super) fn check(objects: &Objects, found: &mut Found) {
    for item in objects {
        if item.object.group() == "tekton.dev" || item.object.group() == "triggers.tekton.dev" {
            texts(item.object.value(), &mut |path, text| {
                if path.ends_with(".script") {
                    script(item, text, path, found);
                }
            });
            bodies(item.object.value(), &mut String::new(), &mut |path, body| {
                image::check(item, body, path, found);
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

/// Calls `each` with the path and value of everything in a value that has steps or a script of its own: the specs of Tasks and StepActions,
/// wherever they stand.
fn bodies<'v>(value: &'v Value, path: &mut String, each: &mut impl FnMut(&str, &'v Value)) {
    let length = path.len();
    match value {
        Value::Map(map) => {
            let is_body = map.get("steps").is_some_and(|steps| steps.as_seq().is_some());
            // A step has a script, too; its Task has been seen before.
            if is_body || (path == "spec" && map.get("script").is_some()) {
                each(path, value);
                return;
            }
            for (key, item) in map.iter() {
                let dot = if length == 0 { "" } else { "." };
                let _ = write!(path, "{dot}{key}");
                bodies(item, path, each);
                path.truncate(length);
            }
        }
        Value::Seq(items) => {
            for (at, item) in items.iter().enumerate() {
                let _ = write!(path, "[{at}]");
                bodies(item, path, each);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
