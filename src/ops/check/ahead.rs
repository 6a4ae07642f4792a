//! What a changed spec would be told, before it is written.

use std::collections::BTreeMap;

use super::{CheckOptions, Context, finish, own};
use crate::check::rbac::{Proof, prove};
use crate::check::{Finding, Level};
use crate::diagnostics::Diagnostics;
use crate::files::Files;
use crate::fleet::Fleet;
use crate::ops::Selection;

/// The errors that `gen check` would find.
///
/// # Errors
/// Errors in the spec, templates and files.
pub(in crate::ops) fn errors(
    context: &Context<'_>,
    fleet: &Fleet,
    files: &dyn Files,
    selection: Selection<'_>,
) -> Result<Vec<Finding>, Diagnostics> {
    let level = Level::Error;
    let options = CheckOptions { selection, rules: &[], level, live: None, since: None };
    let mut report = own::judged(context, fleet, files, &options, &BTreeMap::new())?;
    finish(&mut report, &[], level);
    Ok(report.findings)
}

/// The proofs of the accounts of each selected environment.
///
/// # Errors
/// Errors in the spec, templates and files.
pub(in crate::ops) fn proofs(
    fleet: &Fleet,
    files: &dyn Files,
    selection: Selection<'_>,
    mut take: impl FnMut(&Proof<'_>),
) -> Result<(), Diagnostics> {
    own::each_of(fleet, files, selection, |judge, _, _, objects| {
        for proof in &prove(judge, objects) {
            take(proof);
        }
    })
}
