//! Scripts for a shell, as another program can read them.

use super::image::interpreter_of;
use crate::check::objects::{Item, Objects};
use crate::check::texts::texts;

/// A script of a step.
#[derive(Debug, Clone)]
pub struct Script<'a> {
    /// What it is written in.
    pub item: &'a Item,
    /// Its path there.
    pub path: String,
    /// The shell that runs it: `sh` or `bash`.
    pub shell: &'static str,
    /// Its text.
    pub text: &'a str,
}

/// The scripts of all Tasks and StepActions that a shell runs. Without a `#!` line Tekton has `/bin/sh` run it.
#[must_use]
pub fn shell_scripts(objects: &Objects) -> Vec<Script<'_>> {
    let mut scripts = Vec::new();
    for item in objects {
        if !["tekton.dev", "triggers.tekton.dev"].contains(&item.object.group()) {
            continue;
        }
        texts(item.object.value(), &mut |path, text| {
            let interpreter = interpreter_of(text);
            let shell = match interpreter.as_str() {
                "sh" | "ash" => "sh",
                "dash" => "dash",
                "bash" => "bash",
                _ => return,
            };
            if path.ends_with(".script") {
                scripts.push(Script { item, path: path.to_owned(), shell, text });
            }
        });
    }
    scripts
}

/// A script with a word of the same length in place of each of Tekton's variables, which a shell would take for commands.
#[must_use]
pub fn plain(script: &str) -> String {
    const STARTS: [&str; 8] =
        ["params", "results", "workspaces", "context", "tasks", "steps", "step", "tt"];
    let (mut plain, mut rest) = (String::with_capacity(script.len()), script);
    while let Some(at) = rest.find("$(") {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let inner = &from[2..];
        let name = inner.split(['.', '[', ')']).next().unwrap_or_default();
        let end = inner.find([')', '\n']).filter(|end| inner[*end..].starts_with(')'));
        if let Some(end) = end.filter(|_| STARTS.contains(&name)) {
            plain.extend(std::iter::repeat_n('x', end + 3));
            rest = &inner[end + 1..];
        } else {
            plain.push_str("$(");
            rest = inner;
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn tektons_variables_become_words() {
        assert_eq!(
            plain("a \"$(params.b)\" $(date) $(steps.x.results.y)"),
            "a \"xxxxxxxxxxx\" $(date) xxxxxxxxxxxxxxxxxxxx"
        );
        assert_eq!(plain("$(params.b\n)"), "$(params.b\n)");
        assert_eq!(plain("ä $(params['c']) $("), "ä xxxxxxxxxxxxxx $(");
    }
}
