//! The tasks of a Pipeline, by list.

use super::scope::items;
use crate::yaml::Value;

/// The two lists of tasks.
pub(super) const LISTS: [&str; 2] = ["tasks", "finally"];

/// Every task with its path: those of `tasks`, then those of `finally`.
pub(super) fn tasks<'v>(spec: &'v Value, at: &str) -> Vec<(&'v Value, String)> {
    LISTS.into_iter().flat_map(|list| listed(spec, at, list)).collect()
}

/// The tasks of one list with their paths.
pub(super) fn listed<'v>(spec: &'v Value, at: &str, list: &str) -> Vec<(&'v Value, String)> {
    let all = items(spec, list).iter().enumerate();
    all.map(|(index, task)| (task, format!("{at}.{list}[{index}]"))).collect()
}
