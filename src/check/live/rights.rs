//! What accounts need and have by the tree, and what the cluster says to that.

use std::collections::{BTreeMap, BTreeSet};

use super::super::found::Found;
use super::super::objects::{Item, Objects};
use super::super::rbac::{Account, Action, Grants, Proof, short};
use super::rules::{BEYOND, DENIED};
use crate::permissions::SOME;

/// Something that an account may do, or not.
pub type Right = (Account, Action);

/// What leads to more, asked of every account: everything, the Secrets of its namespace, a shell in its pods, its Roles.
fn dangerous(account: &Account) -> [Action; 4] {
    let home = Some(account.namespace.clone());
    [
        (None, "*", "*", "*"),
        (home.clone(), "", "secrets", "get"),
        (home.clone(), "", "pods/exec", "create"),
        (home, "rbac.authorization.k8s.io", "rolebindings", "create"),
    ]
    .map(|(namespace, group, resource, verb)| Action {
        namespace,
        group: group.to_owned(),
        resource: resource.to_owned(),
        verb: verb.to_owned(),
        name: None,
    })
}

/// An action as it is asked: an object that does not exist yet has no name, nor has one that only the run knows.
fn asked(action: &Action) -> Action {
    let name = action.name.clone().filter(|name| name != SOME && action.verb != "create");
    Action { name, ..action.clone() }
}

/// An account whose namespace nobody wrote cannot be asked for.
fn can_be_asked(proof: &Proof<'_>) -> bool {
    !proof.account.namespace.is_empty() && !proof.users.is_empty()
}

/// All that is to be asked, once each.
pub(super) fn questions(proofs: &[Proof<'_>]) -> BTreeSet<Right> {
    let mut all = BTreeSet::new();
    for proof in proofs.iter().filter(|proof| can_be_asked(proof)) {
        let account = &proof.account;
        let needs = proof.needs.iter().map(|need| asked(&need.action));
        all.extend(needs.chain(dangerous(account)).map(|action| (account.clone(), action)));
    }
    all
}

/// Answers by Roles and bindings of the cluster, as its authorizer reads them.
#[must_use]
pub fn by_roles(objects: &Objects, rights: &[Right]) -> Vec<Option<bool>> {
    let grants = Grants::read(objects);
    let answer = |(account, action): &Right| Some(grants.allow(account, action));
    rights.iter().map(answer).collect()
}

/// Where the cluster's answers differ from the tree's.
pub(super) fn judge(
    proofs: &[Proof<'_>],
    answers: &BTreeMap<Right, Option<bool>>,
    found: &mut Found,
) {
    for proof in proofs.iter().filter(|proof| can_be_asked(proof)) {
        let account = &proof.account;
        let answer = |action: &Action| -> Option<bool> {
            answers.get(&(account.clone(), action.clone())).copied().flatten()
        };
        denied(proof, answer, found);
        if proof.has_unknown {
            continue;
        }
        let mut by_place: BTreeMap<(usize, &str), Vec<_>> = BTreeMap::new();
        for need in &proof.missing {
            if answer(&asked(&need.action)) == Some(true) {
                let item: *const Item = need.by;
                by_place.entry((item as usize, &need.field)).or_default().push(need);
            }
        }
        for ((_, field), needs) in by_place {
            let what = short(needs.iter().copied());
            let text = format!(
                "asks for what the tree does not grant `{account}`, and the cluster allows: {what}"
            );
            found.add(&BEYOND, needs[0].by, field, text);
        }
        beyond(proof, answer, found);
    }
}

/// What the tree grants and the cluster denies, by the binding that should give it.
fn denied(proof: &Proof<'_>, answer: impl Fn(&Action) -> Option<bool>, found: &mut Found) {
    let mut by_binding: BTreeMap<usize, (&Item, Vec<_>)> = BTreeMap::new();
    for need in &proof.needs {
        let action = asked(&need.action);
        // Of a role that is not in the tree, nothing is known but that it should suffice.
        let binding = proof.granting(&action).map(|grant| grant.binding);
        let is_denied = answer(&action) == Some(false);
        if let Some(item) = binding.or(proof.has_unknown.then_some(need.by)).filter(|_| is_denied) {
            let place: *const Item = item;
            by_binding.entry(place as usize).or_insert((item, Vec::new())).1.push(need);
        }
    }
    for (item, needs) in by_binding.into_values() {
        let first = needs[0];
        let what = short(needs.iter().copied());
        let place = first.action.namespace.as_deref().map(|name| format!(" in `{name}`"));
        let text = format!(
            "the cluster does not allow `{}` what it needs{}: {what} ({})",
            proof.account,
            place.unwrap_or_default(),
            first.because,
        );
        found.add(&DENIED, item, "", text);
    }
}

/// What leads to more, and is granted by something outside the tree.
fn beyond(proof: &Proof<'_>, answer: impl Fn(&Action) -> Option<bool>, found: &mut Found) {
    let all = dangerous(&proof.account);
    let is_given = |action: &&Action| answer(action) == Some(true) && !proof.allows(action);
    // Who may do everything may do the rest.
    let everything = all.first().filter(is_given);
    let given: Vec<&Action> = match everything {
        Some(everything) => vec![everything],
        None => all.iter().skip(1).filter(is_given).collect(),
    };
    let Some(item) = proof.item.filter(|_| !given.is_empty()) else { return };
    let words = given.iter().map(|action| {
        let Action { verb, resource, .. } = action;
        if verb == "*" { "everything".to_owned() } else { format!("{verb} {resource}") }
    });
    let text = format!(
        "the cluster allows `{}` what nothing in the tree grants: {}",
        proof.account,
        words.collect::<Vec<_>>().join("; ")
    );
    found.add(&BEYOND, item, "", text);
}
