//! The other side of a comparison: the live clusters. Environments on one cluster are asked about together.

use std::collections::BTreeMap;

use super::tree::Rendered;
use super::{Against, Asked, Compared, DiffOptions};
use crate::change::{Change, Class, Desired};
use crate::cluster::{
    Comparison, Connection, Kustomizations, Options, Requests, Scope, Target, compare,
};
use crate::diagnostics::{ClusterError, Diagnostics};
use crate::fleet::Prepared;
use crate::ops::Watch;

/// Asks the clusters of the selected environments what the rendered tree would change.
///
/// # Errors
/// Where the only cluster could not be asked at all. Where one of several could not, its objects are not compared.
pub(super) fn compare_live(
    watch: &dyn Watch,
    options: &DiffOptions<'_>,
    selected: &[&Prepared],
    rendered: Rendered,
) -> Result<Compared, Diagnostics> {
    let Rendered { desired, kustomizations, mut notes } = rendered;
    let mut compared = Compared::new(Against::Cluster(Vec::new()), &desired);
    let mut by_environment: BTreeMap<String, Vec<Desired>> = BTreeMap::new();
    for object in desired {
        by_environment.entry(object.environment.to_string()).or_default().push(object);
    }
    let clusters = clusters(options, selected);
    let is_only = clusters.len() == 1;
    let steps = by_environment.values().map(Vec::len).sum();
    let progress = watch.begin("asking", steps);
    let how = Options {
        read_only: options.read_only,
        concurrency: options.concurrency,
        ..Options::default()
    };
    let apps = options.selection.apps;
    let mut asked = Asked::default();
    let mut contexts = Vec::new();
    for (target, environments) in clusters {
        let scope = Scope {
            environments: environments
                .iter()
                .map(|prepared| scope(prepared, &kustomizations))
                .collect(),
            apps: (!apps.is_empty()).then(|| apps.iter().cloned().collect()),
        };
        let names = environments.iter().map(|prepared| prepared.environment.name.as_str());
        let objects: Vec<Desired> =
            names.flat_map(|name| by_environment.remove(name).unwrap_or_default()).collect();
        // Where it fails, they are still to be named.
        let unasked: Vec<Change> = if is_only {
            Vec::new()
        } else {
            objects.iter().map(|object| Change::of(object, Class::NotCompared)).collect()
        };
        let outcome = Connection::open(&target)
            .and_then(|connection| compare(&connection, objects, &scope, &how, progress.as_ref()));
        contexts.extend(target.context);
        match outcome {
            Ok(comparison) => take(&mut compared, &mut asked, &mut notes, comparison),
            Err(error) if is_only => return Err(error.into()),
            Err(error) => {
                let reason = error.to_string();
                let failed = |change| Change { reason: Some(reason.clone()), ..change };
                compared.changes.extend(unasked.into_iter().map(failed));
                compared.problems.push(error);
                compared.complete = false;
            }
        }
    }
    compared.against = Against::Cluster(contexts);
    compared.asked = Some(asked);
    compared.notes = notes;
    Ok(compared)
}

/// The environments of each cluster, by how it is reached.
fn clusters<'a>(
    options: &DiffOptions<'_>,
    selected: &[&'a Prepared],
) -> Vec<(Target, Vec<&'a Prepared>)> {
    let mut clusters: Vec<(Target, Vec<&Prepared>)> = Vec::new();
    for prepared in selected {
        let target = options.target.or(prepared.environment.context.as_ref());
        match clusters.iter_mut().find(|(known, _)| *known == target) {
            Some((_, environments)) => environments.push(prepared),
            None => clusters.push((target, vec![*prepared])),
        }
    }
    clusters
}

fn scope(prepared: &Prepared, kustomizations: &BTreeMap<String, Vec<String>>) -> Kustomizations {
    let environment = &prepared.environment;
    let names = kustomizations.get(&environment.name).cloned().unwrap_or_default();
    Kustomizations {
        environment: environment.name.clone(),
        namespace: environment.flux.namespace.clone(),
        names: names.into_iter().collect(),
    }
}

fn take(
    compared: &mut Compared,
    asked: &mut Asked,
    notes: &mut Vec<String>,
    comparison: Comparison,
) {
    let Comparison { changes, complete, notes: more, problems, role, requests } = comparison;
    compared.changes.extend(changes);
    compared.complete &= complete;
    compared.problems.extend(problems);
    compared.role = compared.role.take().or(role);
    notes.extend(more);
    let Requests { lists, gets, dry_runs, .. } = requests;
    asked.lists += lists;
    asked.gets += gets;
    asked.dry_runs += dry_runs;
    asked.total += requests.total();
}

/// A failure as it may be shown: what a server said may hold what it was sent.
pub(super) fn shown(error: ClusterError, hide: impl Fn(&str) -> String) -> ClusterError {
    match error {
        ClusterError::Refused { what, problem } => {
            ClusterError::Refused { what, problem: hide(&problem) }
        }
        ClusterError::ServerFailed { what, problem } => {
            ClusterError::ServerFailed { what, problem: hide(&problem) }
        }
        ClusterError::BadAnswer { what, problem } => {
            ClusterError::BadAnswer { what, problem: hide(&problem) }
        }
        other => other,
    }
}
