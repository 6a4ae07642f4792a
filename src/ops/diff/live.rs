//! The other side of a comparison: the live clusters. Environments on the same cluster are compared together.

use std::collections::BTreeMap;

use super::tree::Rendered;
use super::{Against, Compared, DiffOptions};
use crate::change::{Change, Class, Desired};
use crate::cluster::{Connection, Kustomizations, Options, Scope, Target, compare};
use crate::diagnostics::{ClusterError, Diagnostics};
use crate::fleet::Prepared;
use crate::ops::Watch;

/// Asks the clusters of the selected environments what the rendered tree would change.
///
/// # Errors
/// If the only cluster could not be asked at all. If it is one of several, its objects are not compared.
pub(super) fn compare_live(
    watch: &dyn Watch,
    options: &DiffOptions<'_>,
    selected: &[&Prepared],
    rendered: Rendered,
) -> Result<Compared, Diagnostics> {
    let Rendered { desired, mut kustomizations, notes } = rendered;
    let mut compared = Compared::new(Against::Cluster(Vec::new()), &desired);
    compared.found.notes = notes;
    let progress = watch.begin("asking", desired.len());
    let mut by_environment: BTreeMap<String, Vec<Desired>> = BTreeMap::new();
    for object in desired {
        by_environment.entry(object.environment.to_string()).or_default().push(object);
    }
    let clusters = clusters(options, selected);
    let is_only = clusters.len() == 1;
    let how = Options {
        read_only: options.read_only,
        concurrency: options.concurrency,
        ..Options::default()
    };
    let apps = options.selection.apps;
    let mut contexts = Vec::new();
    for (target, environments) in clusters {
        let environments = environments.into_iter().map(|prepared| &prepared.environment);
        let objects: Vec<Desired> = environments
            .clone()
            .flat_map(|environment| by_environment.remove(&environment.name).unwrap_or_default())
            .collect();
        let scope = Scope {
            environments: environments
                .map(|environment| Kustomizations {
                    environment: environment.name.clone(),
                    namespace: environment.flux.namespace.clone(),
                    names: kustomizations.remove(&environment.name).unwrap_or_default(),
                })
                .collect(),
            apps: (!apps.is_empty()).then(|| apps.iter().cloned().collect()),
        };
        // If the comparison fails, they are still to be named.
        let unasked: Vec<Change> = if is_only {
            Vec::new()
        } else {
            objects.iter().map(|object| Change::of(object, Class::NotCompared)).collect()
        };
        let outcome = Connection::open(&target)
            .and_then(|connection| compare(&connection, objects, &scope, &how, progress.as_ref()));
        contexts.extend(target.context);
        match outcome {
            Ok(comparison) => compared.found.extend(comparison),
            Err(error) if is_only => return Err(error.into()),
            Err(error) => {
                let failed = |change| Change { reason: Some(error.to_string()), ..change };
                compared.found.changes.extend(unasked.into_iter().map(failed));
                compared.found.problems.push(error);
                compared.found.complete = false;
            }
        }
    }
    compared.against = Against::Cluster(contexts);
    Ok(compared)
}

/// The environments of each cluster, by the way it is reached.
pub(super) fn clusters<'a>(
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

/// A failure for display: a server's message may repeat what it was sent.
pub(super) fn shown(mut error: ClusterError, hide: impl Fn(&str) -> String) -> ClusterError {
    if let ClusterError::Refused { problem, .. }
    | ClusterError::ServerFailed { problem, .. }
    | ClusterError::BadAnswer { problem, .. } = &mut error
    {
        *problem = hide(problem);
    }
    error
}
