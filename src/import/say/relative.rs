//! A process takes from its app what it does not set: so it sets only what differs, and removes the rest.

use crate::environment::OF_ONE_PROGRAM;
use crate::spec::process;
use crate::yaml::{Map, Value};

/// Whether a process says or takes the key: not what only an app has, nor what means something only where it has a host.
fn is_of_process(key: &str) -> bool {
    process().field(key).is_some() && !["ingress", "gateway"].contains(&key)
}

/// Mappings that are joined key by key.
const JOINED: [&str; 6] = ["env", "security", "files", "sidecars", "resources", "annotations"];

/// The keys of a process beside an app.
#[must_use]
pub(super) fn to(app: &Map, own: &Map) -> Value {
    let mut out = Map::default();
    for (key, value) in own.iter().filter(|(key, _)| is_of_process(key)) {
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
    let inherited = app.keys().filter(|key| is_of_process(key) && !OF_ONE_PROGRAM.contains(key));
    for key in inherited.filter(|key| !own.contains_key(key)) {
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
