//! The fields that differ between two states of an object, by their meaning in Kubernetes.
//!
//! What is written differently and means the same is not a difference: `1000m` and `1`, `1` and `1.0`, null and nothing, the order of
//! verbs in a Role. What is read in order stays in order: steps, arguments, variables. List items are paired by their merge key, so
//! that a new container is one field and not every field behind it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::path::{FieldPath, Step};
use super::quantity::{self, scalar};
use crate::kubernetes::Identity;

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its path.
    pub path: FieldPath,
    /// The current value; none if added.
    pub before: Option<Value>,
    /// The new value; none if removed. If the path is an order, both are the items' keys.
    pub after: Option<Value>,
}

/// All fields that differ, in the object's order; none if both mean the same. The object as a whole
/// if one side is missing.
#[must_use]
pub fn difference(
    identity: &Identity,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Vec<Field> {
    let mut walk = Walk {
        is_rbac: identity.group == "rbac.authorization.k8s.io",
        path: Vec::new(),
        found: Vec::new(),
    };
    walk.compare(before, after);
    walk.found
}

/// Whether two states of an object mean the same.
#[must_use]
pub fn same(identity: &Identity, before: &Value, after: &Value) -> bool {
    // Most objects of a tree are identical.
    before == after || difference(identity, Some(before), Some(after)).is_empty()
}

/// Keys that identify the items of a list, in the order tried: the merge keys of Kubernetes' and
/// Tekton's lists (`x-kubernetes-list-map-keys` in their schemas).
const MERGE_KEYS: [&str; 7] =
    ["name", "mountPath", "containerPort", "port", "key", "devicePath", "topologyKey"];

/// Lists without a meaningful order, in any object.
const SETS: [&str; 4] = ["accessModes", "policyTypes", "finalizers", "imagePullSecrets"];

/// Lists of an RBAC object: each is a set (rbac/v1 PolicyRule, RoleBinding.subjects).
const RBAC_SETS: [&str; 7] =
    ["rules", "verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs", "subjects"];

/// Lists with merge keys, but without a meaningful order.
const UNORDERED: [&str; 4] = ["ports", "volumes", "volumeMounts", "secrets"];

struct Walk {
    is_rbac: bool,
    path: Vec<Step>,
    found: Vec<Field>,
}

impl Walk {
    fn compare(&mut self, before: Option<&Value>, after: Option<&Value>) {
        // The API server keeps no nulls.
        let (before, after) = (before.filter(|v| !v.is_null()), after.filter(|v| !v.is_null()));
        match (before, after) {
            (None, None) => {}
            (Some(Value::Object(one)), Some(Value::Object(other))) => {
                let added = other.keys().filter(|key| !one.contains_key(*key));
                for key in one.keys().chain(added) {
                    self.path.push(Step::Key(key.clone()));
                    self.compare(one.get(key), other.get(key));
                    self.path.pop();
                }
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => self.lists(one, other),
            (Some(one), Some(other)) if self.means_the_same(one, other) => {}
            _ => self.differs(before.cloned(), after.cloned()),
        }
    }

    fn differs(&mut self, before: Option<Value>, after: Option<Value>) {
        self.found.push(Field { path: FieldPath(self.path.clone()), before, after });
    }

    /// The key of this list or mapping.
    fn key(&self) -> &str {
        match self.path.last() {
            Some(Step::Key(key)) => key,
            _ => "",
        }
    }

    /// The key of the mapping that contains this value.
    fn holder(&self) -> &str {
        match self.path.as_slice() {
            [.., Step::Key(holder), Step::Key(_)] => holder,
            _ => "",
        }
    }

    fn means_the_same(&self, one: &Value, other: &Value) -> bool {
        if one == other {
            return true;
        }
        if let (Value::Number(one), Value::Number(other)) = (one, other) {
            // Whole numbers of any size are compared as such above.
            return (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64();
        }
        quantity::is_quantity(self.key(), self.holder()) && quantity::same_values(one, other)
    }

    fn is_set(&self) -> bool {
        let key = self.key();
        let capabilities = self.holder() == "capabilities" && ["add", "drop"].contains(&key);
        capabilities || SETS.contains(&key) || (self.is_rbac && RBAC_SETS.contains(&key))
    }

    fn lists(&mut self, before: &[Value], after: &[Value]) {
        if before == after {
            return;
        }
        if self.is_set() {
            let (one, other) = (as_set(before), as_set(after));
            if one != other {
                self.differs(Some(Value::Array(one)), Some(Value::Array(other)));
            }
            return;
        }
        if let Some(key) = merge_key(before, after) {
            self.keyed(key, before, after);
            return;
        }
        let is_same = |(one, other): (&Value, &Value)| {
            let mut inner = Self { is_rbac: self.is_rbac, path: Vec::new(), found: Vec::new() };
            inner.compare(Some(one), Some(other));
            inner.found.is_empty()
        };
        if before.len() != after.len() || !before.iter().zip(after).all(is_same) {
            self.differs(Some(before.to_vec().into()), Some(after.to_vec().into()));
        }
    }

    fn keyed(&mut self, key: &'static str, before: &[Value], after: &[Value]) {
        let index = |items: &[Value]| -> Vec<String> {
            items.iter().map(|item| scalar(item.get(key)).unwrap_or_default()).collect()
        };
        let (old, new) = (index(before), index(after));
        let place: BTreeMap<&str, usize> =
            new.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
        let known: BTreeSet<&str> = old.iter().map(String::as_str).collect();
        let is_kept =
            |name: &&String| place.contains_key(name.as_str()) && known.contains(name.as_str());
        let [was, is]: [Vec<String>; 2] =
            [&old, &new].map(|names| names.iter().filter(is_kept).cloned().collect());
        if was != is && !UNORDERED.contains(&self.key()) {
            self.path.push(Step::Order);
            self.differs(Some(was.into()), Some(is.into()));
            self.path.pop();
        }
        let mut item = |name: &str, one: Option<&Value>, other: Option<&Value>| {
            let value = name.to_owned();
            self.path.push(Step::Item { key, value });
            self.compare(one, other);
            self.path.pop();
        };
        for (name, one) in old.iter().zip(before) {
            item(name, Some(one), place.get(name.as_str()).map(|index| &after[*index]));
        }
        let added = new.iter().zip(after).filter(|(name, _)| !known.contains(name.as_str()));
        added.for_each(|(name, other)| item(name, None, Some(other)));
    }
}

/// Items sorted and without duplicates, each in canonical form: the keys and inner sets of a rule or a subject sorted likewise.
fn as_set(items: &[Value]) -> Vec<Value> {
    let canonical = |item: &Value| match item {
        Value::Object(map) => {
            let entries = map.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| {
                let sorted = value.as_array().map(|items| sorted(items.clone()).into());
                (key.clone(), sorted.unwrap_or_else(|| value.clone()))
            });
            entries.collect::<BTreeMap<_, _>>().into_iter().collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    };
    sorted(items.iter().map(canonical).collect())
}

fn sorted(mut items: Vec<Value>) -> Vec<Value> {
    items.sort_by_cached_key(ToString::to_string);
    items.dedup();
    items
}

/// The key that all items of both lists have, with unique values.
fn merge_key(before: &[Value], after: &[Value]) -> Option<&'static str> {
    let tells_apart = |items: &[Value], key: &str| {
        let mut seen = BTreeSet::new();
        items.iter().all(|item| scalar(item.get(key)).is_some_and(|value| seen.insert(value)))
    };
    MERGE_KEYS.into_iter().find(|key| tells_apart(before, key) && tells_apart(after, key))
}
