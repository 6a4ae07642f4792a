//! What an account needs against what it has.

use std::collections::BTreeSet;

use super::super::objects::{Item, Objects};
use super::super::scope::{Judge, Scope};
use super::account::Account;
use super::grants::{Grant, Grants};
use super::need::{Action, AllNeeds, Need, Needs};
use super::reach::{Reach, reach};
use super::{controllers, tasks};
use crate::kubernetes::security::pod_spec;

/// A rule that nothing asks for.
#[derive(Debug, Clone)]
pub struct Unneeded<'a> {
    /// The rule.
    pub grant: Grant<'a>,
    /// Its verbs on resources that nothing asks for: `delete pods`.
    pub what: Vec<String>,
}

/// What is known of an account.
#[derive(Debug)]
pub struct Proof<'a> {
    /// The account.
    pub account: Account,
    /// What uses it.
    pub users: BTreeSet<String>,
    /// What it needs.
    pub needs: Vec<Need<'a>>,
    /// What it has.
    pub has: Vec<Grant<'a>>,
    /// What it needs and has not.
    pub missing: Vec<Need<'a>>,
    /// What it has and does not need; empty where not all needs are known.
    pub unneeded: Vec<Unneeded<'a>>,
    /// Where its needs could not be read, with the reasons.
    pub unread: Vec<(String, String)>,
    /// It has rights that are not known.
    pub has_unknown: bool,
    /// How it could get more rights.
    pub reach: Vec<Reach>,
    /// The ServiceAccount; else what uses the account, if that is known.
    pub item: Option<&'a Item>,
}

impl<'a> Proof<'a> {
    /// The first rule that allows something.
    #[must_use]
    pub fn granting(&self, action: &Action) -> Option<&Grant<'a>> {
        self.has.iter().find(|grant| grant.allow(action))
    }

    /// Whether the account may do something, as far as its rights are known.
    #[must_use]
    pub fn allows(&self, action: &Action) -> bool {
        self.granting(action).is_some()
    }
}

/// The proofs of all accounts that are used or have rights.
pub(super) fn all<'a>(scope: &Scope<'a>, grants: &Grants<'a>) -> Vec<Proof<'a>> {
    let objects = scope.objects;
    let mut needs = AllNeeds::default();
    tasks::collect(scope, &mut needs);
    controllers::collect(scope, &mut needs);
    pods(objects, &mut needs);
    let accounts: BTreeSet<Account> =
        needs.keys().chain(grants.accounts()).chain(&grants.unknown).cloned().collect();
    let proof = |account: Account| {
        let needs = needs.remove(&account).unwrap_or_default();
        one(objects, grants, account, needs)
    };
    accounts.into_iter().map(proof).collect()
}

/// The proof of one account.
#[must_use]
pub fn prove<'a>(judge: Judge<'a>, objects: &'a Objects) -> Vec<Proof<'a>> {
    let scope = Scope::new(judge, objects);
    all(&scope, &Grants::read(objects))
}

/// Programs in pods ask for what they like.
fn pods<'a>(objects: &'a Objects, needs: &mut AllNeeds<'a>) {
    for item in objects {
        let Some((spec, _)) = pod_spec(&item.object) else { continue };
        let name = spec.str_at(&["serviceAccountName"]);
        let account = Account::new(item.object.namespace(), name);
        let of_account = needs.entry(account).or_default();
        let who = format!("{} {}", item.object.kind(), item.object.name());
        of_account.users.insert(who.clone());
        of_account.unread.push((who, "what its program asks for is its own".to_owned()));
    }
}

fn one<'a>(
    objects: &'a Objects,
    grants: &Grants<'a>,
    account: Account,
    needs: Needs<'a>,
) -> Proof<'a> {
    let has = grants.of(&account).to_vec();
    let is_allowed = |action: &Action| grants.allow(&account, action);
    let missing =
        needs.list.iter().filter(|need| !is_allowed(&need.action)).cloned().collect::<Vec<_>>();
    let has_unknown = grants.unknown.contains(&account);
    let is_known = needs.unread.is_empty() && !needs.users.is_empty();
    let unneeded = if is_known { unneeded(&has, &needs.list) } else { Vec::new() };
    let home = Some(account.namespace.as_str()).filter(|home| !home.is_empty());
    let own = objects.get(("", "ServiceAccount"), home, &account.name);
    Proof {
        item: own.or_else(|| needs.list.first().map(|need| need.by)),
        users: needs.users,
        missing: if has_unknown { Vec::new() } else { missing },
        unneeded,
        unread: needs.unread,
        reach: reach(objects, grants, &account),
        needs: needs.list,
        has,
        has_unknown,
        account,
    }
}

pub(super) fn unneeded<'a>(has: &[Grant<'a>], needs: &[Need<'a>]) -> Vec<Unneeded<'a>> {
    let mut all = Vec::new();
    for grant in has {
        let [verbs, groups, resources, _] = grant.parts();
        let mut what = Vec::new();
        for group in &groups {
            for resource in &resources {
                let unused = |verb: &&&str| {
                    !needs.iter().any(|need| {
                        let action = &need.action;
                        let is_verb = **verb == "*" || action.verb == **verb;
                        let is_resource = *resource == "*" || action.resource == *resource;
                        let is_group = *group == "*" || action.group == *group;
                        is_verb && is_resource && is_group && grant.allow(action)
                    })
                };
                let verbs: Vec<&str> = verbs.iter().filter(unused).copied().collect();
                if !verbs.is_empty() {
                    what.push(format!("{} {resource}", verbs.join(", ")));
                }
            }
        }
        if !what.is_empty() {
            all.push(Unneeded { grant: grant.clone(), what });
        }
    }
    all
}
