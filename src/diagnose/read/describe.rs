//! What `kubectl describe` prints, back as an object and its events, as far as it can be told.
//!
//! kubectl prints custom objects as an indented tree with keys in words (`Last Transition Time`), in which lists have no marks; pods
//! and workloads have forms of their own.

use serde_json::{Map, Value, json};

use crate::diagnose::snapshot::{Event, Snapshot};

/// Takes in what it describes. Returns whether it is such a text.
pub(super) fn describe(text: &str, snapshot: &mut Snapshot) -> bool {
    let (body, events) = match text.find("\nEvents:") {
        Some(at) => text.split_at(at + 1),
        None => (text, ""),
    };
    let lines: Vec<&str> = body.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut at = 0;
    let Value::Object(mut object) = block(&lines, &mut at, 0) else { return false };
    let name = take(&mut object, "name");
    let namespace = take(&mut object, "namespace");
    if name.is_empty() {
        return false;
    }
    let kind = object.get("kind").and_then(Value::as_str).map(str::to_owned);
    let kind = kind.or_else(|| guessed(&object, body).map(str::to_owned));
    let Some(kind) = kind else { return false };
    object.insert("kind".to_owned(), kind.as_str().into());
    let metadata = object.entry("metadata").or_insert_with(|| json!({}));
    if let Value::Object(metadata) = metadata {
        metadata.insert("name".to_owned(), name.as_str().into());
        metadata.insert("namespace".to_owned(), namespace.as_str().into());
    }
    typed(&mut object, &kind, body);
    let of = json!({"kind": kind, "name": name, "namespace": namespace});
    for event in table(events) {
        snapshot.events.push(Event::read(&json!({
            "involvedObject": of,
            "type": event[0],
            "reason": event[1],
            "message": event[4],
        })));
    }
    snapshot.add(Value::Object(object))
}

fn take(object: &mut Map<String, Value>, key: &str) -> String {
    object.remove(key).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The kind, by what only its description has.
fn guessed(object: &Map<String, Value>, text: &str) -> Option<&'static str> {
    let has = |key: &str| object.contains_key(key);
    let kinds: [(&'static str, bool); 9] = [
        ("Pod", has("containers") && (has("node") || has("ip") || has("priority"))),
        ("Deployment", has("strategyType") || text.contains("OldReplicaSets:")),
        ("ReplicaSet", has("podsStatus") && has("replicas") && text.contains("Controlled By:")),
        ("StatefulSet", text.contains("Update Strategy:") && has("replicas")),
        ("DaemonSet", has("desiredNumberofNodesScheduled")),
        ("Job", has("parallelism") || has("completions")),
        ("PersistentVolumeClaim", has("accessModes") && has("storageClass")),
        ("Ingress", has("defaultBackend") || text.contains("Ingress Class:")),
        ("Service", has("sessionAffinity") || text.contains("TargetPort:")),
    ];
    kinds.into_iter().find(|(_, is)| *is).map(|(kind, _)| kind)
}

/// `Last Transition Time` → `lastTransitionTime`.
fn key(words: &str) -> String {
    let mut out = String::new();
    for (at, word) in words.split([' ', '(', ')']).filter(|word| !word.is_empty()).enumerate() {
        let mut letters = word.chars();
        let first = letters.next().unwrap_or_default();
        if at == 0 && !word.chars().all(|c| c.is_ascii_uppercase()) {
            out.push(first.to_ascii_lowercase());
        } else if at == 0 {
            out.push_str(&word.to_ascii_lowercase());
            continue;
        } else {
            out.push(first);
        }
        out.push_str(letters.as_str());
    }
    out
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines at one depth: a mapping; or a list of mappings, if a key comes again.
fn block(lines: &[&str], at: &mut usize, indent: usize) -> Value {
    /// Deeper trees are somebody's attack.
    const DEEPEST: usize = 200;
    let mut all: Vec<Map<String, Value>> = vec![Map::new()];
    let mut last = String::new();
    while let Some(line) = lines.get(*at) {
        let here = depth(line);
        if here < indent {
            break;
        }
        *at += 1;
        let trimmed = line.trim();
        let pair = trimmed.split_once(':').filter(|(word, rest)| {
            (rest.is_empty() || rest.starts_with(' '))
                && word.len() <= 60
                && !word.is_empty()
                && word.chars().all(|c| c.is_alphanumeric() || " -_./()".contains(c))
        });
        let current = all.len() - 1;
        let Some((words, rest)) = pair.filter(|_| here == indent || here <= indent + 1) else {
            // A message goes on.
            if let Some(Value::String(text)) = all[current].get_mut(&last) {
                text.push('\n');
                text.push_str(trimmed);
            }
            continue;
        };
        let (key, rest) = (key(words), rest.trim());
        let deeper = lines.get(*at).map(|next| depth(next)).filter(|next| *next > here);
        let value = match deeper {
            Some(deeper) if rest.is_empty() && deeper < DEEPEST => block(lines, at, deeper),
            _ => Value::String(rest.to_owned()),
        };
        if all[current].contains_key(&key) {
            all.push(Map::new());
        }
        let current = all.len() - 1;
        all[current].insert(key.clone(), value);
        last = key;
    }
    match all.len() {
        1 => Value::Object(all.remove(0)),
        _ => Value::Array(all.into_iter().map(Value::Object).collect()),
    }
}

/// Rows of five columns: type, reason, age, from, message.
fn table(text: &str) -> Vec<[String; 5]> {
    let mut rows: Vec<[String; 5]> = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let is_row = cells.first().is_some_and(|first| ["Normal", "Warning"].contains(first));
        if is_row && cells.len() >= 4 {
            let message = cells[cells.len().min(5) - 1..].join("  ");
            let from = if cells.len() > 4 { cells[3] } else { "" };
            let mut row = [cells[0], cells[1], cells[2], from, ""].map(str::to_owned);
            row[4] = message;
            rows.push(row);
        } else if let Some(row) = rows.last_mut().filter(|_| !line.trim().is_empty()) {
            row[4].push('\n');
            row[4].push_str(line.trim());
        }
    }
    rows
}

/// Puts what kubectl shows in a form of its own where the API has it.
fn typed(object: &mut Map<String, Value>, kind: &str, text: &str) {
    if object.contains_key("spec") || object.get("status").is_some_and(Value::is_object) {
        return lists(object);
    }
    let phase = take(object, "status");
    let mut status = json!({"phase": phase.split_whitespace().next().unwrap_or_default()});
    for field in ["reason", "message"] {
        let value = take(object, field);
        if !value.is_empty() {
            status[field] = value.into();
        }
    }
    status["conditions"] = conditions(text, kind);
    for (of, to) in
        [("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")]
    {
        if let Some(Value::Object(all)) = object.remove(of) {
            status[to] = all.iter().map(|(name, one)| container(name, one)).collect();
        }
    }
    let node = take(object, "node");
    let is_placed = !node.is_empty() && node != "<none>";
    object.insert("spec".to_owned(), if is_placed { json!({"nodeName": node}) } else { json!({}) });
    object.insert("status".to_owned(), status);
}

/// Lists of which kubectl shows one item as a mapping.
fn lists(object: &mut Map<String, Value>) {
    let Some(Value::Object(status)) = object.get_mut("status") else { return };
    for key in ["steps", "childReferences", "skippedTasks", "conditions"] {
        if let Some(one) = status.get_mut(key).filter(|one| one.is_object()) {
            *one = Value::Array(vec![one.take()]);
        }
    }
}

fn container(name: &str, described: &Value) -> Value {
    let of = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    // `State: Waiting` with `Reason:` deeper: the words are the value, and what is deeper was read as more keys of the container.
    let one = |state: &str| match state.lines().next().unwrap_or_default().trim() {
        "" => Value::Null,
        word => {
            let mut detail = json!({});
            for line in state.lines().skip(1) {
                let Some((words, rest)) = line.split_once(':') else { continue };
                let (key, rest) = (key(words.trim()), rest.trim());
                detail[key] = rest.parse::<i64>().map_or_else(|_| rest.into(), Value::from);
            }
            json!({word.to_ascii_lowercase(): detail})
        }
    };
    json!({
        "name": name,
        "image": of(described, "image"),
        "ready": of(described, "ready") == "True",
        "state": one(&of(described, "state")),
        "lastState": one(&of(described, "lastState")),
    })
}

/// The table of conditions: of pods type and status, of workloads also a reason.
fn conditions(text: &str, kind: &str) -> Value {
    let mut lines = text.lines().skip_while(|line| line.trim() != "Conditions:").skip(1);
    let mut all = Vec::new();
    for line in lines.by_ref().take_while(|line| line.starts_with(' ')) {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if let [kind, status, rest @ ..] = cells.as_slice()
            && ["True", "False", "Unknown"].contains(status)
        {
            let reason = rest.first().copied().unwrap_or_default();
            all.push(json!({"type": kind, "status": status, "reason": reason, "message": ""}));
        }
    }
    if kind == "Pod" {
        // Without its reason, the condition of the scheduler says nothing; the events do.
        all.retain(|one| one["type"] != "PodScheduled");
    }
    Value::Array(all)
}
