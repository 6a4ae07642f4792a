//! Patches of what belongs to Flux or to several apps. What belongs to one app is patched where it is made.

use super::facts::Facts;
use crate::diagnostics::{Diagnostics, PatchError};
use crate::kubernetes::Object;
use crate::kubernetes::definitions::{Definitions, Misfit, check};
use crate::kubernetes::patch::{Patch, Patches};

/// Which patches there are, and what is known of the kinds that they change.
#[derive(Clone, Copy)]
pub struct Patching<'a> {
    /// The environment's patches.
    pub patches: &'a Patches,
    /// What the repository adds to gen's own definitions of kinds.
    pub definitions: &'a Definitions,
}

impl Patching<'_> {
    /// Patches objects of one app, or of none, and notes which patches were meant for one of them.
    pub(super) fn apply(
        self,
        app: Option<&str>,
        objects: &mut [Object],
        facts: &mut Facts,
    ) -> Result<(), Diagnostics> {
        if self.patches.is_empty() {
            return Ok(());
        }
        facts.patched.resize(self.patches.iter().len(), false);
        let mut problems = Diagnostics::default();
        for object in objects {
            facts.names.push((object.kind().to_owned(), object.name().to_owned()));
            for (index, patch) in self.patches.for_object(object.name(), app) {
                match patch.apply(object.value_mut(), None) {
                    Ok(false) => {}
                    Ok(true) => {
                        facts.patched[index] = true;
                        problems.extend(misfits(self.definitions, patch, object));
                    }
                    Err(errors) => problems.extend(errors),
                }
            }
            object.order_keys();
        }
        if problems.has_errors() { Err(problems) } else { Ok(()) }
    }
}

/// What a patch made of an object that its kind does not take.
pub(super) fn misfits(definitions: &Definitions, patch: &Patch, object: &Object) -> Diagnostics {
    let mut problems = Diagnostics::default();
    if let Some(known) = definitions.kind(object.api_version(), object.kind()) {
        for Misfit { path, what } in check(known, object.value()) {
            let object = object.kind().to_owned();
            problems.error(patch.span, PatchError::Misfit { object, path, what });
        }
    }
    problems
}
