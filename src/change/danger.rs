//! What of a change could lose data, stop what serves or give power away: what a reviewer must not miss among a thousand lines.
//!
//! Judged by what Kubernetes and Flux do with the object, not by who asked for it: an app that is removed on purpose is named, too.

mod level;
mod object;
mod power;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::{Change, Class, PermissionChange};
pub use level::Level;
use power::gained;

/// One thing that a change would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Danger {
    /// How much is at stake.
    pub level: Level,
    /// The cluster's folder in the tree.
    pub cluster: String,
    /// The environment of the object; none for the permissions of an account.
    pub environment: Option<Arc<str>>,
    /// What it happens to: `StatefulSet shop-prod/db`, `ServiceAccount shop-ci/build`.
    pub subject: String,
    /// What happens. Lower case, no full stop.
    pub what: String,
}

impl Danger {
    /// Of the change of an object.
    #[must_use]
    pub fn of(change: &Change, cluster: String, level: Level, what: String) -> Self {
        Self {
            level,
            cluster,
            environment: Some(Arc::clone(&change.environment)),
            subject: change.identity.to_string(),
            what,
        }
    }
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cluster, environment, subject, what, .. } = self;
        match environment {
            Some(environment) => write!(f, "{subject} in {environment}: {what}"),
            None => write!(f, "{subject} in cluster {cluster}: {what}"),
        }
    }
}

/// All of it, the worst first.
#[must_use]
pub fn dangers(
    changes: &[Change],
    permissions: &[PermissionChange],
    cluster_of: impl Fn(&Change) -> String,
) -> Vec<Danger> {
    let workloads = || changes.iter().filter(|change| object::is_workload(&change.identity));
    let is_gone = |change: &&Change| change.class == Class::Pruned;
    let mut stopped: HashSet<(&str, &str)> =
        workloads().filter(is_gone).filter_map(app_of).collect();
    for app in workloads().filter(|change| !is_gone(change)).filter_map(app_of) {
        stopped.remove(&app);
    }
    let is_missed = |change: &Change, level: Level| {
        // A guard that goes with the app that it guarded.
        let goes = change.class == Class::Pruned
            && app_of(change).is_some_and(|app| stopped.contains(&app));
        level == Level::Danger || !goes
    };
    let of_object = |change: &Change| {
        let found = object::dangers(change).into_iter();
        let found = found.filter(|(level, _)| is_missed(change, *level));
        found
            .map(|(level, what)| Danger::of(change, cluster_of(change), level, what))
            .collect::<Vec<_>>()
    };
    let of_account = |change: &PermissionChange| {
        let danger = |(level, what)| Danger {
            level,
            cluster: change.cluster.clone(),
            environment: None,
            subject: change.subject.to_string(),
            what,
        };
        gained(change).map(danger)
    };
    let differing = changes.iter().filter(|change| change.class.is_difference());
    let mut all: Vec<Danger> = differing.flat_map(of_object).collect();
    all.extend(permissions.iter().filter_map(of_account));
    all.sort_by_key(|danger| std::cmp::Reverse(danger.level));
    all
}

/// An app in an environment.
fn app_of(change: &Change) -> Option<(&str, &str)> {
    Some((&*change.environment, change.app.as_deref()?))
}

#[cfg(test)]
mod tests;
