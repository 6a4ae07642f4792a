//! What Flux cannot apply, or applies otherwise than meant.

mod apply;
mod moved;
mod objects;
mod order;
mod ready;
mod rules;

pub use moved::{BETWEEN, Owned, moved};
pub use rules::RULES;

use super::found::Found;
use super::scope::Scope;

/// Judges Flux's objects, and what they apply.
pub(super) fn check(scope: &Scope<'_>, found: &mut Found) {
    order::check(scope, found);
    apply::check(scope, found);
    objects::check(scope, found);
    ready::check(scope, found);
}
