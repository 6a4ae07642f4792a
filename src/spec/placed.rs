//! Which environments have an app: all, unless `environments` says so where the app is defined.

use std::collections::BTreeSet;

use super::nearest;
use crate::diagnostics::{Diagnostics, SpecError};
use crate::yaml::Node;

/// The key.
const KEY: &str = "environments";

/// Whether an app, as it is defined, is in this environment.
pub(super) fn is_in(app: &Node, environment: &str) -> bool {
    let only = app.get(KEY).and_then(Node::items);
    only.is_none_or(|only| only.iter().any(|one| one.as_str() == Some(environment)))
}

/// Checks that apps are in environments that there are.
pub(super) fn check<'n>(
    apps: impl Iterator<Item = &'n Node>,
    environments: &BTreeSet<&str>,
    problems: &mut Diagnostics,
) {
    for app in apps {
        let Some(node) = app.get(KEY) else { continue };
        let Some(items) = node.items() else { continue };
        if items.is_empty() {
            let problem = "the app would be nowhere".to_owned();
            problems.error(node.span, SpecError::BadEnvironments { problem });
        }
        let mut seen = BTreeSet::new();
        for item in items {
            let Some(name) = item.as_str() else { continue };
            let problem = if !environments.contains(name) {
                match nearest(name, environments.iter().copied()) {
                    Some(near) => format!("there is no `{name}`; did you mean `{near}`?"),
                    None => format!("there is no `{name}`"),
                }
            } else if !seen.insert(name) {
                format!("`{name}` is listed twice")
            } else {
                continue;
            };
            problems.error(item.span, SpecError::BadEnvironments { problem });
        }
    }
}

/// Checks that only the app itself says where it is: an override is for an environment that already has the app.
pub(super) fn refuse<'n>(layers: impl Iterator<Item = &'n Node>, problems: &mut Diagnostics) {
    for layer in layers {
        if let Some(node) = layer.get(KEY).filter(|node| !node.is_null()) {
            let problem = "only the app itself says where it is".to_owned();
            problems.error(node.span, SpecError::BadEnvironments { problem });
        }
    }
}
