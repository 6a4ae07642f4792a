//! Changes for display: fields instead of whole objects, secret values hidden, each with its location in the spec.

use rayon::prelude::*;

use super::{Change, Class, Field, FieldPath, Masker, Origin, difference};
use crate::kubernetes::Identity;

/// One changed object, for display.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The object and its outcome, with secrets hidden; without bodies.
    pub change: Change,
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
    changes: Vec<Change>,
    masker: &Masker,
    origin: impl Fn(&Change, &Field) -> Option<Origin> + Sync,
) -> Vec<Finding> {
    let shown = |change: Change| {
        let kind = change.identity.kind.as_str();
        let field = |field: Field| ShownField {
            origin: origin(&change, &field).filter(|found| Some(found) != change.origin.as_ref()),
            field: masker.field(kind, field),
        };
        let fields = fields(&change).into_iter().map(field).collect();
        let reason = change.reason.as_deref().map(|reason| masker.message(kind, reason));
        Finding { fields, change: Change { reason, before: None, after: None, ..change } }
    };
    let differing = changes.into_par_iter().filter(|change| change.class != Class::Unchanged);
    let mut all: Vec<Finding> = differing.map(shown).collect();
    all.sort_by(|one, other| order(one).cmp(&order(other)));
    all
}

/// In the order of application: namespaces and accounts come first.
fn order(finding: &Finding) -> (Class, usize, Option<&str>, &Identity) {
    let Change { identity, class, app, .. } = &finding.change;
    (*class, finding.rank(), app.as_deref(), identity)
}

impl Finding {
    /// The place of its kind in the order of application.
    #[must_use]
    pub fn rank(&self) -> usize {
        const FIRST: [&str; 7] = [
            "Namespace",
            "CustomResourceDefinition",
            "ServiceAccount",
            "ClusterRole",
            "Role",
            "ClusterRoleBinding",
            "RoleBinding",
        ];
        let kind = &self.change.identity.kind;
        FIRST.iter().position(|first| first == kind).unwrap_or(FIRST.len())
    }
}

fn fields(change: &Change) -> Vec<Field> {
    match (change.class, &change.before, &change.after) {
        (Class::Changed | Class::Blocked, before @ Some(_), after @ Some(_)) => {
            difference(&change.identity, before.as_ref(), after.as_ref())
        }
        (Class::Created, _, Some(after)) => {
            vec![Field { path: FieldPath::default(), before: None, after: Some(after.clone()) }]
        }
        _ => Vec::new(),
    }
}
