//! What holds for any two trees.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::desired;
use crate::change::{Class, Desired, between, difference, same};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3_i64).prop_map(Value::from),
        (0..3_u8).prop_map(|n| json!(f64::from(n) / 2.0)),
        "[a-c]{0,2}".prop_map(Value::from),
        prop::sample::select(vec!["1", "1000m", "500m", "0.5"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let keys = prop::sample::select(vec![
            "name", "a", "rules", "verbs", "limits", "env", "key", "data",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(keys, inner, 0..4).prop_map(|map| map
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

fn object() -> impl Strategy<Value = Desired> {
    let kinds = prop::sample::select(vec![
        "v1 ConfigMap",
        "v1 Secret",
        "rbac.authorization.k8s.io/v1 Role",
        "tekton.dev/v1 Task",
    ]);
    let annotation = prop::sample::select(vec![
        "",
        "ssa: IfNotPresent",
        "ssa: ignore",
        "reconcile: Disabled",
        "prune: disabled",
    ]);
    let cluster = prop::sample::select(vec!["home", "prod"]);
    (kinds, "[ab]", annotation, cluster, value()).prop_map(|(kind, name, annotation, cluster, spec)| {
        let (api, kind) = kind.split_once(' ').unwrap();
        let annotations = match annotation {
            "" => "{}".to_owned(),
            other => format!("{{kustomize.toolkit.fluxcd.io/{other}}}"),
        };
        let mut object = desired(&format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: n, annotations: {annotations}}}\n"));
        object.body["spec"] = spec;
        object.path = format!("clusters/{cluster}/dev/shop/app/a.yaml").into();
        object
    })
}

fn objects() -> impl Strategy<Value = Vec<Desired>> {
    prop::collection::vec(object(), 0..8)
}

fn count(classes: impl IntoIterator<Item = Class>) -> BTreeMap<Class, usize> {
    let mut counts = BTreeMap::new();
    for class in classes {
        *counts.entry(class).or_default() += 1;
    }
    counts
}

proptest! {
    /// Every object of either tree is in exactly one change: as many of each identity as the tree with more of it has.
    #[test]
    fn every_object_has_one_class(before in objects(), after in objects()) {
        let mut wanted: BTreeMap<_, (usize, usize)> = BTreeMap::new();
        for object in &before {
            wanted.entry((object.path.clone(), object.identity.clone())).or_default().0 += 1;
        }
        for object in &after {
            wanted.entry((object.path.clone(), object.identity.clone())).or_default().1 += 1;
        }
        let changes = between(before, after);
        let number: usize = wanted.values().map(|(one, other)| one.max(other)).sum();
        prop_assert_eq!(changes.len(), number);
        for change in &changes {
            let sides = (change.before.is_some(), change.after.is_some());
            let fits = match change.class {
                Class::Pruned => sides == (true, false),
                Class::Created => sides == (false, true),
                Class::Changed | Class::Unchanged | Class::Opaque => sides == (true, true),
                Class::Kept => change.reason.is_some(),
                Class::Blocked | Class::NotCompared => false,
            };
            prop_assert!(fits, "{change:?}");
        }
    }

    #[test]
    fn a_tree_does_not_differ_from_itself(tree in objects()) {
        for change in between(tree.clone(), tree) {
            prop_assert_eq!(change.class, Class::Unchanged);
        }
    }

    /// What is pruned one way is created the other way.
    #[test]
    fn sides_swap(before in objects(), after in objects()) {
        let plain = |mut objects: Vec<Desired>| {
            for object in &mut objects {
                object.body["metadata"]["annotations"] = json!({});
            }
            objects
        };
        let (before, after) = (plain(before), plain(after));
        let forth = count(between(before.clone(), after.clone()).iter().map(|change| change.class));
        let back = count(between(after, before).iter().map(|change| change.class));
        let of = |counts: &BTreeMap<Class, usize>, class| counts.get(&class).copied();
        prop_assert_eq!(of(&forth, Class::Pruned), of(&back, Class::Created));
        prop_assert_eq!(of(&forth, Class::Created), of(&back, Class::Pruned));
        prop_assert_eq!(of(&forth, Class::Changed), of(&back, Class::Changed));
        prop_assert_eq!(of(&forth, Class::Unchanged), of(&back, Class::Unchanged));
    }

    /// Differing is symmetric, in every single field.
    #[test]
    fn a_difference_has_two_sides(one in object(), other in object()) {
        let forth = difference(&one.identity, Some(&one.body), Some(&other.body));
        let back = difference(&one.identity, Some(&other.body), Some(&one.body));
        prop_assert_eq!(forth.len(), back.len());
        for field in &forth {
            prop_assert!(field.before != field.after, "{field:?}");
            prop_assert!(back.iter().any(|other| other.path == field.path && other.before == field.after && other.after == field.before), "{field:?}");
        }
        prop_assert_eq!(forth.is_empty(), same(&one.identity, &one.body, &other.body));
    }

    /// The order of keys is how an object looks, not what it says.
    #[test]
    fn the_order_of_keys_says_nothing(object in object()) {
        fn turned(value: &Value) -> Value {
            match value {
                Value::Object(map) => map.iter().rev().map(|(k, v)| (k.clone(), turned(v))).collect::<serde_json::Map<_, _>>().into(),
                Value::Array(items) => items.iter().map(turned).collect::<Vec<_>>().into(),
                other => other.clone(),
            }
        }
        prop_assert!(difference(&object.identity, Some(&object.body), Some(&turned(&object.body))).is_empty());
    }
}
