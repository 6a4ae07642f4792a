//! Changes for display: fields instead of whole objects, secret values hidden, each with its location in the spec.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Change, Class, Field, FieldPath, Masker, Origin, difference};
use crate::kubernetes::Identity;

/// One changed object, for display.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The object.
    pub identity: Identity,
    /// The outcome.
    pub class: Class,
    /// The reason, if it needs one.
    pub reason: Option<String>,
    /// The environment.
    pub environment: Arc<str>,
    /// The app; none for objects shared by an environment's apps.
    pub app: Option<Arc<str>>,
    /// The file in the tree.
    pub path: Option<String>,
    /// Its origin in the spec.
    pub origin: Option<Origin>,
    /// The differences; for a created object, one field with all of it; for a pruned one, none.
    pub fields: Vec<ShownField>,
}

/// A field that differs, for display.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownField {
    /// The field, with secret values hidden.
    pub field: Field,
    /// The location of its new value in the spec, if known more exactly than for the object.
    pub origin: Option<Origin>,
}

/// All changes, with secrets hidden. `origin` returns the location of a field's new value in the spec.
#[must_use]
pub fn findings(
    changes: &[Change],
    masker: &Masker,
    origin: impl Fn(&Change, &Field) -> Option<Origin> + Sync,
) -> Vec<Finding> {
    let shown = |change: &Change| {
        let kind = change.identity.kind.as_str();
        let field = |field: Field| ShownField {
            origin: origin(change, &field).filter(|found| Some(found) != change.origin.as_ref()),
            field: masker.field(kind, field),
        };
        Finding {
            identity: change.identity.clone(),
            class: change.class,
            reason: change.reason.as_deref().map(|reason| masker.message(kind, reason)),
            environment: Arc::clone(&change.environment),
            app: change.app.clone(),
            path: change.path.clone(),
            origin: change.origin.clone(),
            fields: fields(change).into_iter().map(field).collect(),
        }
    };
    let mut all: Vec<Finding> =
        changes.par_iter().filter(|change| change.class != Class::Unchanged).map(shown).collect();
    all.sort_by(|one, other| order(one).cmp(&order(other)));
    all
}

/// In the order of application: namespaces and accounts come first.
fn order(finding: &Finding) -> (Class, usize, Option<&str>, &Identity) {
    const FIRST: [&str; 7] = [
        "Namespace",
        "CustomResourceDefinition",
        "ServiceAccount",
        "ClusterRole",
        "Role",
        "ClusterRoleBinding",
        "RoleBinding",
    ];
    let kind = finding.identity.kind.as_str();
    let rank = FIRST.iter().position(|first| *first == kind).unwrap_or(FIRST.len());
    (finding.class, rank, finding.app.as_deref(), &finding.identity)
}

fn fields(change: &Change) -> Vec<Field> {
    match (change.class, &change.before, &change.after) {
        (Class::Changed | Class::Blocked, Some(before), Some(after)) => {
            difference(&change.identity, Some(before), Some(after))
        }
        (Class::Created, _, Some(after)) => {
            vec![Field { path: FieldPath::default(), before: None, after: Some(after.clone()) }]
        }
        _ => Vec::new(),
    }
}
