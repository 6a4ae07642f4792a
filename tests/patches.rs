//! Patches case by case, from tests/patches/, and against kubectl, which has Kubernetes' own implementation.
//!
//! Keyed lists have no order in Kubernetes, and kubectl changes it; so what is compared with kubectl is sorted first.
#![allow(clippy::print_stderr, reason = "says how much was compared")]

#[expect(dead_code, reason = "several test programs share it")]
#[path = "support/needs.rs"]
mod needs;

use std::path::{Path, PathBuf};
use std::process::Command;

use gitops_gen::diagnostics::Diagnostics;
use gitops_gen::diagnostics::Sources;
use gitops_gen::kubernetes::patch::{json, operation, strategic};
use gitops_gen::yaml::{Map, Node, Value, read_one};

/// One case of a file.
struct Case {
    name: String,
    node: Node,
}

fn cases(file: &str) -> Vec<Case> {
    let path = format!("{}/tests/patches/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut sources = Sources::default();
    let id = sources.add(path.as_str(), text.as_str());
    let node = read_one(id, &text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let items = node.items().unwrap().iter();
    let case = |item: &Node| Case {
        name: item.get("case").unwrap().scalar().unwrap().text.clone(),
        node: item.clone(),
    };
    items.map(case).collect()
}

impl Case {
    fn text(&self, key: &str) -> Option<&str> {
        Some(self.node.get(key)?.scalar()?.text.as_str())
    }

    fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some()
    }

    /// Says what came out, where it is not what was to come out.
    fn check(&self, outcome: Result<Value, Diagnostics>) -> Option<String> {
        let complaint = match (outcome, self.text("error")) {
            (Ok(value), None) => {
                let wanted = self.result();
                // As text too, because the order of keys is part of what gen writes.
                let same = value.to_string() == wanted.to_string();
                (!same).then(|| format!("got  {value}\n  want {wanted}"))
            }
            (Ok(value), Some(code)) => Some(format!("got {value}, want {code}")),
            (Err(error), None) => Some(error.to_string()),
            (Err(error), Some(code)) => {
                let same = error.iter().all(|one| one.kind.entry().code.to_string() == code);
                (!same).then(|| format!("got {error}, want {code}"))
            }
        };
        complaint.map(|complaint| format!("{}:\n  {complaint}", self.name))
    }

    fn result(&self) -> Value {
        match self.at() {
            Some(at) => at.whole("result", &self.node),
            None => self.node.get("result").unwrap().to_value(),
        }
    }

    fn at(&self) -> Option<At> {
        let mut words = self.text("at")?.splitn(3, ' ');
        let (api, kind) = (words.next()?.to_owned(), words.next()?.to_owned());
        let path = words.next().unwrap_or_default().replace('[', ".[");
        let path = path.split('.').filter(|step| !step.is_empty());
        let path = path.map(ToOwned::to_owned).collect();
        Some(At { api, kind, path })
    }
}

/// The kind and the place under which a case's fragments stand.
struct At {
    api: String,
    kind: String,
    path: Vec<String>,
}

impl At {
    /// The fragment at its place.
    fn nested(&self, fragment: Value) -> Value {
        let mut value = fragment;
        for step in self.path.iter().rev() {
            value = match step.strip_prefix('[') {
                Some(name) => {
                    let mut item = Map::default();
                    item.push("name", name.trim_end_matches(']'));
                    for (key, value) in value.as_map().unwrap().iter() {
                        item.push(key, value.clone());
                    }
                    Value::Seq(vec![Value::Map(item)])
                }
                None => Value::from([(step.as_str(), value)]),
            };
        }
        value
    }

    fn whole(&self, field: &str, case: &Node) -> Value {
        let nested = self.nested(case.get(field).unwrap().to_value());
        let mut object = Map::default();
        object.push("apiVersion", self.api.as_str());
        object.push("kind", self.kind.as_str());
        object.map_at("metadata").push("name", "subject");
        for (key, value) in nested.as_map().unwrap().iter() {
            if key == "metadata" {
                for (key, value) in value.as_map().unwrap().iter() {
                    object.map_at("metadata").push(key, value.clone());
                }
            } else {
                object.push(key, value.clone());
            }
        }
        Value::Map(object)
    }

    /// The patch at its place, as a node: text that is read again, because places are of no interest here.
    fn patch(&self, case: &Node) -> Node {
        let text = self.nested(case.get("patch").unwrap().to_value()).to_string();
        read(&text)
    }
}

fn read(text: &str) -> Node {
    let id = Sources::default().add("patch.yaml", text);
    read_one(id, text).unwrap()
}

fn merged(case: &Case) -> Result<Value, Diagnostics> {
    let at = case.at().unwrap();
    let mut object = at.whole("object", &case.node);
    strategic::merge(&at.api, &at.kind, &mut object, &at.patch(&case.node))
        .map_err(|error| Diagnostics::from(*error))?;
    Ok(object)
}

#[test]
fn strategic_merge() {
    let cases = cases("strategic.yaml");
    let wrong: Vec<String> = cases.iter().filter_map(|case| case.check(merged(case))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 110, "{} cases", cases.len());
}

#[test]
fn json_patch() {
    let cases = cases("json.yaml");
    let work = |case: &Case| {
        let before = case.node.get("doc").unwrap().to_value();
        let mut doc = before.clone();
        let outcome = operation::read(case.node.get("patch").unwrap()).and_then(|operations| {
            json::apply(&operations, &mut doc).map_err(|error| Diagnostics::from(*error))
        });
        if outcome.is_err() {
            assert_eq!(before.to_string(), doc.to_string(), "{}", case.name);
        }
        case.check(outcome.map(|()| doc))
    };
    let wrong: Vec<String> = cases.iter().filter_map(work).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 100, "{} cases", cases.len());
}

/// What both implementations must agree on: lists of mappings in any order, nulls left out.
fn comparable(value: &Value) -> Value {
    match value {
        Value::Seq(items) => {
            let mut items: Vec<Value> = items.iter().map(comparable).collect();
            if items.iter().all(|item| item.as_map().is_some()) {
                items.sort_by_cached_key(Value::canonical_json);
            }
            Value::Seq(items)
        }
        Value::Map(map) => {
            let entries = map.iter().filter(|(_, value)| **value != Value::Null);
            Value::Map(entries.map(|(key, value)| (key.to_owned(), comparable(value))).collect())
        }
        other => other.clone(),
    }
}

/// What kubectl makes of it; nothing where it refuses.
fn kubectl(program: &Path, object: &Value, kind: &str, patch: &str) -> Option<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("object.json");
    std::fs::write(&file, object.to_string()).unwrap();
    let output = Command::new(program)
        .args(["patch", "--local", "--type", kind, "-o", "json", "-p", patch, "-f"])
        .arg(&file)
        .env("KUBECONFIG", folder.path().join("none"))
        .output()
        .unwrap();
    let value: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
    output.status.success().then(|| Value::from(value.unwrap()))
}

fn program() -> Option<PathBuf> {
    needs::tool("GEN_TEST_KUBECTL", "kubectl")
}

/// Whether kubectl knows the kind's merge keys.
fn is_built_in(api: &str) -> bool {
    let group = api.split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || (group.ends_with(".k8s.io") && !group.starts_with("gateway."))
}

#[test]
fn strategic_merge_as_kubectl_does_it() {
    let Some(program) = program() else { return };
    let (mut compared, mut wrong) = (0, Vec::new());
    for case in cases("strategic.yaml") {
        let at = case.at().unwrap();
        if !is_built_in(&at.api) {
            continue;
        }
        let object = at.whole("object", &case.node);
        let patch = at.patch(&case.node).to_value().to_string();
        let theirs =
            kubectl(&program, &object, "strategic", &patch).map(|value| comparable(&value));
        let ours = merged(&case).ok().map(|value| comparable(&value));
        // Where kubectl is said to differ it must differ, or the remark is wrong.
        if (ours == theirs) == case.has("kubectl") {
            wrong.push(format!("{}:\n  kubectl {theirs:?}\n  gen     {ours:?}", case.name));
        }
        compared += usize::from(!case.has("kubectl"));
    }
    eprintln!("strategic merge: {compared} cases are the same in kubectl");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 40, "only {compared} compared");
}

#[test]
fn json_patch_as_kubectl_does_it() {
    let Some(program) = program() else { return };
    let object = read(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {a/b: c, d~e: f}, finalizers: [x, y, z]}, \
         data: {k: v, '0': zero}, immutable: true}",
    )
    .to_value();
    let patches = [
        "[{op: add, path: /data/n, value: m}]",
        "[{op: add, path: /data/k, value: m}]",
        "[{op: add, path: /metadata/finalizers/1, value: w}]",
        "[{op: add, path: /metadata/finalizers/3, value: w}]",
        "[{op: add, path: /metadata/finalizers/4, value: w}]",
        "[{op: add, path: /metadata/finalizers/-, value: w}]",
        "[{op: add, path: /binaryData/a, value: w}]",
        "[{op: add, path: /metadata/annotations, value: {a: b}}, {op: add, path: /metadata/annotations/c, value: d}]",
        "[{op: remove, path: /metadata/labels/a~1b}]",
        "[{op: remove, path: /metadata/labels/d~0e}]",
        "[{op: remove, path: /metadata/finalizers/0}, {op: remove, path: /metadata/finalizers/1}]",
        "[{op: remove, path: /metadata/finalizers/7}]",
        "[{op: remove, path: /data/0}]",
        "[{op: replace, path: /data, value: {x: y}}]",
        "[{op: replace, path: /metadata/finalizers/2, value: w}]",
        "[{op: move, from: /data/k, path: /data/m}]",
        "[{op: move, from: /metadata/finalizers/0, path: /metadata/finalizers/2}]",
        "[{op: move, from: /data/x, path: /data/m}]",
        "[{op: copy, from: /data, path: /binaryData}]",
        "[{op: copy, from: /metadata/finalizers/0, path: /metadata/finalizers/-}]",
        "[{op: test, path: /data/k, value: v}, {op: replace, path: /data/k, value: w}]",
        "[{op: test, path: /data/k, value: x}, {op: replace, path: /data/k, value: w}]",
        "[{op: test, path: /metadata/finalizers, value: [x, y, z]}]",
        "[{op: test, path: /immutable, value: true}]",
        "[{op: test, path: /immutable, value: 'true'}]",
    ];
    // Its library adds what a `replace` does not find, and copies null from nowhere; RFC 6902 makes both errors.
    let lax =
        ["[{op: replace, path: /data/x, value: y}]", "[{op: copy, from: /nowhere, path: /data/m}]"];
    let mut wrong = Vec::new();
    for text in patches.into_iter().chain(lax) {
        let node = read(text);
        let theirs = kubectl(&program, &object, "json", &node.to_value().to_string());
        let mut ours = object.clone();
        let done = json::apply(&operation::read(&node).unwrap(), &mut ours).is_ok();
        if (theirs == done.then_some(ours)) == lax.contains(&text) {
            wrong.push(format!("{text}: {theirs:?}"));
        }
    }
    eprintln!("JSON patch: {} cases compared with kubectl", patches.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
