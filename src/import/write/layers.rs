//! What apps and environments have in common is written once.

use crate::import::draft::Draft;
use crate::yaml::{Map, Value};

/// Keys that can stand under `defaults`.
const COMMON: [&str; 12] = [
    "user",
    "grace",
    "pullSecret",
    "rollout",
    "service",
    "resources",
    "security",
    "token",
    "serviceLinks",
    "labels",
    "placement",
    "dns",
];

/// Takes what all apps have alike out of them.
pub(super) fn defaults(apps: &mut [(String, Map)]) -> Map {
    let mut defaults = Map::default();
    if apps.len() < 3 {
        return defaults;
    }
    for key in COMMON {
        let mut values = apps.iter().map(|(_, app)| app.get(key));
        let Some(Some(first)) = values.next() else { continue };
        let first = first.clone();
        let is_word = first.as_map().is_none_or(|map| !map.contains_key("pods"));
        if is_word && values.all(|value| value == Some(&first)) {
            for (_, app) in apps.iter_mut() {
                app.remove(key);
            }
            defaults.push(key, first);
        }
    }
    defaults
}

/// What a mapping has alike in all environments, and what each has beside it.
pub(super) fn split(all: &[Map]) -> (Map, Vec<Map>) {
    let [first, others @ ..] = all else { return (Map::default(), Vec::new()) };
    let mut shared = first.clone();
    for other in others {
        shared = common(&shared, other);
    }
    let rest = all.iter().map(|map| beside(&shared, map)).collect();
    (shared, rest)
}

fn common(one: &Map, other: &Map) -> Map {
    let mut out = Map::default();
    for (key, value) in one.iter() {
        match (value, other.get(key)) {
            (value, Some(same)) if value == same => out.push(key.to_owned(), value.clone()),
            (Value::Map(one), Some(Value::Map(other))) => {
                let inner = common(one, other);
                if !inner.is_empty() {
                    out.push(key.to_owned(), Value::Map(inner));
                }
            }
            _ => {}
        }
    }
    out
}

fn beside(shared: &Map, whole: &Map) -> Map {
    let mut out = Map::default();
    for (key, value) in whole.iter() {
        match (shared.get(key), value) {
            (Some(same), value) if same == value => {}
            (Some(Value::Map(shared)), Value::Map(whole)) => {
                let inner = beside(shared, whole);
                if !inner.is_empty() {
                    out.push(key.to_owned(), Value::Map(inner));
                }
            }
            _ => out.push(key.to_owned(), value.clone()),
        }
    }
    out
}

/// The namespace that most apps are in, as the environment writes it.
pub(super) fn namespace(drafts: &[Draft]) -> Option<String> {
    let named = |draft: &Draft| draft.namespace.clone();
    let all: Vec<String> = drafts.iter().filter_map(named).collect();
    if all.len() > 1 && drafts.iter().all(|draft| draft.namespace.as_deref() == Some(&draft.name)) {
        return Some("{{ app }}".to_owned());
    }
    let count = |name: &String| all.iter().filter(|other| *other == name).count();
    let mut best: Option<&String> = None;
    for name in &all {
        if best.is_none_or(|best| count(name) > count(best)) {
            best = Some(name);
        }
    }
    best.cloned()
}

/// A value that all apps with such a key have there, taken out of them.
pub(super) fn hoisted(apps: &mut [(String, Map)], key: &str, part: Option<&str>) -> Option<Value> {
    let of = |app: &Map| match part {
        Some(part) => app.get(key)?.get(part).cloned(),
        None => app.get(key).cloned(),
    };
    let mut values = apps.iter().filter(|(_, app)| app.contains_key(key)).map(|(_, app)| of(app));
    let first = values.next()??;
    if !values.all(|value| value.as_ref() == Some(&first)) {
        return None;
    }
    for (_, app) in apps.iter_mut() {
        match part {
            None => {
                app.remove(key);
            }
            Some(part) => {
                let Some(map) = app.get_mut(key).and_then(Value::as_map_mut) else { continue };
                map.remove(part);
                if map.is_empty() {
                    app.remove(key);
                }
            }
        }
    }
    Some(first)
}
