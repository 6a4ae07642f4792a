//! Objects that are made wrong, or at least other, in one place.

use gitops_gen::yaml::{Map, Value};

use crate::random::Random;

/// Keys that an object may get in place of another.
const KEYS: &[&str] = &[
    "imgae",
    "image",
    "script",
    "command",
    "args",
    "ref",
    "params",
    "timeout",
    "value",
    "name",
    "type",
    "default",
    "properties",
    "results",
    "workspaces",
    "when",
    "taskRef",
    "taskSpec",
    "runAfter",
    "onError",
    "retries",
    "matrix",
    "resolver",
    "kind",
    "apiVersion",
    "steps",
    "emptyDir",
    "secret",
    "template",
    "triggerRef",
    "bindings",
    "description",
    "enum",
    "finally",
    "pipelineSpec",
    "debug",
];

/// Texts that may stand anywhere.
const TEXTS: &[&str] = &[
    "",
    "A_B",
    "a.b",
    "-x",
    "x-",
    "a b",
    "https://host/x",
    "continue",
    "in",
    "notin",
    "array",
    "object",
    "string",
    "list",
    "-5s",
    "0",
    "2h",
    "200h",
    "soon",
    "1h0m",
    "$(params.nope)",
    "$(params.nope[*])",
    "$(params.a.b.c)",
    "x$(tasks.nope.results.r)",
    "$(tasks.nope.results.r)",
    "$(tasks.status)",
    "$(tasks.nope.status)",
    "$(context.taskRun.nope)",
    "$(context.pipelineRun.nope)",
    "$(results.nope.path)",
    "$(steps.a.results.b)",
    "$(steps.a.outputs.b)",
    "$(finally.nope.results.r)",
    "$(foo.bar)",
    "$(tt.params.nope)",
    "/tekton/x",
    "/workspace/output",
    "tekton-internal-x",
    "Task",
    "Cancelled",
    "v1",
    "example.dev/v1",
    "500m",
    "1GB",
    "TLS_CERT",
    "a-name-that-is-much-longer-than-the-sixty-three-characters-which-are-allowed",
];

/// One of the objects, changed in one place.
pub fn mutant(random: &mut Random, objects: &[&Value]) -> Value {
    loop {
        let mut object = (*random.pick(objects)).clone();
        let before = object.clone();
        let spec = object.as_map_mut().and_then(|map| map.get_mut("spec"));
        let donor = random.pick(objects).get("spec").cloned().unwrap_or_default();
        if random.below(50) == 0 {
            let name = *random.pick(TEXTS);
            let metadata = object.as_map_mut().map(|map| map.map_at("metadata"));
            // One without a name would not come so far.
            if let Some(metadata) = metadata.filter(|_| !name.is_empty()) {
                metadata.insert("name", name);
            }
        } else if let Some(spec) = spec {
            let count = size(spec);
            let mut at = random.below(count);
            change(random, spec, &mut at, &donor);
        }
        if object != before {
            return object;
        }
    }
}

/// The number of values in a value, itself included.
fn size(value: &Value) -> usize {
    match value {
        Value::Seq(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(map) => 1 + map.iter().map(|(_, value)| size(value)).sum::<usize>(),
        _ => 1,
    }
}

/// Changes the value of this number; says whether it was here.
fn change(random: &mut Random, value: &mut Value, at: &mut usize, donor: &Value) -> bool {
    if *at == 0 {
        *value = changed(random, value, donor);
        return true;
    }
    *at -= 1;
    match value {
        Value::Seq(items) => items.iter_mut().any(|item| {
            let count = size(item);
            if *at < count {
                return change(random, item, at, donor);
            }
            *at -= count;
            false
        }),
        Value::Map(map) => map.iter_mut().any(|(_, item)| {
            let count = size(item);
            if *at < count {
                return change(random, item, at, donor);
            }
            *at -= count;
            false
        }),
        _ => false,
    }
}

fn changed(random: &mut Random, value: &Value, donor: &Value) -> Value {
    match value {
        Value::Map(map) => of_map(random, map, donor),
        Value::Seq(items) => of_list(random, items),
        Value::Str(text) => of_text(random, text),
        Value::Int(number) => match random.below(4) {
            0 => Value::Int(-1),
            1 => Value::Int(0),
            2 => Value::from(number.to_string().as_str()),
            _ => Value::Int(1_000),
        },
        Value::Bool(is) => {
            if random.below(2) == 0 {
                Value::Bool(!is)
            } else {
                Value::from("true")
            }
        }
        other => other.clone(),
    }
}

fn of_map(random: &mut Random, map: &Map, donor: &Value) -> Value {
    let keys: Vec<&str> = map.keys().collect();
    if keys.is_empty() {
        return Value::from([(*random.pick(KEYS), Value::from("x"))]);
    }
    let key = *random.pick(&keys);
    let mut changed = map.clone();
    match random.below(6) {
        0 | 1 => {
            changed.remove(key);
        }
        2 => {
            let value = changed.remove(key).unwrap_or_default();
            changed.insert(*random.pick(KEYS), value);
        }
        3 => {
            changed.insert(*random.pick(KEYS), *random.pick(TEXTS));
        }
        4 => {
            let mut found = Vec::new();
            parts(donor, &mut found);
            if !found.is_empty() {
                let (key, value) = random.pick(&found);
                changed.insert(key.as_str(), value.clone());
            }
        }
        _ => {
            let wrong = [Value::from("x"), Value::Int(1), Value::Seq(Vec::new()), Value::Null];
            changed.insert(key, random.pick(&wrong).clone());
        }
    }
    Value::Map(changed)
}

/// All fields in a value.
fn parts(value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Seq(items) => items.iter().for_each(|item| parts(item, found)),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                found.push((key.to_owned(), value.clone()));
                parts(value, found);
            }
        }
        _ => {}
    }
}

fn of_list(random: &mut Random, items: &[Value]) -> Value {
    let mut changed = items.to_vec();
    if items.is_empty() {
        return Value::from("x");
    }
    let at = random.below(items.len());
    match random.below(6) {
        0 => {
            changed.remove(at);
        }
        1 | 2 => changed.insert(at, items[at].clone()),
        3 => changed.reverse(),
        4 => changed.clear(),
        _ => return Value::from("x"),
    }
    Value::Seq(changed)
}

fn of_text(random: &mut Random, text: &str) -> Value {
    match random.below(8) {
        0 => Value::Int(1),
        1 => Value::Bool(true),
        2 => Value::Seq(vec![Value::from(text)]),
        3 => Value::from(format!("{text}x").as_str()),
        // The name in a reference.
        4 | 5 if text.contains("$(") => {
            let ends: Vec<usize> = text.match_indices(')').map(|(at, _)| at).collect();
            let Some(at) = ends.first() else { return Value::from("x") };
            let word = *random.pick(&["x", "[0]", "[*]", ".k", ".a.b", "-"]);
            Value::from(format!("{}{word}{}", &text[..*at], &text[*at..]).as_str())
        }
        _ => Value::from(*random.pick(TEXTS)),
    }
}
