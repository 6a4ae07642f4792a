//! The order of environments in output: along the chain of promotion.

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
    // Those that promote in a circle or from an unknown environment, which is reported together with other errors.
    ordered.extend(environments.into_values());
    ordered
}
