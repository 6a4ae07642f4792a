//! Scripts as shellcheck reads them, where it is on the PATH.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use rayon::prelude::*;
use serde::Deserialize;

use super::report::{CheckReport, Unread};
use crate::check::scripts::{SHELLCHECK, Script, plain, shell_scripts};
use crate::check::{Found, Level, Objects};

/// The program.
const PROGRAM: &str = "shellcheck";

/// A script with the shell that runs it.
type Text = (&'static str, String);

#[derive(Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

/// What it says of a script.
#[derive(Deserialize, Clone)]
struct Comment {
    line: usize,
    level: String,
    code: u32,
    message: String,
}

/// Adds what it finds in the scripts of all Tasks. Scripts that are alike are read once: those that gen renders differ little.
pub(super) fn check(objects: &Objects, report: &mut CheckReport) {
    if !is_there() {
        return;
    }
    let mut scripts: BTreeMap<Text, Vec<Script<'_>>> = BTreeMap::new();
    for script in shell_scripts(objects) {
        scripts.entry((script.shell, plain(script.text))).or_default().push(script);
    }
    let answers: Vec<_> =
        scripts.par_iter().map(|((shell, text), of)| (of, ask(shell, text))).collect();
    let mut found = Found::default();
    for (scripts, answer) in answers {
        let comments = match answer {
            Ok(comments) => comments,
            Err(why) => {
                let file = scripts.first().map(|one| one.item.file.to_string()).unwrap_or_default();
                report.unread.push(Unread { file, why: format!("{PROGRAM}: {why}") });
                continue;
            }
        };
        for script in scripts {
            for Comment { line, level, code, message } in &comments {
                let message = message.trim_end_matches('.');
                let what = format!("line {line} of the script: {message} (SC{code})");
                let level = if level == "error" { Level::Warning } else { Level::Info };
                found.add(&SHELLCHECK, script.item, script.path.clone(), what).level(level);
            }
        }
    }
    report.findings.extend(found.into_findings());
}

/// Whether it is on the PATH and runs.
fn is_there() -> bool {
    let mut command = Command::new(PROGRAM);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What it says of one script: only what is likely to be wrong, and nothing of style.
fn ask(shell: &str, text: &str) -> Result<Vec<Comment>, String> {
    let mut command = Command::new(PROGRAM);
    command.args(["--norc", "--format=json1", "--severity=warning"]);
    command.arg(format!("--shell={shell}")).arg("-");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().ok_or("it takes no script")?;
    // It reads all before it answers, so that neither waits for the other.
    stdin.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    drop(stdin);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let answer: Answer = serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("{}: {}", output.status, said.lines().next().unwrap_or("it said nothing"))
    })?;
    Ok(answer.comments)
}
