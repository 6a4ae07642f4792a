//! An app's programs by its Procfile or Compose file, as keys of the spec. `gen import` has the code for that.

mod compose;
mod hidden;
mod procfile;

use super::checkout::{Place, shown};
use super::dockerfile::Request;
use crate::name::Check;
use crate::yaml::{Map, Value};
pub use compose::of_compose;
use hidden::is_kept_back;
pub use procfile::of_procfile;

/// Programs, as far as a file describes them.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// Keys of the app.
    pub keys: Map,
    /// Its processes.
    pub processes: Map,
    /// The request of its health check: port and path.
    pub health: Option<Request>,
    /// Its place in the file.
    pub place: Option<Place>,
    /// What was left out, with the reason.
    pub left: Vec<String>,
}

/// The most processes of an app.
const MOST: usize = 20;

/// What of a service is not in the spec.
#[derive(Debug, Default)]
struct Beside {
    /// Variables that look like secrets.
    secrets: Vec<String>,
    /// Variables whose value only Compose knows.
    unclear: Vec<String>,
    /// Other keys, and folders of the machine.
    keys: Vec<String>,
}

impl Runs {
    /// Adds a process, if it has a name and a command that gen takes.
    fn add(&mut self, name: &str, mut keys: Map) {
        let take = || {
            if self.processes.len() == MOST {
                return Err("more than 20 processes");
            }
            if name.len() > 20 || Check::Label.test(name).is_err() {
                return Err(
                    "not a valid name of a process: lower-case letters, digits and `-`, at most 20",
                );
            }
            if self.processes.contains_key(name) {
                return Err("named twice");
            }
            kept(&mut keys);
            if ["command", "args"].iter().all(|key| !keys.contains_key(key)) {
                return Err("no command, or one that may contain a secret");
            }
            self.processes.push(name.to_owned(), Value::Map(keys));
            Ok(())
        };
        if let Err(why) = take() {
            let file = self.place.as_ref().map(|place| shown(&place.path)).unwrap_or_default();
            self.left.push(format!("{file}: process `{}`: {why}", shown(name)));
        }
    }

    /// Adds what of a service is not in the spec, with the reason.
    fn tell(&mut self, app: &str, name: &str, place: &Place, beside: &Beside) {
        let (place, name) = (place.words(), shown(name));
        let reasons = [
            (&beside.secrets, format!("put into a Secret `{app}-env`; no value was copied")),
            (&beside.unclear, "set by hand; the Compose file has no fixed value".to_owned()),
            (&beside.keys, "not converted".to_owned()),
        ];
        for (all, why) in reasons.iter().filter(|(all, _)| !all.is_empty()) {
            self.left.push(format!("{place}: `{name}`: {}: {why}", all.join(", ")));
        }
    }
}

/// Removes the keys that only an import needs, and commands that may contain a secret.
fn kept(keys: &mut Map) {
    const KEPT: [&str; 8] =
        ["workload", "command", "args", "port", "ports", "env", "storage", "health"];
    let gone: Vec<String> =
        keys.keys().filter(|key| !KEPT.contains(key)).map(str::to_owned).collect();
    for key in gone {
        keys.remove(&key);
    }
    for key in ["command", "args"] {
        let words = keys.get(key).and_then(Value::as_seq).unwrap_or_default();
        if words.iter().filter_map(Value::as_str).any(is_kept_back) {
            keys.remove(key);
        }
    }
}
