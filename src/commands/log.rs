//! `gen log`: what went where and when, from the commits themselves.

use std::collections::BTreeSet;

use crate::cli::OutputFormat;
use crate::cli::args::Log;
use crate::commands::{Session, pins};
use crate::diagnostics::{Exit, FileId};
use crate::git::{Commit, Edit, History, Repository};
use crate::report::{LogEntry, LogReport, Moved};
use crate::spec::Pins;
use crate::workspace::Workspace;

/// The trailers of commits that gen makes.
const ENVIRONMENT: &str = "Gen-Env";
const APP: &str = "Gen-App";
const SPEC: &str = "Gen-Spec";

/// So many commits are asked for their edits at a time.
const CHUNK: usize = 200;

/// Prints what commits did.
///
/// # Errors
/// No checkout; what git refuses.
pub fn log(session: &mut Session, args: &Log) -> anyhow::Result<Exit> {
    let workspace = session.workspace()?;
    let repository = Repository::discover(workspace.root())?;
    let mut report = LogReport::default();
    if let Some(head) = repository.head()?.commit {
        let history = History::read(&repository, &head, &["environments", "clusters"])?;
        let most = args.number as usize;
        'all: for chunk in history.commits().chunks(CHUNK) {
            let limit = Workspace::LARGEST_SPEC;
            let mut edits = history.edits(chunk, "environments", ".pins.yaml", limit)?;
            for commit in chunk {
                let edits = edits.remove(&commit.id).unwrap_or_default();
                report.entries.extend(entry(commit, &edits, args));
                if report.entries.len() == most {
                    break 'all;
                }
            }
        }
    }
    match args.output {
        OutputFormat::Json => session.screen.data(&format!("{:#}\n", report.json())),
        OutputFormat::Text => session
            .screen
            .data(&report.text(session.screen.verbose > 0)),
    };
    Ok(Exit::Done)
}

/// What a commit did, as far as it is asked for; nothing where that is nothing.
fn entry(commit: &Commit, edits: &[Edit], args: &Log) -> Option<LogEntry> {
    let mut moved: Vec<Moved> = edits.iter().flat_map(moves).collect();
    let pinned: BTreeSet<(String, Option<String>)> = moved
        .iter()
        .map(|one| (one.environment.clone(), one.app.clone()))
        .collect();
    let apps: Vec<&str> = values(commit, APP);
    for environment in values(commit, ENVIRONMENT) {
        // Without apps, all of them were committed.
        let named = apps.iter().map(|app| Some((*app).to_owned()));
        let named = named.chain(apps.is_empty().then_some(None));
        for app in named {
            let is_told = pinned.contains(&(environment.to_owned(), app.clone()))
                || (app.is_none() && pinned.iter().any(|(env, _)| env == environment));
            if !is_told {
                moved.push(Moved {
                    environment: environment.to_owned(),
                    app,
                    fields: Vec::new(),
                });
            }
        }
    }
    let wanted = |one: &Moved| {
        let environment = args.environment.as_ref();
        let of_app = |app: &String| one.app.as_ref().is_none_or(|own| own == app);
        environment.is_none_or(|name| *name == one.environment)
            && args.app.as_ref().is_none_or(of_app)
    };
    moved.retain(wanted);
    moved.sort_by(|a, b| (&a.environment, &a.app).cmp(&(&b.environment, &b.app)));
    (!moved.is_empty()).then(|| LogEntry {
        commit: commit.id.clone(),
        time: commit.time.clone(),
        author: commit.author.clone(),
        subject: commit.subject.clone(),
        spec: commit.trailer(SPEC).next().map(str::to_owned),
        moved,
    })
}

/// The words of a trailer, which may stand in several lines or behind commas.
fn values<'a>(commit: &'a Commit, name: &'a str) -> Vec<&'a str> {
    let words = commit.trailer(name).flat_map(|value| value.split(','));
    words
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect()
}

/// The pins that an edit changed. A file that is no pins file any more, or was none, moved nothing.
fn moves(edit: &Edit) -> Vec<Moved> {
    let name = edit.path.rsplit('/').next().unwrap_or_default();
    let environment = name.strip_suffix(".pins.yaml").unwrap_or_default();
    let read = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        Pins::read(FileId::BUILT_IN, text).unwrap_or_default()
    };
    let (before, after) = (read(&edit.before), read(&edit.after));
    let apps: BTreeSet<&String> = before.apps.keys().chain(after.apps.keys()).collect();
    let of = |pins: &Pins, app: &str| pins.apps.get(app).cloned().unwrap_or_default();
    apps.into_iter()
        .map(|app| Moved {
            environment: environment.to_owned(),
            app: Some(app.clone()),
            fields: pins::fields(&of(&before, app), &of(&after, app)),
        })
        .filter(|moved| !moved.fields.is_empty())
        .collect()
}
