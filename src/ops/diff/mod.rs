//! What Flux would change if the spec were rendered and committed. Nothing is written.

mod live;
mod report;
mod side;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

pub use report::{Against, Asked, DiffReport, EnvironmentDiff, counts};

use super::blame::Blame;
use super::{Context, Selection, Target};
use crate::change::{
    Change, Class, Desired, Field, Masker, Origin, between, findings, permissions, same,
};
use crate::diagnostics::{ClusterError, Diagnostic, Diagnostics, DiffError};
use crate::fleet::{Fleet, Prepared};
use crate::tree::FoundRecord;
use crate::workspace::{records, refuse_unfinished};
use side::Side;
use tree::Rendered;

/// What to compare, and with what.
#[derive(Debug, Clone, Copy)]
pub struct DiffOptions<'a> {
    /// What is compared.
    pub selection: Selection<'a>,
    /// `cluster`, a git revision or a folder.
    pub against: &'a str,
    /// Where a folder's path begins.
    pub start: &'a Path,
    /// Send no dry-run.
    pub read_only: bool,
    /// How its cluster is reached; the context of the environment's file if it names none.
    pub target: &'a Target,
    /// How many requests are under way at once.
    pub concurrency: usize,
    /// Hide no value of a Secret.
    pub show_secrets: bool,
}

/// Compares what the spec says with what is there.
///
/// # Errors
/// What is wrong with the spec, the templates or the other side's tree.
pub fn diff(
    context: &mut Context<'_>,
    options: &DiffOptions<'_>,
) -> Result<DiffReport, Diagnostics> {
    let workspace = context.workspace;
    refuse_unfinished(workspace.root())?;
    let (fleet, found) = context.fleet()?;
    let selected = options.selection.of(&fleet)?;
    if context.watch.wants_details() {
        context.warn(&found);
    }
    let blame = Blame::new(&fleet, context.sources);
    let render = |there: &[FoundRecord], on_disk: &[FoundRecord]| {
        tree::render(&fleet, &selected, options, workspace, there, on_disk, &blame)
    };
    let compared = if options.against == CLUSTER {
        let there = records(workspace.root())?;
        let rendered = render(&there, &there)?;
        let mut compared = live::compare_live(context.watch, options, &selected, rendered)?;
        compared.miss(&gone(&fleet, options, &there));
        compared
    } else {
        refuse_options(options)?;
        let side = Side::open(workspace, options)?;
        let rendered = render(&side.records, &records(workspace.root())?)?;
        side.compare(options.selection, rendered)?
    };
    Ok(report(options, &fleet, &selected, &blame, compared))
}

/// What is compared with where nothing is named.
const CLUSTER: &str = "cluster";

/// What says how a cluster is asked says nothing where none is.
fn refuse_options(options: &DiffOptions<'_>) -> Result<(), Diagnostics> {
    let all = [
        ("--read-only", options.read_only),
        ("--context", options.target.context.is_some()),
        ("--kubeconfig", options.target.kubeconfig.is_some()),
    ];
    let given = all.into_iter().find(|(_, is_given)| *is_given);
    given.map_or(Ok(()), |(option, _)| {
        let (option, against) = (option.to_owned(), options.against.to_owned());
        Err(DiffError::NoCluster { option, against }.into())
    })
}

/// Environments that stand in the tree and have no file any more. Where they were is not known, so nobody can be asked.
fn gone<'r>(
    fleet: &Fleet,
    options: &DiffOptions<'_>,
    there: &'r [FoundRecord],
) -> BTreeSet<&'r str> {
    let is_known = |name: &str| {
        let mut all = fleet.environments.iter();
        all.any(|prepared| prepared.environment.name == name)
    };
    there
        .iter()
        .map(|found| found.record.environment.as_str())
        .filter(|name| options.selection.environments.is_empty() && !is_known(name))
        .collect()
}

/// What a comparison with either side comes to.
struct Compared {
    against: Against,
    changes: Vec<Change>,
    /// Roles and bindings of the whole tree that was compared.
    roles: Vec<Desired>,
    /// The cluster of each environment, as far as a tree tells.
    clusters: BTreeMap<String, String>,
    complete: bool,
    notes: Vec<String>,
    problems: Vec<ClusterError>,
    /// The ClusterRole with which everything could have been asked, where rights are missing.
    role: Option<String>,
    asked: Option<Asked>,
}

fn report(
    options: &DiffOptions<'_>,
    fleet: &Fleet,
    selected: &[&Prepared],
    blame: &Blame<'_>,
    compared: Compared,
) -> DiffReport {
    let Compared {
        against,
        mut changes,
        roles,
        mut clusters,
        complete,
        notes,
        problems,
        role,
        asked,
    } = compared;
    changes.par_iter_mut().for_each(|change| {
        // The server may write a quantity or the verbs of a Role in its own way: that is no change.
        if let (Class::Changed, Some(before), Some(after)) =
            (change.class, &change.before, &change.after)
            && same(&change.identity, before, after)
        {
            change.class = Class::Unchanged;
        }
    });
    for prepared in &fleet.environments {
        let environment = &prepared.environment;
        clusters.insert(environment.name.clone(), environment.cluster.clone());
    }
    let masker = if options.show_secrets { Masker::nothing() } else { Masker::of(&changes) };
    let cluster_of = |change: &Change| match &change.path {
        Some(path) => path.split('/').nth(1).unwrap_or_default().to_owned(),
        None => clusters.get(&*change.environment).cloned().unwrap_or_default(),
    };
    let permissions = permissions(&changes, &roles, cluster_of);
    let origin = |change: &Change, field: &Field| -> Option<Origin> {
        let app = change.app.as_deref()?;
        blame.field(&change.environment, app, &field.path, field.after.as_ref()?)
    };
    let mut names: Vec<String> =
        selected.iter().map(|prepared| prepared.environment.name.clone()).collect();
    let others: BTreeSet<&str> = changes.iter().map(|change| &*change.environment).collect();
    let others: Vec<String> = others
        .into_iter()
        .filter(|name| !names.iter().any(|known| known == name))
        .map(str::to_owned)
        .collect();
    names.extend(others);
    let mut by_name: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_name.entry(change.environment.to_string()).or_default().push(change);
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
    let mut diagnostics = Diagnostics::default();
    for problem in problems {
        diagnostics
            .push(Diagnostic::error(live::shown(problem, |text| masker.message("Secret", text))));
    }
    DiffReport {
        against,
        complete,
        environments: names.into_iter().map(environment).collect(),
        permissions,
        notes: notes.iter().map(|note| masker.message("", note)).collect(),
        problems: diagnostics,
        role,
        asked,
    }
}

impl Compared {
    /// Nothing yet, of a tree that holds these objects.
    fn new(against: Against, desired: &[Desired]) -> Self {
        let is_rbac = |object: &&Desired| object.identity.group == "rbac.authorization.k8s.io";
        Self {
            against,
            changes: Vec::new(),
            roles: desired.iter().filter(is_rbac).cloned().collect(),
            clusters: BTreeMap::new(),
            complete: true,
            notes: Vec::new(),
            problems: Vec::new(),
            role: None,
            asked: None,
        }
    }

    /// Says which environments could not be looked at.
    fn miss(&mut self, environments: &BTreeSet<&str>) {
        for name in environments {
            self.complete = false;
            self.notes.push(format!(
                "there is no environments/{name}.yaml any more, so its cluster is not known: `gen diff --against .` lists what goes"
            ));
        }
    }

    /// Of two trees.
    fn between(against: Against, before: Vec<Desired>, rendered: Rendered) -> Self {
        let mut compared = Self::new(against, &rendered.desired);
        for object in before.iter().chain(&rendered.desired) {
            let cluster = object.path.split('/').nth(1).unwrap_or_default();
            let known = compared.clusters.entry(object.environment.to_string());
            known.or_insert_with(|| cluster.to_owned());
        }
        compared.changes = between(before, rendered.desired);
        compared.notes = rendered.notes;
        compared
    }
}
