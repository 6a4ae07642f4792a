//! The history of deployments, from the commits themselves.

use std::collections::BTreeSet;

use super::Context;
use super::pins::{PinChange, PinField, changes};
use crate::diagnostics::{Diagnostics, FileId};
use crate::git::{Commit, Edit, History, Repository};
use crate::spec::Pins;
use crate::workspace::Workspace;

/// The change of an app or an environment by a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The environment.
    pub environment: String,
    /// The app; none if the whole environment was rendered.
    pub app: Option<String>,
    /// The keys of its pin that changed; none if only something else changed.
    pub fields: Vec<PinField>,
}

/// A commit that changed an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The commit.
    pub commit: Commit,
    /// A hash of the rendered spec, if gen made the commit.
    pub spec: Option<String>,
    /// Its changes.
    pub moved: Vec<Moved>,
}

/// Commits, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogReport {
    /// The commits.
    pub entries: Vec<LogEntry>,
}

/// The trailers of gen's commits.
const ENVIRONMENT: &str = "Gen-Env";
const APP: &str = "Gen-App";
const SPEC: &str = "Gen-Spec";

/// Number of commits whose edits are read at a time.
const CHUNK: usize = 200;

/// Lists the commits that changed an app or an environment, or any of them, newest first; at most `most`.
///
/// # Errors
/// A name that neither a commit nor the spec has: what is gone still has its history.
pub fn log(
    context: &mut Context<'_>,
    app: Option<&str>,
    environment: Option<&str>,
    most: usize,
) -> Result<LogReport, Diagnostics> {
    let repository = Repository::discover(context.workspace.root())?;
    let mut report = LogReport::default();
    if let Some(head) = repository.head()?.commit {
        let history = History::read(&repository, &head, &["environments", "clusters"])?;
        'all: for chunk in history.commits().chunks(CHUNK) {
            let limit = Workspace::LARGEST_SPEC;
            let mut edits = history.edits(chunk, "environments", ".pins.yaml", limit)?;
            for commit in chunk {
                let edits = edits.remove(&commit.id).unwrap_or_default();
                report.entries.extend(entry(commit, &edits, app, environment));
                if report.entries.len() == most {
                    break 'all;
                }
            }
        }
    }
    if report.entries.is_empty() {
        refuse_unknown(context, app, environment)?;
    }
    Ok(report)
}

/// Of a spec with errors nothing is said: the history can be read without it.
fn refuse_unknown(
    context: &mut Context<'_>,
    app: Option<&str>,
    environment: Option<&str>,
) -> Result<(), Diagnostics> {
    let Ok((fleet, _)) = context.fleet() else {
        return Ok(());
    };
    let names = |name: Option<&str>| name.map(str::to_owned).into_iter().collect::<Vec<_>>();
    fleet.check_apps(&names(app))?;
    fleet.select_environments(&names(environment))?;
    Ok(())
}

/// The requested changes of a commit, if any.
fn entry(
    commit: &Commit,
    edits: &[Edit],
    app: Option<&str>,
    environment: Option<&str>,
) -> Option<LogEntry> {
    let mut moved: Vec<Moved> = edits.iter().flat_map(moves).collect();
    let pinned: BTreeSet<(String, Option<String>)> =
        moved.iter().map(|one| (one.environment.clone(), one.app.clone())).collect();
    let apps = values(commit, APP);
    for environment in values(commit, ENVIRONMENT) {
        // No apps means all.
        let named = apps.iter().map(|app| Some((*app).to_owned()));
        let named = named.chain(apps.is_empty().then_some(None));
        for app in named {
            let is_told = pinned.contains(&(environment.to_owned(), app.clone()))
                || (app.is_none() && pinned.iter().any(|(env, _)| env == environment));
            if !is_told {
                moved.push(Moved { environment: environment.to_owned(), app, fields: Vec::new() });
            }
        }
    }
    let wanted = |one: &Moved| {
        let of_app = |app: &str| one.app.as_ref().is_none_or(|own| own == app);
        environment.is_none_or(|name| *name == one.environment) && app.is_none_or(of_app)
    };
    moved.retain(wanted);
    moved.sort_by(|a, b| (&a.environment, &a.app).cmp(&(&b.environment, &b.app)));
    (!moved.is_empty()).then(|| LogEntry {
        commit: commit.clone(),
        spec: commit.trailer(SPEC).next().map(str::to_owned),
        moved,
    })
}

/// The words of a trailer, separated by commas or in several lines.
fn values<'a>(commit: &'a Commit, name: &'a str) -> Vec<&'a str> {
    let words = commit.trailer(name).flat_map(|value| value.split(','));
    words.map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// The pins changed by an edit. An invalid pins file counts as empty.
fn moves(edit: &Edit) -> Vec<Moved> {
    let name = edit.path.rsplit('/').next().unwrap_or_default();
    let environment = name.strip_suffix(".pins.yaml").unwrap_or_default();
    let read = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        Pins::read(FileId::BUILT_IN, text).unwrap_or_default()
    };
    let moved = |change: PinChange| Moved {
        environment: environment.to_owned(),
        app: Some(change.app),
        fields: change.fields,
    };
    changes(&read(&edit.before), &read(&edit.after)).into_iter().map(moved).collect()
}
