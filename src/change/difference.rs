//! The fields that differ between two states of an object, by their meaning in Kubernetes.
//!
//! What is written differently and means the same is not a difference: `1000m` and `1`, `1` and `1.0`, null and nothing, the order of
//! verbs in a Role. What is read in order stays in order: steps, arguments, variables. List items are paired by their merge key, so
//! that a new container is one field and not every field behind it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::path::{FieldPath, Step};
use super::quantity;
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

/// Mappings from a resource to a quantity.
const QUANTITIES: [&str; 9] = [
    "requests",
    "limits",
    "hard",
    "min",
    "max",
    "default",
    "defaultRequest",
    "maxLimitRequestRatio",
    "capacity",
];

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
        let is_quantity = QUANTITIES.contains(&self.holder())
            || ["sizeLimit", "averageValue", "divisor"].contains(&self.key());
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match (text(one), text(other)) {
            (Some(one), Some(other)) if is_quantity => quantity::same(&one, &other),
            _ => false,
        }
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
        let same = before.len() == after.len()
            && before.iter().zip(after).all(|(one, other)| self.items_are_the_same(one, other));
        if !same {
            self.differs(Some(before.to_vec().into()), Some(after.to_vec().into()));
        }
    }

    fn items_are_the_same(&self, one: &Value, other: &Value) -> bool {
        let mut inner = Self { is_rbac: self.is_rbac, path: Vec::new(), found: Vec::new() };
        inner.compare(Some(one), Some(other));
        inner.found.is_empty()
    }

    fn keyed(&mut self, key: &'static str, before: &[Value], after: &[Value]) {
        let index = |items: &[Value]| -> Vec<String> {
            items.iter().map(|item| key_of(item, key).unwrap_or_default()).collect()
        };
        let (old, new) = (index(before), index(after));
        let place: BTreeMap<&str, usize> =
            new.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
        let known: BTreeSet<&str> = old.iter().map(String::as_str).collect();
        let kept = |names: &[String], others: &dyn Fn(&str) -> bool| -> Vec<String> {
            names.iter().filter(|name| others(name)).cloned().collect()
        };
        let stay = kept(&old, &|name| place.contains_key(name));
        let came = kept(&new, &|name| known.contains(name));
        if stay != came && !UNORDERED.contains(&self.key()) {
            self.path.push(Step::Order);
            self.differs(Some(stay.into()), Some(came.into()));
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
        for (name, other) in
            new.iter().zip(after).filter(|(name, _)| !known.contains(name.as_str()))
        {
            item(name, None, Some(other));
        }
    }
}

/// Items sorted and without duplicates, their inner sets likewise.
fn as_set(items: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = items.iter().map(inner_sets).collect();
    all.sort_by_cached_key(ToString::to_string);
    all.dedup();
    all
}

/// A rule or a subject in canonical form: its keys and its inner sets sorted.
fn inner_sets(value: &Value) -> Value {
    let Value::Object(map) = value else {
        return value.clone();
    };
    let sorted = |value: &Value| match value {
        Value::Array(items) => {
            let mut items = items.clone();
            items.sort_by_cached_key(ToString::to_string);
            items.dedup();
            Value::Array(items)
        }
        other => other.clone(),
    };
    let mut entries: Vec<(String, Value)> = map
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), sorted(value)))
        .collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Object(entries.into_iter().collect())
}

/// The key that all items of both lists have, with unique values.
fn merge_key(before: &[Value], after: &[Value]) -> Option<&'static str> {
    let tells_apart = |items: &[Value], key: &str| {
        let mut seen = BTreeSet::new();
        items.iter().all(|item| key_of(item, key).is_some_and(|value| seen.insert(value)))
    };
    MERGE_KEYS.into_iter().find(|key| tells_apart(before, key) && tells_apart(after, key))
}

fn key_of(item: &Value, key: &str) -> Option<String> {
    match item.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
