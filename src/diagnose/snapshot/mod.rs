//! What is known of a cluster at a moment: objects, events, ends of logs, and what could not be seen. Pure data.

mod event;
mod moment;
mod thing;

use std::collections::BTreeMap;

use serde_json::Value;

pub use event::Event;
pub use moment::{Time, time};
pub use thing::{Condition, Thing};

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was written, if it says.
    pub time: Option<Time>,
    /// The text without what was put before it, and without escape codes.
    pub text: String,
}

/// Where a log is from, as far as it is known; empty where it is not.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// Its container.
    pub container: String,
    /// The task of a pipeline.
    pub task: String,
    /// Its step.
    pub step: String,
}

/// The end of a log, or text from anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Where it is from.
    pub origin: Origin,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// What could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
    /// The right that lets it, as in `get pods/log in shop`; empty if no right would.
    pub right: String,
}

/// What was left out between the beginning and the end of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// Number of bytes.
    pub bytes: u64,
    /// Number of bytes in all.
    pub of: u64,
}

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Objects, in the order in which they were read.
    pub things: Vec<Thing>,
    /// Events about them.
    pub events: Vec<Event>,
    /// Logs.
    pub logs: Vec<Log>,
    /// What could not be seen.
    pub unseen: Vec<Unseen>,
    /// What was left out of the input.
    pub left_out: Option<LeftOut>,
    /// Label and value of the objects that are asked about; the others only explain them. All if none.
    pub only: Option<(String, String)>,
    /// When it was taken; the newest moment in it if nobody says.
    pub now: Option<Time>,
}

impl Snapshot {
    /// Takes in an object as the API server gives it; a list with all its items. What has no kind is not taken.
    pub fn add(&mut self, body: Value) -> bool {
        let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        let items = body.get("items").and_then(Value::as_array);
        if let Some(items) = items.filter(|_| kind.ends_with("List") || kind.is_empty()) {
            // The items of a typed list may lack what the list says for all.
            let of = kind.trim_end_matches("List");
            for item in items {
                let mut item = item.clone();
                if let Some(map) = item.as_object_mut().filter(|_| !of.is_empty()) {
                    map.entry("kind").or_insert_with(|| of.into());
                }
                self.add(item);
            }
            return true;
        }
        match kind.as_str() {
            "" => false,
            "Event" => {
                self.events.push(Event::read(&body));
                true
            }
            _ => {
                let thing = Thing::read(body);
                let is_same = |one: &Thing| {
                    one.kind == thing.kind
                        && one.name == thing.name
                        && one.namespace == thing.namespace
                        && one.group() == thing.group()
                };
                if !thing.name.is_empty() && self.things.iter().any(is_same) {
                    return true;
                }
                self.things.push(thing);
                true
            }
        }
    }

    /// Takes in a line of a log.
    pub fn add_line(&mut self, origin: Origin, line: Line) {
        // Logs come in pieces, mostly of the same origin.
        match self.logs.iter_mut().rev().find(|log| log.origin == origin) {
            Some(log) => log.lines.push(line),
            None => self.logs.push(Log { origin, lines: vec![line] }),
        }
    }

    /// Whether an object is asked about.
    #[must_use]
    pub fn is_asked(&self, thing: &Thing) -> bool {
        self.only.as_ref().is_none_or(|(key, value)| thing.label(key) == value)
    }

    /// The moment that ages are counted from.
    #[must_use]
    pub fn moment(&self) -> Option<Time> {
        let of_things = self.things.iter().flat_map(|thing| {
            let conditions = thing.conditions.iter().filter_map(|one| one.since);
            conditions.chain(thing.created())
        });
        let of_events = self.events.iter().filter_map(|event| event.time);
        self.now.or_else(|| of_things.chain(of_events).max())
    }

    /// An object by kind and name.
    #[must_use]
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&Thing> {
        let is_it = |thing: &&Thing| {
            thing.kind == kind
                && thing.name == name
                && (thing.namespace == namespace || namespace.is_empty())
        };
        self.things.iter().find(is_it)
    }

    /// The objects that another one made.
    pub fn owned<'a>(&'a self, owner: &'a Thing, kind: &'a str) -> impl Iterator<Item = &'a Thing> {
        self.things.iter().filter(move |thing| thing.kind == kind && thing.is_owned_by(owner))
    }

    /// The values of Secrets, which nothing may repeat.
    #[must_use]
    pub fn secrets(&self) -> Vec<&BTreeMap<String, String>> {
        self.things.iter().map(|thing| &thing.secrets).filter(|all| !all.is_empty()).collect()
    }
}
