//! A process takes from its app what it does not set: so it sets only what differs, and removes the rest.

use crate::environment::OF_ONE_PROGRAM;
use crate::yaml::{Map, Value};

/// Keys of an app that no process has.
const OF_APP: [&str; 11] = [
    "ingress",
    "gateway",
    "image",
    "pullSecret",
    "account",
    "permissions",
    "labels",
    "metadata",
    "extra",
    "processes",
    "namespace",
];

/// Mappings that are joined key by key.
const JOINED: [&str; 6] = ["env", "security", "files", "sidecars", "resources", "annotations"];

/// The keys of a process beside an app.
#[must_use]
pub(super) fn to(app: &Map, process: &Map) -> Value {
    let mut out = Map::default();
    for (key, value) in process.iter().filter(|(key, _)| !OF_APP.contains(key)) {
        let inherited = app.get(key).filter(|_| !OF_ONE_PROGRAM.contains(&key));
        match (inherited, value) {
            (Some(Value::Map(base)), Value::Map(own)) if JOINED.contains(&key) => {
                let rest = joined(base, own);
                if !rest.is_empty() {
                    out.push(key.to_owned(), Value::Map(rest));
                }
            }
            (Some(base), own) if base == own => {}
            (_, own) => {
                out.push(key.to_owned(), own.clone());
            }
        }
    }
    let inherited = app.keys().filter(|key| !OF_APP.contains(key) && !OF_ONE_PROGRAM.contains(key));
    for key in inherited.filter(|key| !process.contains_key(key)) {
        out.push(key.to_owned(), Value::Null);
    }
    Value::Map(out)
}

fn joined(base: &Map, own: &Map) -> Map {
    let mut out = Map::default();
    for (key, value) in own.iter() {
        match (base.get(key), value) {
            (Some(base), value) if base == value => {}
            (Some(Value::Map(base)), Value::Map(own)) => {
                out.push(key.to_owned(), Value::Map(joined(base, own)));
            }
            _ => out.push(key.to_owned(), value.clone()),
        }
    }
    for key in base.keys().filter(|key| !own.contains_key(key)) {
        out.push(key.to_owned(), Value::Null);
    }
    out
}
