//! Objects that are made wrong, or at least other, in one place.

use gitops_gen::yaml::{Map, Value};

use crate::random::Random;

/// What mutants are made with.
pub struct Words {
    /// Keys that an object may get in place of another.
    pub keys: &'static [&'static str],
    /// Texts that may stand anywhere.
    pub texts: &'static [&'static str],
    /// Numbers that may.
    pub numbers: &'static [i64],
}

/// Those for Tekton's kinds.
const OF_TEKTON: Words = Words { keys: KEYS, texts: TEXTS, numbers: &[-1, 0, 1_000] };

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
            change(random, spec, &mut at, &donor, &OF_TEKTON);
        }
        if object != before {
            return object;
        }
    }
}

/// The same anywhere but in `apiVersion` and `kind`, without which nobody knows what it is; the namespace stays, too.
pub fn mutant_anywhere(random: &mut Random, objects: &[&Value], words: &Words) -> Value {
    const KEPT: [&str; 2] = ["apiVersion", "kind"];
    loop {
        let before = *random.pick(objects);
        let of = |object: &Value| {
            let fields = object.as_map().into_iter().flat_map(Map::iter);
            let fields = fields.filter(|(key, _)| !KEPT.contains(key));
            Value::Map(fields.map(|(key, value)| (key.to_owned(), value.clone())).collect())
        };
        let mut body = of(before);
        let giver: &&Value = random.pick(objects);
        let donor = of(giver);
        let mut at = random.below(size(&body));
        change(random, &mut body, &mut at, &donor, words);
        let Value::Map(body) = body else { continue };
        let kept = KEPT.map(|key| (key.to_owned(), before.get(key).cloned().unwrap_or_default()));
        let fields = body.iter().map(|(key, value)| (key.to_owned(), value.clone()));
        let fields = fields.filter(|(key, _)| !KEPT.contains(&key.as_str()));
        let mut object = Value::Map(kept.into_iter().chain(fields).collect());
        let namespace = before.str_at(&["metadata", "namespace"]);
        let metadata = object.as_map_mut().and_then(|map| map.get_mut("metadata"));
        if let (Some(namespace), Some(metadata)) = (namespace, metadata.and_then(Value::as_map_mut))
        {
            metadata.insert("namespace", namespace);
        }
        if object != *before {
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
fn change(
    random: &mut Random,
    value: &mut Value,
    at: &mut usize,
    donor: &Value,
    words: &Words,
) -> bool {
    if *at == 0 {
        *value = changed(random, value, donor, words);
        return true;
    }
    *at -= 1;
    match value {
        Value::Seq(items) => items.iter_mut().any(|item| {
            let count = size(item);
            if *at < count {
                return change(random, item, at, donor, words);
            }
            *at -= count;
            false
        }),
        Value::Map(map) => map.iter_mut().any(|(_, item)| {
            let count = size(item);
            if *at < count {
                return change(random, item, at, donor, words);
            }
            *at -= count;
            false
        }),
        _ => false,
    }
}

fn changed(random: &mut Random, value: &Value, donor: &Value, words: &Words) -> Value {
    match value {
        Value::Map(map) => of_map(random, map, donor, words),
        Value::Seq(items) => of_list(random, items),
        Value::Str(text) => of_text(random, text, words),
        Value::Int(number) => match random.below(words.numbers.len() + 1) {
            0 => Value::from(number.to_string().as_str()),
            other => Value::Int(words.numbers[other - 1]),
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

fn of_map(random: &mut Random, map: &Map, donor: &Value, words: &Words) -> Value {
    let keys: Vec<&str> = map.keys().collect();
    if keys.is_empty() {
        return Value::from([(*random.pick(words.keys), Value::from("x"))]);
    }
    let key = *random.pick(&keys);
    let mut changed = map.clone();
    match random.below(6) {
        0 | 1 => {
            changed.remove(key);
        }
        2 => {
            let value = changed.remove(key).unwrap_or_default();
            changed.insert(*random.pick(words.keys), value);
        }
        3 => {
            changed.insert(*random.pick(words.keys), *random.pick(words.texts));
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

fn of_text(random: &mut Random, text: &str, words: &Words) -> Value {
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
        _ => Value::from(*random.pick(words.texts)),
    }
}
