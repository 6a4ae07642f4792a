//! `gen diff`: what Flux would change if the spec were rendered and committed. Nothing is written.

mod side;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use crate::blame::Blame;
use crate::change::{Change, Desired, Field, Masker, Origin, between, findings, permissions};
use crate::cli::args::{Diff, DiffFormat};
use crate::commands::Session;
use crate::error::{Diagnostic, Diagnostics, DiffError, Exit};
use crate::fleet::{Fleet, Prepared, prepare};
use crate::report::{Against, DiffReport, EnvironmentDiff, counts};
use crate::workspace::refuse_unfinished;
use side::Side;
use tree::Rendered;

/// Compares what the spec says with what is there.
///
/// # Errors
/// What is wrong with the spec, the templates or the other side's tree.
pub fn diff(session: &mut Session, args: &Diff) -> anyhow::Result<Exit> {
    if args.show_secrets && !session.screen.is_terminal() {
        return Err(Diagnostic::error(DiffError::SecretsOffTerminal {}).into());
    }
    let workspace = session.workspace()?;
    refuse_unfinished(workspace.root())?;
    let (fleet, found) = prepare(&workspace, &mut session.sources)?;
    let selected = fleet.select_environments(&args.environments)?;
    fleet.check_apps(&args.apps)?;
    if session.screen.verbose > 0 {
        session.warn(&found);
    }
    let side = Side::open(session, &workspace, &args.against)?;
    let blame = Blame::new(&fleet, &session.sources);
    let rendered = tree::render(&fleet, &selected, args, &workspace, &side.records, &blame)?;
    let compared = side.compare(args, rendered)?;
    let report = report(args, &fleet, &selected, &blame, compared);
    Ok(show(session, args, &report))
}

/// What a comparison with either side comes to.
struct Compared {
    against: Against,
    changes: Vec<Change>,
    /// The whole tree that was compared.
    desired: Vec<Desired>,
    /// The cluster of each environment, as far as a tree tells.
    clusters: BTreeMap<String, String>,
    complete: bool,
    notes: Vec<String>,
    problems: Diagnostics,
}

fn report(
    args: &Diff,
    fleet: &Fleet,
    selected: &[&Prepared],
    blame: &Blame<'_>,
    compared: Compared,
) -> DiffReport {
    let Compared {
        against,
        changes,
        desired,
        mut clusters,
        complete,
        notes,
        problems,
    } = compared;
    for prepared in &fleet.environments {
        let environment = &prepared.environment;
        clusters.insert(environment.name.clone(), environment.cluster.clone());
    }
    let masker = if args.show_secrets {
        Masker::nothing()
    } else {
        Masker::of(&changes)
    };
    let cluster_of = |change: &Change| match &change.path {
        Some(path) => path.split('/').nth(1).unwrap_or_default().to_owned(),
        None => clusters
            .get(&*change.environment)
            .cloned()
            .unwrap_or_default(),
    };
    let permissions = permissions(&changes, &desired, cluster_of);
    drop(desired);
    let origin = |change: &Change, field: &Field| -> Option<Origin> {
        let app = change.app.as_deref()?;
        blame.field(&change.environment, app, &field.path, field.after.as_ref()?)
    };
    let mut names: Vec<String> = selected
        .iter()
        .map(|prepared| prepared.environment.name.clone())
        .collect();
    let others: BTreeSet<&str> = changes.iter().map(|change| &*change.environment).collect();
    let others: Vec<String> = others
        .into_iter()
        .filter(|name| !names.iter().any(|known| known == name))
        .map(str::to_owned)
        .collect();
    names.extend(others);
    let mut by_name: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_name
            .entry(change.environment.to_string())
            .or_default()
            .push(change);
    }
    let environment = |name: String| {
        let changes = by_name.remove(&name).unwrap_or_default();
        EnvironmentDiff {
            cluster: clusters.get(&name).cloned().unwrap_or_default(),
            counts: counts(&changes),
            findings: findings(&changes, &masker, origin),
            name,
        }
    };
    DiffReport {
        against,
        complete,
        environments: names.into_iter().map(environment).collect(),
        permissions,
        notes: notes.iter().map(|note| masker.message("", note)).collect(),
        problems,
        asked: None,
    }
}

fn show(session: &Session, args: &Diff, report: &DiffReport) -> Exit {
    let screen = &session.screen;
    screen.diagnostics(&report.problems, &session.sources);
    let text = match args.output {
        DiffFormat::Text => report.text(screen.look(), args.summary, screen.verbose > 0),
        DiffFormat::Json => format!("{:#}\n", report.json(&session.sources)),
        DiffFormat::Markdown => report.markdown(args.summary),
    };
    let is_wanted = args.output != DiffFormat::Text || !screen.is_quiet();
    if is_wanted {
        screen.data(&text);
    }
    let exit = if report.differs() {
        Exit::Differences
    } else {
        Exit::Done
    };
    if report.complete {
        exit
    } else {
        exit.worse(Exit::Remote)
    }
    .worse(report.problems.exit())
}

impl Compared {
    /// Of two trees.
    fn between(against: Against, before: Vec<Desired>, rendered: Rendered) -> Self {
        let Rendered { desired, notes } = rendered;
        let mut clusters = BTreeMap::new();
        for object in before.iter().chain(&desired) {
            let cluster = object.path.split('/').nth(1).unwrap_or_default();
            clusters
                .entry(object.environment.to_string())
                .or_insert_with(|| cluster.to_owned());
        }
        Self {
            against,
            changes: between(before, desired.clone()),
            desired,
            clusters,
            complete: true,
            notes,
            problems: Diagnostics::default(),
        }
    }
}
