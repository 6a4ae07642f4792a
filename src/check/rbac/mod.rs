//! The proof of RBAC, without a cluster: each account may do all that it is used for, nothing more, and nothing that leads to more.
//!
//! Runs say which account a Task has, and the Task's scripts what it asks for; Flux and the listeners of Triggers ask for what their
//! objects say. Bindings and Roles say what an account has. What a program in a pod asks for is its own: such an account has no proof.

mod account;
mod authority;
mod controllers;
mod grants;
mod need;
mod proof;
mod reach;
mod rules;
mod tasks;
mod words;

pub use account::Account;
pub use authority::{Applies, Authority, Listens, Power, Pushes, Runs, Source, authority};
pub use grants::{Grant, Grants};
pub use need::{Action, Need};
pub use proof::{Proof, Unneeded, prove};
pub use reach::{Reach, leads_to};
pub use rules::RULES;
pub use words::{role, short};

use super::found::Found;
use super::scope::Scope;

/// Judges the rights of all accounts.
pub(super) fn check(scope: &Scope<'_>, found: &mut Found) {
    let grants = Grants::read(scope.objects);
    for proof in proof::all(scope, &grants) {
        rules::judge(scope.objects, &grants, &proof, found);
    }
    rules::bindings(scope.objects, &grants, found);
}
