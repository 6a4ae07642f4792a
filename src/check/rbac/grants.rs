//! What accounts have: Roles, ClusterRoles and their bindings.

use std::collections::{BTreeMap, BTreeSet};

use super::super::objects::{Item, Objects};
use super::account::Account;
use super::need::Action;
use crate::permissions::{Place, Rule, SOME};
use crate::yaml::Value;

/// The API group of Roles.
pub(super) const RBAC: &str = "rbac.authorization.k8s.io";

/// One rule that an account has.
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// The Role or ClusterRole.
    pub role: &'a Item,
    /// Which of its rules.
    pub at: usize,
    /// The binding that gives it.
    pub binding: &'a Item,
    /// The namespace where it counts; none for the whole cluster.
    pub namespace: Option<&'a str>,
    /// The rule.
    pub rule: &'a Value,
}

impl Grant<'_> {
    fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        let list = self.rule.list_at(&[key]);
        list.iter().filter_map(Value::as_str)
    }

    fn has(&self, key: &str, word: &str) -> bool {
        self.texts(key).any(|text| text == word || text == "*")
    }

    /// Whether it allows a verb on a resource.
    #[must_use]
    pub fn allows(&self, verb: &str, group: &str, resource: &str, name: Option<&str>) -> bool {
        let is_resource = self.has("resources", resource)
            || resource.split_once('/').is_some_and(|(_, sub)| {
                self.texts("resources").any(|text| text.strip_prefix("*/") == Some(sub))
            });
        let names: Vec<&str> = self.texts("resourceNames").collect();
        let is_named =
            names.is_empty() || name.is_some_and(|name| name == SOME || names.contains(&name));
        self.has("verbs", verb) && self.has("apiGroups", group) && is_resource && is_named
    }

    /// Whether it allows an action where it is asked for.
    pub(super) fn allow(&self, action: &Action) -> bool {
        let is_there = match (self.namespace, &action.namespace) {
            (None, _) => true,
            (Some(namespace), Some(wanted)) => namespace == wanted || namespace.is_empty(),
            // Where nobody wrote a namespace, all are taken to be the same; what is in none needs a ClusterRoleBinding.
            (Some(namespace), None) => namespace.is_empty() && !is_of_cluster(action),
        };
        is_there
            && self.allows(&action.verb, &action.group, &action.resource, action.name.as_deref())
    }

    /// In words: `get, list deployments.apps`.
    #[must_use]
    pub fn describe(&self) -> String {
        let [verbs, groups, resources, names] = self.parts();
        let urls: Vec<&str> = self.texts("nonResourceURLs").collect();
        let what = if resources.is_empty() { &urls } else { &resources };
        Rule::new(Place::App, &groups, what, &names, &verbs).describe()
    }

    /// The same with the place: `get, list deployments.apps in shop-dev`.
    #[must_use]
    pub fn describe_with_place(&self) -> String {
        let place = self.namespace.filter(|place| !place.is_empty());
        let place = place.map_or_else(|| "everywhere".to_owned(), |place| format!("in {place}"));
        format!("{} {place}", self.describe())
    }

    /// Its verbs, groups, resources and names.
    #[must_use]
    pub fn parts(&self) -> [Vec<&str>; 4] {
        ["verbs", "apiGroups", "resources", "resourceNames"].map(|key| self.texts(key).collect())
    }
}

/// Kinds that are in no namespace, of those that something here asks for.
fn is_of_cluster(action: &Action) -> bool {
    action.resource.starts_with("cluster") || action.resource == "namespaces"
}

/// A binding whose role is not among the objects.
#[derive(Debug, Clone, Copy)]
pub struct Dangling<'a> {
    /// The binding.
    pub binding: &'a Item,
    /// Kind of the role.
    pub kind: &'a str,
    /// Name of the role.
    pub role: &'a str,
}

/// What every account has.
#[derive(Debug, Default)]
pub struct Grants<'a> {
    by_account: BTreeMap<Account, Vec<Grant<'a>>>,
    /// What groups and users have, by name.
    by_group: BTreeMap<String, Vec<Grant<'a>>>,
    /// Accounts that have rights which are not known: of a role that is not among the objects.
    pub unknown: BTreeSet<Account>,
    /// Bindings to roles that are not among the objects.
    pub dangling: Vec<Dangling<'a>>,
}

impl<'a> Grants<'a> {
    /// Reads all bindings.
    #[must_use]
    pub fn read(objects: &'a Objects) -> Self {
        let mut grants = Self::default();
        for kind in ["RoleBinding", "ClusterRoleBinding"] {
            for binding in objects.of(RBAC, kind) {
                grants.binding(objects, binding);
            }
        }
        grants
    }

    fn binding(&mut self, objects: &'a Objects, binding: &'a Item) {
        let object = &binding.object;
        let (Some(kind), Some(name)) = (
            object.value().str_at(&["roleRef", "kind"]),
            object.value().str_at(&["roleRef", "name"]),
        ) else {
            return;
        };
        let is_for_all = object.kind() == "ClusterRoleBinding";
        let namespace =
            if is_for_all { None } else { Some(object.namespace().unwrap_or_default()) };
        let home = if kind == "Role" { object.namespace() } else { None };
        let role = objects.get((RBAC, kind), home, name);
        let accounts = Account::subjects(object);
        let Some(role) = role else {
            self.dangling.push(Dangling { binding, kind, role: name });
            self.unknown.extend(accounts);
            return;
        };
        if role.object.at(&["aggregationRule"]).is_some() {
            self.unknown.extend(accounts.iter().cloned());
        }
        let rules = role.object.value().list_at(&["rules"]);
        for subject in object.value().list_at(&["subjects"]) {
            let is_one = matches!(subject.str_at(&["kind"]), Some("Group" | "User"));
            if let Some(name) = subject.str_at(&["name"]).filter(|_| is_one) {
                let of_group = self.by_group.entry(name.to_owned()).or_default();
                for (at, rule) in rules.iter().enumerate() {
                    of_group.push(Grant { role, at, binding, namespace, rule });
                }
            }
        }
        for account in accounts {
            let of_account = self.by_account.entry(account).or_default();
            for (at, rule) in rules.iter().enumerate() {
                of_account.push(Grant { role, at, binding, namespace, rule });
            }
        }
    }

    /// Whether an account may do something by these bindings, those for its groups and for its name as a user included.
    #[must_use]
    pub fn allow(&self, account: &Account, action: &Action) -> bool {
        let groups = account.groups();
        let of_group = |group: &String| self.by_group.get(group).into_iter().flatten();
        let of_groups = groups.iter().flat_map(of_group);
        self.of(account).iter().chain(of_groups).any(|grant| grant.allow(action))
    }

    /// What an account has.
    #[must_use]
    pub fn of(&self, account: &Account) -> &[Grant<'a>] {
        self.by_account.get(account).map_or(&[], Vec::as_slice)
    }

    /// Accounts that have something.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.by_account.keys()
    }
}
