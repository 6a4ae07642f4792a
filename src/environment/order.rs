//! The order in which environments are named: along the chain of promotion.

use std::collections::BTreeMap;

use super::Environment;

/// Environments without `promotesFrom` first, each followed by those that promote from it, by name.
pub(super) fn in_order(mut environments: BTreeMap<String, Environment>) -> Vec<Environment> {
    let mut ordered = Vec::with_capacity(environments.len());
    let mut level: Vec<String> = environments
        .values()
        .filter(|environment| environment.promotes_from.is_none())
        .map(|environment| environment.name.clone())
        .collect();
    while !level.is_empty() {
        let next: Vec<String> = environments
            .values()
            .filter(|environment| {
                environment.promotes_from.as_ref().is_some_and(|from| level.contains(from))
            })
            .map(|environment| environment.name.clone())
            .collect();
        ordered.extend(level.iter().filter_map(|name| environments.remove(name)));
        level = next;
    }
    // What promotes in a circle or from nowhere, which is an error that others are told beside.
    ordered.extend(environments.into_values());
    ordered
}
