//! Laws of merging, over objects and patches that chance makes.

use proptest::prelude::*;

use super::value;
use crate::diagnostics::Span;
use crate::kubernetes::patch::{json, operation, strategic};
use crate::yaml::{Data, Entry, Map, Node, Scalar, Style, Value};

/// A value as a node that nobody wrote.
fn node(value: &Value) -> Node {
    let scalar = |text: String, style| Data::Scalar(Scalar { text, style });
    let data = match value {
        Value::Str(text) => scalar(text.clone(), Style::Quoted),
        Value::Seq(items) => Data::Seq(items.iter().map(node).collect()),
        Value::Map(map) => Data::Map(
            map.iter()
                .map(|(key, value)| Entry {
                    key: key.to_owned(),
                    key_span: Span::BUILT_IN,
                    value: node(value),
                })
                .collect(),
        ),
        other => scalar(other.to_string(), Style::Plain),
    };
    Node { span: Span::BUILT_IN, data }
}

fn map(entries: Vec<(&str, Option<Value>)>) -> Value {
    let there = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Map(there.collect())
}

/// A scalar, and null if a patch may have it.
fn leaf(null: bool) -> BoxedStrategy<Value> {
    let some = prop_oneof![
        (0_i64..3).prop_map(Value::Int),
        "[ab]".prop_map(Value::from),
        any::<bool>().prop_map(Value::Bool),
    ];
    if null { prop_oneof![4 => some, 1 => Just(Value::Null)].boxed() } else { some.boxed() }
}

fn labels(null: bool) -> BoxedStrategy<Value> {
    prop::collection::btree_map("[abc]", leaf(null), 0..3)
        .prop_map(|entries| Value::Map(entries.into_iter().collect()))
        .boxed()
}

/// A list whose items have a key, each once, in any order.
fn keyed(key: &'static str, item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let items = prop::collection::btree_map("[abcd]", item, 0..4).prop_map(move |items| {
        let item = |(id, rest): (String, Value)| {
            let mut item = Map::default();
            item.push(key, id);
            for (key, value) in rest.as_map().unwrap().iter() {
                item.push(key, value.clone());
            }
            Value::Map(item)
        };
        items.into_iter().map(item).collect::<Vec<Value>>()
    });
    items.prop_shuffle().prop_map(Value::Seq).boxed()
}

/// Ports, also several of a number.
fn ports() -> BoxedStrategy<Value> {
    let protocol = prop::option::of(prop::sample::select(vec!["TCP", "UDP", "SCTP"]));
    let port = (1_i64..3, protocol, prop::option::of("[ab]"));
    let port = port.prop_map(|(number, protocol, name)| {
        map(vec![
            ("containerPort", Some(Value::Int(number))),
            ("protocol", protocol.map(Value::from)),
            ("name", name.map(Value::from)),
        ])
    });
    prop::collection::vec(port, 0..4).prop_map(Value::Seq).boxed()
}

/// A fragment of a Deployment: the object itself, or with nulls, a patch of one.
fn deployment(null: bool) -> BoxedStrategy<Value> {
    let some = prop::option::of::<BoxedStrategy<Value>>;
    let env = keyed("name", leaf(null).prop_map(|value| map(vec![("value", Some(value))])).boxed());
    let args = prop::collection::vec(leaf(false), 0..3).prop_map(Value::Seq).boxed();
    let container = (some(env), some(args), some(ports()), some(leaf(null)), some(labels(null)))
        .prop_map(|(env, args, ports, image, resources)| {
            map(vec![
                ("env", env),
                ("args", args),
                ("ports", ports),
                ("image", image),
                ("resources", resources),
            ])
        })
        .boxed();
    let volume = labels(null).prop_map(|items| map(vec![("emptyDir", Some(items))])).boxed();
    let spec = (
        some(keyed("name", container)),
        some(keyed("name", volume)),
        some(labels(null)),
        some(leaf(null)),
    );
    spec.prop_map(|(containers, volumes, selector, node)| {
        let spec = map(vec![
            ("containers", containers),
            ("volumes", volumes),
            ("nodeSelector", selector),
            ("nodeName", node),
        ]);
        with_pod(spec)
    })
    .boxed()
}

/// A Deployment that is nothing but the pod that it makes.
fn with_pod(spec: Value) -> Value {
    let mut object = Map::default();
    object.map_at("spec").map_at("template").push("spec", spec);
    Value::Map(object)
}

fn merged(object: &Value, patch: &Value) -> Value {
    let mut object = object.clone();
    strategic::merge("apps/v1", "Deployment", &mut object, &node(patch)).unwrap();
    object
}

fn containers(object: &Value) -> Vec<Value> {
    let list = object.at(&["spec", "template", "spec", "containers"]);
    list.and_then(Value::as_seq).unwrap_or_default().to_vec()
}

fn names(containers: &[Value]) -> Vec<&str> {
    containers.iter().filter_map(|container| container.str_at(&["name"])).collect()
}

/// An operation that may or may not find its place.
fn any_operation() -> impl Strategy<Value = Value> {
    let tokens = vec!["spec", "template", "containers", "0", "1", "-", "env", "name", "a", "01"];
    let pointer = || {
        let tokens = prop::collection::vec(prop::sample::select(tokens.clone()), 0..5);
        tokens.prop_map(|tokens| {
            tokens.iter().fold(String::new(), |all, token| format!("{all}/{token}"))
        })
    };
    let names = prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test"]);
    (names, pointer(), pointer(), leaf(true)).prop_map(|(name, path, from, value)| {
        map(vec![
            ("op", Some(Value::from(name))),
            ("path", Some(Value::from(path))),
            ("from", ["move", "copy"].contains(&name).then(|| Value::from(from))),
            ("value", ["add", "replace", "test"].contains(&name).then_some(value)),
        ])
    })
}

proptest! {
    #[test]
    fn an_empty_patch_changes_nothing(object in deployment(false)) {
        prop_assert_eq!(merged(&object, &Value::Map(Map::default())).to_string(), object.to_string());
    }

    #[test]
    fn merging_twice_is_merging_once(object in deployment(false), patch in deployment(true)) {
        let once = merged(&object, &patch);
        prop_assert_eq!(merged(&once, &patch).to_string(), once.to_string());
    }

    #[test]
    fn an_object_merged_into_itself_stays(object in deployment(false)) {
        // Two ports of one number and protocol are no object that Kubernetes takes, so the patch must be one that it does.
        let object = merged(&value("{spec: {template: {spec: {}}}}"), &object);
        prop_assert_eq!(merged(&object, &object).to_string(), object.to_string());
    }

    #[test]
    fn what_a_patch_does_not_name_stays(object in deployment(false), patch in deployment(true)) {
        let (before, after) = (containers(&object), containers(&merged(&object, &patch)));
        let named = containers(&patch);
        // Those that were there come first, in their order; those that the patch does not name are as they were.
        prop_assert_eq!(&names(&after)[..before.len()], &names(&before)[..]);
        for (old, new) in before.iter().zip(&after) {
            let is_named = names(&named).contains(&old.str_at(&["name"]).unwrap());
            prop_assert!(is_named || old.to_string() == new.to_string());
        }
        let new: Vec<&str> = names(&named).into_iter().filter(|name| !names(&before).contains(name)).collect();
        prop_assert_eq!(&names(&after)[before.len()..], &new[..]);
    }

    #[test]
    fn merging_never_loses_a_port(object in ports(), patch in ports()) {
        let at = |ports: Value| map(vec![("containers", Some(Value::Seq(vec![
            map(vec![("name", Some(Value::from("a"))), ("ports", Some(ports))]),
        ])))]);
        let (count, named) = (object.as_seq().unwrap().len(), patch.clone());
        let after = merged(&with_pod(at(object)), &with_pod(at(patch)));
        let after = containers(&after)[0].get("ports").and_then(Value::as_seq).unwrap().to_vec();
        prop_assert!(after.len() >= count);
        for port in named.as_seq().unwrap() {
            let same = |other: &&Value| other.get("containerPort") == port.get("containerPort");
            prop_assert!(after.iter().any(|other| same(&other)));
        }
    }

    #[test]
    fn operations_happen_all_or_none(
        object in deployment(false),
        operations in prop::collection::vec(any_operation(), 0..6),
    ) {
        let operations = operation::read(&node(&Value::Seq(operations))).unwrap();
        let mut patched = object.clone();
        if json::apply(&operations, &mut patched).is_err() {
            prop_assert_eq!(patched.to_string(), object.to_string());
        }
    }

    #[test]
    fn a_member_that_is_added_and_removed_leaves_nothing(object in deployment(false), new in leaf(false)) {
        let text = format!(
            "[{{op: add, path: /spec/new, value: {new}}}, {{op: test, path: /spec/new, value: {new}}}, \
             {{op: remove, path: /spec/new}}]"
        );
        let operations = operation::read(&super::read(&text).1).unwrap();
        let mut patched = object.clone();
        json::apply(&operations, &mut patched).unwrap();
        prop_assert_eq!(patched.to_string(), object.to_string());
    }
}
