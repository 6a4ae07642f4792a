//! How an account could get rights that it was not given (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/>).

use std::collections::BTreeSet;

use super::super::objects::Objects;
use super::account::Account;
use super::grants::{Grant, Grants};
use crate::kubernetes::Identity;
use crate::permissions::{Place, Rule, forbidden};

/// A way to more rights.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// What leads there: `verb impersonate`, `may create pods`.
    pub by: String,
    /// Accounts whose rights it gets; empty where it is all of the cluster, or what nobody can say.
    pub accounts: BTreeSet<Account>,
    /// Whether the rule itself should be given to nobody, or only makes others' rights its own.
    pub is_forbidden: bool,
    /// The Role, and which of its rules.
    pub rule: (Identity, usize),
}

/// Kinds whose objects become pods, under an account that the object names.
const PODS: [(&str, &str); 10] = [
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("tekton.dev", "taskruns"),
    ("tekton.dev", "pipelineruns"),
];

/// What a right by itself leads to beyond its words, if anything: what nobody should be given, or pods under other accounts. The core group
/// is an empty text, and a name that is none means any object.
#[must_use]
pub fn leads_to(group: &str, resource: &str, name: Option<&str>, verbs: &[&str]) -> Option<String> {
    let names: Vec<&str> = name.into_iter().collect();
    let rule = Rule::new(Place::App, &[group], &[resource], &names, verbs);
    let creates = ["create", "patch", "update"].iter().any(|verb| verbs.contains(verb));
    let is_pods = PODS.contains(&(group, resource)) && creates && name.is_none();
    let pods = || "pods under any account of the namespace".to_owned();
    forbidden(&rule).or_else(|| is_pods.then(pods))
}

/// The ways of an account.
pub(super) fn reach(objects: &Objects, grants: &Grants<'_>, account: &Account) -> Vec<Reach> {
    let mut all = BTreeSet::new();
    for grant in grants.of(account) {
        let [verbs, groups, resources, names] = grant.parts();
        let rule = (grant.role.identity(), grant.at);
        let of_rule = Rule::new(Place::App, &groups, &resources, &names, &verbs);
        let is_admin = grant.role.object.name() == "cluster-admin";
        // A listener that acts as one account by name gets what that account has, and no more.
        let is_named =
            verbs == ["impersonate"] && resources == ["serviceaccounts"] && !names.is_empty();
        if is_named {
            let namespace = grant.namespace.map(str::to_owned);
            let of_name = |name: &&str| Account::new(namespace.as_deref(), Some(name));
            let accounts = names.iter().map(of_name).collect();
            let by = format!("impersonates {}", names.join(", "));
            all.insert(Reach { by, accounts, is_forbidden: false, rule: rule.clone() });
        } else if let Some(what) = forbidden(&of_rule) {
            let by =
                if is_admin { "is cluster-admin".to_owned() } else { format!("has the {what}") };
            all.insert(Reach {
                by,
                accounts: BTreeSet::new(),
                is_forbidden: true,
                rule: rule.clone(),
            });
        }
        if let Some((_, kind)) = PODS.iter().find(|(group, kind)| makes(grant, group, kind)) {
            let accounts = others(objects, grants, grant.namespace, account);
            if !accounts.is_empty() {
                let by = format!("may create {kind}, under any account of the namespace");
                all.insert(Reach { by, accounts, is_forbidden: false, rule });
            }
        }
    }
    all.into_iter().collect()
}

fn makes(grant: &Grant<'_>, group: &str, kind: &str) -> bool {
    ["create", "patch", "update"].iter().any(|verb| grant.allows(verb, group, kind, None))
}

/// Accounts with rights in a namespace, or in all of them.
fn others(
    objects: &Objects,
    grants: &Grants<'_>,
    namespace: Option<&str>,
    own: &Account,
) -> BTreeSet<Account> {
    let is_there = |account: &&Account| {
        namespace.is_none_or(|namespace| account.namespace == namespace) && *account != own
    };
    let accounts = grants.accounts().filter(is_there);
    let is_real = |account: &&Account| {
        let namespace = Some(account.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        account.name == "default"
            || objects.get(("", "ServiceAccount"), namespace, &account.name).is_some()
    };
    accounts.filter(is_real).cloned().collect()
}
