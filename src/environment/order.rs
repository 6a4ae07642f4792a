//! The order of environments in output: along the chain of promotion.

use std::collections::BTreeMap;

use super::Environment;

/// Environments without `promotesFrom` first, each followed by those that promote from it, by name.
pub(super) fn in_order(mut environments: BTreeMap<String, Environment>) -> Vec<Environment> {
    let mut ordered = Vec::with_capacity(environments.len());
    let mut level = vec![None];
    while !level.is_empty() {
        let next = environments.values().filter(|next| level.contains(&next.promotes_from));
        let next: Vec<String> = next.map(|next| next.name.clone()).collect();
        ordered.extend(next.iter().filter_map(|name| environments.remove(name)));
        level = next.into_iter().map(Some).collect();
    }
    // Those that promote in a circle or from an unknown environment, which is reported together with other errors.
    ordered.extend(environments.into_values());
    ordered
}
