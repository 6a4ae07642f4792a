use super::*;
use crate::yaml::Value;

fn edited(text: &str, path: &[Step], change: Change) -> String {
    let edit = Edit { path: path.to_vec(), change };
    edit.apply(text).unwrap_or_else(|| "not clear".to_owned())
}

fn key(text: &str) -> Step {
    Step::Key(text.to_owned())
}

#[test]
fn a_key_goes_and_everything_else_stays() {
    let path = Step::keys(&["apps", "shop", "serviceAccount"]);
    for (before, after) in [
        (
            "# ours\napps:\n  shop:\n    image: a   # why\n    serviceAccount: default\n    # next\n    port: 1\n",
            "# ours\napps:\n  shop:\n    image: a   # why\n    # next\n    port: 1\n",
        ),
        ("apps:\n  shop:\n    image: a\n    serviceAccount: x", "apps:\n  shop:\n    image: a\n"),
        ("apps: {shop: {serviceAccount: x, port: 1}}\n", "apps: {shop: {port: 1}}\n"),
        ("apps: {shop: {port: 1, serviceAccount: \"x\"} }\n", "apps: {shop: {port: 1} }\n"),
        ("apps: {shop: {serviceAccount: x}}\n", "apps: {shop: {}}\n"),
        (
            "apps:\n  shop:\n    serviceAccount: x   # why\n\n  till: {}\n",
            "apps:\n  shop: {}\n\n  till: {}\n",
        ),
    ] {
        assert_eq!(edited(before, &path, Change::Remove), after);
    }
    let in_list = [key("pipeline"), Step::Item(0), key("serviceAccount")];
    for (before, after) in [
        ("pipeline:\n- serviceAccount: x\n  name: y\n", "pipeline:\n- name: y\n"),
        ("pipeline:\n  - serviceAccount: x\n", "pipeline:\n  - {}\n"),
    ] {
        assert_eq!(edited(before, &in_list, Change::Remove), after);
    }
    assert_eq!(edited("apps: {}\n", &path, Change::Remove), "not clear");
}

#[test]
fn a_value_is_set_where_it_stands_or_made() {
    let path = Step::keys(&["apps", "shop", "resources", "limits", "memory"]);
    let set = |text: &str| edited(text, &path, Change::Set(Value::from("2Gi")));
    for (before, after) in [
        (
            "apps:\n  shop:\n    resources: {limits: {memory: 1Gi}}   # choose\n",
            "apps:\n  shop:\n    resources: {limits: {memory: 2Gi}}   # choose\n",
        ),
        (
            "apps:\n  shop:\n    resources:\n      limits:\n        memory: '1Gi' # x\n    port: 1\n",
            "apps:\n  shop:\n    resources:\n      limits:\n        memory: 2Gi # x\n    port: 1\n",
        ),
        (
            "apps:\n  shop:\n    resources: {memory: 1Gi}\n    port: 1\n",
            "apps:\n  shop:\n    resources: {memory: 1Gi, limits: {memory: 2Gi}}\n    port: 1\n",
        ),
        (
            "apps:\n  shop:\n    script: |\n      a\n      # b\n\n  # of till\n  till: {}\n",
            "apps:\n  shop:\n    script: |\n      a\n      # b\n    resources: {limits: {memory: 2Gi}}\n\n  # of till\n  till: {}\n",
        ),
        (
            "apps:\n  shop:\n    resources:\n      limits:\n        memory: 1Gi   # x\n",
            "apps:\n  shop:\n    resources:\n      limits:\n        memory: 2Gi   # x\n",
        ),
        ("apps:\n  shop:\n", "apps:\n  shop: {resources: {limits: {memory: 2Gi}}}\n"),
        ("apps: {shop: {}}\n", "apps: {shop: {resources: {limits: {memory: 2Gi}}}}\n"),
        (
            "apps:\n  shop: {image: a, resources: {limits: {cpu: 1}}}\n",
            "apps:\n  shop: {image: a, resources: {limits: {cpu: 1, memory: 2Gi}}}\n",
        ),
        ("deploy: git", "deploy: git\napps: {shop: {resources: {limits: {memory: 2Gi}}}}"),
        ("{}\n", "{apps: {shop: {resources: {limits: {memory: 2Gi}}}}}\n"),
    ] {
        assert_eq!(set(before), after);
    }
}

#[test]
fn items_are_added_and_a_word_becomes_a_mapping() {
    let item = || Change::Append(vec![Value::from("b")]);
    let list = Step::keys(&["a"]);
    for (before, after) in [
        ("a: [x]\n", "a: [x, b]\n"),
        ("a: []\n", "a: [b]\n"),
        ("a:\n- x # why\nc: 1\n", "a:\n- x # why\n- b\nc: 1\n"),
        ("a:\n  - x: 1\n    y: 2\n\nc: 1\n", "a:\n  - x: 1\n    y: 2\n  - b\n\nc: 1\n"),
        ("c: 1\n", "c: 1\na:\n  - b\n"),
        ("{c: 1}\n", "{c: 1, a: [b]}\n"),
    ] {
        assert_eq!(edited(before, &list, item()), after);
    }
    let task = [key("pipeline"), Step::Item(1), key("deploy"), key("permissions")];
    for (before, after) in [
        (
            "pipeline:\n  - build\n  - deploy   # last\n",
            "pipeline:\n  - build\n  - deploy: {permissions: [b]}   # last\n",
        ),
        ("pipeline: [build, deploy]\n", "pipeline: [build, {deploy: {permissions: [b]}}]\n"),
        (
            "pipeline:\n  - build\n  - deploy:\n      image: x\n  - test\n",
            "pipeline:\n  - build\n  - deploy:\n      image: x\n      permissions:\n        - b\n  - test\n",
        ),
    ] {
        assert_eq!(edited(before, &task, item()), after);
    }
}

/// Where two places would change, or a line break is another's, a person does it.
#[test]
fn what_is_not_clear_is_not_changed() {
    let path = Step::keys(&["b", "x"]);
    let set = |text: &str| edited(text, &path, Change::Set(Value::from("2")));
    assert_eq!(set("a: &a {x: 1}\nb: *a\n"), "not clear");
    assert_eq!(set("b: {x: 1}\r\n"), "not clear");
    assert_eq!(set("b:\n  x: |\n    1\n"), "not clear");
    assert_eq!(set("b: {x: 1\n"), "not clear");
    assert_eq!(set("b: {x: 1}\n"), "b: {x: \"2\"}\n");
}

#[test]
fn a_place_leads_to_its_path() {
    let text = "apps:\n  shop:\n    pipeline:\n      - build\n      - deploy: {user: 1}\n";
    let root = read_one(FileId::BUILT_IN, text).unwrap();
    let at = |line, column| find(&root, crate::diagnostics::Position { line, column });
    let pipeline = [key("apps"), key("shop"), key("pipeline")];
    let path = |rest: &[Step]| Some([&pipeline, rest].concat());
    assert_eq!(at(4, 9), path(&[Step::Item(0)]));
    assert_eq!(at(5, 9), path(&[Step::Item(1), key("deploy")]));
    assert_eq!(at(5, 24), path(&[Step::Item(1), key("deploy"), key("user")]));
    assert_eq!(at(9, 9), None);
}
