//! Compares the rendered spec with what is deployed, at a revision or in a folder. Nothing is written.

mod images;
mod live;
mod pipelines;
mod report;
mod side;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

pub use crate::change::Level;
pub use report::{Against, DiffReport, EnvironmentDiff, counts};

use super::blame::Blame;
use super::{Context, Selection, Target};
use crate::change::live::GROUP;
use crate::change::{
    Change, Class, Desired, Field, Masker, Origin, RBAC, between, dangers, findings, permissions,
    same,
};
use crate::cluster::Comparison;
use crate::diagnostics::{Diagnostic, Diagnostics, DiffError};
use crate::fleet::{Fleet, Prepared};
use crate::kubernetes::json::text;
use crate::tree::FoundRecord;
use crate::workspace::{records, refuse_unfinished};
use side::Side;
use tree::Rendered;

/// Options of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct DiffOptions<'a> {
    /// The part of the spec to compare.
    pub selection: Selection<'a>,
    /// `cluster`, a git revision or a folder.
    pub against: &'a str,
    /// The base of a relative folder.
    pub start: &'a Path,
    /// Send no dry runs.
    pub read_only: bool,
    /// The cluster; without a context, that of the environment's file.
    pub target: &'a Target,
    /// Maximum number of concurrent requests.
    pub concurrency: usize,
    /// Ask registries for the images that the change brings.
    pub verify_images: bool,
    /// Show the values of Secrets.
    pub show_secrets: bool,
}

/// Compares the spec with the other side.
///
/// # Errors
/// Errors in the spec, the templates or the other side's tree.
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
        compared.note_removed(&fleet, options, &there);
        compared
    } else {
        refuse_options(options)?;
        let side = Side::open(workspace, options)?;
        let rendered = render(&side.records, &records(workspace.root())?)?;
        side.compare(options.selection, rendered)?
    };
    Ok(report(options, &fleet, &selected, &blame, compared))
}

/// The default of `--against`.
const CLUSTER: &str = "cluster";

/// Options for a cluster have no effect without one.
fn refuse_options(options: &DiffOptions<'_>) -> Result<(), DiffError> {
    let all = [
        ("--read-only", options.read_only),
        ("--context", options.target.context.is_some()),
        ("--kubeconfig", options.target.kubeconfig.is_some()),
    ];
    let given = all.into_iter().find(|(_, is_given)| *is_given);
    given.map_or(Ok(()), |(option, _)| {
        let (option, against) = (option.to_owned(), options.against.to_owned());
        Err(DiffError::NoCluster { option, against })
    })
}

/// What is said of a Kustomization that would be applied as another account: all that it applies changes hands.
fn applier(change: &Change) -> Option<String> {
    let is_changed = change.class == Class::Changed && change.identity.group == GROUP;
    let (Some(before), Some(after), true) = (&change.before, &change.after, is_changed) else {
        return None;
    };
    let account = |body| match text(body, &["spec", "serviceAccountName"]) {
        "" => "Flux's own account".to_owned(),
        name => format!("ServiceAccount {name}"),
    };
    let (old, new) = (account(before), account(after));
    let name = &change.identity.name;
    (old != new).then(|| {
        format!("what Kustomization {name} applies would be applied as {new}, no longer as {old}")
    })
}

/// The result of a comparison with either side.
struct Compared {
    against: Against,
    found: Comparison,
    /// Roles and bindings of the whole compared tree.
    roles: Vec<Desired>,
    /// The cluster of each environment, as far as a tree shows it.
    clusters: BTreeMap<String, String>,
}

fn report(
    options: &DiffOptions<'_>,
    fleet: &Fleet,
    selected: &[&Prepared],
    blame: &Blame<'_>,
    compared: Compared,
) -> DiffReport {
    let Compared { against, found, roles, mut clusters } = compared;
    let Comparison { mut changes, complete, mut notes, problems, role, requests } = found;
    changes.par_iter_mut().for_each(|change| {
        // The server may write a quantity or the verbs of a Role in its own way, which is not a change.
        if let (Class::Changed, Some(before), Some(after)) =
            (change.class, &change.before, &change.after)
            && same(&change.identity, before, after)
        {
            change.class = Class::Unchanged;
        }
    });
    for Prepared { environment, .. } in &fleet.environments {
        clusters.insert(environment.name.clone(), environment.cluster.clone());
    }
    let masker = if options.show_secrets { Masker::nothing() } else { Masker::of(&changes) };
    let cluster_of = |change: &Change| match &change.path {
        Some(path) => path.split('/').nth(1).unwrap_or_default().to_owned(),
        None => clusters.get(&*change.environment).cloned().unwrap_or_default(),
    };
    let permissions = permissions(&changes, &roles, cluster_of);
    let pipelines = pipelines::changed(&changes, selected);
    let mut dangers = dangers(&changes, &permissions, cluster_of);
    let mut diagnostics = Diagnostics::default();
    if options.verify_images {
        let verified = images::verify(&changes, options, selected, cluster_of);
        // What cannot start comes first.
        dangers.splice(0..0, verified.dangers);
        notes.extend(verified.notes);
        diagnostics.extend(verified.problems);
    }
    let origin = |change: &Change, field: &Field| -> Option<Origin> {
        let app = change.app.as_deref()?;
        blame.field(&change.environment, app, &field.path, field.after.as_ref()?)
    };
    notes.extend(changes.iter().filter_map(applier));
    let mut by_name: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_name.entry(change.environment.to_string()).or_default().push(change);
    }
    let environment = |name: String, changes: Vec<Change>| EnvironmentDiff {
        cluster: clusters.get(&name).cloned().unwrap_or_default(),
        counts: counts(&changes),
        findings: findings(changes, &masker, origin),
        name,
    };
    let names = selected.iter().map(|prepared| prepared.environment.name.clone());
    let mut environments: Vec<EnvironmentDiff> = names
        .map(|name| {
            let changes = by_name.remove(&name).unwrap_or_default();
            environment(name, changes)
        })
        .collect();
    environments.extend(by_name.into_iter().map(|(name, changes)| environment(name, changes)));
    for problem in problems {
        let shown = live::shown(problem, |text| masker.message("Secret", text));
        diagnostics.push(Diagnostic::error(shown));
    }
    DiffReport {
        requests: matches!(against, Against::Cluster(_)).then_some(requests),
        against,
        complete,
        environments,
        dangers,
        pipelines,
        permissions,
        notes: notes.iter().map(|note| masker.message("", note)).collect(),
        problems: diagnostics,
        role,
    }
}

impl Compared {
    /// No changes yet, of a tree with these objects.
    fn new(against: Against, desired: &[Desired]) -> Self {
        let is_rbac = |object: &&Desired| object.identity.group == RBAC;
        Self {
            against,
            found: Comparison { complete: true, ..Comparison::default() },
            roles: desired.iter().filter(is_rbac).cloned().collect(),
            clusters: BTreeMap::new(),
        }
    }

    /// Notes environments that are in the tree, but no longer have a file. Their cluster is unknown, so nobody can be asked.
    fn note_removed(&mut self, fleet: &Fleet, options: &DiffOptions<'_>, there: &[FoundRecord]) {
        if !options.selection.environments.is_empty() {
            return;
        }
        let mut removed: BTreeSet<&str> =
            there.iter().map(|found| found.record.environment.as_str()).collect();
        for prepared in &fleet.environments {
            removed.remove(prepared.environment.name.as_str());
        }
        for name in removed {
            self.found.complete = false;
            self.found.notes.push(format!(
                "environments/{name}.yaml was removed, so its cluster is unknown: `gen diff --against .` lists the removed objects"
            ));
        }
    }

    /// The differences between two trees.
    fn between(against: Against, before: Vec<Desired>, rendered: Rendered) -> Self {
        let mut compared = Self::new(against, &rendered.desired);
        for object in before.iter().chain(&rendered.desired) {
            let cluster = object.path.split('/').nth(1).unwrap_or_default();
            let known = compared.clusters.entry(object.environment.to_string());
            known.or_insert_with(|| cluster.to_owned());
        }
        compared.found.changes = between(before, rendered.desired);
        compared.found.notes = rendered.notes;
        compared
    }
}
