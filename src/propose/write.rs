//! The proposal as gen.yaml, with the place behind each value as a comment.

use std::fmt::Write as _;

use super::app::{App, Line, Sure};
use super::checkout::shown;
use super::git::Origin;
use crate::import::entry;
use crate::yaml::Value;

/// The longest line that keeps its comment at its end.
const WIDTH: usize = 110;

/// The spec of these apps, in a repository with this origin.
#[must_use]
pub fn spec(apps: &[App], repository: &Origin) -> String {
    let mut out = String::from(
        "# yaml-language-server: $schema=gen.schema.json\n\
         # Proposed by `gen init --from`. A comment names the file and line behind a value; `guess`: the file only\n\
         # suggests it; `fill in`: no file has it. `gen explain` documents every key.\n\
         version: 1\n",
    );
    let (url, note) = match &repository.url {
        Some((url, place)) => (url.as_str(), format!("{}, of this repository", place.words())),
        None => (
            "https://git.example/you/gitops.git",
            "fill in: this repository, as Flux and the pipeline reach it".to_owned(),
        ),
    };
    let branch = repository.branch.as_ref().map_or("main", |(branch, _)| branch.as_str());
    let _ = writeln!(out, "repository:   # {note}");
    entry(&mut out, "url", &url.into(), 2, None);
    entry(&mut out, "branch", &branch.into(), 2, None);
    out.push_str("\napps:\n");
    for app in apps {
        let _ = writeln!(out, "  {}:   # {}", app.name, app.language);
        for line in &app.lines {
            out.push_str(&written(line));
        }
        out.push_str(&pipeline(app));
        for left in &app.left {
            comment(&mut out, "left out: ", left, 4);
        }
    }
    out
}

/// A key with its comment: at the end of its line, or above it.
fn written(line: &Line) -> String {
    let Line { key, value, sure, why } = line;
    let note = match sure {
        Sure::Seen => why.clone(),
        Sure::Guess => format!("guess: {why}"),
        Sure::StandIn | Sure::Missing => format!("fill in: {why}"),
    };
    let mut plain = String::new();
    entry(&mut plain, key, value, 4, None);
    if *sure == Sure::Missing {
        let plain = plain.trim();
        let whole = format!("    # {plain}   # {note}\n");
        if whole.chars().count() <= WIDTH {
            return whole;
        }
        let mut out = String::new();
        comment(&mut out, "", &note, 4);
        let _ = writeln!(out, "    # {plain}");
        return out;
    }
    let first = plain.lines().next().unwrap_or_default();
    if first.chars().count() + note.chars().count() + 5 <= WIDTH {
        let mut out = String::new();
        entry(&mut out, key, value, 4, Some(&note));
        return out;
    }
    let mut out = String::new();
    comment(&mut out, "", &note, 4);
    out.push_str(&plain);
    out
}

/// A comment, on as many lines as it needs.
fn comment(out: &mut String, start: &str, text: &str, indent: usize) {
    let pad = " ".repeat(indent);
    let mut line = format!("{pad}#");
    for word in start.split_whitespace().chain(text.split_whitespace()) {
        if line.chars().count() + word.chars().count() + 1 > WIDTH && line.len() > pad.len() + 1 {
            out.push_str(&line);
            out.push('\n');
            line = format!("{pad}#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}

fn pipeline(app: &App) -> String {
    let mut out = String::from("    pipeline:\n      - fetch-source\n");
    if let Some(test) = &app.test {
        let place = shown(&test.seen.words());
        let _ = writeln!(out, "      - unit-test:   # guess: {place}");
        let keys =
            [("image", Value::from(test.image.as_str())), ("script", test.script.as_str().into())];
        for (key, value) in &keys {
            entry(&mut out, key, value, 10, None);
        }
    }
    let (sure, why) = &app.build;
    let start = if *sure == Sure::Missing { "fill in: " } else { "" };
    let _ = writeln!(out, "      - build-image   # {start}{why}\n      - deploy-app");
    if app.is_asked {
        out.push_str("      - integration-test   # requests the paths in `health` and `ready`\n");
    }
    out
}
