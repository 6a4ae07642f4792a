//! Scripts as shellcheck reads them, where it is on the PATH.

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Stdio};

use rayon::prelude::*;
use serde::Deserialize;

use super::report::{CheckReport, Unread};
use crate::check::scripts::{SHELLCHECK, Script, plain, shell_scripts};
use crate::check::{Found, Level, Objects};

/// The program.
const PROGRAM: &str = "shellcheck";

/// Scripts that one call reads: it starts a few times slower than it reads one.
const BATCH: usize = 32;

/// A script with the shell that runs it.
type Text = (&'static str, String);

/// What it says of a script, or why it says nothing.
type Said = Result<Vec<Comment>, String>;

#[derive(Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

#[derive(Deserialize, Clone)]
struct Comment {
    file: String,
    line: usize,
    level: String,
    code: u32,
    message: String,
}

/// The program, and what it said. Scripts that are alike are read once, whatever environment they are of: those that gen renders
/// differ little.
pub(super) struct Shellcheck {
    is_there: bool,
    said: BTreeMap<Text, Said>,
}

impl Shellcheck {
    /// Looks whether it is on the PATH and runs.
    pub(super) fn new() -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let is_there = command.status().is_ok_and(|status| status.success());
        Self { is_there, said: BTreeMap::new() }
    }

    /// Adds what it finds in the scripts of all Tasks.
    pub(super) fn check(&mut self, objects: &Objects, report: &mut CheckReport) {
        if !self.is_there {
            return;
        }
        let mut scripts: BTreeMap<Text, Vec<Script<'_>>> = BTreeMap::new();
        for script in shell_scripts(objects) {
            scripts.entry((script.shell, plain(script.text))).or_default().push(script);
        }
        self.read(scripts.keys().filter(|text| !self.said.contains_key(*text)).cloned().collect());
        let mut found = Found::default();
        for (text, scripts) in scripts {
            let comments = match self.said.get(&text) {
                Some(Ok(comments)) => comments,
                Some(Err(why)) => {
                    let file =
                        scripts.first().map(|one| one.item.file.to_string()).unwrap_or_default();
                    report.unread.push(Unread { file, why: format!("{PROGRAM}: {why}") });
                    continue;
                }
                None => continue,
            };
            for script in scripts {
                for Comment { line, level, code, message, .. } in comments {
                    let message = message.trim_end_matches('.');
                    let what = format!("line {line} of the script: {message} (SC{code})");
                    let level = if level == "error" { Level::Warning } else { Level::Info };
                    found.add(&SHELLCHECK, script.item, script.path.clone(), what).level(level);
                }
            }
        }
        report.findings.extend(found.into_findings());
    }

    /// Has them read, those of one shell together.
    fn read(&mut self, texts: Vec<Text>) {
        let batches: Vec<&[Text]> = texts
            .chunk_by(|(one, _), (other, _)| one == other)
            .flat_map(|of_shell| of_shell.chunks(BATCH))
            .collect();
        let said: Vec<Vec<Said>> = batches
            .into_par_iter()
            .map(|batch| {
                ask(batch).unwrap_or_else(|why| batch.iter().map(|_| Err(why.clone())).collect())
            })
            .collect();
        self.said.extend(texts.into_iter().zip(said.into_iter().flatten()));
    }
}

/// What it says of each of these scripts, which are for one shell: only what is likely to be wrong, and nothing of style.
fn ask(texts: &[Text]) -> Result<Vec<Said>, String> {
    let text = |error: io::Error| error.to_string();
    let folder = tempfile::tempdir().map_err(text)?;
    let names: Vec<String> = (0..texts.len()).map(|number| format!("{number}.sh")).collect();
    for (name, (_, script)) in names.iter().zip(texts) {
        std::fs::write(folder.path().join(name), script).map_err(text)?;
    }
    let shell = texts.first().map_or("sh", |(shell, _)| *shell);
    let mut command = Command::new(PROGRAM);
    command.args(["--norc", "--format=json1", "--severity=warning"]);
    command.arg(format!("--shell={shell}")).args(&names);
    let output = command.current_dir(folder.path()).stdin(Stdio::null()).output().map_err(text)?;
    let answer: Answer = serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("{}: {}", output.status, said.lines().next().unwrap_or("it said nothing"))
    })?;
    let mut comments: BTreeMap<String, Vec<Comment>> = BTreeMap::new();
    for comment in answer.comments {
        comments.entry(comment.file.clone()).or_default().push(comment);
    }
    Ok(names.iter().map(|name| Ok(comments.remove(name).unwrap_or_default())).collect())
}
