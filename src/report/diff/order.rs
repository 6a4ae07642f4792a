//! The order of findings for people.

use crate::change::{Change, Finding};
use crate::name::natural;

/// Findings for people: within a class and kind, apps and objects in the natural order of their names.
pub(super) fn in_order<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<&'f Finding> {
    let mut all: Vec<&Finding> = findings.into_iter().collect();
    let group = |one: &Finding| (one.change.environment.clone(), one.change.class, one.rank());
    for same in all.chunk_by_mut(|one, other| group(one) == group(other)) {
        same.sort_by(|one, other| {
            let names = |finding: &'f Finding| {
                let Change { app, identity, .. } = &finding.change;
                let app = app.as_deref().unwrap_or_default();
                let namespace = identity.namespace.as_deref().unwrap_or_default();
                (app, (&identity.group, &identity.kind), namespace, &identity.name)
            };
            let (one, other) = (names(one), names(other));
            let objects = || one.1.cmp(&other.1).then_with(|| natural(one.2, other.2));
            natural(one.0, other.0).then_with(objects).then_with(|| natural(one.3, other.3))
        });
    }
    all
}
