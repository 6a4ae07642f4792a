//! RBAC changes as permissions: subjects that gain or lose verbs on resources.
//!
//! A changed Role alone means little; what matters is who is bound to it. So the Roles and bindings of both sides, including those that
//! do not change, are expanded to single permissions of single subjects, and those are compared. What a wildcard covers is
//! neither gained nor lost. A binding to a role that is not visible counts as "all permissions of that role".

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::{Change, Class, Desired};
use crate::kubernetes::Identity;
use crate::kubernetes::json::{list, text};

/// A subject of RBAC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A service account: namespace and name.
    Account(String, String),
    /// A user.
    User(String),
    /// A group.
    Group(String),
    /// The subjects of a role whose bindings are not visible: kind, namespace and name of the role.
    Holder(String, Option<String>, String),
}

/// The scope of a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All namespaces, and cluster-scoped objects.
    Cluster,
    /// One namespace.
    Namespace(String),
}

/// The target of a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A resource of an API group: all objects, or one by name.
    Resource {
        /// The API group; empty for the core group, `*` for all.
        group: String,
        /// The resource in the plural, as in `pods/log`; `*` for all.
        resource: String,
        /// The object's name; all if none.
        name: Option<String>,
    },
    /// A URL path of the API server.
    Path(String),
    /// All permissions of a role whose rules are not visible.
    Role(String),
}

/// A single permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Right {
    scope: Scope,
    target: Target,
    verb: String,
}

/// Permissions with the same verbs, for a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The scope.
    pub scope: Scope,
    /// The verbs, sorted.
    pub verbs: Vec<String>,
    /// The targets, sorted.
    pub targets: Vec<Target>,
}

/// The changes for one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionChange {
    /// The cluster's folder in the tree.
    pub cluster: String,
    /// The subject.
    pub subject: Subject,
    /// Whether the account itself is added or removed by the same change.
    pub account: Option<Class>,
    /// The gained permissions.
    pub gains: Vec<Grant>,
    /// The lost permissions.
    pub loses: Vec<Grant>,
}

/// The changes for all subjects. `desired` is the whole compared tree: unchanged Roles and bindings are looked up in it.
#[must_use]
pub fn permissions(
    changes: &[Change],
    desired: &[Desired],
    cluster_of: impl Fn(&Change) -> String,
) -> Vec<PermissionChange> {
    let mut sides: BTreeMap<String, [Access<'_>; 2]> = BTreeMap::new();
    let mut touched: BTreeSet<(String, &Identity)> = BTreeSet::new();
    let mut accounts: BTreeMap<(String, Subject), Class> = BTreeMap::new();
    for change in changes {
        let Change { identity, class, before, after, .. } = change;
        let cluster = cluster_of(change);
        if identity.kind == "ServiceAccount" && matches!(class, Class::Created | Class::Pruned) {
            let namespace = identity.namespace.clone().unwrap_or_default();
            let account = Subject::Account(namespace, identity.name.clone());
            accounts.insert((cluster.clone(), account), *class);
        }
        if identity.group != GROUP || *class == Class::Unchanged {
            continue;
        }
        let differs = matches!(class, Class::Changed | Class::Created | Class::Pruned);
        touched.insert((cluster.clone(), identity));
        let [old, new] = sides.entry(cluster).or_default();
        old.add(identity, before.as_ref());
        // What is kept, rejected or not compared stays as it is.
        new.add(identity, if differs { after.as_ref() } else { before.as_ref() });
    }
    for Desired { identity, body, path, .. } in desired {
        let cluster = path.split('/').nth(1).unwrap_or_default().to_owned();
        if identity.group == GROUP
            && let Some(sides) = sides.get_mut(&cluster)
            && !touched.contains(&(cluster, identity))
        {
            for side in sides {
                side.add(identity, Some(body));
            }
        }
    }
    let mut all = Vec::new();
    for (cluster, sides) in sides {
        let [mut before, mut after] = sides.map(|side| side.rights(&touched, &cluster));
        let subjects: BTreeSet<Subject> = before.keys().chain(after.keys()).cloned().collect();
        for subject in subjects {
            let old = before.remove(&subject).unwrap_or_default();
            let new = after.remove(&subject).unwrap_or_default();
            let (gains, loses) = (grants(&new, &old), grants(&old, &new));
            if !gains.is_empty() || !loses.is_empty() {
                let account = accounts.get(&(cluster.clone(), subject.clone())).copied();
                let cluster = cluster.clone();
                all.push(PermissionChange { cluster, subject, account, gains, loses });
            }
        }
    }
    all
}

/// The API group of RBAC.
pub const GROUP: &str = "rbac.authorization.k8s.io";

/// Kind, namespace and name of a role.
type RoleKey<'a> = (&'a str, Option<&'a str>, &'a str);

/// Roles and bindings of one side.
#[derive(Default)]
struct Access<'a> {
    roles: BTreeMap<RoleKey<'a>, &'a Value>,
    bindings: Vec<(Option<&'a str>, &'a Value)>,
}

impl<'a> Access<'a> {
    fn add(&mut self, identity: &'a Identity, body: Option<&'a Value>) {
        let namespace = identity.namespace.as_deref();
        match (identity.kind.as_str(), body) {
            ("Role" | "ClusterRole", Some(body)) => {
                self.roles.insert((&identity.kind, namespace, &identity.name), body);
            }
            ("RoleBinding" | "ClusterRoleBinding", Some(body)) => {
                self.bindings.push((namespace, body));
            }
            _ => {}
        }
    }

    /// The permissions of all subjects. Changed Roles without visible bindings belong to their unknown subjects.
    fn rights(
        &self,
        touched: &BTreeSet<(String, &Identity)>,
        cluster: &str,
    ) -> BTreeMap<Subject, BTreeSet<Right>> {
        let scope_of = |namespace: Option<&str>| {
            namespace.map_or(Scope::Cluster, |name| Scope::Namespace(name.to_owned()))
        };
        let mut all: BTreeMap<Subject, BTreeSet<Right>> = BTreeMap::new();
        let mut bound = BTreeSet::new();
        for (namespace, binding) in &self.bindings {
            let role = |key| text(binding, &["roleRef", key]);
            let (kind, name) = (role("kind"), role("name"));
            let key = (kind, namespace.filter(|_| kind == "Role"), name);
            bound.insert(key);
            let scope = scope_of(*namespace);
            let rights = self.roles.get(&key).map(|role| rights_of(role, &scope));
            let rights = rights.unwrap_or_else(|| {
                let target = Target::Role(format!("{kind} {name}"));
                BTreeSet::from([Right { scope, target, verb: "*".to_owned() }])
            });
            let subjects = list(binding, &["subjects"]).iter();
            for subject in subjects.filter_map(|value| subject(value, *namespace)) {
                all.entry(subject).or_default().extend(rights.iter().cloned());
            }
        }
        let touched = touched.iter().filter(|(of, _)| of == cluster).map(|(_, identity)| {
            (identity.kind.as_str(), identity.namespace.as_deref(), identity.name.as_str())
        });
        for key in touched.filter(|key| !bound.contains(key)) {
            if let Some(role) = self.roles.get(&key) {
                let (kind, namespace, name) = key;
                let holder =
                    Subject::Holder(kind.to_owned(), namespace.map(str::to_owned), name.to_owned());
                let rights = rights_of(role, &scope_of(namespace));
                all.entry(holder).or_default().extend(rights);
            }
        }
        all
    }
}

fn subject(value: &Value, namespace: Option<&str>) -> Option<Subject> {
    let name = value.get("name")?.as_str()?.to_owned();
    Some(match text(value, &["kind"]) {
        "ServiceAccount" => {
            let own = value.get("namespace").and_then(Value::as_str).or(namespace);
            Subject::Account(own.unwrap_or_default().to_owned(), name)
        }
        "Group" => Subject::Group(name),
        _ => Subject::User(name),
    })
}

fn rights_of(role: &Value, scope: &Scope) -> BTreeSet<Right> {
    let mut all = BTreeSet::new();
    for rule in list(role, &["rules"]) {
        let mut targets = Vec::new();
        let mut names: Vec<_> = texts(rule, "resourceNames").into_iter().map(Some).collect();
        if names.is_empty() {
            names.push(None);
        }
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                targets.extend(names.iter().cloned().map(|name| Target::Resource {
                    group: group.clone(),
                    resource: resource.clone(),
                    name,
                }));
            }
        }
        targets.extend(texts(rule, "nonResourceURLs").into_iter().map(Target::Path));
        for verb in texts(rule, "verbs") {
            all.extend(targets.iter().cloned().map(|target| Right {
                scope: scope.clone(),
                target,
                verb: verb.clone(),
            }));
        }
    }
    all
}

impl Right {
    /// Whether it can cover others.
    fn is_wide(&self) -> bool {
        let target = match &self.target {
            Target::Resource { group, resource, name } => {
                name.is_none() || group == "*" || resource.contains('*')
            }
            Target::Path(path) => path.ends_with('*'),
            Target::Role(_) => true,
        };
        target || self.verb == "*" || self.scope == Scope::Cluster
    }

    /// As the authorizer decides (component-helpers auth/rbac/validation, `ruleCovers`).
    fn covers(&self, other: &Self) -> bool {
        let verb = self.verb == "*" || self.verb == other.verb;
        let scope = self.scope == Scope::Cluster || self.scope == other.scope;
        verb && scope && self.target.covers(&other.target)
    }
}

impl Target {
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Resource { group, resource, name },
                Self::Resource { group: of, resource: what, name: which },
            ) => {
                let sub = resource.strip_prefix("*/");
                let is_same_sub = sub.is_some() && sub == what.split_once('/').map(|(_, sub)| sub);
                (group == "*" || group == of)
                    && (resource == "*" || resource == what || is_same_sub)
                    && (name.is_none() || name == which)
            }
            (Self::Path(path), Self::Path(other)) => {
                path.strip_suffix('*').map_or(path == other, |begin| other.starts_with(begin))
            }
            (Self::Role(one), Self::Role(other)) => one == other,
            _ => false,
        }
    }
}

/// The permissions that others do not cover, merged: the same verbs on several targets in one line.
fn grants(rights: &BTreeSet<Right>, by: &BTreeSet<Right>) -> Vec<Grant> {
    let wide: Vec<&Right> = by.iter().filter(|right| right.is_wide()).collect();
    let is_covered =
        |right: &Right| by.contains(right) || wide.iter().any(|wide| wide.covers(right));
    let mut verbs: BTreeMap<(&Scope, &Target), BTreeSet<&String>> = BTreeMap::new();
    for right in rights.iter().filter(|right| !is_covered(right)) {
        verbs.entry((&right.scope, &right.target)).or_default().insert(&right.verb);
    }
    let mut targets: BTreeMap<(&Scope, BTreeSet<&String>), Vec<Target>> = BTreeMap::new();
    for ((scope, target), verbs) in verbs {
        targets.entry((scope, verbs)).or_default().push(target.clone());
    }
    let grants = targets.into_iter().map(|((scope, verbs), targets)| Grant {
        scope: scope.clone(),
        verbs: verbs.into_iter().cloned().collect(),
        targets,
    });
    grants.collect()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    list(value, &[key]).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(namespace, name) => write!(f, "ServiceAccount {namespace}/{name}"),
            Self::User(name) => write!(f, "User {name}"),
            Self::Group(name) => write!(f, "Group {name}"),
            Self::Holder(kind, Some(namespace), name) => {
                write!(f, "subjects bound to {kind} {namespace}/{name}")
            }
            Self::Holder(kind, None, name) => write!(f, "subjects bound to {kind} {name}"),
        }
    }
}

impl fmt::Display for Target {
    /// `deployments.apps "demo-app"`, as in `kubectl auth can-i`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource { group, resource, name } => {
                match (resource.as_str(), group.as_str()) {
                    ("*", "*") => f.write_str("all resources")?,
                    ("*", "") => f.write_str("all core resources")?,
                    ("*", group) => write!(f, "all resources of {group}")?,
                    (resource, "") => f.write_str(resource)?,
                    (resource, group) => write!(f, "{resource}.{group}")?,
                }
                name.as_ref().map_or(Ok(()), |name| write!(f, " \"{name}\""))
            }
            Self::Path(path) => f.write_str(path),
            Self::Role(role) => write!(f, "all permissions of {role}, whose rules are not visible"),
        }
    }
}

impl fmt::Display for Grant {
    /// `get, list on pods in demo-app-dev`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_role = matches!(self.targets.as_slice(), [Target::Role(_), ..]);
        if !is_role {
            let all = self.verbs.iter().any(|verb| verb == "*");
            let verbs = if all { "all verbs".to_owned() } else { self.verbs.join(", ") };
            write!(f, "{verbs} on ")?;
        }
        let targets: Vec<String> = self.targets.iter().map(ToString::to_string).collect();
        f.write_str(&targets.join(", "))?;
        let is_path = |target: &Target| matches!(target, Target::Path(_));
        match &self.scope {
            Scope::Namespace(name) => write!(f, " in {name}"),
            Scope::Cluster if self.targets.iter().all(is_path) => Ok(()),
            Scope::Cluster => f.write_str(" cluster-wide"),
        }
    }
}
