//! Changes as they may be shown: fields instead of whole objects, secret values hidden, each with its place in the spec.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Change, Class, Field, FieldPath, Masker, Origin, difference};
use crate::kubernetes::Identity;

/// One object that is not unchanged, as it may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which object.
    pub identity: Identity,
    /// What becomes of it.
    pub class: Class,
    /// Why, where that needs words.
    pub reason: Option<String>,
    /// The environment.
    pub environment: Arc<str>,
    /// The app; none for what an environment's apps share.
    pub app: Option<Arc<str>>,
    /// The file of the tree.
    pub path: Option<String>,
    /// Where in the spec it comes from.
    pub origin: Option<Origin>,
    /// What differs; of a created object, one field that is the whole of it. Of a pruned one nothing: it goes whole.
    pub fields: Vec<ShownField>,
}

/// A field that differs, as it may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownField {
    /// The field, its secret values hidden.
    pub field: Field,
    /// Where in the spec its new value stands, where that is known better than for the object.
    pub origin: Option<Origin>,
}

/// Everything that is not unchanged, with secrets hidden. `origin` says where in the spec a field's new value stands.
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
            reason: change
                .reason
                .as_deref()
                .map(|reason| masker.message(kind, reason)),
            environment: Arc::clone(&change.environment),
            app: change.app.clone(),
            path: change.path.clone(),
            origin: change.origin.clone(),
            fields: fields(change).into_iter().map(field).collect(),
        }
    };
    let mut all: Vec<Finding> = changes
        .par_iter()
        .filter(|change| change.class != Class::Unchanged)
        .map(shown)
        .collect();
    all.sort_by(|one, other| order(one).cmp(&order(other)));
    all
}

/// What was decided first is applied first: namespaces and accounts come before what needs them.
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
    let rank = FIRST
        .iter()
        .position(|first| *first == kind)
        .unwrap_or(FIRST.len());
    (
        finding.class,
        rank,
        finding.app.as_deref(),
        &finding.identity,
    )
}

fn fields(change: &Change) -> Vec<Field> {
    match (change.class, &change.before, &change.after) {
        (Class::Changed | Class::Blocked, Some(before), Some(after)) => {
            difference(&change.identity, Some(before), Some(after))
        }
        (Class::Created, _, Some(after)) => vec![Field {
            path: FieldPath::default(),
            before: None,
            after: Some(after.clone()),
        }],
        _ => Vec::new(),
    }
}
