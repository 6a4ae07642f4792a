//! The rules of this family, and what they find in a proof.

use std::collections::BTreeMap;

use super::super::applied::KUSTOMIZE;
use super::super::finding::{Level, Rule};
use super::super::found::Found;
use super::super::objects::{Item, Objects};
use super::account::Account;
use super::grants::{Grant, Grants, RBAC};
use super::need::Need;
use super::proof::Proof;
use super::words::{self, role, short};

/// The rules of this family.
pub static RULES: &[&Rule] = &[&MISSING, &UNNEEDED, &ESCALATES, &NO_ROLE, &NO_ACCOUNT];

const PAGE: &str = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/";
const PRACTICES: &str = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/";

static MISSING: Rule = Rule {
    id: "CHK3001",
    name: "rbac-missing",
    level: Level::Error,
    holds: "An account has every right that its Task, listener or Kustomization asks for.",
    otherwise: "The API server answers Forbidden, and the step, the listener or the apply fails.",
    cure: "give the account the missing rule, or run under one that has it",
    source: PAGE,
};

static UNNEEDED: Rule = Rule {
    id: "CHK3002",
    name: "rbac-unneeded",
    level: Level::Warning,
    holds: "An account has no right that nothing asks for, where all that it is used for can be read.",
    otherwise: "Whoever gets hold of the account, through a step or an image, can do that as well.",
    cure: "remove the verbs",
    source: PRACTICES,
};

static ESCALATES: Rule = Rule {
    id: "CHK3003",
    name: "rbac-escalates",
    level: Level::Warning,
    holds: "No rule leads to rights that it does not name: wildcards, `bind`, `escalate`, `impersonate`, Secrets, tokens, a shell in pods.",
    otherwise: "The account can make itself anything that the rule leads to, up to the whole cluster.",
    cure: "name the verbs, resources and objects that are needed",
    source: PRACTICES,
};

static NO_ROLE: Rule = Rule {
    id: "CHK3004",
    name: "rbac-no-role",
    level: Level::Warning,
    holds: "The Role that a RoleBinding names is among the objects.",
    otherwise: "The binding gives nothing: what its accounts do is Forbidden.",
    cure: "add the Role, or name the one that is there",
    source: PAGE,
};

static NO_ACCOUNT: Rule = Rule {
    id: "CHK3005",
    name: "rbac-no-account",
    level: Level::Warning,
    holds: "The account that a binding or a run names is among the objects, where other accounts of its namespace are.",
    otherwise: "Pods under an account that is not there are not created, and a binding to it gives nothing.",
    cure: "add the ServiceAccount, or name the one that is there",
    source: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
};

/// What is wrong with an account.
pub(super) fn judge(objects: &Objects, grants: &Grants<'_>, proof: &Proof<'_>, found: &mut Found) {
    missing(objects, grants, proof, found);
    let prunes = proof.needs.iter().any(|need| need.by.is(KUSTOMIZE, &["Kustomization"]));
    for unneeded in &proof.unneeded {
        let what = unneeded.what.join("; ");
        let [verbs, ..] = unneeded.grant.parts();
        let (role, at) = (unneeded.grant.role, format!("rules[{}]", unneeded.grant.at));
        // What Flux applied before may still be in the cluster, and no object says so.
        if prunes && verbs.iter().all(|verb| ["delete", "get"].contains(verb)) {
            let text = format!(
                "allows `{}` to {what}, which only helps it to prune what it applied before",
                proof.account
            );
            let cure = "remove the rule once Flux has pruned it; gen's own goes with `gen render --forget APP`";
            found.add(&UNNEEDED, role, at, text).level(Level::Info).cure(cure);
            continue;
        }
        let text = format!("allows `{}` to {what}, which nothing needs", proof.account);
        found.add(&UNNEEDED, role, at, text);
    }
    for reach in proof.reach.iter().filter(|reach| reach.is_forbidden) {
        let (of, at) = &reach.rule;
        let role = proof.has.iter().find(|grant| grant.at == *at && grant.role.identity() == *of);
        // What is used in full, and nothing beside it, could not be less.
        let is_used = |grant: &&Grant<'_>| {
            let [verbs, groups, resources, _] = grant.parts();
            let all = [verbs, groups, resources].concat();
            !all.contains(&"*")
                && super::proof::unneeded(&[(*grant).clone()], &proof.needs).is_empty()
        };
        if let Some(grant) = role.filter(|grant| !is_used(grant)) {
            let text = format!("`{}` {}, which leads to more", proof.account, reach.by);
            found.add(&ESCALATES, grant.role, format!("rules[{at}]"), text);
        }
    }
}

fn is_there(objects: &Objects, account: &Account) -> bool {
    let namespace = Some(account.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    account.name == "default"
        || objects.get(("", "ServiceAccount"), namespace, &account.name).is_some()
}

/// One finding for all that a step, listener or Kustomization lacks.
fn missing(objects: &Objects, grants: &Grants<'_>, proof: &Proof<'_>, found: &mut Found) {
    let mut by_place: BTreeMap<(usize, &str), Vec<&Need<'_>>> = BTreeMap::new();
    for need in &proof.missing {
        let item: *const Item = need.by;
        by_place.entry((item as usize, &need.field)).or_default().push(need);
    }
    // Of an account that is nowhere here, the rights may be elsewhere, too.
    let is_known = is_there(objects, &proof.account) || !grants.of(&proof.account).is_empty();
    for ((_, field), needs) in by_place {
        let first = needs[0];
        let what = short(needs.iter().copied());
        let place = first.action.namespace.as_deref().map(|name| format!(" in `{name}`"));
        let text = format!(
            "asks for what `{}` may not do{}: {what} ({})",
            proof.account,
            place.unwrap_or_default(),
            first.because,
        );
        let said = words::refused(&proof.account, &first.action);
        let all: Vec<Need<'_>> = needs.iter().map(|need| (*need).clone()).collect();
        let level = if is_known { Level::Error } else { Level::Info };
        let cure =
            format!("give `{}` these rights:\n{}", proof.account, role(&proof.account, &all));
        found.add(&MISSING, first.by, field, text).said(said).cure(cure).level(level);
    }
}

/// Names in bindings, and of accounts, that lead nowhere.
pub(super) fn bindings(objects: &Objects, grants: &Grants<'_>, found: &mut Found) {
    for dangling in &grants.dangling {
        if dangling.kind == "Role" {
            let text =
                format!("names the Role `{}`, which is not among the objects", dangling.role);
            found.add(&NO_ROLE, dangling.binding, "roleRef.name", text);
        }
    }
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        for binding in objects.of(RBAC, kind) {
            for (at, account) in Account::subjects(&binding.object).into_iter().enumerate() {
                if !is_there(objects, &account) && has_accounts(objects, &account.namespace) {
                    let text = format!("names the account `{account}`, which is not there");
                    found.add(&NO_ACCOUNT, binding, format!("subjects[{at}].name"), text);
                }
            }
        }
    }
}

/// Whether accounts of a namespace are among the objects.
fn has_accounts(objects: &Objects, namespace: &str) -> bool {
    objects
        .of("", "ServiceAccount")
        .any(|item| item.object.namespace().unwrap_or_default() == namespace)
}
